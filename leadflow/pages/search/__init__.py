"""The page of all results of the search."""
