"""A "no" reaches everything it must, and what lifts it reaches only what it may."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import select

from leadflow.compliance import service as compliance
from leadflow.compliance.types import Cleared, Mark, OptOut
from leadflow.identity.types import Principal
from leadflow.kernel.errors import Forbidden, Invalid
from models.jobs import Job
from models.properties import Person, PersonPhone, Phone
from models.vocabulary import JobKind, LineType, Purpose, Role, SuppressionKind
from tests.compliance.world import NUMBER, World

SECOND = "+13125550106"
"""Another number of the same person."""


@pytest.fixture
def second(world: World) -> UUID:
    """Give the person a second number."""
    phone = Phone(org_id=world.org, e164=SECOND, line_type=LineType.MOBILE)
    world.add(phone)
    world.add(PersonPhone(org_id=world.org, person_id=world.person, phone_id=phone.id))
    return phone.id


def _stop(world: World, e164: str = NUMBER, source: str = "inbound") -> OptOut:
    with world.db.begin(world.org) as uow:
        return compliance.opt_out(uow, e164, source=source, evidence={"inbound": "SM1"}, now=uow.now())


def _start(world: World, e164: str = NUMBER) -> int:
    with world.db.begin(world.org) as uow:
        return compliance.start_again(uow, e164, now=uow.now())


def _opted_out(world: World, **changed: Any) -> bool:
    return "opted_out" in world.assessed(**changed).reasons


class TestOptOut:
    def test_it_closes_every_number_of_the_person(self, world: World, second: UUID) -> None:
        assert not _opted_out(world, phone_id=second)
        found = _stop(world)
        assert set(found.phones) == {NUMBER, SECOND}
        assert found.person_ids == (world.person,)
        assert _opted_out(world)
        assert _opted_out(world, phone_id=second)

    def test_it_closes_a_number_that_the_person_gets_later(self, world: World) -> None:
        _stop(world)
        later = Phone(org_id=world.org, e164=SECOND, line_type=LineType.MOBILE)
        world.add(later)
        world.add(PersonPhone(org_id=world.org, person_id=world.person, phone_id=later.id))
        assert _opted_out(world, phone_id=later.id)

    def test_it_reaches_everybody_who_is_reached_at_the_number(self, world: World) -> None:
        spouse = Person(org_id=world.org, person_key="spouse", name="Bob Oak")
        own = Phone(org_id=world.org, e164="+13125550107", line_type=LineType.MOBILE)
        world.add(spouse, own)
        world.add(
            PersonPhone(org_id=world.org, person_id=spouse.id, phone_id=world.phone),
            PersonPhone(org_id=world.org, person_id=spouse.id, phone_id=own.id),
        )
        assert set(_stop(world).phones) == {NUMBER, "+13125550107"}

    def test_it_closes_a_number_that_nobody_knows(self, world: World) -> None:
        stranger = "+13125550444"
        assert _stop(world, stranger).phones == (stranger,)
        assert _opted_out(world, phone_id=None, person_id=None, e164=stranger)

    def test_it_ends_the_consent(self, world: World) -> None:
        _stop(world)
        assert "basis_unrevoked" in world.assessed().reasons

    def test_it_hands_what_is_queued_to_one_job(self, world: World, second: UUID) -> None:
        found = _stop(world)
        with world.db.begin(world.org) as uow:
            job = uow.session.exec(select(Job).where(Job.id == found.job_id)).one()
            closed = compliance.closure(uow, [UUID(one) for one in job.payload["suppressions"]])
        assert job.kind is JobKind.OPT_OUT_FANOUT
        assert NUMBER not in str(job.payload), "ids only"
        assert closed is not None
        assert set(closed.phones) == {NUMBER, SECOND}
        assert closed.lead_ids == (world.lead,)
        assert closed.kind is SuppressionKind.OPT_OUT
        assert second

    def test_said_twice_it_stands_once_and_confirms_from_the_first(self, world: World) -> None:
        first = _stop(world)
        world.clock.advance(timedelta(hours=1))
        assert _stop(world).phones == first.phones
        assert world.assessed(world.ask(Purpose.CONFIRMATION)).reasons == ("opted_out",), "no second confirmation"


class TestStartAgain:
    def test_it_undoes_what_the_stop_of_this_number_did(self, world: World, second: UUID) -> None:
        _stop(world)
        assert _start(world) == 3, "two numbers and the person"
        assert not _opted_out(world)
        assert not _opted_out(world, phone_id=second)

    def test_the_consent_that_the_stop_ended_stays_ended(self, world: World) -> None:
        _stop(world)
        _start(world)
        assert world.assessed().reasons == ("basis_unrevoked",)

    def test_it_leaves_the_stop_of_another_number_of_the_person(self, world: World, second: UUID) -> None:
        _stop(world)
        _stop(world, SECOND)
        _start(world)
        assert _opted_out(world, phone_id=second)
        assert _opted_out(world), "the person has said no elsewhere, and that was meant for all numbers"
        _start(world, SECOND)
        assert not _opted_out(world)

    @pytest.mark.parametrize("source", ["import", "manual"])
    def test_it_leaves_what_somebody_else_noted(self, world: World, source: str) -> None:
        _stop(world, source=source)
        _stop(world)
        assert _start(world) == 0
        assert _opted_out(world)

    @pytest.mark.parametrize("kind", [SuppressionKind.INTERNAL_DNC, SuppressionKind.LEGAL_THREAT])
    def test_it_leaves_every_other_kind(self, world: World, kind: SuppressionKind) -> None:
        with world.db.begin(world.org) as uow:
            compliance.suppress_system(uow, Mark(kind=kind, source="inbound", e164=NUMBER))
        assert _start(world) == 0


class TestSuppress:
    def _mark(self, world: World, actor: Principal, mark: Mark) -> tuple[UUID, ...]:
        with world.db.begin(world.org) as uow:
            return compliance.suppress(uow, actor, mark)

    def test_a_wrong_number_is_said_of_the_number_alone(self, world: World, owner: Principal, second: UUID) -> None:
        made = self._mark(world, owner, Mark(kind=SuppressionKind.WRONG_NUMBER, source="manual", e164=NUMBER))
        assert len(made) == 1
        assert world.assessed().reasons == ("wrong_number",)
        assert "wrong_number" not in world.assessed(phone_id=second).reasons

    def test_a_threat_is_said_of_the_person(self, world: World, owner: Principal, second: UUID) -> None:
        self._mark(world, owner, Mark(kind=SuppressionKind.LEGAL_THREAT, source="manual", e164=NUMBER))
        assert "legal_threat" in world.assessed(phone_id=second).reasons

    def test_it_must_name_somebody(self, world: World, owner: Principal) -> None:
        with pytest.raises(Invalid):
            self._mark(world, owner, Mark(kind=SuppressionKind.INTERNAL_DNC, source="manual"))

    def test_an_auditor_may_not(self, world: World) -> None:
        auditor = Principal(user_id=None, org_id=world.org, role=Role.AUDITOR)
        with pytest.raises(Forbidden):
            self._mark(world, auditor, Mark(kind=SuppressionKind.INTERNAL_DNC, source="manual", e164=NUMBER))

    def test_a_reply_that_waits_to_be_read_holds_texts_until_it_is(self, world: World, owner: Principal) -> None:
        with world.db.begin(world.org) as uow:
            compliance.suppress_system(uow, Mark(kind=SuppressionKind.REVIEW, source="inbound", e164=NUMBER))
        assert world.assessed().reasons == ("held_for_review",)
        with world.db.begin(world.org) as uow:
            assert compliance.settle_review(uow, owner, NUMBER) > 0
            assert compliance.settle_review(uow, owner, NUMBER) == 0
        assert isinstance(world.cleared(), Cleared)
