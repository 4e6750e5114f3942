"""Imports every table, for Alembic and tests."""

from models import (
    audit,
    campaigns,
    compliance,
    costs,
    credentials,
    evidence,
    identity,
    imports,
    jobs,
    leads,
    mail,
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
    campaigns,
    compliance,
    costs,
    credentials,
    evidence,
    identity,
    imports,
    jobs,
    leads,
    mail,
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
