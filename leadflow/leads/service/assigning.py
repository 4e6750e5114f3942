"""Rules that give new leads to members in turn, and who is away."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from psycopg import sql

from leadflow.audit import service as audit
from leadflow.identity.rules import require
from leadflow.identity.types import Principal
from leadflow.kernel.db import UnitOfWork
from leadflow.kernel.errors import Conflict, Invalid, NotFound
from leadflow.leads.assignment_types import Attendance, RuleChange, RuleInput, RuleOrder, RuleRow, Turns
from leadflow.leads.queries import assigning
from models.base import new_id
from models.vocabulary import Permission

LONGEST_ABSENCE = timedelta(days=366)


def assignment_rules(uow: UnitOfWork, actor: Principal) -> list[RuleRow]:
    """List the rules in the order in which they are tried, each with its members, who is next first."""
    require(actor, Permission.LEAD_ASSIGN)
    return assigning.rows(uow, uow.now())


def make_rule(uow: UnitOfWork, actor: Principal, wanted: RuleInput) -> UUID:
    """Make a rule; it is about leads that come in from now on.

    Raises:
        Conflict: another rule has this name.
        Invalid: one of the members is none who works on leads.
    """
    require(actor, Permission.LEAD_ASSIGN)
    rule_id = new_id()
    _write(uow, actor, rule_id, wanted, "assignment.made")
    return rule_id


def change_rule(uow: UnitOfWork, actor: Principal, rule_id: UUID, wanted: RuleChange) -> None:
    """Change a rule; members who stay keep their turn unless the order is given anew.

    Raises:
        NotFound: there is none.
        Conflict: another rule has this name, or somebody has changed this one since it was seen.
        Invalid: one of the members is none who works on leads.
    """
    require(actor, Permission.LEAD_ASSIGN)
    changed = assigning.lock(uow, rule_id)
    if changed is None:
        raise NotFound("There is no such rule.")
    if wanted.seen is not None and wanted.seen != changed:
        raise Conflict("Somebody else has changed this rule meanwhile. Look at it anew and try again.")
    _write(uow, actor, rule_id, wanted, "assignment.changed")
    if wanted.turns is Turns.AS_GIVEN:
        assigning.requeue(uow, rule_id, wanted.members)


def order_rules(uow: UnitOfWork, actor: Principal, wanted: RuleOrder) -> None:
    """Put the rules in the order in which they are tried.

    Raises:
        NotFound: one of them is none.
        Conflict: these are not all the rules that there are.
    """
    require(actor, Permission.LEAD_ASSIGN)
    present = assigning.lock_all(uow)
    if not set(wanted.rules) <= set(present):
        raise NotFound("There is no such rule.")
    if sorted(present) != sorted(wanted.rules):
        raise Conflict("Somebody else has made or deleted a rule meanwhile. Look at them anew and try again.")
    assigning.reorder(uow, wanted.rules)
    detail = {"rules": [str(one) for one in wanted.rules]}
    audit.record(uow, actor.user_id, "assignment.ordered", "organization", uow.org(), detail)


def _write(uow: UnitOfWork, actor: Principal, rule_id: UUID, wanted: RuleInput, act: str) -> None:
    known = {one.user_id for one in assigning.members(uow, uow.now())} | assigning.of(uow, rule_id)
    if not set(wanted.members) <= known:
        raise Invalid("Choose active members of the team who work on leads.", "members")
    if assigning.taken(uow, wanted.name, rule_id):
        raise Conflict("Another rule has this name.")
    assigning.write(uow, rule_id, wanted)
    audit.record(uow, actor.user_id, act, "assignment_rule", rule_id, wanted.model_dump(mode="json"))


def delete_rule(uow: UnitOfWork, actor: Principal, rule_id: UUID) -> None:
    """Delete a rule; leads that it gave stay with whom they are.

    Raises:
        NotFound: there is none.
    """
    require(actor, Permission.LEAD_ASSIGN)
    if not assigning.lock(uow, rule_id):
        raise NotFound("There is no such rule.")
    assigning.delete(uow, rule_id)
    audit.record(uow, actor.user_id, "assignment.deleted", "assignment_rule", rule_id)


def attendance(uow: UnitOfWork, actor: Principal) -> list[Attendance]:
    """List the members who work on leads, with until when each is away."""
    require(actor, Permission.LEAD_ASSIGN)
    return assigning.members(uow, uow.now())


def set_away(uow: UnitOfWork, actor: Principal, user_id: UUID, until: datetime | None) -> None:
    """Note until when a member is away and gets no leads in turn; None: is here.

    Raises:
        NotFound: the user is no active member who works on leads.
        Invalid: the instant has no zone, is past, or is more than a year off.
    """
    require(actor, Permission.LEAD_ASSIGN)
    now = uow.now()
    if user_id not in {one.user_id for one in assigning.members(uow, now)}:
        raise NotFound("There is no such member who works on leads.")
    if until is not None and (until.tzinfo is None or not now < until < now + LONGEST_ABSENCE):
        raise Invalid("Give an instant within the next year, with its time zone.", "away_until")
    assigning.set_away(uow, user_id, until)
    detail = {"until": until.isoformat() if until else None}
    audit.record(uow, actor.user_id, "assignment.away", "user", user_id, detail)


def set_away_for(uow: UnitOfWork, actor: Principal, user_id: UUID, days: int) -> None:
    """Note that a member is away for so many days from now, by our clock and not the caller's.

    Raises:
        NotFound: the user is no active member who works on leads.
        Invalid: it is more than a year.
    """
    set_away(uow, actor, user_id, uow.now() + timedelta(days=days))


def give_in_turn(uow: UnitOfWork, leads: sql.Composable, import_id: UUID | None, actor_id: UUID | None) -> int:
    """Give leads that nobody has to members, by the rules; ``leads`` selects ``lead_id``. Answers how many."""
    return assigning.give(uow, leads, import_id, actor_id, uow.now())
