"""Work on conversations: what came of them, who is at them, and answers that are kept ready."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Text, UniqueConstraint, text
from sqlmodel import Field

from models.base import OfOrganization, Stamped, TenantTable, global_fk, tenant_fk
from models.columns import Instant, Json


class ConversationOutcome(TenantTable, table=True):
    """What somebody made of a conversation with one key, and what an undo needs to know."""

    __tablename__ = "conversation_outcome"
    __table_args__ = (
        tenant_fk("conversation_id", "conversation", ondelete="CASCADE"),
        Index("ix_conversation_outcome_last", "org_id", "conversation_id", text("at desc"), text("id desc")),
    )

    conversation_id: UUID
    outcome: str = Field(sa_type=Text)
    """A word of ``inbox.types.ConversationOutcome``."""
    at: datetime = Field(sa_type=Instant)
    actor_id: UUID | None = None
    reason: str = Field(default="", sa_type=Text)
    before: dict[str, Any] = Field(default_factory=dict, sa_type=Json, sa_column_kwargs={"server_default": "{}"})
    """What was there before: states and ids, no name and no number."""
    undone_at: datetime | None = Field(default=None, sa_type=Instant)
    undone_by: UUID | None = None


class ConversationPresence(Stamped, OfOrganization, table=True):
    """Who looks at a conversation and who writes in it, for seconds."""

    __tablename__ = "conversation_presence"
    __table_args__ = (
        tenant_fk("conversation_id", "conversation", ondelete="CASCADE"),
        global_fk("user_id", "user", ondelete="CASCADE"),
    )

    org_id: UUID = Field(primary_key=True)
    conversation_id: UUID = Field(primary_key=True)
    user_id: UUID = Field(primary_key=True)
    seen_at: datetime = Field(sa_type=Instant)
    replying_at: datetime | None = Field(default=None, sa_type=Instant)
    """Last sign of typing."""


class CannedReply(TenantTable, table=True):
    """An answer that is kept ready, for everybody or for one member."""

    __tablename__ = "canned_reply"
    __table_args__ = (
        global_fk("owner_id", "user", ondelete="CASCADE"),
        CheckConstraint("key between 1 and 9", "key"),
        UniqueConstraint("org_id", "owner_id", "name", name="uq_canned_reply_name", postgresql_nulls_not_distinct=True),
        UniqueConstraint("org_id", "owner_id", "key", name="uq_canned_reply_own_key"),
        Index(
            "uq_canned_reply_shared_key",
            "org_id",
            "key",
            unique=True,
            postgresql_where=text("owner_id is null and key is not null"),
        ),
    )

    owner_id: UUID | None = None
    """Whose own it is; None is the whole organisation's."""
    name: str = Field(sa_type=Text)
    body: str = Field(sa_type=Text)
    """Liquid, with the merge fields of campaigns."""
    key: int | None = None
    """1 to 9: the key that puts it into the composer. A member's own comes before the organisation's."""
