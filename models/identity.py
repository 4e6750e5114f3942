"""Who may come in: users, organisations, memberships, sessions and their refresh tokens."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Text, UniqueConstraint
from sqlmodel import Field

from models.base import OfOrganization, Stamped, Table, TenantTable, global_fk
from models.columns import Bytes, Instant, Money, Term, text_array
from models.vocabulary import OneTimeUse, Role


class Organization(Table, table=True):
    """A team. Everything else that has an ``org_id`` belongs to one."""

    __table_args__ = (
        CheckConstraint("weather_window between 100 and 5000", "weather_window"),
        CheckConstraint("weather_filtered_pct between 1 and 25", "weather_filtered_pct"),
        CheckConstraint("weather_opted_out_pct between 1 and 25", "weather_opted_out_pct"),
        CheckConstraint("claim_minutes between 1 and 240", "claim_minutes"),
    )

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
    weather_window: int = Field(default=500, sa_column_kwargs={"server_default": "500"})
    """Of how many last texts a campaign's filter and opt-out rates are counted. Long enough that a rate of a few
    percent stands out from chance, short enough that a change shows within minutes."""
    weather_filtered_pct: int = Field(default=5, sa_column_kwargs={"server_default": "5"})
    """A campaign stops when it is all but certain that more than this share of its texts is filtered. Own choice."""
    weather_opted_out_pct: int = Field(default=3, sa_column_kwargs={"server_default": "3"})
    """The same of opt-outs. Senders have been suspended from this share on
    (https://help.gohighlevel.com/support/solutions/articles/155000000079)."""
    texts_per_minute: int | None = None
    """Of all numbers together, at most."""
    texts_per_day: int | None = None
    """Of all numbers together in any 24 hours, at most."""
    second_factor_required: bool = False
    """While set, a member without a second factor may do nothing but set one up."""
    link_domain: str = Field(default="", sa_type=Text)
    """The domain of short links in campaigns' texts; empty leaves links as they are written."""
    remember_days: int = 0
    """Days for which a member may ask to stay signed in on a device; 0 does not offer it (at most 14)."""
    claim_minutes: int = Field(default=15, sa_column_kwargs={"server_default": "15"})
    """How long a lead is one member's who began to work on it."""


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
    password_changed_at: datetime | None = Field(default=None, sa_type=Instant)
    totp_secret: bytes | None = Field(default=None, sa_type=Bytes)
    """The shared secret of the second factor (RFC 6238), sealed by ``kernel.vault``."""
    totp_confirmed_at: datetime | None = Field(default=None, sa_type=Instant)
    """Since when the second factor is asked for; None while it is being set up."""
    totp_last_step: int | None = None
    """The last time step whose code was taken: a code works once (RFC 6238, 5.2)."""


class Membership(Stamped, OfOrganization, table=True):
    """A user's role in an organisation."""

    __table_args__ = (
        global_fk("org_id", "organization", ondelete="CASCADE"),
        global_fk("user_id", "user", ondelete="CASCADE"),
    )

    org_id: UUID = Field(primary_key=True)
    user_id: UUID = Field(primary_key=True, index=True)
    role: Role = Field(sa_type=Term(Role))  # pyright: ignore[reportArgumentType] instances are accepted
    disabled_at: datetime | None = Field(default=None, sa_type=Instant)
    denied: list[str] = Field(default_factory=list, sa_type=text_array())
    """Permissions taken from this member, whatever the role allows: deny wins."""


class AuthSession(Table, OfOrganization, table=True):
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
    second_factor_at: datetime | None = Field(default=None, sa_type=Instant)
    """When the second factor was shown; None where none was asked for."""
    confirmed_at: datetime | None = Field(default=None, sa_type=Instant)
    """When the password was last typed in this session; acts that cannot be undone ask for it again."""
    remembered: bool = False
    """Whether it lives by the organisation's ``remember_days``."""


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


class RecoveryCode(Table, table=True):
    """One of ten codes that stand in for a lost second factor; works once."""

    __tablename__ = "recovery_code"
    __table_args__ = (
        global_fk("user_id", "user", ondelete="CASCADE"),
        UniqueConstraint("user_id", "code_hash"),
    )

    user_id: UUID
    code_hash: bytes = Field(sa_type=Bytes)
    """HMAC-SHA256 under a key that is not in the database: a code has only 50 bits."""
    used_at: datetime | None = Field(default=None, sa_type=Instant)


class OneTimeToken(Table, table=True):
    """A token that was mailed or handed out to do one thing once."""

    __tablename__ = "one_time_token"
    __table_args__ = (global_fk("user_id", "user", ondelete="CASCADE"), UniqueConstraint("token_hash"))

    use: OneTimeUse = Field(sa_type=Term(OneTimeUse))  # pyright: ignore[reportArgumentType] instances are accepted
    user_id: UUID = Field(index=True)
    token_hash: bytes = Field(sa_type=Bytes)
    expires_at: datetime = Field(sa_type=Instant)
    used_at: datetime | None = Field(default=None, sa_type=Instant)
    address: str = Field(default="", sa_type=Text)
    """The network address that asked for it."""
    remember: bool = False
    """Of a sign-in that waits for its second factor: whether to stay signed in."""


class Invitation(TenantTable, table=True):
    """A place kept for somebody who was asked by mail to join."""

    __table_args__ = (
        global_fk("org_id", "organization", ondelete="CASCADE"),
        UniqueConstraint("token_hash"),
        Index(
            "uq_invitation_open",
            "org_id",
            "email",
            unique=True,
            postgresql_where="accepted_at is null and withdrawn_at is null",
        ),
    )

    email: str = Field(sa_type=Text)
    """Lower case."""
    name: str = Field(sa_type=Text)
    role: Role = Field(sa_type=Term(Role))  # pyright: ignore[reportArgumentType] same
    token_hash: bytes = Field(sa_type=Bytes)
    expires_at: datetime = Field(sa_type=Instant)
    accepted_at: datetime | None = Field(default=None, sa_type=Instant)
    withdrawn_at: datetime | None = Field(default=None, sa_type=Instant)
    invited_by: UUID | None = None


class ApiKey(TenantTable, table=True):
    """A program's key: acts as the member who made it, within its scopes, until it expires."""

    __tablename__ = "api_key"
    __table_args__ = (
        global_fk("org_id", "organization", ondelete="CASCADE"),
        global_fk("user_id", "user", ondelete="CASCADE"),
        UniqueConstraint("key_hash"),
    )

    user_id: UUID = Field(index=True)
    name: str = Field(sa_type=Text)
    start: str = Field(sa_type=Text)
    """Its first characters, by which people tell keys apart."""
    key_hash: bytes = Field(sa_type=Bytes)
    scopes: list[str] = Field(sa_type=text_array())
    """Permissions; what the member may not do, the key may not either."""
    expires_at: datetime = Field(sa_type=Instant)
    last_used_at: datetime | None = Field(default=None, sa_type=Instant)
    revoked_at: datetime | None = Field(default=None, sa_type=Instant)
