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
from leadflow.leads.assignment_types import Attendance, RuleInput, RuleRow
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


def change_rule(uow: UnitOfWork, actor: Principal, rule_id: UUID, wanted: RuleInput) -> None:
    """Change a rule; members who stay keep their turn.

    Raises:
        NotFound: there is none.
        Conflict: another rule has this name.
        Invalid: one of the members is none who works on leads.
    """
    require(actor, Permission.LEAD_ASSIGN)
    if not assigning.lock(uow, rule_id):
        raise NotFound("There is no such rule.")
    _write(uow, actor, rule_id, wanted, "assignment.changed")


def _write(uow: UnitOfWork, actor: Principal, rule_id: UUID, wanted: RuleInput, act: str) -> None:
    known = {one.user_id for one in assigning.members(uow, uow.now())}
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


def give_in_turn(uow: UnitOfWork, leads: sql.Composable, import_id: UUID | None, actor_id: UUID | None) -> int:
    """Give leads that nobody has to members, by the rules; ``leads`` selects ``lead_id``. Answers how many."""
    return assigning.give(uow, leads, import_id, actor_id, uow.now())
