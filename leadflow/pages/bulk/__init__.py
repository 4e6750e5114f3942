"""Edits of many leads: what was asked for, how far it is, and the way back."""
