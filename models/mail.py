"""Mail that is to be sent: to people who sign in, never to leads."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, Text
from sqlmodel import Field

from models.base import OfOrganization, Table, global_fk
from models.columns import Bytes, Instant, Term
from models.vocabulary import MailKind, MailState


class Mail(Table, OfOrganization, table=True):
    """One mail. Its text may hold a link that works once, so it is sealed, and erased once it was sent."""

    __table_args__ = (
        global_fk("org_id", "organization", ondelete="CASCADE"),
        Index("ix_mail_waiting", "created_at", postgresql_where="state = 'waiting'"),
        Index("ix_mail_org_id_created_at", "org_id", "created_at"),
    )

    org_id: UUID | None = None
    """The organisation on whose behalf it is written; None where it is about the account alone."""
    kind: MailKind = Field(sa_type=Term(MailKind))  # pyright: ignore[reportArgumentType] instances are accepted
    recipient: str = Field(sa_type=Text)
    """The address it goes to."""
    subject: str = Field(sa_type=Text)
    body: bytes | None = Field(default=None, sa_type=Bytes)
    """Plain text, sealed by ``kernel.vault``; None once it was sent or given up."""
    state: MailState = Field(default=MailState.WAITING, sa_type=Term(MailState))  # pyright: ignore[reportArgumentType] same
    attempts: int = 0
    fault: str = Field(default="", sa_type=Text)
    """What the server last said, without addresses."""
    sent_at: datetime | None = Field(default=None, sa_type=Instant)
