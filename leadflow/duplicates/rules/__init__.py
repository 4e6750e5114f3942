"""Pure decisions about duplicates: how alike two records are, whose value stands, and what becomes of what refers."""
