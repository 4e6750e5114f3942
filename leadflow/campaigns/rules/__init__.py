"""Pure decisions: ``launch`` (complete, approved, may it go) and ``funnel`` (who gets it, when, at what cost)."""
