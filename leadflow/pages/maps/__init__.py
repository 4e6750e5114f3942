"""The map of leads."""
