"""Keyed calls: a caller that lost the answer repeats the call, and what it asks for is done once."""
