"""Say who works on a lead, so that two do not text or call one person at once.

A claim holds against people who work by hand, never against what must happen: replies, STOP, marks against contact and
the outcomes of texts and calls pass by.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from leadflow.identity.rules import require
from leadflow.identity.types import Principal
from leadflow.kernel import paging
from leadflow.kernel.db import UnitOfWork
from leadflow.kernel.errors import Invalid
from leadflow.kernel.paging import Page
from leadflow.leads.errors import Claimed
from leadflow.leads.queries import claiming
from leadflow.leads.service.bringing import record
from leadflow.leads.service.looking import only, see
from leadflow.leads.types import PAGE_LIMIT, Claim
from leadflow.leads.work_types import ClaimRow
from models.vocabulary import ActivityKind, Permission


def claim(uow: UnitOfWork, actor: Principal, lead_id: UUID) -> Claim:
    """Claim a lead for the caller, or for longer; of two at once exactly one has it.

    Raises:
        NoSuchLead: it is not there, or not the caller's to see.
        Claimed: somebody else works on it.
        Invalid: the caller is a program.
    """
    require(actor, Permission.LEAD_WRITE)
    see(uow, actor, lead_id)
    user_id, now = _person(actor), uow.now()
    until = now + timedelta(minutes=claiming.minutes(uow))
    if not claiming.take(uow, lead_id, user_id, until, now):
        check(uow, actor, [lead_id])
    return Claim(user_id, actor.name, until)


def take_over(uow: UnitOfWork, actor: Principal, lead_id: UUID) -> Claim:
    """Claim a lead on which somebody else works; the timeline tells.

    Raises:
        Forbidden: the role may not give leads out.
        NoSuchLead: it is not there, or not the caller's to see.
    """
    require(actor, Permission.LEAD_ASSIGN)
    see(uow, actor, lead_id)
    user_id, now = _person(actor), uow.now()
    before = claiming.held(uow, [lead_id], now).get(lead_id)
    until = now + timedelta(minutes=claiming.minutes(uow))
    claiming.seize(uow, lead_id, user_id, until)
    if before is not None and before.user_id != user_id:
        detail = {"claimed_by": str(user_id), "before": str(before.user_id)}
        record(uow, lead_id, ActivityKind.EDITED, f"Taken over from {before.name}", actor_id=user_id, detail=detail)
    return Claim(user_id, actor.name, until)


def release(uow: UnitOfWork, actor: Principal, lead_id: UUID) -> None:
    """Give the caller's claim up; where there is none, nothing happens.

    Raises:
        NoSuchLead: it is not there, or not the caller's to see.
    """
    require(actor, Permission.LEAD_WRITE)
    see(uow, actor, lead_id)
    if actor.user_id is not None:
        claiming.release(uow, lead_id, actor.user_id)


def begin_work(uow: UnitOfWork, actor: Principal, lead_id: UUID | None) -> None:
    """Claim a lead for a person who calls or answers somebody of it; what fails after that gives the claim back.

    Raises:
        Claimed: somebody else works on it.
    """
    if lead_id is None or actor.user_id is None:
        return
    now = uow.now()
    until = now + timedelta(minutes=claiming.minutes(uow))
    if not claiming.take(uow, lead_id, actor.user_id, until, now):
        check(uow, actor, [lead_id])


def check(uow: UnitOfWork, actor: Principal, lead_ids: Sequence[UUID]) -> None:
    """Let only pass who works on leads that are claimed; programs and jobs always.

    Raises:
        Claimed: somebody else works on one.
    """
    if actor.user_id is None:
        return
    for one in claiming.held(uow, lead_ids, uow.now()).values():
        if one.user_id != actor.user_id:
            raise Claimed(one.name, one.until)


def claims(uow: UnitOfWork, actor: Principal, after: str | None = None, limit: int = 50) -> Page[ClaimRow]:
    """List the leads on which somebody works and that the caller may see, those whose claim ends first first.

    Raises:
        Invalid: the cursor is not one of ours.
    """
    require(actor, Permission.LEAD_READ)
    now, mine, size = uow.now(), only(actor), max(1, min(limit, PAGE_LIMIT))
    found = claiming.rows(uow, now, mine, paging.instant_and_id(after), size + 1)
    shown = tuple(found[:size])
    more = paging.encode(shown[-1].until.isoformat(), str(shown[-1].lead_id)) if len(found) > size else None
    return Page(shown, more, None if after else claiming.count(uow, now, mine))


def claim_on(uow: UnitOfWork, lead_id: UUID | None) -> Claim | None:
    """Say who works on a lead at this moment; for rooms that have let the caller see it."""
    return claiming.held(uow, [lead_id], uow.now()).get(lead_id) if lead_id else None


def unclaimed(uow: UnitOfWork, user_id: UUID | None, lead_ids: Sequence[UUID]) -> list[UUID]:
    """Leave out the leads on which somebody other than ``user_id`` works."""
    claims = claiming.held(uow, lead_ids, uow.now())
    return [one for one in lead_ids if one not in claims or claims[one].user_id == user_id]


def stands(uow: UnitOfWork, lead_id: UUID) -> bool:
    """Say whether a lead is there and not removed: what rooms ask before they change it because of something else."""
    return claiming.stands(uow, lead_id)


def _person(actor: Principal) -> UUID:
    if actor.user_id is None:
        raise Invalid("Only a person can work on a lead.", "lead_id")
    return actor.user_id
