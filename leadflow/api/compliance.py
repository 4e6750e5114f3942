"""The gate over HTTP: what it decided and why, who said no, who agreed, and whether the record is whole."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Annotated, Any
from urllib.parse import quote, unquote
from uuid import UUID

from fastapi import APIRouter, Body, Header, Path, Query
from fastapi.responses import Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from leadflow.api.deps import Actor, After, Db, Limit, Work, allow
from leadflow.audit import service as audit
from leadflow.compliance import service as compliance
from leadflow.compliance.rules.book import RuleBookView
from leadflow.compliance.types import (
    ConsentFilter,
    ConsentRow,
    DecisionFilter,
    DecisionRow,
    Grant,
    Mark,
    Overview,
    Receipt,
    ReleaseRow,
    SuppressionRow,
)
from leadflow.kernel import phone as phones
from leadflow.kernel.errors import Conflict
from leadflow.kernel.paging import Page
from models.vocabulary import Basis, Channel, ConsentState, Permission, Purpose, SuppressionKind, Verdict

router = APIRouter(prefix="/api/v1", tags=["compliance"])

DECISIONS = [allow(Permission.DECISION_READ)]

Number = Annotated[str | None, Query(max_length=40)]
Moment = Annotated[AwareDatetime | None, Query()]


class _Given(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


@dataclass(frozen=True, slots=True)
class Made:
    """What was written; empty when it stood already."""

    ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class Rows:
    """How many rows a file had."""

    rows: int


@dataclass(frozen=True, slots=True)
class Lifted:
    """How many suppressions were lifted."""

    count: int


class Suppressing(_Given):
    """Whom not to contact, and why."""

    kind: SuppressionKind
    phone: Annotated[str | None, Field(max_length=40)] = None
    person_id: UUID | None = None
    note: Annotated[str, Field(max_length=1_000)] = ""

    @model_validator(mode="after")
    def _names_somebody(self) -> Suppressing:
        if not self.phone and self.person_id is None:
            msg = "name a phone or a person"
            raise ValueError(msg)
        return self


class Releasing(_Given):
    """Why somebody may be contacted again, and what shows it."""

    why: Annotated[str, Field(min_length=1, max_length=1_000)]
    evidence: Annotated[str, Field(min_length=1, max_length=10_000)]


class Declining(_Given):
    """Why not."""

    why: Annotated[str, Field(min_length=1, max_length=1_000)]


@dataclass(frozen=True, slots=True)
class Releases:
    """Wishes to lift a suppression, newest first."""

    rows: tuple[ReleaseRow, ...]


class Revoking(_Given):
    """How somebody took a consent back."""

    why: Annotated[str, Field(min_length=1, max_length=1_000)]


@dataclass(frozen=True, slots=True)
class Kept:
    """A document that shows a consent."""

    sha256: str
    media_type: str
    filename: str
    size: int


class Granting(_Given):
    """A consent, with the fields that 16 CFR 310.5(a)(8) asks for."""

    phone: Annotated[str, Field(max_length=40)]
    basis: Basis
    channel: Channel = Channel.TEXT
    purpose: Annotated[str, Field(min_length=1, max_length=1_000)]
    shown_text: Annotated[str, Field(min_length=1, max_length=10_000)]
    source: Annotated[str, Field(min_length=1, max_length=1_000)]
    given_at: AwareDatetime
    expires_at: AwareDatetime | None = None
    person_id: UUID | None = None
    artefact_sha256: Annotated[str | None, Field(pattern="^[0-9a-f]{64}$")] = None
    address: Annotated[str | None, Field(max_length=200)] = None


@router.get("/decisions", dependencies=DECISIONS)
def decisions(  # noqa: PLR0913 one parameter a filter
    desk: Work,
    *,
    verdict: Verdict | None = None,
    rule: Annotated[str | None, Query(max_length=80)] = None,
    phone: Number = None,
    campaign: UUID | None = None,
    person: UUID | None = None,
    lead: UUID | None = None,
    message: UUID | None = None,
    purpose: Purpose | None = None,
    since: Moment = None,
    until: Moment = None,
    after: After = None,
    limit: Limit = 100,
) -> Page[DecisionRow]:
    """List what the gate decided, newest first."""
    wanted = DecisionFilter(
        verdict=verdict,
        rule=rule or None,
        e164=_number(phone),
        person_id=person,
        lead_id=lead,
        campaign_id=campaign,
        message_id=message,
        purpose=purpose,
        since=since,
        until=until,
    )
    return compliance.decisions(desk.uow, desk.actor, wanted, after, limit)


@router.get("/decisions/{decision_id}", dependencies=DECISIONS)
def receipt(desk: Work, decision_id: UUID) -> Receipt:
    """Open one decision: inputs, each rule's outcome and law, and its place in the record."""
    return compliance.receipt(desk.uow, desk.actor, decision_id)


@router.get("/explain", dependencies=DECISIONS)
def explain(desk: Work, phone: Annotated[str, Query(max_length=40)], at: Moment = None) -> dict[str, Any]:
    """Say whether a number may be, or was, texted at an instant, and by which rules."""
    return compliance.explain(desk.uow, desk.actor, phones.parse(phone), at).as_json()


@router.get("/suppressions", dependencies=[allow(Permission.SUPPRESSION_READ)])
def suppressions(
    desk: Work,
    *,
    kind: SuppressionKind | None = None,
    phone: Number = None,
    standing: bool | None = True,
    after: After = None,
    limit: Limit = 100,
) -> Page[SuppressionRow]:
    """List who must not be contacted, newest first."""
    return compliance.suppressions(
        desk.uow, desk.actor, kind=kind, e164=_number(phone), standing=standing, after=after, limit=limit
    )


@router.post("/suppressions", status_code=201, dependencies=[allow(Permission.SUPPRESSION_ADD)])
def suppress(desk: Work, given: Suppressing) -> Made:
    """Note that somebody must not be contacted; what is queued for them is taken back."""
    mark = Mark(
        kind=given.kind,
        source="manual",
        e164=_number(given.phone),
        person_id=given.person_id,
        evidence={"note": given.note} if given.note else {},
    )
    return Made(compliance.suppress(desk.uow, desk.actor, mark))


@router.post("/suppressions/file", status_code=201, dependencies=[allow(Permission.SUPPRESSION_ADD)])
def suppress_file(
    desk: Work,
    content: Annotated[bytes, Body(media_type="application/octet-stream")],
    kind: SuppressionKind = SuppressionKind.INTERNAL_DNC,
    x_filename: Annotated[str, Header(max_length=1000, description="percent-encoded")] = "numbers.csv",
) -> Rows:
    """Note every number of a CSV file (phone, kind, note): in whole, or not at all and with the wrong lines."""
    return Rows(compliance.suppress_file(desk.uow, desk.actor, unquote(x_filename), content, kind))


@router.post(
    "/suppressions/{suppression_id}/releases", status_code=201, dependencies=[allow(Permission.SUPPRESSION_ADD)]
)
def ask_release(desk: Work, suppression_id: UUID, given: Releasing) -> Made:
    """Ask that a suppression be lifted; a second person decides within seven days."""
    return Made((compliance.ask_release(desk.uow, desk.actor, suppression_id, given.why, given.evidence),))


@router.get("/releases", dependencies=[allow(Permission.SUPPRESSION_READ)])
def releases(desk: Work, *, all: bool = False, limit: Limit = 100) -> Releases:  # noqa: A002 the parameter's own name
    """List wishes to lift a suppression: those that wait, or all of them."""
    return Releases(tuple(compliance.releases(desk.uow, desk.actor, open_only=not all, limit=limit)))


@router.post("/releases/{release_id}/approve", dependencies=[allow(Permission.SUPPRESSION_RELEASE)])
def approve_release(desk: Work, release_id: UUID) -> Lifted:
    """Grant what somebody else asked for; the suppression and all that were written with it are lifted."""
    return Lifted(compliance.approve_release(desk.uow, desk.actor, release_id))


@router.post("/releases/{release_id}/decline", status_code=204, dependencies=[allow(Permission.SUPPRESSION_RELEASE)])
def decline_release(desk: Work, release_id: UUID, given: Declining) -> None:
    """Refuse it, with a reason."""
    compliance.decline_release(desk.uow, desk.actor, release_id, given.why)


@router.post("/releases/{release_id}/withdraw", status_code=204, dependencies=[allow(Permission.SUPPRESSION_ADD)])
def withdraw_release(desk: Work, release_id: UUID) -> None:
    """Take one's own wish back."""
    compliance.withdraw_release(desk.uow, desk.actor, release_id)


@router.get("/consents", dependencies=[allow(Permission.CONSENT_READ)])
def consents(
    desk: Work,
    *,
    phone: Number = None,
    person: UUID | None = None,
    basis: Basis | None = None,
    state: ConsentState | None = None,
    after: After = None,
    limit: Limit = 100,
) -> Page[ConsentRow]:
    """List the consent ledger, newest first."""
    wanted = ConsentFilter(e164=_number(phone), person_id=person, basis=basis, state=state)
    return compliance.consents(desk.uow, desk.actor, wanted, after=after, limit=limit)


@router.post("/consents/artefacts", status_code=201, dependencies=[allow(Permission.CONSENT_RECORD)])
def keep_artefact(
    desk: Work,
    content: Annotated[bytes, Body(media_type="application/octet-stream")],
    x_filename: Annotated[str, Header(max_length=1000, description="percent-encoded")] = "document",
) -> Kept:
    """Keep a document that shows a consent: the raw bytes of a PDF, picture, mail, page or text, at most 5 MB."""
    kept = compliance.keep_artefact(desk.uow, desk.actor, unquote(x_filename), content)
    return Kept(kept.sha256, kept.media_type, kept.filename, len(content))


@router.get("/consents/artefacts/{sha256}", response_class=Response, dependencies=[allow(Permission.CONSENT_READ)])
def artefact(desk: Work, sha256: Annotated[str, Path(pattern="^[0-9a-f]{64}$")]) -> Response:
    """Hand a document out, always as a file to keep: nothing of it runs in our page."""
    found = compliance.artefact(desk.uow, desk.actor, sha256)
    kind = "text/plain; charset=utf-8" if found.media_type.startswith(("text/", "message/")) else found.media_type
    name = quote(found.filename)
    return Response(
        found.content, media_type=kind, headers={"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
    )


@router.post("/consents/{consent_id}/revoke", status_code=204, dependencies=[allow(Permission.SUPPRESSION_ADD)])
def revoke(desk: Work, consent_id: UUID, given: Revoking) -> None:
    """Note that the person took this consent back."""
    compliance.revoke(desk.uow, desk.actor, consent_id, given.why)


@router.post("/consents", status_code=201, dependencies=[allow(Permission.CONSENT_RECORD)])
def grant(desk: Work, given: Granting) -> Made:
    """Enter a consent into the ledger."""
    fields = given.model_dump(exclude={"phone"})
    made = compliance.grant(desk.uow, desk.actor, Grant(e164=phones.parse(given.phone), **fields))
    if made is None:
        raise Conflict("This consent is in the ledger already.")
    return Made((made,))


@router.get("/compliance/overview", dependencies=DECISIONS)
def overview(desk: Work) -> Overview:
    """Sum up the last thirty days by verdict, rule and day."""
    return compliance.overview(desk.uow, desk.actor)


@router.get("/compliance/rules", dependencies=DECISIONS)
def rules(desk: Work) -> RuleBookView:
    """List the gate's rules and every version of the rule packs."""
    return compliance.rules(desk.uow, desk.actor)


@router.get("/audit/verify", dependencies=[allow(Permission.AUDIT_VERIFY)])
def verify(actor: Actor, db: Db) -> dict[str, Any]:
    """Recompute every hash of the record; a fault names the first bad position."""
    report = audit.verify(db, actor.org_id)
    return {**asdict(report), "whole": report.whole}


def _number(phone: str | None) -> str | None:
    return phones.parse(phone) if phone else None
