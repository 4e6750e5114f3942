"""Lift suppressions: one member asks with a reason and evidence, another grants it. Nobody does both.

An organisation with a single person who may grant cannot lift what that person asked for: there is no way around the
second pair of eyes but a second owner, or the suppressed person's own START.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from leadflow.audit import service as audit
from leadflow.compliance.queries import marks
from leadflow.compliance.queries import releases as queries
from leadflow.compliance.service.refusing import reopen, tell_leads
from leadflow.compliance.types import ReleaseRow
from leadflow.identity import service as identity
from leadflow.identity.rules import mask_phone, may, require
from leadflow.identity.types import Principal
from leadflow.kernel.db import UnitOfWork
from leadflow.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from models.vocabulary import Permission, ReleaseState, SuppressionKind

OPEN_FOR = timedelta(days=7)
"""A wish that nobody answers lapses. Own choice."""
GRAVE = frozenset({SuppressionKind.LEGAL_THREAT, SuppressionKind.LITIGATOR})
"""Who grants the release of one of these types the password once more."""


def ask_release(uow: UnitOfWork, actor: Principal, suppression_id: UUID, why: str, evidence: str) -> UUID:
    """Ask that a suppression, and all that were written with it, be lifted.

    Args:
        uow: the caller's transaction.
        actor: whoever may add suppressions may ask.
        suppression_id: one row of it.
        why: the reason.
        evidence: what shows it; kept as it is.

    Returns:
        The id of the wish, which waits ``OPEN_FOR`` for a second person.

    Raises:
        Invalid: no reason or no evidence.
        NotFound: there is no such suppression.
        Conflict: it was lifted already, or a wish for it is waiting.
    """
    require(actor, Permission.SUPPRESSION_ADD)
    if actor.user_id is None:
        raise Forbidden("A person must ask for this.")
    if not why.strip():
        raise Invalid("Say why this person may be contacted again.", "why")
    if not evidence.strip():
        raise Invalid("Say what shows it: their own words and when, or a letter.", "evidence")
    standing = queries.stands(uow, suppression_id)
    if standing is None:
        raise NotFound
    if not standing:
        raise Conflict("This suppression was lifted already.")
    now = uow.now()
    queries.lapse(uow, now)
    made = queries.ask(uow, suppression_id, actor.user_id, (why.strip(), evidence.strip()), now, now + OPEN_FOR)
    if made is None:
        raise Conflict("A release of this suppression waits for a second person already.")
    audit.record(uow, actor.user_id, "release.asked", "suppression", suppression_id, {"release": str(made)})
    return made


def approve_release(uow: UnitOfWork, actor: Principal, release_id: UUID) -> int:
    """Grant a release as a second person, and lift the suppression with all that were written with it.

    Returns:
        How many suppressions were lifted.

    Raises:
        Forbidden: the caller asked for it, or may not grant any.
        ConfirmPassword: a legal threat or a litigator, and the password was not typed of late.
        NotFound: there is no such wish.
        Conflict: it has ended, or the suppression was lifted meanwhile.
    """
    require(actor, Permission.SUPPRESSION_RELEASE)
    asked = _pending(uow, release_id)
    if actor.user_id is None or actor.user_id == asked.asked_by:
        raise Forbidden("Whoever asked for a release cannot grant it: a second person must.")
    if asked.kind in GRAVE:
        identity.need_confirmed(uow, actor)
    found = marks.closed(uow, [asked.suppression_id])
    if found is None:
        raise NotFound
    marks.lock_gates(uow, found.numbers)
    now = uow.now()
    values = {"id": asked.suppression_id, "at": now, "actor": actor.user_id, "why": asked.why}
    lifted = marks.release(uow, marks.BY_CAUSE, values)
    if not lifted:
        raise Conflict("This suppression was lifted meanwhile.")
    reopen(uow, lifted)
    tell_leads(uow, lifted)
    queries.decide(uow, release_id, ReleaseState.APPROVED, actor.user_id, "", now)
    detail = {"kind": asked.kind, "rows": len(lifted), "release": str(release_id), "asked_by": str(asked.asked_by)}
    audit.record(uow, actor.user_id, "suppression.released", "suppression", asked.suppression_id, detail)
    return len(lifted)


def decline_release(uow: UnitOfWork, actor: Principal, release_id: UUID, why: str) -> None:
    """Refuse a release, with a reason.

    Raises:
        Invalid: no reason.
        NotFound: there is no such wish.
        Conflict: it has ended.
    """
    require(actor, Permission.SUPPRESSION_RELEASE)
    if not why.strip():
        raise Invalid("Say why not.", "why")
    _end(uow, actor, _pending(uow, release_id), ReleaseState.DECLINED, why.strip())


def withdraw_release(uow: UnitOfWork, actor: Principal, release_id: UUID) -> None:
    """Take one's own wish back.

    Raises:
        Forbidden: somebody else asked for it.
        NotFound: there is no such wish.
        Conflict: it has ended.
    """
    require(actor, Permission.SUPPRESSION_ADD)
    asked = _pending(uow, release_id)
    if actor.user_id != asked.asked_by:
        raise Forbidden("Only who asked for a release can take it back.")
    _end(uow, actor, asked, ReleaseState.WITHDRAWN, "")


def releases(uow: UnitOfWork, actor: Principal, *, open_only: bool = True, limit: int = 100) -> list[ReleaseRow]:
    """List wishes, newest first, each with whether the caller may grant it or take it back."""
    require(actor, Permission.SUPPRESSION_READ)
    queries.lapse(uow, uow.now())
    return [_seen_by(actor, row) for row in queries.listing(uow, open_only=open_only, limit=limit)]


def _seen_by(actor: Principal, row: ReleaseRow) -> ReleaseRow:
    mine, pending = row.asked_by == actor.user_id, row.state is ReleaseState.PENDING
    return replace(
        row,
        e164=row.e164 and mask_phone(actor.role, row.e164),
        may_decide=pending and not mine and may(actor, Permission.SUPPRESSION_RELEASE),
        may_withdraw=pending and mine,
    )


def _pending(uow: UnitOfWork, release_id: UUID) -> queries.Asked:
    queries.lapse(uow, uow.now())
    found = queries.held(uow, release_id)
    if found is None:
        raise NotFound
    if found.state is not ReleaseState.PENDING:
        raise Conflict(f"This wish was {found.state} already.")
    return found


def _end(uow: UnitOfWork, actor: Principal, asked: queries.Asked, state: ReleaseState, why: str) -> None:
    queries.decide(uow, asked.id, state, actor.user_id, why, uow.now())
    detail = {"release": str(asked.id), "why": why}
    audit.record(uow, actor.user_id, f"release.{state}", "suppression", asked.suppression_id, detail)
