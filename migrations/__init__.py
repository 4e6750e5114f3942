"""Alembic's home: one schema for every environment."""
