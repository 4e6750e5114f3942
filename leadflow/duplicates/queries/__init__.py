"""All SQL of duplicates: candidates by blocking keys, the pairs, the journal of a merge, and taking it back."""
