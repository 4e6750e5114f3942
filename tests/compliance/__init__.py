"""The gate: rules, facts, receipts, words."""
