"""All SQL of messaging, by errand. Reads any table, writes its own."""
