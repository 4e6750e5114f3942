"""The page in a browser: what every page must keep, and what a person does on each."""
