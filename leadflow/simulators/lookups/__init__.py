"""The look-up simulator: DNCScrub's interfaces and the Census geocoder, with failures and a book of what it sold."""
