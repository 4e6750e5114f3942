"""Files of do-not-call registries: what they say of every number of an area code, a bit a number."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Text, UniqueConstraint
from sqlmodel import Field

from models.base import OfOrganization, Stamped, TenantTable, tenant_fk
from models.columns import Bytes, Instant, Term
from models.vocabulary import ScrubList


class RegistryFile(TenantTable, table=True):
    """One file of a registry, with what it is said to cover."""

    __tablename__ = "registry_file"
    __table_args__ = (UniqueConstraint("org_id", "list", "version", "sha256"),)

    list: ScrubList = Field(sa_type=Term(ScrubList))  # pyright: ignore[reportArgumentType]
    version: str = Field(sa_type=Text)
    """The registry's own name of the issue."""
    filename: str = Field(sa_type=Text)
    sha256: str = Field(sa_type=Text)
    as_of: datetime = Field(sa_type=Instant)
    """The instant it is true of; the age of its answers counts from here."""
    added_at: datetime = Field(sa_type=Instant)
    added_by: UUID | None = None
    listed: int
    """Numbers that it names."""


class RegistryBlock(Stamped, OfOrganization, table=True):
    """What a file says of one area code."""

    __tablename__ = "registry_block"
    __table_args__ = (tenant_fk("file_id", "registry_file", ondelete="CASCADE"),)

    org_id: UUID = Field(primary_key=True)
    file_id: UUID = Field(primary_key=True)
    area_code: int = Field(primary_key=True)
    bits: bytes = Field(sa_type=Bytes)
    """zlib over 1,250,000 bytes: a bit for each of the ten million numbers, set where it is listed."""
    listed: int
