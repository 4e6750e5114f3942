"""Calls that a caller may repeat without repeating what they do."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, SmallInteger, Text
from sqlmodel import Field

from models.base import OfOrganization, Stamped
from models.columns import Bytes, Instant


class IdempotencyKey(Stamped, OfOrganization, table=True):
    """One keyed call of one user: who runs it, whether it acted, and what was answered. Ends a day later."""

    __tablename__ = "idempotency_key"
    __table_args__ = (Index("ix_idempotency_key_expires", "org_id", "expires_at"),)

    org_id: UUID = Field(primary_key=True)
    user_id: UUID = Field(primary_key=True)
    route: str = Field(primary_key=True, sa_type=Text)
    """Method and path, with its query."""
    key: str = Field(primary_key=True, sa_type=Text)
    request_hash: bytes | None = Field(default=None, sa_type=Bytes)
    """SHA-256 of the body, once it was read."""
    locked_until: datetime = Field(sa_type=Instant)
    """Until then the first call is held to be at work. Also its fence: who takes the key over changes it."""
    acted_at: datetime | None = Field(default=None, sa_type=Instant)
    """Set in the transaction of the act itself."""
    status: int | None = Field(default=None, sa_type=SmallInteger)
    body: bytes | None = Field(default=None, sa_type=Bytes)
    content_type: str | None = Field(default=None, sa_type=Text)
    expires_at: datetime = Field(sa_type=Instant)
