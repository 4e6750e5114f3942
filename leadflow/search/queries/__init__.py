"""SQL of the search. Reads any table, owns none."""
