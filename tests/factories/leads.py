"""Builds leads with what hangs on them, and their flat rows."""

from __future__ import annotations

import itertools
from typing import Any
from uuid import UUID

from leadflow.kernel.db import UnitOfWork
from leadflow.leads import service as leads
from models.leads import Lead, LeadList, LeadListEntry, LeadTag, Tag, Task
from models.properties import Property
from tests.factories.properties import a_property, an_owner

_numbers = itertools.count(1)


def a_lead(uow: UnitOfWork, house: Property | None = None, **given: Any) -> Lead:
    """Write a lead and its flat row; without a house given, one with an owner who has a mobile number."""
    if house is None:
        house = a_property(uow)
        an_owner(uow, house)
    lead = Lead(org_id=uow.org(), property_id=house.id, created_at=uow.now(), **given)
    uow.session.add(lead)
    uow.session.flush()
    leads.refresh_search(uow, [lead.id])
    return lead


def a_list(uow: UnitOfWork, name: str = "") -> LeadList:
    """Write a list."""
    made = LeadList(org_id=uow.org(), name=name or f"List {next(_numbers)}")
    uow.session.add(made)
    uow.session.flush()
    return made


def an_entry(uow: UnitOfWork, list_id: UUID, lead_id: UUID) -> LeadListEntry:
    """Put a lead on a list; its flat row is refreshed."""
    now = uow.now()
    made = LeadListEntry(org_id=uow.org(), list_id=list_id, lead_id=lead_id, first_seen_at=now, last_seen_at=now)
    uow.session.add(made)
    uow.session.flush()
    leads.refresh_search(uow, [lead_id])
    return made


def a_tag(uow: UnitOfWork, lead_id: UUID, name: str = "") -> Tag:
    """Write a tag and give it to a lead; its flat row is refreshed."""
    made = Tag(org_id=uow.org(), name=name or f"tag {next(_numbers)}")
    uow.session.add(made)
    uow.session.flush()
    uow.session.add(LeadTag(org_id=uow.org(), tag_id=made.id, lead_id=lead_id))
    uow.session.flush()
    leads.refresh_search(uow, [lead_id])
    return made


def a_task(uow: UnitOfWork, lead_id: UUID, **given: Any) -> Task:
    """Write an open follow-up; the flat row of its lead is refreshed."""
    values: dict[str, Any] = {"title": "Call back"}
    made = Task(org_id=uow.org(), lead_id=lead_id, **(values | given))
    uow.session.add(made)
    uow.session.flush()
    leads.refresh_search(uow, [lead_id])
    return made
