"""Leads: the list with its drawer."""
