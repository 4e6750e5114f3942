"""Tests of the room of duplicates."""
