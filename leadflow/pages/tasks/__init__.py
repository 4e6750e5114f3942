"""Follow-ups across leads."""
