"""What the gate knows and what it said: consent, suppressions, scrubs, rule packs, decisions.

Consent, suppressions, scrub results and decisions are append-only; a release or a revocation is a later fact on the row
(``released_at``, ``revoked_at``), never a deletion, so that the state at an instant can be told afterwards.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Text, UniqueConstraint, text
from sqlmodel import Field

from models.base import OfOrganization, Stamped, TenantTable, tenant_fk
from models.columns import Bytes, Instant, Json, PhoneNumber, Term, text_array
from models.vocabulary import (
    Basis,
    Channel,
    Purpose,
    ReleaseState,
    ScrubList,
    ScrubVerdict,
    SuppressionKind,
    Verdict,
)


class Consent(TenantTable, table=True):
    """One entry of the consent ledger; fields follow 16 CFR 310.5(a)(8)."""

    __table_args__ = (
        tenant_fk("person_id", "person"),
        CheckConstraint(
            "basis <> 'written_consent' or artefact_sha256 is not null or import_id is not null", "artefact"
        ),
        Index("ix_consent_phone", "org_id", "e164", "channel"),
        Index(
            "uq_consent_import",
            "org_id",
            "e164",
            "channel",
            "basis",
            "import_id",
            unique=True,
            postgresql_where=text("import_id is not null"),
        ),
    )

    e164: str = Field(sa_type=PhoneNumber)
    phone_key: bytes = Field(sa_type=Bytes)
    """HMAC-SHA256(pepper, E.164): stays after the number is erased."""
    person_id: UUID | None = None
    channel: Channel = Field(sa_type=Term(Channel))  # pyright: ignore[reportArgumentType]
    basis: Basis = Field(sa_type=Term(Basis))  # pyright: ignore[reportArgumentType]
    purpose: str = Field(sa_type=Text)
    """What the person agreed to hear about."""
    shown_text: str = Field(sa_type=Text)
    """The request exactly as the person saw or heard it."""
    source: str = Field(sa_type=Text)
    """Page, form, call or file."""
    artefact_sha256: str | None = Field(default=None, sa_type=Text)
    """What shows it, kept in ``consent_artefact``; for a consent of a file, the file itself and ``row_number`` do."""
    address: str | None = Field(default=None, sa_type=Text)
    """IP address, where given on the web."""
    given_at: datetime = Field(sa_type=Instant)
    expires_at: datetime | None = Field(default=None, sa_type=Instant)
    recorded_at: datetime = Field(sa_type=Instant)
    revoked_at: datetime | None = Field(default=None, sa_type=Instant)
    actor_id: UUID | None = None
    import_id: UUID | None = None
    row_number: int | None = None


class ConsentArtefact(Stamped, OfOrganization, table=True):
    """A document that shows a consent: a signed form, a screenshot, a mail. Kept once by what it holds."""

    __tablename__ = "consent_artefact"

    org_id: UUID = Field(primary_key=True)
    sha256: str = Field(primary_key=True, sa_type=Text)
    media_type: str = Field(sa_type=Text)
    """Found out from the bytes, never from a name."""
    filename: str = Field(sa_type=Text)
    """As it was called where it came from; for people only."""
    size: int
    content: bytes = Field(sa_type=Bytes)
    added_at: datetime = Field(sa_type=Instant)
    added_by: UUID | None = None


class Suppression(TenantTable, table=True):
    """A reason not to contact a number or a person. Active until released."""

    __table_args__ = (
        CheckConstraint(
            "e164 is not null or phone_key is not null or person_id is not null or address_key is not null", "subject"
        ),
        Index("ix_suppression_phone", "org_id", "e164", postgresql_where=text("e164 is not null")),
        Index("ix_suppression_person", "org_id", "person_id", postgresql_where=text("person_id is not null")),
        Index(
            "uq_suppression_active",
            "org_id",
            "kind",
            "e164",
            "person_id",
            "address_key",
            unique=True,
            postgresql_nulls_not_distinct=True,
            postgresql_where=text("released_at is null and (e164 is not null or phone_key is null)"),
        ),
        Index(
            "ix_suppression_erased",
            "org_id",
            "phone_key",
            postgresql_where=text("e164 is null and phone_key is not null"),
        ),
    )

    kind: SuppressionKind = Field(sa_type=Term(SuppressionKind))  # pyright: ignore[reportArgumentType]
    e164: str | None = Field(default=None, sa_type=PhoneNumber)
    """None while ``phone_key`` stands: the number was erased, and is known again only when it comes back."""
    phone_key: bytes | None = Field(default=None, sa_type=Bytes)
    person_id: UUID | None = None
    """Set: every number of the person is meant."""
    address_key: str | None = Field(default=None, sa_type=Text)
    """For mail: the normalised mailing address."""
    at: datetime = Field(sa_type=Instant)
    source: str = Field(sa_type=Text)
    """``import``, ``inbound``, ``carrier``, ``manual``, ``scrub``."""
    evidence: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    """Where it stands: file, row, column and the cell's own text; or the inbound message's id."""
    actor_id: UUID | None = None
    import_id: UUID | None = None
    released_at: datetime | None = Field(default=None, sa_type=Instant)
    released_by: UUID | None = None
    released_why: str | None = Field(default=None, sa_type=Text)


class SuppressionRelease(TenantTable, table=True):
    """The wish to contact a suppressed person again: asked for by one member, granted by another, never by the same."""

    __tablename__ = "suppression_release"
    __table_args__ = (
        tenant_fk("suppression_id", "suppression"),
        CheckConstraint("state <> 'approved' or (decided_by is not null and decided_by <> asked_by)", "second_person"),
        Index(
            "uq_suppression_release_pending",
            "org_id",
            "suppression_id",
            unique=True,
            postgresql_where=text("state = 'pending'"),
        ),
        Index("ix_suppression_release_asked", "org_id", text("asked_at desc"), text("id desc")),
    )

    suppression_id: UUID
    why: str = Field(sa_type=Text)
    evidence: str = Field(sa_type=Text)
    """What shows it: the person's own words and when, a letter, a file's name and hash."""
    state: ReleaseState = Field(
        default=ReleaseState.PENDING,
        sa_type=Term(ReleaseState),  # pyright: ignore[reportArgumentType]
    )
    asked_by: UUID
    asked_at: datetime = Field(sa_type=Instant)
    expires_at: datetime = Field(sa_type=Instant)
    decided_by: UUID | None = None
    decided_at: datetime | None = Field(default=None, sa_type=Instant)
    decided_why: str = Field(default="", sa_type=Text, sa_column_kwargs={"server_default": ""})
    """Why it was declined."""


class ScrubResult(TenantTable, table=True):
    """What a list said of a number, when, and by which version of the list."""

    __tablename__ = "scrub_result"
    __table_args__ = (
        Index("ix_scrub_result_phone", "org_id", "e164", "list", "as_of"),
        Index(
            "uq_scrub_result_import",
            "org_id",
            "e164",
            "list",
            "import_id",
            unique=True,
            postgresql_where=text("import_id is not null"),
        ),
        Index(
            "uq_scrub_result_run",
            "org_id",
            "e164",
            "list",
            "run_id",
            unique=True,
            postgresql_where=text("run_id is not null"),
        ),
    )

    e164: str = Field(sa_type=PhoneNumber)
    list: ScrubList = Field(sa_type=Term(ScrubList))  # pyright: ignore[reportArgumentType]
    verdict: ScrubVerdict = Field(sa_type=Term(ScrubVerdict))  # pyright: ignore[reportArgumentType]
    provider: str = Field(sa_type=Text)
    list_version: str | None = Field(default=None, sa_type=Text)
    as_of: datetime = Field(sa_type=Instant)
    """The instant the answer is true of; its age counts from here."""
    recorded_at: datetime = Field(sa_type=Instant)
    import_id: UUID | None = None
    run_id: UUID | None = None
    """The run of look-ups that bought it."""
    consent_date: date | None = None
    """Of ``reassigned``: asked whether the number changed hands on or after this day."""


class RulePack(TenantTable, table=True):
    """One version of one jurisdiction's rules, as data with its source."""

    __tablename__ = "rule_pack"
    __table_args__ = (UniqueConstraint("org_id", "name", "version"),)

    name: str = Field(sa_type=Text)
    version: int
    content: dict[str, Any] = Field(sa_type=Json)
    digest: str = Field(sa_type=Text)
    """SHA-256 of the canonical content."""
    effective_from: date | None = None
    """First day (UTC) on which it counts; None is at once."""
    effective_to: date | None = None
    """Last day on which it counts: that on which the next version begins, so that both bind on it."""
    installed_at: datetime = Field(sa_type=Instant)
    retired_at: datetime | None = Field(default=None, sa_type=Instant)
    actor_id: UUID | None = None
    reason: str = Field(default="", sa_type=Text)
    """Why it was installed, in its author's words."""


class DrillRun(TenantTable, table=True):
    """The organisation's configuration put to the drill, and how it did."""

    __tablename__ = "drill_run"
    __table_args__ = (Index("ix_drill_run_at", "org_id", text("at desc"), text("id desc")),)

    at: datetime = Field(sa_type=Instant)
    actor_id: UUID | None = None
    why: str = Field(sa_type=Text)
    """``asked``, or ``installed``: by hand, or with a version of a pack."""
    policy_version: str = Field(sa_type=Text)
    cases_sha256: str = Field(sa_type=Text)
    """Of the file of cases."""
    cases: int
    failed: int
    """Cases that failed, of either weight."""
    unlawful: int
    """Cases that failed and carry the weight of law; with one, nothing is launched."""
    results: dict[str, Any] = Field(sa_type=Json)
    """Counts by group, and each case that did not simply pass."""


class PhoneGate(Stamped, OfOrganization, table=True):
    """The lock that an opt-out and a submission both take, so that neither slips past the other."""

    __tablename__ = "phone_gate"

    org_id: UUID = Field(primary_key=True)
    e164: str = Field(primary_key=True, sa_type=PhoneNumber)
    closed_at: datetime | None = Field(default=None, sa_type=Instant)
    """Last opt-out on this number."""


class Decision(TenantTable, table=True):
    """What the gate said of one person, phone, channel and instant; allowed or not."""

    __table_args__ = (
        Index("ix_decision_at", "org_id", text("at desc"), text("id desc")),
        Index("ix_decision_phone", "org_id", "e164", "at"),
        Index("ix_decision_campaign", "org_id", "campaign_id", "at"),
        Index("ix_decision_message", "org_id", "message_id"),
        Index("ix_decision_erased", "org_id", "phone_key", "at", postgresql_where=text("e164 is null")),
    )

    at: datetime = Field(sa_type=Instant)
    channel: Channel = Field(sa_type=Term(Channel))  # pyright: ignore[reportArgumentType]
    purpose: Purpose = Field(sa_type=Term(Purpose))  # pyright: ignore[reportArgumentType]
    verdict: Verdict = Field(sa_type=Term(Verdict))  # pyright: ignore[reportArgumentType]
    reasons: list[str] = Field(default_factory=list, sa_type=text_array())  # pyright: ignore[reportArgumentType]
    """Names of the rules that stood against it, worst first; empty when sendable."""
    later_at: datetime | None = Field(default=None, sa_type=Instant)
    policy_version: str = Field(sa_type=Text)
    phone_key: bytes = Field(sa_type=Bytes)
    e164: str | None = Field(default=None, sa_type=PhoneNumber)
    """For looking up; erased with the person, while ``phone_key`` stays in the receipt."""
    phone_id: UUID | None = None
    person_id: UUID | None = None
    lead_id: UUID | None = None
    campaign_id: UUID | None = None
    message_id: UUID | None = None
    actor_id: UUID | None = None
    body: bytes = Field(sa_type=Bytes)
    """The receipt: canonical JSON with inputs, each rule's outcome and the verdict; up to 8 KB uncompressed in the row
    (``toast_tuple_target``, set by the migration)."""
    digest: bytes = Field(sa_type=Bytes)
    """SHA-256 of ``body``."""


class EarlierState(TenantTable, table=True):
    """What the gate read of a record before it was changed or deleted; written by triggers of the record's table.

    The first one of a key to end after an instant says what held at it; where none does, the record itself does. Holds
    no number and no name.
    """

    __tablename__ = "earlier_state"
    __table_args__ = (Index("ix_earlier_state_subject", "org_id", "source", "subject_id", "valid_to"),)

    source: str = Field(sa_type=Text)
    """The record's table. ``organization`` stands for the time of which nothing is kept."""
    subject_id: UUID
    """By what it is found: the record's id; of a link the person at a property, or the number of a person."""
    key: str = Field(sa_type=Text)
    """The record's whole key."""
    state: dict[str, Any] | None = Field(default=None, sa_type=Json)
    """The columns that the gate reads, as they were; None where no record had the key."""
    made_at: datetime = Field(sa_type=Instant)
    """Since when the record was there; the state holds since then, or since the end of the state before."""
    valid_to: datetime = Field(sa_type=Instant)
    """The instant of the change, which counts from there on."""
