"""The pipeline as a board: counts and worth by status, cards page by page, and how long each has stood there."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from leadflow.identity.types import Principal
from leadflow.kernel.clock import FrozenClock
from leadflow.kernel.db import Database
from leadflow.kernel.errors import Invalid
from leadflow.leads import service as leads
from leadflow.leads.types import LeadFilter
from models.vocabulary import LeadStatus, Role
from tests.factories.identity import a_member
from tests.factories.leads import a_lead
from tests.factories.properties import a_property
from tests.leads.conftest import Sign


def test_each_status_has_a_column_with_its_leads_and_what_they_are_worth(
    db: Database, org: UUID, sign: Sign, manager: Principal
) -> None:
    with db.begin(org) as uow:
        agent = a_member(uow, Role.AGENT)
        for value, status, who in (
            (20_000_000, LeadStatus.NEW, None),
            (30_000_000, LeadStatus.NEW, agent.user_id),
            (None, LeadStatus.WON, None),
        ):
            a_lead(uow, a_property(uow, estimated_value=value), status=status, assignee_id=who)
    found = sign(manager).get("/api/v1/leads/board").json()
    assert [stage["status"] for stage in found] == [status.value for status in LeadStatus]
    counted = {stage["status"]: (stage["count"], stage["value"]) for stage in found if stage["count"]}
    assert counted == {"new": (2, 50_000_000), "won": (1, 0)}
    own = sign(agent).get("/api/v1/leads/board?status=new&status=won").json()
    assert [(stage["status"], stage["count"], stage["value"]) for stage in own] == [
        ("new", 1, 30_000_000),
        ("won", 0, 0),
    ]


def test_cards_come_newest_first_and_page_by_page_without_a_gap(
    db: Database, org: UUID, sign: Sign, manager: Principal
) -> None:
    with db.begin(org) as uow:
        made = [str(a_lead(uow).id) for _ in range(5)]
        a_lead(uow, status=LeadStatus.DEAD)
    call, seen, after = sign(manager), list[str](), ""
    while True:
        found = call.get(f"/api/v1/leads/board/new?limit=2&after={after}").json()
        seen += [card["row"]["id"] for card in found["rows"]]
        after = found["next"]
        if after is None:
            break
    assert seen == sorted(made, reverse=True)
    with db.begin(org) as uow, pytest.raises(Invalid):
        leads.cards(uow, manager, LeadFilter(status=(LeadStatus.DEAD,)), LeadStatus.NEW)


def test_a_card_ages_from_its_last_step_and_a_closed_one_never(
    db: Database, org: UUID, manager: Principal, clock: FrozenClock
) -> None:
    with db.begin(org) as uow:
        idle, moved, closed = (a_lead(uow) for _ in range(3))
    clock.advance(timedelta(days=20))
    with db.begin(org) as uow:
        leads.set_status(uow, manager, moved.id, LeadStatus.OFFER)
        leads.set_status(uow, manager, closed.id, LeadStatus.DEAD)
    clock.advance(timedelta(days=15))

    def card(status: LeadStatus) -> tuple[UUID, int, str]:
        with db.begin(org) as uow:
            (found,) = leads.cards(uow, manager, LeadFilter(), status).rows
        return found.row.id, found.days, found.age

    assert card(LeadStatus.NEW) == (idle.id, 35, "stale")
    assert card(LeadStatus.OFFER) == (moved.id, 15, "slow")
    assert card(LeadStatus.DEAD) == (closed.id, 15, "fresh")
