"""All SQL of imports: staging, plan, merge, and what the doors read."""
