"""The owner's way into a test's database: it sees every row of every organisation, and may step over triggers."""

from __future__ import annotations

from typing import Any

import psycopg

OWNERS: dict[str, str] = {}
"""The owner's address of each database, by the address that the application runs on; ``tests/conftest.py`` fills it."""


def as_owner(runtime_url: str, *, autocommit: bool = True) -> psycopg.Connection[tuple[Any, ...]]:
    """Connect to the database behind a runtime address as the role that owns its tables."""
    return psycopg.connect(OWNERS.get(runtime_url, runtime_url), autocommit=autocommit)
