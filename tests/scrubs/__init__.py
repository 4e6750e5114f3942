"""Tests of the room of look-ups."""
