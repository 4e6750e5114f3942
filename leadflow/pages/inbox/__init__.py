"""Inbox: folders, conversations, one thread."""
