"""Carrier weather: what carriers and people make of a campaign stops it, at most one batch later, and says why."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import timedelta
from threading import Barrier, Thread
from uuid import UUID

import pytest

from leadflow.campaigns import service as campaigns
from leadflow.identity.types import Principal
from leadflow.kernel.clock import FrozenClock
from leadflow.kernel.errors import Invalid
from leadflow.messaging import service as messaging
from leadflow.messaging.queries import batch as batch_queries
from leadflow.messaging.queries import weather as queries
from leadflow.messaging.service import answers, batching
from leadflow.messaging.types import Accepted, Consequence, Rejected, Report, Result, Submission
from models.vocabulary import Role
from tests.carrier import Simulator
from tests.factories.identity import a_member
from tests.messaging.calls import Calls
from tests.messaging.world import World


@pytest.fixture(autouse=True)
def _heeding() -> None:
    campaigns.heed()


@pytest.fixture
def owner(world: World) -> Principal:
    with world.db.begin(world.org) as uow:
        return a_member(uow, Role.OWNER)


def posted(world: World, count: int, variant: str = "A") -> list[Submission]:
    """Hand texts to a carrier that has taken each."""
    world.queue(people=world.add_people(count), variant=variant)
    return taken(world)


def taken(world: World) -> list[Submission]:
    """Take batches until nothing is due, and have the carrier take each text."""
    found = list[Submission]()
    while batch := batching.take(world.db, world.org, world.sender).submissions:
        answers.record(world.db, world.org, [Result(one, Accepted(f"SM{one.held.id.hex}", 1)) for one in batch])
        found += batch
    return found


def report(calls: Calls, texts: Sequence[Submission], status: str, code: int | None = None) -> None:
    """Have the carrier report on texts, and apply what it said."""
    for one in texts:
        assert calls.status(one.held.id, f"SM{one.held.id.hex}", status, code).status_code == 204
    messaging.apply_callbacks(calls.world.db)


def standing(world: World) -> tuple[str, bool]:
    (found,) = world.rows("select state, stormbound from campaign")
    return (found[0], found[1])


def told(world: World) -> list[dict[str, object]]:
    found = world.rows("select detail from audit_event where action = 'campaign.paused' order by at")
    return [detail for (detail,) in found]


def weather(world: World, actor: Principal) -> Report:
    with world.db.begin(world.org) as uow:
        return campaigns.weather(uow, actor, world.campaign)


# By the carrier's callbacks


def test_filtered_texts_stop_the_campaign_at_most_one_batch_later(world: World, calls: Calls):
    texts = posted(world, 80)
    world.queue(people=world.add_people(150))
    under_way = batching.take(world.db, world.org, world.sender).submissions
    report(calls, texts[:60], "delivered")
    assert standing(world) == ("running", False)
    report(calls, texts[60:], "undelivered", 30007)
    assert len(under_way) == 100
    assert batching.take(world.db, world.org, world.sender).submissions == ()
    assert standing(world) == ("paused", True)
    assert world.one("select count(*)::int from message where state = 'queued'") == 50


def test_the_reason_stands_on_the_campaign_and_in_the_record(world: World, calls: Calls):
    texts = posted(world, 80)
    report(calls, texts[:60], "delivered")
    report(calls, texts[60:], "undelivered", 30007)
    why = world.one("select pause_reason from campaign")
    assert why == "20 of its last 80 texts were filtered by carriers: at least 17 %, and the limit is 5 %."
    (detail,) = told(world)
    assert (detail["why"], detail["weather"], detail["texts"], detail["hits"]) == (why, "filtered", 80, 20)


def test_a_batch_that_was_submitted_and_not_posted_is_taken_back(world: World, calls: Calls):
    texts = posted(world, 60)
    world.queue(people=world.add_people(5))
    batch = batching.take(world.db, world.org, world.sender).submissions
    report(calls, texts, "undelivered", 30007)
    with world.db.begin(world.org) as uow:
        found = batch_queries.taken_back(uow, [one.held.id for one in batch])
    assert {why for _, why in found} == {"campaign_active"}
    assert len(found) == 5


def test_a_low_rate_stops_nothing(world: World, calls: Calls):
    texts = posted(world, 120)
    report(calls, texts[:2], "undelivered", 30007)
    report(calls, texts[2:], "delivered")
    report(calls, posted(world, 20), "undelivered", 30003)
    assert standing(world) == ("running", False)
    assert told(world) == []


@pytest.mark.parametrize("seed", range(4))
def test_reports_count_once_in_whatever_order_and_however_often(
    world: World, calls: Calls, owner: Principal, seed: int
):
    world.do("update organization set weather_filtered_pct = 25")
    texts = posted(world, 60)
    chance = random.Random(seed)  # noqa: S311 an order, not a secret
    reports = [
        (one, status, code)
        for number, one in enumerate(texts)
        for status, code in (("sent", None), ("undelivered", 30007) if number < 9 else ("delivered", None)) * 2
    ]
    chance.shuffle(reports)
    for one, status, code in reports:
        assert calls.status(one.held.id, f"SM{one.held.id.hex}", status, code).status_code == 204
        if chance.random() < 0.1:
            messaging.apply_callbacks(world.db)
    messaging.apply_callbacks(world.db)
    found = weather(world, owner).whole
    assert (found.texts, found.filtered.hits, found.opted_out.hits) == (60, 9, 0)


# By the carrier's list, its refusals, and what people say


def test_what_the_carrier_lists_counts_like_what_it_calls(world: World, carrier: Simulator, clock: FrozenClock):
    carrier.control(outcomes={"filtered": 1.0}, callbacks={"never": 1.0, "sent_after_s": 0.0, "final_after_s": 0.0})
    world.add_people(60)
    world.queue()
    world.send()
    assert world.states() == {"accepted": 60}
    clock.advance(timedelta(minutes=11))
    messaging.reconcile(world.db)
    assert world.states() == {"undelivered": 60}
    assert standing(world) == ("paused", True)


def test_people_whom_the_carrier_knows_as_opted_out_count(world: World):
    world.queue(people=world.add_people(60))
    batch = batching.take(world.db, world.org, world.sender).submissions
    answers.record(world.db, world.org, [Result(one, Rejected(21610, Consequence.OPT_OUT)) for one in batch])
    assert standing(world) == ("paused", True)
    assert told(world)[0]["weather"] == "opted_out"


def test_opt_outs_stop_the_campaign_in_their_own_transaction(world: World, calls: Calls, owner: Principal):
    texts = posted(world, 60)
    report(calls, texts, "delivered")
    for one in texts[:4]:
        assert calls.text(one.held.e164, "STOP").status_code == 200
    # Four of 60 are at least 2.6 %, five at least 3.6 %; the limit is 3 %.
    assert standing(world) == ("running", False)
    assert calls.text(texts[4].held.e164, "STOP").status_code == 200
    assert standing(world) == ("paused", True)
    assert told(world)[0]["weather"] == "opted_out"
    assert weather(world, owner).whole.opted_out.hits == 5


def test_an_opt_out_counts_once_and_before_its_text_has_an_end(world: World, calls: Calls, owner: Principal):
    one, other = posted(world, 2)
    for number in range(3):
        calls.text(one.held.e164, "STOP", sid=f"SM{number:032x}")
    calls.text(other.held.e164, "Wrong number", sid="SM" + "f" * 32)
    found = weather(world, owner).whole
    assert (found.texts, found.opted_out.hits) == (1, 1)
    report(calls, [one], "delivered")
    assert weather(world, owner).whole.opted_out.hits == 1


# Two at once


def test_two_at_once_that_each_would_not_stop_it_stop_it_together(world: World):
    """Each counts the other's once it is its turn: four of 56 are at least 2.8 %, eight of 60 at least 6.9 %."""
    world.queue(people=world.add_people(60))
    texts = batching.take(world.db, world.org, world.sender).submissions
    answers.record(world.db, world.org, [Result(one, Accepted(f"SM{one.held.id.hex}", 1)) for one in texts[8:]])
    world.do("update message set state = 'delivered', final_at = submitted_at where state = 'accepted'")
    start, failed = Barrier(2), list[BaseException]()

    def work(half: Sequence[Submission]) -> None:
        start.wait()
        try:
            answers.record(world.db, world.org, [Result(one, Rejected(30007, Consequence.FILTERED)) for one in half])
        except BaseException as error:  # noqa: BLE001 told to the test
            failed.append(error)

    threads = [Thread(target=work, args=(half,)) for half in (texts[:4], texts[4:8])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert failed == []
    assert world.one("select count(*)::int from message where error_code = 30007") == 8
    assert standing(world) == ("paused", True)
    assert len(told(world)) == 1


def test_a_stop_and_a_report_at_once_do_not_wait_for_each_other_in_a_ring(world: World, calls: Calls):
    """The same person opts out while the carrier reports on the same text, both at the line."""
    texts = posted(world, 60)
    report(calls, texts[20:], "delivered")
    for one in texts[:20]:
        calls.status(one.held.id, f"SM{one.held.id.hex}", "undelivered", 30007)
    start, failed = Barrier(2), list[BaseException]()

    def work(act: Callable[[], object]) -> None:
        start.wait()
        try:
            act()
        except BaseException as error:  # noqa: BLE001 told to the test
            failed.append(error)

    def stops() -> None:
        for one in texts[:8]:
            assert calls.text(one.held.e164, "STOP").status_code == 200

    threads = [Thread(target=work, args=(act,)) for act in (stops, lambda: messaging.apply_callbacks(world.db))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert failed == []
    assert standing(world) == ("paused", True)
    assert len(told(world)) == 1
    assert world.one("select count(*)::int from message where opted_out_at is not null") == 8


def ids(texts: Sequence[Submission]) -> list[UUID]:
    return [one.held.id for one in texts]


# Going on


def stopped(world: World, calls: Calls) -> list[Submission]:
    """Bring a campaign to its stop, with texts still at the carrier."""
    texts = posted(world, 100)
    report(calls, texts[:60], "undelivered", 30007)
    assert standing(world) == ("paused", True)
    return texts[60:]


def test_going_on_demands_a_reason(world: World, calls: Calls, owner: Principal):
    stopped(world, calls)
    with pytest.raises(Invalid, match="Say what you have done"), world.db.begin(world.org) as uow:
        campaigns.resume(uow, owner, world.campaign, "  ")
    assert standing(world) == ("paused", True)
    with world.db.begin(world.org) as uow:
        campaigns.resume(uow, owner, world.campaign, "The link is out of the text")
    assert standing(world) == ("running", False)
    resumed = world.one("select detail from audit_event where action = 'campaign.resumed'")
    assert resumed == {"why": "The link is out of the text"}


def test_going_on_counts_anew_and_old_texts_do_not_stop_it_again(
    world: World, calls: Calls, owner: Principal, clock: FrozenClock
):
    late = stopped(world, calls)
    clock.advance(timedelta(minutes=5))
    with world.db.begin(world.org) as uow:
        campaigns.resume(uow, owner, world.campaign, "Better words")
    report(calls, late, "undelivered", 30007)
    assert standing(world) == ("running", False)
    assert weather(world, owner).whole.texts == 0
    clock.advance(timedelta(minutes=5))
    report(calls, posted(world, 60), "undelivered", 30007)
    assert standing(world) == ("paused", True)


def test_a_pause_by_hand_needs_no_reason_to_end(world: World, owner: Principal):
    with world.db.begin(world.org) as uow:
        campaigns.pause(uow, owner, world.campaign)
        campaigns.resume(uow, owner, world.campaign)
    assert standing(world) == ("running", False)


def test_limits_that_are_changed_hold_from_the_next_look_on(world: World, calls: Calls):
    world.do("update organization set weather_filtered_pct = 25")
    texts = posted(world, 60)
    report(calls, texts[:10], "undelivered", 30007)
    report(calls, texts[10:], "delivered")
    assert standing(world) == ("running", False)
    world.do("update organization set weather_filtered_pct = 5")
    with world.db.begin(world.org) as uow:
        messaging.look_again(uow, world.campaign)
    assert standing(world) == ("paused", True)


# For people


def test_the_weather_is_told_by_template_number_and_carrier(world: World, calls: Calls, owner: Principal):
    first, second = posted(world, 40, variant="A"), posted(world, 30, variant="B")
    world.do("update phone set carrier = 'Verizon' where e164 % 2 = 0")
    report(calls, [*first, *second[:28]], "delivered")
    report(calls, second[28:], "undelivered", 30007)
    found = weather(world, owner)
    assert [(part.key, part.texts, part.filtered.hits) for part in found.templates] == [("1 A", 40, 0), ("1 B", 30, 2)]
    assert [(part.label, part.texts) for part in found.numbers] == [("(773) 555-0100", 70)]
    assert sorted((part.label, part.texts) for part in found.carriers) == [("Verizon", 35), ("unknown", 35)]
    rate = found.templates[1].filtered
    assert rate.low < rate.hits / rate.texts < rate.high
    assert (found.limits.window, rate.limit, rate.over) == (500, 0.05, False)
    with world.db.begin(world.org) as uow:
        of_numbers = messaging.weather_of_numbers(uow, owner)
    assert [(part.texts, part.filtered.hits) for part in of_numbers.numbers] == [(70, 2)]


def test_another_organisations_weather_is_its_own(world: World, another_world: World, calls: Calls):
    other = Calls(calls.api, another_world)
    texts = posted(another_world, 60)
    posted(world, 5)
    report(other, texts, "undelivered", 30007)
    assert world.rows("select id, state from campaign where state = 'running'") == [(world.campaign, "running")]


MANY = 20_000


def test_a_long_campaign_is_judged_by_its_index(world: World):
    """Of 20,000 texts the window reads its own: no scan, no sort, whatever the size of the table."""
    posted(world, 1)
    world.do(
        """
        insert into message (org_id, state, purpose, campaign_id, step, variant, sender_number_id, e164, body,
                             not_before, submitted_at, final_at, decision_id)
        select org_id, 'delivered', purpose, campaign_id, step, variant, sender_number_id, e164 + 1000 + i, body,
               not_before, submitted_at + i * interval '1 s', submitted_at + i * interval '1 s', decision_id
        from message, generate_series(1, %s) i
        """,
        MANY,
    )
    world.do("analyze message")
    given = {"org": world.org, "campaign": world.campaign, "since": None, "window": 500, "only": "A"}
    given |= {"filtered": [30007], "opted": [21610]}
    with world.db.begin(world.org) as uow, uow.cursor() as cursor:
        plans = dict[str, str]()
        for name, statement in (("campaign", queries.OF_CAMPAIGN), ("numbers", queries.OF_NUMBERS)):
            cursor.execute(f"explain (analyze, costs off, timing off) {statement}".encode(), given)
            plans[name] = "\n".join(row[0] for row in cursor.fetchall())
    assert "ix_message_weather" in plans["campaign"]
    assert "ix_message_sender" in plans["numbers"]
    for plan in plans.values():
        assert "Seq Scan on message" not in plan
        assert "Sort" not in plan
        assert "rows=500" in plan
