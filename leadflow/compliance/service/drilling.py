"""The drill: put the organisation's packs and numbers to the tricky cases, keep the result, and let it stand guard.

Packs that ship with the program count as drilled. Any other set of packs must have passed its last drill, or nothing is
launched under it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from leadflow.audit import service as audit
from leadflow.compliance.queries import drills as stored
from leadflow.compliance.queries.drills import DrillRow
from leadflow.compliance.rules import drill
from leadflow.compliance.rules.drill import Case, Graded
from leadflow.compliance.rules.policy import shipped
from leadflow.compliance.service.policies import packs_in_force, version_of
from leadflow.compliance.types import Pack
from leadflow.identity.rules import require
from leadflow.identity.types import Principal
from leadflow.kernel import paging
from leadflow.kernel.db import UnitOfWork
from leadflow.kernel.errors import Invalid, NotFound
from leadflow.kernel.paging import Page
from models.base import new_id
from models.vocabulary import DrillOutcome, DrillWeight, Permission, RegistrationState

OWN_NUMBERS = "own numbers"


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether the packs in force have been drilled, and how."""

    policy_version: str
    ready: bool
    """Campaigns may be launched under them."""
    why: str
    """In one sentence."""
    last: DrillRow | None
    """Their last drill; None for what ships, and for what never was drilled."""


def run_drill(uow: UnitOfWork, actor: Principal) -> DrillRow:
    """Put the packs in force and the organisation's numbers to the drill, and keep the result."""
    require(actor, Permission.DRILL_RUN)
    return _run(uow, actor.user_id, packs_in_force(uow, uow.now()), "asked")


def drill_installed(uow: UnitOfWork, actor_id: UUID | None, starts: date | None) -> DrillRow:
    """Drill the packs as they stand after an installation; for a later day also as they stand on the day itself.

    Returns:
        The drill of what will hold in the end.
    """
    if starts is None:
        return _run(uow, actor_id, packs_in_force(uow, uow.now()), "installed")
    begins = datetime.combine(starts, time(), UTC)
    # On its first day the version before binds too.
    _run(uow, actor_id, packs_in_force(uow, begins), "installed")
    return _run(uow, actor_id, packs_in_force(uow, begins + timedelta(days=1)), "installed")


def _run(uow: UnitOfWork, actor_id: UUID | None, packs: tuple[Pack, ...], why: str) -> DrillRow:
    graded = grade(uow, packs)
    failed = [one for one in graded if one.outcome is DrillOutcome.FAILED]
    unlawful = [one for one in failed if one.case.weight is DrillWeight.LAW]
    row = DrillRow(
        id=new_id(),
        at=uow.now(),
        actor_id=actor_id,
        author="",
        why=why,
        policy_version=version_of(packs),
        cases_sha256=drill.cases_digest(),
        cases=len(graded),
        failed=len(failed),
        unlawful=len(unlawful),
        results={
            "groups": _groups(graded),
            "cases": [_told(one) for one in graded if one.outcome is not DrillOutcome.PASSED],
        },
    )
    stored.write(uow, row)
    detail = {
        "policy": row.policy_version,
        "cases": row.cases,
        "failed": row.failed,
        "unlawful": row.unlawful,
        "why": why,
        "cases_sha256": row.cases_sha256,
    }
    audit.record(uow, actor_id, "drill.run", "drill_run", row.id, detail)
    return row


def grade(uow: UnitOfWork, packs: Sequence[Pack]) -> list[Graded]:
    """Grade a set of packs with the organisation's own numbers; keeps nothing."""
    return [*drill.run(packs), *drill.run(packs, _own(uow))]


def _own(uow: UnitOfWork) -> list[Case]:
    return [
        Case(
            id=f"N{number:02}",
            group=OWN_NUMBERS,
            title=f"A text from {sender.name}",
            why="Carrier code 30034: only a verified number that is switched on may send.",
            weight=DrillWeight.LAW,
            expect="go" if sender.registration == RegistrationState.VERIFIED and not sender.disabled else "stop",
            rule="sender_registered",
            at=datetime(2026, 12, 2, 18, tzinfo=UTC),
            sending={"registration": sender.registration, "sender_disabled": sender.disabled},
        )
        for number, sender in enumerate(stored.senders(uow), 1)
    ]


def _groups(graded: Sequence[Graded]) -> list[dict[str, Any]]:
    counted: dict[str, Counter[DrillOutcome]] = {}
    for one in graded:
        counted.setdefault(one.case.group, Counter())[one.outcome] += 1
    return [
        {"group": group, "cases": counts.total(), **{outcome.value: counts[outcome] for outcome in DrillOutcome}}
        for group, counts in counted.items()
    ]


def _told(one: Graded) -> dict[str, Any]:
    case = asdict(one.case)
    kept = ("id", "group", "title", "why", "weight", "expect", "rule", "provision", "at")
    return {name: case[name] for name in kept} | {
        "outcome": one.outcome.value,
        "came": one.came,
        "blame": one.blame,
    }


def standing(uow: UnitOfWork, at: datetime | None = None) -> Standing:
    """Say whether campaigns may be launched under the packs in force."""
    version = version_of(packs_in_force(uow, at or uow.now()))
    last = stored.last_of(uow, version)
    if last is None and version == version_of(shipped()):
        return Standing(
            version, ready=True, why="The packs that ship with the program have passed the drill.", last=None
        )
    if last is None:
        why = "These rules have never been put to the drill. Run it on Compliance, Drill."
        return Standing(version, ready=False, why=why, last=None)
    if last.unlawful:
        cases = "1 case" if last.unlawful == 1 else f"{last.unlawful} cases"
        why = f"These rules failed {cases} of the drill that carry the weight of law. See Compliance, Drill."
        return Standing(version, ready=False, why=why, last=last)
    return Standing(version, ready=True, why=f"These rules passed the drill: {last.score} %.", last=last)


def drill_standing(uow: UnitOfWork, actor: Principal) -> Standing:
    """Say how the packs in force stand, for people."""
    require(actor, Permission.DECISION_READ)
    return standing(uow)


def drills(uow: UnitOfWork, actor: Principal, after: str | None = None, limit: int = 50) -> Page[DrillRow]:
    """List drills, newest first."""
    require(actor, Permission.DECISION_READ)
    rows, counted = stored.page(uow, _mark(after), limit + 1)
    shown, more = tuple(rows[:limit]), len(rows) > limit
    following = paging.encode(shown[-1].at.isoformat(), str(shown[-1].id)) if more else None
    return Page(shown, following, None if after else counted)


def _mark(after: str | None) -> tuple[datetime, UUID] | None:
    if after is None:
        return None
    at, row_id = paging.decode(after, 2)
    try:
        return datetime.fromisoformat(at), UUID(row_id)
    except (TypeError, ValueError) as error:
        raise Invalid("This page marker belongs to another list. Reload it.", "after") from error


def drill_run(uow: UnitOfWork, actor: Principal, run_id: UUID) -> DrillRow:
    """Open one drill.

    Raises:
        NotFound: no such drill in this organisation.
    """
    require(actor, Permission.DECISION_READ)
    found = stored.stored(uow, run_id)
    if found is None:
        raise NotFound
    return found
