"""The look-up simulator: DNCScrub's two interfaces, with failures and a book of what it sold."""
