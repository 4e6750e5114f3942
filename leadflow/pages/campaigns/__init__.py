"""Campaigns: the list, the builder, and the page of a campaign that runs."""
