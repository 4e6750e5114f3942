"""Who is asking, what they bring to sign in, and what they get."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints, field_validator

from leadflow.kernel import hosts
from models.vocabulary import Permission, Role

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120, pattern=r"^[^\x00]+$")]
Email = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, to_lower=True, min_length=3, max_length=254, pattern=r"^[^@\s\x00]+@[^@\s\x00]+$"
    ),
]


@dataclass(frozen=True, slots=True)
class Principal:
    """The caller of a service, resolved afresh at each door."""

    user_id: UUID | None
    org_id: UUID
    role: Role
    session_id: UUID | None = None
    name: str = ""
    denied: frozenset[Permission] = frozenset()
    """Taken from this member, whatever the role allows: deny wins."""
    only: frozenset[Permission] | None = None
    """The scopes of a key; None for a person, who has all that the role allows."""

    @classmethod
    def system(cls, org_id: UUID) -> Principal:
        """Make the caller that workers and webhooks act as."""
        return cls(user_id=None, org_id=org_id, role=Role.SYSTEM, name="LeadFlow")


@dataclass(frozen=True, slots=True, eq=False)
class Keys:
    """The secrets of signing in; each use has a key of its own, derived by name.

    Args:
        ring: key id → at least 32 bytes; the first signs, all verify.
        pepper: keys the hash of passwords; must not be in the database and does not rotate with the ring.
        bcrypt_cost: logarithm of the work to check one password.
        secure: whether cookies travel over https only; then their names carry the prefixes that browsers enforce.
        demo_users: whether users of the demonstration may sign in.
    """

    ring: Mapping[str, bytes] = field(repr=False)
    pepper: bytes = field(repr=False)
    bcrypt_cost: int = 12
    secure: bool = True
    demo_users: bool = False

    @property
    def current(self) -> str:
        """Name the key that signs now."""
        return next(iter(self.ring))

    def derived(self, key_id: str, use: str) -> bytes:
        """Make the key of one use from a key of the ring."""
        return _derive(self.ring[key_id], use)

    def peppered(self, use: str) -> bytes:
        """Make the key of one use from the pepper."""
        return _derive(self.pepper, use)


def _derive(key: bytes, use: str) -> bytes:
    return hmac.new(key, b"leadflow/identity/" + use.encode(), hashlib.sha256).digest()


@dataclass(frozen=True, slots=True)
class CookieNames:
    """How the three cookies are called."""

    sid: str
    """The browser's and the socket's identity: 256 random bits, meaning nothing."""
    access: str
    """A token of ten minutes for calls of the API."""
    refresh: str
    """Makes the next access token, once; sent to ``/api/v1/auth`` only."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """What somebody typed."""

    email: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Caller:
    """Where a sign-in comes from."""

    address: str
    user_agent: str = ""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session and its tokens, in the clear for the only time."""

    principal: Principal
    session_id: UUID
    sid: str | None = field(repr=False)
    """None after a refresh: the session's own secret does not change."""
    access: str = field(repr=False)
    access_until: datetime
    refresh: str = field(repr=False)
    until: datetime
    """When the session ends whatever happens."""
    now: datetime


@dataclass(frozen=True, slots=True)
class SecondFactorAsked:
    """The password was right, and the account has a second factor: bring ``token`` back with its code."""

    token: str = field(repr=False)
    until: datetime
    now: datetime


@dataclass(frozen=True, slots=True)
class SecondFactorSetup:
    """What an authenticator app needs; shown once, and worth nothing until a code confirms it."""

    secret: str = field(repr=False)
    """Base32, for typing."""
    uri: str = field(repr=False)
    """``otpauth://`` (Key URI format), for scanning."""
    svg: str = field(repr=False)
    """The same as a picture."""


@dataclass(frozen=True, slots=True)
class RecoveryCodes:
    """Ten codes that each stand in for the second factor once; shown once."""

    recovery_codes: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class SecondFactorState:
    """How the caller's second factor stands."""

    on: bool
    since: datetime | None
    codes_left: int
    required: bool
    """Whether the organisation asks for one."""


@dataclass(frozen=True, slots=True)
class TokenFacts:
    """What the database knows about a refresh token, read under the lock of its session."""

    session_live: bool
    expires_at: datetime
    used_at: datetime | None
    child_used: bool


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One place where the user is signed in."""

    id: UUID
    current: bool
    user_agent: str
    address: str
    created_at: datetime
    last_used_at: datetime
    until: datetime
    remembered: bool
    """Whether it stays signed in for days."""
    second_factor: bool
    """Whether a second factor was shown."""
    device: str
    """``Chrome on Windows``, as the browser says."""
    place: str
    """The network address; nobody outside is asked where that is."""


@dataclass(frozen=True, slots=True)
class MemberRow:
    """One person of the organisation."""

    id: UUID
    email: str
    name: str
    role: Role
    active: bool
    since: datetime
    last_seen_at: datetime | None
    denied: tuple[Permission, ...] = ()
    """Taken from this member, whatever the role allows."""
    second_factor: bool = False


class InvitationInput(BaseModel):
    """Whom to ask to join, and as what."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    email: Email
    name: Name
    role: Role


class InvitationState(StrEnum):
    """What became of an invitation."""

    OPEN = "open"
    EXPIRED = "expired"
    ACCEPTED = "accepted"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class InvitationRow:
    """An invitation as the organisation sees it."""

    id: UUID
    email: str
    name: str
    role: Role
    state: InvitationState
    created_at: datetime
    expires_at: datetime
    invited_by: str


@dataclass(frozen=True, slots=True)
class InvitationLook:
    """An invitation as the holder of its link sees it."""

    organization: str
    email: str
    name: str
    role: Role
    has_account: bool
    """Whether to type the account's password, or to choose one."""


@dataclass(frozen=True, slots=True)
class Joining:
    """What the holder of a link brings."""

    token: str = field(repr=False)
    password: str = field(repr=False)
    name: str = ""
    """Of a person without an account; empty takes the invitation's."""
    code: str = field(default="", repr=False)
    """Of the account's second factor."""


@dataclass(frozen=True, slots=True)
class OrganizationChoice:
    """An organisation that the caller may look at."""

    id: UUID
    name: str
    role: Role
    current: bool


class ApiKeyInput(BaseModel):
    """What a program's key is for, and for how long."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Name
    scopes: list[Permission] = Field(min_length=1)
    """Of ``identity.rules.SCOPES``, and nothing that the caller may not do."""
    days: int = Field(ge=1, le=365)


@dataclass(frozen=True, slots=True)
class MadeKey:
    """A key in the clear, for the only time."""

    id: UUID
    key: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class ApiKeyRow:
    """A key as owners see it."""

    id: UUID
    name: str
    start: str
    """Its first characters, by which people tell keys apart."""
    scopes: tuple[Permission, ...]
    member: str
    """In whose name it acts."""
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    expired: bool


class MemberInput(BaseModel):
    """A new member with a first password, which the member should change."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    email: Email
    name: Name
    password: SecretStr
    role: Role


class MemberChange(BaseModel):
    """What may change about a member; absent fields stay."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    role: Role | None = None
    active: bool | None = None
    denied: list[Permission] | None = None
    """Every permission that is taken from the member; an empty list gives all of the role back."""


DEMO_PASSWORD = "orange kettle seven"  # noqa: S105 of the demonstration only; production refuses its users
"""The one password of all demonstration users; their rows carry ``demo`` and cannot sign in to production."""


@dataclass(frozen=True, slots=True)
class DemoLogin:
    """A sign-in of the demonstration, told to everybody in development."""

    email: str
    name: str
    role: Role
    password: str


@dataclass(frozen=True, slots=True)
class FrameFacts:
    """What the frame of every page shows."""

    organization: str
    email: str
    sending_paused: bool
    sending_paused_why: str
    waiting: int
    """Conversations with an unread answer that the caller may see."""


@dataclass(frozen=True, slots=True)
class OrganizationView:
    """The organisation's own settings."""

    id: UUID
    name: str
    timezone: str
    approval_threshold: int
    price_per_segment_cents_x100: int
    monthly_budget_cents: int | None
    weather_window: int
    weather_filtered_pct: int
    weather_opted_out_pct: int
    sending_paused: bool
    sending_paused_why: str
    sending_paused_at: datetime | None
    second_factor_required: bool
    remember_days: int
    link_domain: str
    """Of short links in campaigns' texts; empty: links stay as they are written."""
    texts_per_minute: int | None
    """Of all its numbers together; None: no limit."""
    texts_per_day: int | None
    """Of all its numbers together in any 24 hours; None: no limit."""
    claim_minutes: int
    """How long a lead is one member's who began to work on it."""


MAY_BE_NONE = frozenset({"monthly_budget_cents", "texts_per_minute", "texts_per_day"})


class OrganizationInput(BaseModel):
    """What an owner may change; absent fields stay, and an explicit null takes a budget or a limit away."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Name | None = None
    timezone: str | None = None
    approval_threshold: int | None = Field(default=None, ge=1, le=1_000_000)
    price_per_segment_cents_x100: int | None = Field(default=None, ge=0, le=100_000)
    monthly_budget_cents: int | None = Field(default=None, ge=0, le=100_000_000)
    weather_window: int | None = Field(default=None, ge=100, le=5_000)
    weather_filtered_pct: int | None = Field(default=None, ge=1, le=25)
    weather_opted_out_pct: int | None = Field(default=None, ge=1, le=25)
    second_factor_required: bool | None = None
    remember_days: int | None = Field(default=None, ge=0, le=14)
    link_domain: str | None = Field(default=None, max_length=253)
    texts_per_minute: int | None = Field(default=None, ge=1, le=60_000)
    texts_per_day: int | None = Field(default=None, ge=1, le=10_000_000)
    claim_minutes: int | None = Field(default=None, ge=1, le=240)

    @field_validator("link_domain")
    @classmethod
    def _host(cls, value: str | None) -> str | None:
        return None if value is None else hosts.parse_domain(value)

    @field_validator("timezone")
    @classmethod
    def _known(cls, value: str | None) -> str | None:
        from zoneinfo import available_timezones  # noqa: PLC0415 reads a folder; only when somebody changes it

        if value is not None and value not in available_timezones():
            msg = "this is not the name of a time zone, such as America/Chicago"
            raise ValueError(msg)
        return value
