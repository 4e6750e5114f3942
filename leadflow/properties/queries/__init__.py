"""All SQL of properties: set-wise writing, and the card of one property."""
