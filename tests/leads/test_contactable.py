"""The column "Contactable now" is the gate's own decision, in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from leadflow.compliance import service as compliance
from leadflow.compliance.types import Ask, Decision, DecisionFilter, Recipient
from leadflow.identity.types import Principal
from leadflow.kernel.clock import FrozenClock
from leadflow.kernel.db import Database, UnitOfWork
from leadflow.leads import service as leads
from leadflow.leads.rules import by_their_clock, contactable
from leadflow.leads.types import LeadFilter
from models.vocabulary import SuppressionKind, Verdict
from tests.compliance.world import World

NOON = datetime(2026, 12, 2, 18, tzinfo=UTC)


@pytest.fixture
def world(db: Database, org: UUID) -> World:
    """Write a lead with consent, a clean look-up and a mobile number of Chicago."""
    made = World(db, org).build()
    with db.begin(org) as uow:
        leads.refresh_search(uow, [made.lead])
    return made


def _decided(uow: UnitOfWork, world: World) -> Decision:
    asked = Recipient(world.lead, world.home, world.person, world.phone)
    return compliance.assess(uow, [asked], Ask(), uow.now())[0]


@pytest.mark.parametrize("hours", [0, 5, 9, 12, 20, 24 * 4])
@pytest.mark.parametrize("spoil", [None, SuppressionKind.OPT_OUT, SuppressionKind.NATIONAL_DNC])
def test_the_column_and_the_drawer_say_what_the_gate_decides(
    db: Database, world: World, owner: Principal, clock: FrozenClock, hours: int, spoil: SuppressionKind | None
) -> None:
    if spoil is not None:
        with db.begin(world.org) as uow:
            uow.session.add(world.a_suppression(spoil))
    clock.advance(timedelta(hours=hours))
    with db.begin(world.org) as uow:
        decision = _decided(uow, world)
        column = leads.page(uow, owner, LeadFilter()).rows[0].contactable
        drawn = leads.detail(uow, owner, world.lead)
    assert (column.verdict, column.reasons, column.later_at) == (
        decision.verdict.value,
        decision.reasons,
        decision.later_at,
    )
    assert drawn.row.contactable == column
    (phone,) = drawn.people[0].phones
    assert phone.contactable == column
    assert phone.best
    assert [item.kind for item in phone.suppressions] == ([spoil.value] if spoil else [])


def test_a_decision_never_leaves_a_trace(uow: UnitOfWork, world: World, owner: Principal) -> None:
    leads.page(uow, owner, LeadFilter())
    leads.detail(uow, owner, world.lead)
    assert compliance.decisions(uow, owner, DecisionFilter(), None, 1).rows == ()


@pytest.mark.parametrize(
    ("at", "zone", "words"),
    [
        (NOON + timedelta(hours=1), "America/Chicago", "1:00 PM CT"),
        (datetime(2026, 12, 3, 14, 5, tzinfo=UTC), "America/New_York", "Thu 9:05 AM ET"),
        (datetime(2026, 12, 3, 4, tzinfo=UTC), "America/Los_Angeles", "8:00 PM PT"),
        (datetime(2026, 12, 3, 7, tzinfo=UTC), "America/Phoenix", "12:00 AM MST"),
        (datetime(2026, 12, 3, 9, tzinfo=UTC), "Pacific/Honolulu", "11:00 PM HST"),
        (datetime(2026, 12, 7, 15, tzinfo=UTC), "America/Chicago", "Mon 9:00 AM CT"),
        (datetime(2026, 12, 24, 15, tzinfo=UTC), "America/Anchorage", "Dec 24, 6:00 AM AKT"),
    ],
)
def test_later_is_told_by_the_recipients_clock(at: datetime, zone: str, words: str) -> None:
    assert by_their_clock(at, zone, NOON) == words


def test_later_goes_by_the_house_then_by_the_number() -> None:
    later = Decision(Verdict.LATER, NOON + timedelta(hours=2), ("quiet_hours",), frozenset(), "v")
    assert contactable(later, "+13125550105", "94103", "CA", NOON).detail == "12:00 PM PT"
    assert contactable(later, "+13125550105", "", "", NOON).detail == "2:00 PM CT"


def test_without_a_number_there_is_nothing_to_ask() -> None:
    told = contactable(None, None, "60601", "IL", NOON)
    assert (told.verdict, told.reasons, told.reason) == ("blocked", ("no_phone",), "There is no number to text.")
