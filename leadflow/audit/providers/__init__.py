"""Where copies of the seals are kept, besides the file."""
