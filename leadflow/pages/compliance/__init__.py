"""Compliance: overview, decisions with receipts, explain, suppressions, consents, rules."""
