"""How this installation sends mail, and a mail as an owner sees it in the local outbox."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from models.vocabulary import MailKind, MailState


@dataclass(frozen=True, slots=True)
class Post:
    """How this installation sends mail.

    Args:
        url: ``smtps://user:password@host:465`` or ``smtp://…:587``; empty keeps mail in the local outbox.
        sender: who writes, such as ``LeadFlow <no-reply@example.com>``.
        public_url: where links lead.
        outbox: whether the page may show the local outbox; false wherever real people sign in.
    """

    url: str = field(default="", repr=False)
    sender: str = ""
    public_url: str = ""
    outbox: bool = False


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail, ready to be handed over."""

    id: UUID
    sender: str
    recipient: str
    subject: str
    body: str = field(repr=False)
    written_at: datetime


@dataclass(frozen=True, slots=True)
class MailRow:
    """A mail of the local outbox."""

    id: UUID
    kind: MailKind
    recipient: str
    subject: str
    state: MailState
    created_at: datetime
    body: str | None = field(repr=False)
    """None once it was sent or given up."""
