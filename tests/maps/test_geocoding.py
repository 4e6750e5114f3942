"""Addresses leave only when a person asked; answers place leads better, never worse; a run survives what happens."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadflow.identity.types import Principal
from leadflow.kernel.breaker import Breaker
from leadflow.kernel.circuits import Alone
from leadflow.kernel.db import Database
from leadflow.kernel.errors import Conflict, Forbidden
from leadflow.leads.types import LeadFilter
from leadflow.maps import service as maps
from leadflow.maps.errors import AlreadyRunning, BeyondBudget, NothingToSend
from leadflow.maps.providers.census import CensusGeocoder
from leadflow.maps.rules.answers import read
from leadflow.maps.types import Address, Answered, Geocoding, Outcome, Place, Refused, Unanswered
from models.vocabulary import GeocodeRunState, Precision, Role
from tests.factories.identity import a_member
from tests.factories.leads import a_lead
from tests.factories.properties import a_property
from tests.lookups import Registries, running_registries
from tests.maps.test_places import flat
from workers import job as worker
from workers.main import load_handlers

ASKED = [Address(f"{number} Barton Springs Rd", "Austin", "TX", "78704") for number in range(100, 160)]


@pytest.fixture(scope="module")
def simulator() -> Generator[Registries]:
    with running_registries() as running:
        yield running


@pytest.fixture
def bureau(simulator: Registries) -> Registries:
    """Wipe the simulator's memory, and let it know every address."""
    simulator.control(unmatched=0, tie=0, non_exact=0, fault=None, forget=True)
    maps.configure(Geocoding(simulator.url, 0))
    return simulator


def line(bureau: Registries, total_s: float = 5) -> CensusGeocoder:
    return CensusGeocoder(bureau.url, Breaker("census", "test", store=Alone()), total_s=total_s)


# The contract of a geocoder, over a real socket


def test_every_address_is_answered_in_its_place_whatever_order_the_reply_has(bureau: Registries):
    together = line(bureau).ask(ASKED)
    assert isinstance(together, Answered)
    for address, place in list(zip(ASKED, together.places, strict=True))[:5]:
        alone = line(bureau).ask([address])
        assert isinstance(alone, Answered)
        assert alone.places == (place,)
        assert place is not None
        assert (place.latitude, place.longitude) == (pytest.approx(30.24, abs=0.05), pytest.approx(-97.77, abs=0.05))
        assert place.precision is Precision.STREET


def test_unknown_and_double_addresses_have_no_place(bureau: Registries):
    bureau.control(unmatched=0.3, tie=0.3)
    outcome = line(bureau).ask(ASKED)
    assert isinstance(outcome, Answered)
    assert 0 < sum(place is None for place in outcome.places) < len(ASKED)


def test_a_row_that_is_left_out_has_no_place(bureau: Registries):
    bureau.fault("partial")
    outcome = line(bureau).ask(ASKED)
    assert isinstance(outcome, Answered)
    assert sum(place is None for place in outcome.places) == len(ASKED) // 2


@pytest.mark.parametrize("kind", ["rate_limited", "unavailable", "error_500", "html", "null"])
def test_what_brought_nothing_may_be_asked_again(bureau: Registries, kind: str):
    bureau.fault(kind, retry_after_s=7)
    outcome = line(bureau).ask(ASKED[:3])
    assert isinstance(outcome, Unanswered)
    assert outcome.after.total_seconds() == (7 if kind in {"rate_limited", "unavailable"} else 30)
    assert isinstance(line(bureau).ask(ASKED[:3]), Answered)


def test_silence_ends_at_the_deadline_and_a_refusal_is_final(bureau: Registries):
    bureau.fault("silence", seconds=5)
    assert isinstance(line(bureau, 0.2).ask(ASKED[:3]), Unanswered)
    bureau.fault("unauthorised")
    assert isinstance(line(bureau).ask(ASKED[:3]), Refused)


def test_nobody_home_is_no_answer():
    geocoder = CensusGeocoder("http://127.0.0.1:9", Breaker("census", "test", store=Alone()), total_s=2)
    assert isinstance(geocoder.ask(ASKED[:1]), Unanswered)


# Reading, pure


def test_another_town_with_the_same_street_is_no_answer():
    asked = [Address("1 Main St", "Austin", "TX", "78704")]
    row = '"1","1 Main St, Austin, TX, 78704","Match","Non_Exact","1 MAIN ST, AUSTIN, TX, {}","-97.7,30.2","1","L"'
    assert read(asked, row.format("78741")) == (None,)
    assert read(asked, row.format("78704")) == (Place(30.2, -97.7, Precision.STREET),)


@pytest.mark.parametrize("text", ["", "<html>Service Unavailable</html>", "null", '"x","y","Match"', '"1","y","Maybe"'])
def test_what_is_no_table_is_no_answer(text: str):
    assert read(ASKED[:1], text) is None


@given(st.text(max_size=300))
def test_nothing_that_comes_back_breaks_the_reading(text: str):
    found = read(ASKED[:2], text)
    assert found is None or len(found) == 2


# Runs


def due(db: Database, org: UUID) -> list[UUID]:
    with db.begin(org) as uow, uow.cursor() as cursor:
        cursor.execute("select id from job where kind = 'geocode.run' and state = 'waiting'")
        return [row[0] for row in cursor.fetchall()]


def work(db: Database, org: UUID) -> None:
    """Carry out what waits, as a worker does."""
    load_handlers()
    for job_id in due(db, org):
        worker.run(db, job_id)


@pytest.fixture
def manager(db: Database, org: UUID) -> Principal:
    with db.begin(org) as uow:
        return a_member(uow, Role.MANAGER)


def houses(db: Database, org: UUID, count: int = 3) -> list[UUID]:
    with db.begin(org) as uow:
        return [
            a_lead(uow, a_property(uow, street=f"{n} Congress Ave", city="Austin", state="TX", zip5="78704")).id
            for n in range(1, count + 1)
        ]


def test_a_run_places_what_stood_at_its_zip_and_nothing_that_is_known_better(
    db: Database, org: UUID, manager: Principal, bureau: Registries
):
    first, *others = houses(db, org)
    with db.begin(org) as uow:
        pinned, filed, bare = (
            a_lead(uow, a_property(uow, **given_)).id
            for given_ in (
                {"latitude": 30.5, "longitude": -97.5, "precision": Precision.PIN},
                {"latitude": 30.5, "longitude": -97.5},
                {"street": None, "zip5": "78704"},
            )
        )
        told = maps.quote(uow, manager, LeadFilter())
    assert (told.leads, told.placed, told.unwritten, told.to_send) == (6, 2, 1, 3)
    with db.begin(org) as uow:
        run_id = maps.start(uow, manager, LeadFilter())
        with pytest.raises(AlreadyRunning):
            maps.start(uow, manager, LeadFilter())
    work(db, org)
    with db.begin(org) as uow:
        run = maps.run(uow, manager, run_id)
        assert (run.state, run.found, run.missed) == (GeocodeRunState.DONE, 3, 0)
        assert [flat(uow, lead)["precision"] for lead in (first, *others, pinned, filed, bare)] == [
            *["street"] * 3, "pin", "file", "zip",
        ]  # fmt: skip
        with pytest.raises(NothingToSend):
            maps.start(uow, manager, LeadFilter())
    assert sum(bureau.sold("geocoder").values()) == 3


def test_what_was_asked_in_vain_is_not_asked_again(db: Database, org: UUID, manager: Principal, bureau: Registries):
    houses(db, org)
    bureau.control(unmatched=1)
    with db.begin(org) as uow:
        run_id = maps.start(uow, manager, LeadFilter())
    work(db, org)
    with db.begin(org) as uow:
        assert maps.run(uow, manager, run_id).missed == 3
        assert maps.quote(uow, manager, LeadFilter()).tried == 3


class Died(BaseException):
    """A worker process that is gone."""


def test_a_worker_that_dies_leaves_a_run_that_another_goes_on_with(
    db: Database, org: UUID, manager: Principal, bureau: Registries
):
    leads_ = houses(db, org, 5)
    calls = 0

    class Mortal(CensusGeocoder):
        at_once = 2

        def ask(self, asked: Sequence[Address]) -> Outcome:
            nonlocal calls
            calls += 1
            found = super().ask(asked)
            if calls == 2:
                raise Died
            return found

    maps.configure(Geocoding(bureau.url, 0), Mortal)
    load_handlers()
    with db.begin(org) as uow:
        run_id = maps.start(uow, manager, LeadFilter())
    (job_id,) = due(db, org)
    with pytest.raises(Died):
        worker.run(db, job_id)
    with db.begin(org) as uow:
        assert maps.run(uow, manager, run_id).found == 2
    assert maps.carry_out(db, org, run_id) is None
    with db.begin(org) as uow:
        run = maps.run(uow, manager, run_id)
        assert (run.state, run.found) == (GeocodeRunState.DONE, 5)
        assert {flat(uow, lead)["precision"] for lead in leads_} == {"street"}


def test_a_run_can_be_stopped_and_only_once(db: Database, org: UUID, manager: Principal, bureau: Registries):
    houses(db, org)
    with db.begin(org) as uow:
        run_id = maps.start(uow, manager, LeadFilter())
    with db.begin(org) as uow:
        maps.cancel(uow, manager, run_id)
        with pytest.raises(Conflict):
            maps.cancel(uow, manager, run_id)
    work(db, org)
    assert sum(bureau.sold("geocoder").values()) == 0
    with db.begin(org) as uow:
        assert maps.run(uow, manager, run_id).state is GeocodeRunState.CANCELLED
        assert [row.id for row in maps.runs(uow, manager).rows] == [run_id]


def test_the_budget_holds_and_what_is_not_asked_is_given_back(
    db: Database, org: UUID, manager: Principal, bureau: Registries
):
    houses(db, org)
    maps.configure(Geocoding(bureau.url, 100))
    with db.begin(org) as uow:
        uow.connection().execute("update organization set monthly_budget_cents = 2 where id = %s", [org])
    with pytest.raises(BeyondBudget), db.begin(org) as uow:
        maps.start(uow, manager, LeadFilter())
    with db.begin(org) as uow:
        uow.connection().execute("update organization set monthly_budget_cents = 3 where id = %s", [org])
    with db.begin(org) as uow:
        run_id = maps.start(uow, manager, LeadFilter())
        assert maps.quote(uow, manager, LeadFilter()).budget_left == 0
        maps.cancel(uow, manager, run_id)
        assert maps.quote(uow, manager, LeadFilter()).budget_left == 300


def test_only_a_person_with_the_right_sends_addresses_out(
    db: Database, org: UUID, system: Principal, bureau: Registries
):
    houses(db, org)
    with db.begin(org) as uow:
        agent, auditor = a_member(uow, Role.AGENT), a_member(uow, Role.AUDITOR)
    for who in (agent, auditor, system):
        with pytest.raises(Forbidden), db.begin(org) as uow:
            maps.start(uow, who, LeadFilter())
    assert bureau.book["calls"] == 0
