"""Imports every table, for Alembic and tests."""

from models import (
    audit,
    bulk,
    calls,
    campaigns,
    compliance,
    costs,
    credentials,
    duplicates,
    evidence,
    identity,
    imports,
    inbox,
    jobs,
    leads,
    letters,
    mail,
    maps,
    messaging,
    properties,
    registries,
    requests,
    retention,
    reviews,
    scrubs,
)
from models.base import metadata, share_defaults

TABLES = (
    audit,
    bulk,
    calls,
    campaigns,
    compliance,
    costs,
    credentials,
    duplicates,
    evidence,
    identity,
    imports,
    inbox,
    jobs,
    leads,
    letters,
    mail,
    maps,
    messaging,
    properties,
    registries,
    requests,
    retention,
    reviews,
    scrubs,
)
"""One module a slice."""

share_defaults(metadata)

__all__ = ["TABLES", "metadata"]
