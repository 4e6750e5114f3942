"""All SQL of leads. Reads any table, writes its own."""
