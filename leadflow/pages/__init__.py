"""The door for people. One module a page: its State above, its view below. Holds no decisions and no SQL."""
