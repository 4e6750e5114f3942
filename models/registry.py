"""Imports every table, for Alembic and tests."""

from models import audit, campaigns, compliance, costs, identity, imports, jobs, leads, messaging, properties
from models.base import metadata, share_defaults

TABLES = (audit, campaigns, compliance, costs, identity, imports, jobs, leads, messaging, properties)
"""One module a slice."""

share_defaults(metadata)

__all__ = ["TABLES", "metadata"]
