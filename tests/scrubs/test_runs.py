"""Runs: quoted before paid, within the budget, cancelled, resumed after a crash, and never clean by a failure."""

from __future__ import annotations

import threading
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leadflow.compliance import service as compliance
from leadflow.compliance.types import Scrub
from leadflow.kernel.errors import Conflict, Forbidden, Invalid, LeadFlowError, NotFound
from leadflow.scrubs import service as scrubs
from leadflow.scrubs.errors import BeyondBudget, NoProvider, NothingToLookUp
from leadflow.scrubs.providers.dncscrub import DncScrub
from leadflow.scrubs.types import Providers
from models.base import new_id
from models.vocabulary import Basis, LookupService, Role, ScrubList, ScrubRunState, ScrubVerdict
from tests.identity.people import make_team
from tests.scrubs.world import PRICES, Died, House, dying, number, providers, quick

DNC, REASSIGNED = LookupService.DNC, LookupService.REASSIGNED


def test_a_quote_tells_what_is_fresh_what_is_bought_and_what_is_left_and_writes_nothing(house: House):
    numbers = house.people(10)
    house.budget(100)
    with house.db.begin(house.org) as uow:
        for e164, days in ((numbers[0], 1), (numbers[1], 30), (numbers[2], 32)):
            compliance.record_scrub(
                uow,
                Scrub(e164, ScrubList.NATIONAL_DNC, ScrubVerdict.CLEAN, "file", house.now - timedelta(days=days)),
            )
    told = house.quote()
    assert (told.numbers, told.fresh, told.to_buy, told.price, told.cost) == (10, 2, 8, 50, 400)
    assert (told.budget_left, told.affordable, told.ready) == (10_000, True, "")
    assert house.quote(house.order(renew_days=5)).to_buy == 9
    assert house.money() == (0, 0)
    assert not house.registries.sold()


def test_a_run_pays_for_each_number_once_and_the_gate_hears_of_it(house: House):
    numbers = house.people(5)
    house.budget(100)
    house.registries.control(listed={"national": [numbers[1][2:]], "litigator": [numbers[2][2:]]}, wireless=1)
    run_id = house.start()
    assert house.money() == (250, 0)
    house.work()
    run = house.run(run_id)
    assert (run.state, run.answered, run.listed, run.missing, run.spent) == (ScrubRunState.DONE, 5, 2, 0, 250)
    assert run.actor_name == "Manager of Cedar Homes"
    assert house.money() == (0, 250)
    assert house.results()[numbers[0]] == "clean"
    assert house.results()[numbers[1]] == "listed"
    assert house.results("litigator")[numbers[2]] == "listed"
    assert {row[0] for row in house.sql("select distinct run_id from scrub_result")} == {run_id}
    assert {row[0] for row in house.sql("select line_type from phone")} == {"mobile"}, "the line was unknown"
    assert house.quote().to_buy == 1, "a litigator's national entry was not told"
    assert house.sql("select count(*) from scrub_run_number") == [(0,)]


def test_a_known_line_is_not_overwritten(house: House):
    house.people(2)
    house.sql("update phone set line_type = 'landline' where e164 = %s", int(number(1000)[1:]))
    house.registries.control(wireless=1)
    house.bought()
    assert house.sql("select line_type from phone order by e164") == [("landline",), ("mobile",)]


def test_numbers_can_be_given_instead_of_leads(house: House):
    run = house.bought(scrubs.read_order(DNC, numbers=("(312) 555-4001", "+13125554002", "312-555-4001")))
    assert (run.bought, run.answered, dict(run.audience)) == (2, 2, {"numbers": 2})


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"numbers": ("12",)}, "phone"),
        ({"numbers": ("3125554001",), "leads_filter": {"list": "a"}}, "numbers"),
        ({"renew_days": 31}, "renew_days"),
        ({"leads_filter": {"colour": "red"}}, "colour"),
    ],
)
def test_an_order_that_makes_no_sense_names_its_field(fields: dict[str, object], field: str):
    with pytest.raises(Invalid) as refused:
        scrubs.read_order(DNC, **fields)  # pyright: ignore[reportArgumentType] wrong on purpose
    assert refused.value.field == field


def test_reassigned_numbers_are_asked_since_the_day_of_the_strongest_basis(house: House):
    numbers = house.people(4)
    old, new = house.now - timedelta(days=400), house.now - timedelta(days=100)
    house.consents(numbers[:2], old)
    house.consents(numbers[:1], new)
    house.consents(numbers[2:3], old, Basis.WRITTEN_CONSENT)
    house.consents(numbers[2:3], new, Basis.INQUIRY)
    house.registries.control(listed={"reassigned": [numbers[1][2:]]}, clean=[numbers[0][2:], numbers[2][2:]])
    told = house.quote(house.order(REASSIGNED))
    assert (told.numbers, told.undated, told.to_buy, told.cost) == (4, 1, 3, 600)
    run = house.bought(house.order(REASSIGNED))
    assert (run.answered, run.listed, run.undated) == (3, 1, 1)
    rows = house.sql("select e164, verdict, consent_date, list_version from scrub_result order by e164")
    assert [(f"+{row[0]}", row[1], row[2]) for row in rows] == [
        (numbers[0], "clean", new.date()),
        (numbers[1], "listed", old.date()),
        (numbers[2], "clean", old.date()),
    ]
    assert {row[3] for row in rows} == {"2026-10"}
    assert house.quote(house.order(REASSIGNED)).to_buy == 0


def test_an_older_basis_asks_anew_though_the_look_up_is_fresh(house: House):
    numbers = house.people(1)
    house.consents(numbers, house.now - timedelta(days=100))
    house.bought(house.order(REASSIGNED))
    house.sql("delete from consent")
    house.consents(numbers, house.now - timedelta(days=105))
    assert house.quote(house.order(REASSIGNED)).to_buy == 1


# Failures leave numbers unknown


@pytest.mark.parametrize("kind", ["silence", "null", "html", "error_500"])
def test_a_lost_answer_leaves_its_numbers_unknown_counted_as_paid_and_the_rest_is_asked(
    house: House, kind: str, monkeypatch: pytest.MonkeyPatch
):
    scrubs.configure(providers(house.registries.url), quick(total_s=0.3))
    monkeypatch.setattr(DncScrub, "at_once", 12)
    numbers = house.people(24)
    house.registries.fault(kind, seconds=1)
    run = house.bought()
    assert (run.state, run.answered, run.doubtful, run.missing) == (ScrubRunState.DONE, 12, 12, 0)
    assert run.error
    assert set(house.results()) == set(numbers[12:])
    assert house.money() == (0, 24 * 50)
    assert set(house.registries.sold().values()) == {1}
    assert house.quote().to_buy == 12, "unknown is not fresh"


def test_answers_lost_one_after_another_end_the_run_and_free_the_rest(house: House, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(DncScrub, "at_once", 11)
    house.people(40)
    house.registries.fault("html", calls=99)
    run = house.bought()
    assert (run.state, run.answered, run.doubtful, run.missing) == (ScrubRunState.FAILED, 0, 22, 18)
    assert house.money() == (0, 22 * 50)
    assert not house.results()


def test_a_number_that_the_answer_leaves_out_stays_unknown_and_costs_nothing(house: House):
    numbers = house.people(12)
    house.registries.fault("partial")
    run = house.bought()
    assert (run.state, run.answered, run.missing) == (ScrubRunState.DONE, 6, 6)
    assert set(house.results()) == set(numbers[::2])
    assert house.money() == (0, 6 * 50)


def test_a_refusal_ends_the_run_and_gives_all_money_back(house: House):
    house.people(12)
    house.registries.fault("unauthorised", calls=9)
    run = house.bought()
    assert (run.state, run.answered, run.missing, run.spent) == (ScrubRunState.FAILED, 0, 12, 0)
    assert "login" in str(run.error)
    assert house.money() == (0, 0)


def test_a_provider_that_puts_us_off_is_asked_later_without_counting_an_attempt(house: House):
    house.people(12)
    house.registries.fault("rate_limited", retry_after_s=60)
    run_id = house.start()
    assert house.work() == 1
    assert house.run(run_id).state is ScrubRunState.RUNNING
    assert house.work() == 0, "not yet"
    house.clock.set(house.now + timedelta(seconds=61))
    assert house.work() == 1
    assert house.run(run_id).state is ScrubRunState.DONE
    assert house.run(run_id).error is None
    assert house.sql("select attempts from job where kind = 'scrub.run'") == [(1,)]


def test_a_provider_that_puts_us_off_for_ever_is_given_up(house: House):
    house.people(1)
    house.registries.fault("rate_limited", retry_after_s=60, calls=99)
    run_id = house.start()
    for _ in range(25):
        house.work()
        house.clock.set(house.now + timedelta(seconds=61))
    assert house.run(run_id).state is ScrubRunState.FAILED
    assert house.money() == (0, 0)


# Crash, cancel, money


@pytest.mark.parametrize("after", [1, 2, 3])
def test_a_worker_that_dies_in_mid_run_pays_each_answer_once(house: House, after: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(DncScrub, "at_once", 12)
    numbers = house.people(36)
    house.budget(100)
    run_id = house.start()
    scrubs.configure(providers(house.registries.url), dying(after))
    with pytest.raises(Died):
        house.work()
    scrubs.configure(providers(house.registries.url), quick())
    house.sweep()
    house.work()
    run = house.run(run_id)
    assert run.state is ScrubRunState.DONE
    assert (run.answered, run.doubtful) == (24, 12)
    lost = set(numbers[12 * (after - 1) : 12 * after])
    assert set(house.results()) == set(numbers) - lost
    assert house.registries.sold() == dict.fromkeys((one[2:] for one in numbers), 1), "no answer was bought twice"
    assert house.money() == (0, 36 * 50)


def test_a_late_sleeper_still_brings_what_was_paid(house: House, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(DncScrub, "at_once", 12)
    numbers = house.people(24)
    run_id = house.start()
    went_on: list[ScrubRunState] = []
    ask = DncScrub.ask

    def slow(self: DncScrub, asked: object) -> object:
        found = ask(self, asked)  # pyright: ignore[reportArgumentType]
        if not went_on:
            went_on.append(ScrubRunState.RUNNING)
            house.sweep()
            house.work()
            went_on.append(house.run(run_id).state)
        return found

    monkeypatch.setattr(DncScrub, "ask", slow)
    house.work()
    assert went_on[1:] == [ScrubRunState.DONE]
    assert set(house.results()) == set(numbers)
    assert set(house.registries.sold().values()) == {1}
    assert house.money() == (0, 24 * 50)


def test_a_cancelled_run_keeps_what_it_has_and_frees_the_rest(house: House, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(DncScrub, "at_once", 12)
    house.people(36)
    run_id = house.start()
    ask = DncScrub.ask

    def then_cancel(self: DncScrub, asked: object) -> object:
        found = ask(self, asked)  # pyright: ignore[reportArgumentType]
        house.cancel(run_id)
        return found

    monkeypatch.setattr(DncScrub, "ask", then_cancel)
    house.work()
    run = house.run(run_id)
    assert (run.state, run.answered, run.missing) == (ScrubRunState.CANCELLED, 12, 24)
    assert house.money() == (0, 12 * 50)
    with pytest.raises(Conflict):
        house.cancel(run_id)


def test_a_run_that_waits_is_cancelled_at_once(house: House):
    house.people(3)
    run_id = house.start()
    house.cancel(run_id)
    assert house.run(run_id).state is ScrubRunState.CANCELLED
    assert house.money() == (0, 0)
    assert house.work() == 0
    assert not house.registries.sold()


def test_a_run_beyond_the_budget_does_not_start(house: House):
    house.people(10)
    house.budget(4)
    with pytest.raises(BeyondBudget, match="bears 8 of 10"):
        house.start()
    assert house.money() == (0, 0)
    assert house.sql("select count(*) from scrub_run") == [(0,)]
    assert house.quote().affordable is False


def test_two_runs_at_once_stay_within_the_budget_and_buy_no_number_twice(house: House):
    numbers = house.people(10)
    house.people(10, first=3000, listed="Others")
    house.budget(8)
    refused: list[str] = []
    orders = [house.order(), house.order(leads_filter={"list": "Others"}), house.order(), house.order()]
    actor = house.as_(Role.OWNER)

    def start(which: int) -> None:
        try:
            with house.db.begin(house.org) as uow:
                scrubs.start(uow, actor, orders[which])
        except LeadFlowError as error:
            refused.append(error.code)

    threads = [threading.Thread(target=start, args=[which]) for which in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 3, "ten numbers cost 5 dollars' hundredths of 8"
    assert set(refused) <= {"beyond_budget", "nothing_to_look_up"}
    house.work()
    reserved, spent = house.money()
    assert (reserved, spent) == (0, 500)
    assert set(house.registries.sold().values()) == {1}
    assert len(numbers) == 10


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(["answer", "partial", "html", "rate_limited", "unauthorised", "die"]), max_size=4))
def test_whatever_happens_every_number_is_settled_once_and_no_money_stays_held(house: House, fates: list[str]):
    first = new_id().int % 9000
    listed = f"List {new_id()}"
    numbers = house.people(12, first=first, listed=listed) if not _taken(house, first) else []
    if not numbers:
        return
    house.registries.control(forget=True, fault=None)
    before = house.money()[1]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DncScrub, "at_once", 4)
        run_id = house.start(house.order(leads_filter={"list": listed}))
        for fate in fates:
            if fate in {"partial", "html", "rate_limited", "unauthorised"}:
                house.registries.fault(fate, retry_after_s=60)
            if fate == "die":
                _die_once(house)
            else:
                house.work()
            house.sweep()
        house.registries.control(fault=None)
        house.work()
    run = house.run(run_id)
    assert run.state is not ScrubRunState.RUNNING
    assert run.answered + run.missing + run.doubtful == run.bought == 12
    assert set(house.registries.sold().values()) <= {1}
    assert len(set(house.results()) & set(numbers)) == run.answered
    assert house.money()[0] == 0
    assert house.money()[1] - before == run.spent == 50 * (run.answered + run.doubtful)


def _taken(house: House, first: int) -> bool:
    low, high = int(number(first)[1:]), int(number(first + 12)[1:])
    return bool(house.sql("select 1 from phone where e164 between %s and %s", low, high))


def _die_once(house: House) -> None:
    scrubs.configure(providers(house.registries.url), dying(1))
    try:
        house.work()
    except Died:
        pass
    finally:
        scrubs.configure(providers(house.registries.url), quick())


# Who may not


def test_only_owners_and_managers_buy_and_nobody_reaches_another_organisation(house: House):
    house.people(3)
    for role in (Role.AGENT, Role.AUDITOR):
        with pytest.raises(Forbidden):
            house.quote(role=role)
        with pytest.raises(Forbidden):
            house.start(role=role)
    run_id = house.start()
    other = House(house.db, make_team(house.db, "Birch Partners"), house.registries)
    assert other.quote().numbers == 0, "the list of that name is another's"
    list_id = str(house.sql("select id from lead_list")[0][0])
    assert other.quote(other.order(leads_filter={"list": list_id})).numbers == 0
    with pytest.raises(NothingToLookUp):
        other.start(other.order(leads_filter={"list": list_id}))
    for act in (other.run, other.cancel):
        with pytest.raises(NotFound):
            act(run_id)
    with pytest.raises(NotFound):
        house.cancel(new_id())


def test_an_agent_sees_coverage_and_cannot_cancel(house: House):
    house.people(3)
    run_id: UUID = house.start()
    agent = house.as_(Role.AGENT)
    with house.db.begin(house.org) as uow:
        assert scrubs.coverage(uow, agent).numbers == 3
        with pytest.raises(Forbidden):
            scrubs.cancel(uow, agent, run_id)


def test_without_a_login_nothing_starts_and_the_quote_says_why(house: House):
    house.people(1)
    scrubs.configure(Providers(house.registries.url, house.registries.url, "", PRICES))
    assert "DNCScrub" in house.quote().ready
    with pytest.raises(NoProvider):
        house.start()


def test_coverage_adds_up_and_knows_what_runs_out(house: House):
    numbers = house.people(6)
    days = {1: 1, 2: 26, 3: 40}
    with house.db.begin(house.org) as uow:
        for place, ago in days.items():
            at = house.now - timedelta(days=ago)
            compliance.record_scrub(uow, Scrub(numbers[place], ScrubList.NATIONAL_DNC, ScrubVerdict.CLEAN, "a", at))
        at = house.now - timedelta(days=1)
        compliance.record_scrub(uow, Scrub(numbers[4], ScrubList.NATIONAL_DNC, ScrubVerdict.LISTED, "a", at))
        compliance.record_scrub(uow, Scrub(numbers[5], ScrubList.NATIONAL_DNC, ScrubVerdict.NO_DATA, "a", at))
        found = scrubs.overview(uow, house.as_(Role.AUDITOR)).coverage[0]
    assert (found.numbers, found.fresh, found.stale, found.never, found.listed) == (6, 2, 1, 2, 1)
    assert (found.expiring, found.max_age_days) == (1, 31)
    assert found.fresh + found.stale + found.never + found.listed == found.numbers
