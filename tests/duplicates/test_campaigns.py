"""Nobody gets a second text of a campaign because two became one."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import select

from leadflow.campaigns import service as campaigns
from leadflow.compliance import service as compliance
from leadflow.compliance.types import Ask, Recipient
from leadflow.duplicates import service as duplicates
from leadflow.duplicates.types import Wish
from leadflow.identity.types import Principal
from leadflow.kernel.db import Database
from models.campaigns import AudienceMember, Campaign, CampaignStep
from models.identity import Organization
from models.messaging import Message
from models.vocabulary import CampaignState, DuplicateKind, MessageState, Purpose
from tests.duplicates.world import World, rows

GONE = {MessageState.SENT, MessageState.DELIVERED, MessageState.SUBMITTING}


class Audience:
    """A running campaign that addresses two people, each on a lead of their own."""

    def __init__(self, db: Database, org: UUID, first: MessageState | None, second: MessageState | None) -> None:
        self.db, self.org = db, org
        with db.begin(org) as uow:
            world = World(uow)
            campaign = world.campaign()
            uow.session.add(CampaignStep(org_id=org, campaign_id=campaign.id, template="Hello"))
            self.campaign = campaign.id
            self.people: list[UUID] = []
            self.houses: list[UUID] = []
            self.leads: list[UUID] = []
            for minutes, (variant, state) in enumerate((("A", first), ("B", second))):
                phone = world.phone()
                person = world.person("John Smith", phone)
                house = world.house(("1200 Main St", "1200 N Main St")[minutes], person)
                lead = world.lead(house)
                member = world.member(campaign, lead, person, phone, variant=variant)
                if state:
                    at = uow.now() - timedelta(hours=2 - minutes)
                    world.text(campaign, member, phone, state, not_before=at)
                self.people.append(person.id)
                self.houses.append(house.id)
                self.leads.append(lead.id)

    def merge(self, owner: Principal, kind: DuplicateKind, survivor: int = 0) -> UUID:
        """Merge the two."""
        ids = self.people if kind is DuplicateKind.PERSON else self.houses
        with self.db.begin(self.org) as uow:
            return duplicates.merge(uow, owner, Wish(kind, ids[survivor], ids[1 - survivor]))

    def members(self) -> list[AudienceMember]:
        """Read the audience."""
        with self.db.begin(self.org) as uow:
            return list(uow.session.exec(select(AudienceMember)).all())

    def texts(self) -> list[Message]:
        """Read the texts."""
        with self.db.begin(self.org) as uow:
            return list(uow.session.exec(select(Message)).all())

    def more(self) -> int:
        """Count who could still be written to first."""
        return sum(
            member.excluded is None and member.stopped_at is None and member.phone_id not in self._written()
            for member in self.members()
        )

    def _written(self) -> set[UUID | None]:
        return {text.phone_id for text in self.texts()}


STATES = [None, MessageState.QUEUED, MessageState.DELIVERED]


@pytest.mark.parametrize("kind", list(DuplicateKind))
@pytest.mark.parametrize("second", STATES)
@pytest.mark.parametrize("first", STATES)
@pytest.mark.parametrize("survivor", [0, 1])
def test_one_text_is_written_for_both_at_most(
    db: Database, org: UUID, owner: Principal, kind: DuplicateKind, first: MessageState | None,
    second: MessageState | None, survivor: int,
):  # fmt: skip
    audience = Audience(db, org, first, second)
    gone = sum(state in GONE for state in (first, second))
    audience.merge(owner, kind, survivor)
    waiting = sum(text.state is MessageState.QUEUED for text in audience.texts())
    assert gone + waiting + audience.more() == max(1, gone)
    going_on = [one for one in audience.members() if one.excluded is None and one.stopped_at is None]
    assert len(going_on) == 1


def test_the_variant_of_the_first_text_holds(db: Database, org: UUID, owner: Principal):
    audience = Audience(db, org, None, MessageState.DELIVERED)
    audience.merge(owner, DuplicateKind.PROPERTY, survivor=0)
    (member,) = audience.members()
    assert (member.lead_id, member.variant, member.person_id) == (audience.leads[0], "B", audience.people[1])


def test_the_counts_go_on_summing_to_the_audience(db: Database, org: UUID, owner: Principal):
    audience = Audience(db, org, MessageState.DELIVERED, MessageState.QUEUED)
    made = audience.merge(owner, DuplicateKind.PROPERTY)
    with db.begin(org) as uow:
        progress = campaigns.progress(uow, owner, audience.campaign)
        assert progress.audience == sum(progress.by_state.values()) == 1
        duplicates.unmerge(uow, owner, made)
    with db.begin(org) as uow:
        progress = campaigns.progress(uow, owner, audience.campaign)
        assert progress.audience == sum(progress.by_state.values()) == 2


@pytest.mark.parametrize("kind", list(DuplicateKind))
@pytest.mark.parametrize("survivor", [0, 1])
def test_who_answered_once_is_not_written_to_as_the_other(
    db: Database, org: UUID, owner: Principal, kind: DuplicateKind, survivor: int
):
    audience = Audience(db, org, MessageState.DELIVERED, MessageState.QUEUED)
    with db.begin(org) as uow:
        member = uow.session.get_one(AudienceMember, (org, audience.campaign, audience.leads[0]))
        member.stopped_at, member.stopped_why = uow.now(), "replied"
    audience.merge(owner, kind, survivor)
    assert [text.state for text in audience.texts()].count(MessageState.QUEUED) == 0
    assert not [one for one in audience.members() if one.excluded is None and one.stopped_at is None]


@pytest.mark.parametrize("kind", list(DuplicateKind))
def test_taking_it_back_puts_the_text_of_the_other_back_into_the_queue(
    db: Database, org: UUID, owner: Principal, kind: DuplicateKind
):
    audience = Audience(db, org, MessageState.DELIVERED, MessageState.QUEUED)
    before = rows(db)
    made = audience.merge(owner, kind)
    with db.begin(org) as uow:
        duplicates.unmerge(uow, owner, made)
    assert rows(db) == before


def test_the_gate_refuses_a_second_text_to_whom_two_have_become(db: Database, org: UUID, owner: Principal):
    """The second wall: even a text that were written anew would not pass."""
    audience = Audience(db, org, MessageState.DELIVERED, None)
    audience.merge(owner, DuplicateKind.PERSON, survivor=1)
    with db.begin(org) as uow:
        number = World(uow).phone("+13125550999")
        recipient = Recipient(audience.leads[1], audience.houses[1], audience.people[1], number.id)
        ask = Ask(Purpose.CAMPAIGN, campaign_id=audience.campaign)
        (decision,) = compliance.assess(uow, [recipient], ask, uow.now())
    assert "repeated" in " ".join(decision.reasons) or "once" in " ".join(decision.reasons)


class Four:
    """Four people of one running campaign, in an organisation of their own."""

    def __init__(self, db: Database, states: list[MessageState | None]) -> None:
        self.db, self.states = db, states
        with db.begin() as uow:
            house = Organization(name="Any")
            uow.session.add(house)
        self.org = house.id
        self.people: list[UUID] = []
        with db.begin(self.org) as uow:
            world = World(uow)
            campaign = world.campaign()
            for state in states:
                phone = world.phone()
                person = world.person("John Smith", phone)
                member = world.member(campaign, world.lead(world.house("", person)), person, phone)
                if state:
                    world.text(campaign, member, phone, state)
                self.people.append(person.id)

    def merge(self, survivor: int, loser: int) -> None:
        """Merge two of them."""
        with self.db.begin(self.org) as uow:
            wish = Wish(DuplicateKind.PERSON, self.people[survivor], self.people[loser])
            duplicates.merge(uow, Principal.system(self.org), wish)

    def still_to_come(self, person: int) -> int:
        """Count the texts to somebody that wait, and those that could still be written."""
        human = self.people[person]
        with self.db.begin(self.org) as uow:
            texts = uow.session.exec(select(Message)).all()
            reached = {text.phone_id for text in texts}
            members = uow.session.exec(select(AudienceMember).where(AudienceMember.person_id == human)).all()
            waiting = [one for one in texts if one.person_id == human and one.state is MessageState.QUEUED]
            to_write = [
                one
                for one in members
                if one.excluded is None and one.stopped_at is None and one.phone_id not in reached
            ]
            return len(waiting) + len(to_write)


@given(
    steps=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=6),
    states=st.lists(st.sampled_from(STATES), min_size=4, max_size=4),
)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_however_they_are_merged_each_human_has_one_text(
    db: Database, steps: list[tuple[int, int]], states: list[MessageState | None]
):
    four, whom = Four(db, states), list(range(4))
    for one, other in steps:
        survivor, loser = whom[one], whom[other]
        if survivor != loser:
            four.merge(survivor, loser)
            whom = [survivor if place == loser else place for place in whom]
    for human in set(whom):
        gone = sum(states[place] in GONE for place in range(4) if whom[place] == human)
        assert gone + four.still_to_come(human) == max(1, gone)


def test_a_campaign_that_is_over_is_told_as_it_was(db: Database, org: UUID, owner: Principal):
    audience = Audience(db, org, MessageState.DELIVERED, MessageState.DELIVERED)
    with db.begin(org) as uow:
        uow.session.get_one(Campaign, (org, audience.campaign)).state = CampaignState.FINISHED
    audience.merge(owner, DuplicateKind.PERSON)
    assert {text.state for text in audience.texts()} == {MessageState.DELIVERED}
    assert {text.person_id for text in audience.texts()} == {audience.people[0]}
