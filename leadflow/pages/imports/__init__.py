"""Imports: the list with its drop zone, and one import from dry run to result."""
