"""Ask for a pack: who may, about whom, of which time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from leadflow.audit import service as audit
from leadflow.evidence import queries
from leadflow.evidence.types import Wanted
from leadflow.identity import service as identity
from leadflow.identity.rules import require
from leadflow.identity.types import Principal
from leadflow.jobs import service as jobs
from leadflow.kernel.db import UnitOfWork
from leadflow.kernel.errors import Invalid
from models.evidence import EvidencePack
from models.vocabulary import EvidenceOf, JobKind, Permission


def ask(uow: UnitOfWork, actor: Principal, wanted: Wanted) -> UUID:
    """Ask for a pack; a job makes it.

    Returns:
        The pack's id.

    Raises:
        ConfirmPassword: the password was typed too long ago.
        Invalid: nobody is meant, or no time.
    """
    require(actor, Permission.EVIDENCE_EXPORT)
    identity.need_confirmed(uow, actor)
    pack = _asked(uow, actor, wanted)
    pack.job_id = jobs.enqueue(
        uow, JobKind.EVIDENCE_MAKE, payload={"pack_id": str(pack.id)}, actor_id=actor.user_id, max_attempts=3
    )
    return pack.id


def ask_at_desk(uow: UnitOfWork, actor: Principal, wanted: Wanted) -> UUID:
    """Ask for a pack on the machine itself, where there is no session whose password could be asked for.

    No job is set going: the caller makes the pack.
    """
    require(actor, Permission.EVIDENCE_EXPORT)
    return _asked(uow, actor, wanted).id


def _asked(uow: UnitOfWork, actor: Principal, wanted: Wanted) -> EvidencePack:
    now = uow.now()
    span = _span(wanted, now, ZoneInfo(queries.house(uow)[1]))
    subject = _subject(uow, wanted)
    pack = EvidencePack(
        org_id=uow.org(),
        of=wanted.of,
        e164=subject.e164,
        person_id=subject.person_id,
        campaign_id=subject.campaign_id,
        since=span[0],
        until=span[1],
        requested_at=now,
        actor_id=actor.user_id,
    )
    uow.session.add(pack)
    uow.session.flush()
    detail = {"of": wanted.of.value, "since": span[0].isoformat() if span[0] else None, "until": span[1].isoformat()}
    audit.record(uow, actor.user_id, "evidence.asked", "evidence_pack", pack.id, detail)
    return pack


@dataclass(frozen=True, slots=True)
class _Subject:
    e164: str | None = None
    person_id: UUID | None = None
    campaign_id: UUID | None = None


def _subject(uow: UnitOfWork, wanted: Wanted) -> _Subject:
    match wanted.of:
        case EvidenceOf.PHONE:
            if wanted.e164 is None:
                raise Invalid("Write the number that the pack is about.", "phone")
            return _Subject(e164=wanted.e164)
        case EvidenceOf.PERSON:
            return _Subject(person_id=_person(uow, wanted))
        case EvidenceOf.CAMPAIGN:
            if wanted.campaign_id is None or queries.name_of(uow, "campaign", wanted.campaign_id) is None:
                raise Invalid("Choose the campaign that the pack is about.", "campaign_id")
            return _Subject(campaign_id=wanted.campaign_id)


def _person(uow: UnitOfWork, wanted: Wanted) -> UUID:
    if wanted.person_id is not None:
        if queries.name_of(uow, "person", wanted.person_id) is None:
            raise Invalid("There is no such person here.", "person_id")
        return wanted.person_id
    if wanted.e164 is None:
        raise Invalid("Name the person, or write a number at which the person is reached.", "phone")
    found = queries.reached(uow, wanted.e164)
    if not found:
        raise Invalid("Nobody is known at this number. Ask for the number itself instead.", "phone")
    if len(found) > 1:
        raise Invalid("Several people are reached at this number. Ask for the number itself, or name one.", "phone")
    return found[0]


def _span(wanted: Wanted, now: datetime, zone: ZoneInfo) -> tuple[datetime | None, datetime]:
    """Read days by the organisation's calendar; the future is not yet in the record."""
    since = None if wanted.since is None else _start(wanted.since, zone)
    until = now if wanted.until is None else min(now, _end(wanted.until, zone))
    if since is not None and since >= until:
        raise Invalid("The first day lies behind the last, or in the future.", "since")
    return since, until


def _start(day: date | datetime, zone: ZoneInfo) -> datetime:
    return day if isinstance(day, datetime) else datetime.combine(day, time(), zone)


def _end(day: date | datetime, zone: ZoneInfo) -> datetime:
    try:
        return day if isinstance(day, datetime) else datetime.combine(day + timedelta(days=1), time(), zone)
    except OverflowError as error:
        raise Invalid("That day is too far away.", "until") from error
