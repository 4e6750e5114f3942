"""Who may come in: users, organisations, memberships, sessions and their refresh tokens."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, Text, UniqueConstraint
from sqlmodel import Field

from models.base import Stamped, Table, global_fk
from models.columns import Bytes, Instant, Money, Term
from models.vocabulary import Role


class Organization(Table, table=True):
    """A team. Everything else that has an ``org_id`` belongs to one."""

    name: str = Field(sa_type=Text)
    sending_paused: bool = False
    """The kill switch: while set, the gate refuses every text and call."""
    sending_paused_why: str = Field(default="", sa_type=Text)
    """What the person who paused it said; empty while sending is on."""
    sending_paused_at: datetime | None = Field(default=None, sa_type=Instant)
    approval_threshold: int = 100
    """Recipients above which a second person must approve a campaign."""
    timezone: str = Field(default="America/New_York", sa_type=Text)
    """IANA name, for the team's own screens only; never for quiet hours."""
    price_per_segment_cents_x100: int = 110
    """Carrier price of one segment in hundredths of a cent (110 = 1.1 cents); an owner edits it."""
    monthly_budget_cents: int | None = Field(default=None, sa_type=Money)


class User(Table, table=True):
    """A person who can sign in; may belong to several organisations."""

    __table_args__ = (UniqueConstraint("email"),)

    email: str = Field(sa_type=Text)
    """Lower case; unique."""
    name: str = Field(sa_type=Text)
    password_hash: str = Field(sa_type=Text)
    """bcrypt of base64(HMAC-SHA256(pepper, NFKC(password)))."""
    disabled_at: datetime | None = Field(default=None, sa_type=Instant)
    demo: bool = False
    """Made by the demo data; refused in production."""


class Membership(Stamped, table=True):
    """A user's role in an organisation."""

    __table_args__ = (
        global_fk("org_id", "organization", ondelete="CASCADE"),
        global_fk("user_id", "user", ondelete="CASCADE"),
    )

    org_id: UUID = Field(primary_key=True)
    user_id: UUID = Field(primary_key=True, index=True)
    role: Role = Field(sa_type=Term(Role))  # pyright: ignore[reportArgumentType] instances are accepted
    disabled_at: datetime | None = Field(default=None, sa_type=Instant)


class AuthSession(Table, table=True):
    """One signed-in browser or client. The cookie's random id is stored only as its hash."""

    __tablename__ = "session"
    __table_args__ = (
        global_fk("user_id", "user", ondelete="CASCADE"),
        global_fk("org_id", "organization", ondelete="CASCADE"),
        UniqueConstraint("sid_hash"),
        Index("ix_session_user_id_live", "user_id", postgresql_where="revoked_at is null"),
    )

    user_id: UUID
    org_id: UUID
    """The organisation that this session is looking at."""
    sid_hash: bytes = Field(sa_type=Bytes)
    idle_at: datetime = Field(sa_type=Instant)
    """Ends then unless used before."""
    absolute_at: datetime = Field(sa_type=Instant)
    """Ends then whatever happens."""
    last_used_at: datetime = Field(sa_type=Instant)
    revoked_at: datetime | None = Field(default=None, sa_type=Instant)
    revoked_why: str | None = Field(default=None, sa_type=Text)
    user_agent: str = Field(default="", sa_type=Text)
    address: str = Field(default="", sa_type=Text)


class RefreshToken(Table, table=True):
    """One link of a session's chain of refresh tokens; only hashes are stored."""

    __tablename__ = "refresh_token"
    __table_args__ = (
        global_fk("session_id", "session", ondelete="CASCADE"),
        UniqueConstraint("token_hash"),
    )

    session_id: UUID = Field(index=True)
    token_hash: bytes = Field(sa_type=Bytes)
    parent_id: UUID | None = None
    child_id: UUID | None = None
    used_at: datetime | None = Field(default=None, sa_type=Instant)
    expires_at: datetime = Field(sa_type=Instant)


class LoginAttempt(Table, table=True):
    """Failed sign-ins, to slow guessing down; pruned after a day."""

    __tablename__ = "login_attempt"
    __table_args__ = (Index("ix_login_attempt_key_at", "key", "at"),)

    key: str = Field(sa_type=Text)
    """``account:<hash>``, ``account:<hash>@<ip>`` for an address it has signed in from, or ``address:<ip>``."""
    at: datetime = Field(sa_type=Instant)
