"""Note what is known of a lead's people: a death, an estate, where somebody is billed; told on the lead's history."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from leadflow.identity.rules import require
from leadflow.identity.types import Principal
from leadflow.kernel.db import UnitOfWork
from leadflow.leads.queries import card
from leadflow.leads.service.bringing import record, refresh_search
from leadflow.leads.service.looking import see
from leadflow.properties import service as properties
from leadflow.properties.types import Loss
from models.vocabulary import ActivityKind, Permission


def note_loss(uow: UnitOfWork, actor: Principal, lead_id: UUID, loss: Loss) -> None:
    """Note what opens a time of mourning at a lead's property; what is None stays.

    Raises:
        NoSuchLead: it is not there, or not the caller's to see.
        Invalid: a day lies ahead, or the spouse is nobody of this property.
    """
    require(actor, Permission.LEAD_WRITE)
    property_id = see(uow, actor, lead_id).property_id
    before = _loss(uow, property_id)
    properties.note_loss(uow, actor, property_id, loss)
    _tell(uow, actor, lead_id, "A death in the family noted", before, _loss(uow, property_id))


def note_billing(uow: UnitOfWork, actor: Principal, lead_id: UUID, person_id: UUID, state: str | None) -> None:
    """Note in which state a person of a lead is billed; None takes it back. The hours there bind as well.

    Raises:
        NoSuchLead: it is not there, or not the caller's to see.
        Invalid: no such state or territory.
        NotFound: the person is nobody of this lead.
    """
    require(actor, Permission.LEAD_WRITE)
    property_id = see(uow, actor, lead_id).property_id
    before = _billing(uow, property_id, person_id)
    properties.note_billing(uow, actor, property_id, person_id, state)
    _tell(uow, actor, lead_id, "Billing state noted", before, _billing(uow, property_id, person_id))


def _loss(uow: UnitOfWork, property_id: UUID) -> dict[str, Any]:
    facts = card.property_of(uow, property_id)
    spouse = next((one.id for one in card.parties(uow, property_id) if one.surviving_spouse), None)
    days = {name: facts.get(name) for name in ("decedent_died_on", "probate_filed_on")}
    return {name: str(one) if one else None for name, one in (days | {"surviving_spouse_id": spouse}).items()}


def _billing(uow: UnitOfWork, property_id: UUID, person_id: UUID) -> dict[str, Any]:
    found = next((one.billing_state for one in card.parties(uow, property_id) if one.id == person_id), None)
    return {"billing_state": found}


def _tell(
    uow: UnitOfWork, actor: Principal, lead_id: UUID, summary: str, before: dict[str, Any], after: dict[str, Any]
) -> None:
    changes = [
        {"field": name, "from": before[name], "to": value} for name, value in after.items() if before[name] != value
    ]
    if changes:
        record(uow, lead_id, ActivityKind.EDITED, summary, actor_id=actor.user_id, detail={"changes": changes})
        refresh_search(uow, [lead_id])
