"""Note what was found out about a number of a lead's people, and take that back; close it for good by the one door."""

from __future__ import annotations

from uuid import UUID

from leadflow.compliance import service as compliance
from leadflow.compliance.types import Mark
from leadflow.identity.rules import require
from leadflow.identity.types import Principal
from leadflow.kernel import phone
from leadflow.kernel.db import UnitOfWork
from leadflow.kernel.errors import Invalid, NotFound
from leadflow.leads import rules
from leadflow.leads.card_types import Line
from leadflow.leads.errors import ChangedMeanwhile
from leadflow.leads.queries import card
from leadflow.leads.queries import history as queries
from leadflow.leads.service.bringing import record, refresh_for
from leadflow.leads.service.looking import see
from leadflow.properties import service as properties
from models.vocabulary import ActivityKind, Permission, PhoneStatus, SuppressionKind

LONGEST_REASON = 500
FIELD = "phone:"


def mark_phone(uow: UnitOfWork, actor: Principal, lead_id: UUID, number: str, status: PhoneStatus) -> UUID | None:
    """Note what was found out about a number of one of the lead's people; it holds for every lead with that number.

    Returns:
        The entry of the timeline by which it is taken back; None where it was known.

    Raises:
        NoSuchLead: it is not there, or not the caller's to see.
        Invalid: the number is none of the lead's people's.
    """
    require(actor, Permission.LEAD_WRITE)
    e164, line = _line(uow, actor, lead_id, number)
    return _mark(uow, actor, lead_id, line, e164, status)


def unmark_phone(uow: UnitOfWork, actor: Principal, lead_id: UUID, entry_id: UUID) -> None:
    """Take a mark back, where the number still is as it was marked. What suppresses the number is not touched.

    Raises:
        NotFound: there is no such mark on this lead, or it is not the caller's to see.
        ChangedMeanwhile: the number was marked anew since.
    """
    require(actor, Permission.LEAD_WRITE)
    flat = see(uow, actor, lead_id)
    entry = queries.entry(uow, lead_id, entry_id)
    if entry is None or not str(entry.detail.get("field", "")).startswith(FIELD):
        raise NotFound("There is no such change of a number on this lead.")
    phone_id = entry.detail["field"].removeprefix(FIELD)
    people = [party.id for party in card.parties(uow, flat.property_id)]
    line = next((one for one in card.lines(uow, people) if str(one.phone_id) == phone_id), None)
    if line is None:
        raise NotFound("That number is none of this lead's people's any more.")
    if line.status != entry.detail["to"]:
        raise ChangedMeanwhile(line.status)
    _mark(uow, actor, lead_id, line, f"+{line.e164}", PhoneStatus(entry.detail["from"]), undone=True)


def never_contact(uow: UnitOfWork, actor: Principal, lead_id: UUID, number: str, reason: str) -> None:
    """Put a person on the team's own do-not-call list, with all their numbers; only two people take that back.

    Raises:
        NoSuchLead: it is not there, or not the caller's to see.
        Invalid: no reason is given, or the number is none of the lead's people's.
    """
    require(actor, Permission.SUPPRESSION_ADD)
    e164, line = _line(uow, actor, lead_id, number)
    why = rules.written(reason, "reason", LONGEST_REASON)
    evidence = {"lead_id": str(lead_id), "reason": why}
    mark = Mark(SuppressionKind.INTERNAL_DNC, "manual", e164, line.person_id, evidence=evidence)
    compliance.suppress(uow, actor, mark)


def _line(uow: UnitOfWork, actor: Principal, lead_id: UUID, number: str) -> tuple[str, Line]:
    flat, e164 = see(uow, actor, lead_id), phone.parse(number)
    people = [party.id for party in card.parties(uow, flat.property_id)]
    line = next((one for one in card.lines(uow, people) if one.e164 == int(e164[1:])), None)
    if line is None:
        raise Invalid("Nobody of this lead has that number.", "number")
    return e164, line


def _mark(
    uow: UnitOfWork,
    actor: Principal,
    lead_id: UUID,
    line: Line,
    e164: str,
    status: PhoneStatus,
    *,
    undone: bool = False,
) -> UUID | None:
    # The number is changed before any lead is locked: two who mark it from two leads wait here, never for each other.
    if not properties.phone_status(uow, e164, status):
        return None
    # The timeline is read by those, too, who see no whole number.
    ending = e164[-4:]
    detail = {
        "field": f"{FIELD}{line.phone_id}",
        "ending": ending,
        "from": line.status,
        "to": status.value,
        **({"undone": True} if undone else {}),
    }
    summary = f"{'Undone: n' if undone else 'N'}umber ending {ending} marked {status.value}"
    made = record(uow, lead_id, ActivityKind.EDITED, summary, actor_id=actor.user_id, detail=detail)
    refresh_for(uow, phones=[e164])
    return made
