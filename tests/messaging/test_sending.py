"""Sending against a real carrier process and a real Postgres."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from leadflow.compliance import service as compliance
from leadflow.compliance.types import Recipient
from leadflow.costs import service as costs
from leadflow.kernel.clock import FrozenClock
from leadflow.kernel.db import Database
from leadflow.leads import service as leads
from leadflow.local.ports import free_port
from leadflow.messaging import service as messaging
from leadflow.messaging.service import answers, batching, sending
from leadflow.messaging.service.carriers import MESSAGES
from leadflow.messaging.types import Consequence, NotSent, Rejected, Result, Submission
from models.vocabulary import BudgetSubject
from tests.carrier import Simulator
from tests.messaging.world import World, use_carrier
from workers import job
from workers import leads as _registered  # noqa: F401 its handler runs here


def test_every_queued_text_is_posted_once_and_accepted(world: World, carrier: Simulator):
    people = world.add_people(25)
    assert world.queue() == 25

    world.send()

    assert world.states() == {"accepted": 25}
    assert sorted(line["to"] for line in carrier.accepted()) == sorted(one.e164 for one in people)


def test_a_text_that_went_out_has_its_decision_its_id_its_price_and_a_place_on_the_timeline(
    world: World, carrier: Simulator
):
    (one,) = world.add_people(1)
    world.queue()
    world.send()
    (line,) = carrier.accepted()
    (found,) = world.rows(
        """
        select m.carrier_sid, m.submitted_at, m.cost_cents_x100, d.verdict, d.message_id = m.id, a.kind, a.summary,
               l.last_touch_at
        from message m join decision d on d.id = m.decision_id join activity a on a.lead_id = m.lead_id
        join lead l on l.id = m.lead_id
        """
    )
    assert found == (
        line["sid"],
        world.now(),
        110,
        "sendable",
        True,
        "text_out",
        "Hello, is the house still yours?",
        world.now(),
    )
    assert line["message"] == str(world.one("select id from message"))
    assert world.rows("select state from message_event") == [("accepted",)]
    assert one.e164 == line["to"]


def test_queueing_twice_makes_one_text_a_number_and_step(world: World):
    world.add_people(5)
    assert (world.queue(), world.queue()) == (5, 0)
    assert world.states() == {"queued": 5}


def test_a_draft_with_reasons_is_listed_as_blocked_and_never_sent(world: World, carrier: Simulator):
    world.add_people(2)
    world.queue(people=world.people[:1], reasons=("unresolved_field",))
    world.queue()
    world.send()
    assert world.states() == {"blocked": 1, "accepted": 1}
    assert len(carrier.accepted()) == 1


def test_people_who_may_not_be_texted_do_not_end_the_run(world: World, carrier: Simulator):
    people = world.add_people(330)
    world.queue()
    world.do(
        "insert into suppression (org_id, kind, e164, at, source) select org_id, 'internal_dnc', e164, now(), 'manual'"
        " from message where e164 > %s and e164 <= %s",
        int(people[9].e164),
        int(people[319].e164),
    )
    world.send()
    assert world.states() == {"accepted": 20, "blocked": 310}
    assert len(carrier.accepted()) == 20
    assert world.one("select count(*) from activity where kind = 'blocked'") == 310


def test_a_text_waits_for_the_hour_and_then_goes(world: World, carrier: Simulator, clock: FrozenClock):
    world.add_people(1)
    world.queue()
    clock.advance(timedelta(hours=12))
    done = world.send()
    not_before = world.one("select not_before from message")
    assert world.states() == {"queued": 1}
    assert done.again_at == not_before > clock.now()
    clock.set(not_before)
    world.send()
    assert world.states() == {"accepted": 1}
    assert len(carrier.accepted()) == 1


def test_what_is_past_its_time_expires(world: World, carrier: Simulator):
    world.add_people(1)
    world.queue()
    world.do("update message set send_before = %s", world.now())
    world.send()
    assert world.states() == {"expired_window": 1}
    assert not carrier.lines("request")


@pytest.mark.parametrize(
    "change",
    [
        "update organization set sending_paused = true",
        "update campaign set state = 'paused'",
        "update sender_number set disabled_at = now()",
        "update sender_number set registration = 'pending'",
    ],
)
def test_nothing_is_drawn_while_sending_is_stopped_and_nothing_is_lost(world: World, carrier: Simulator, change: str):
    world.add_people(3)
    world.queue()
    world.do(change)
    assert world.send().taken == 0
    assert world.states() == {"queued": 3}
    assert not carrier.lines("request")


def test_a_budget_is_never_exceeded_and_the_rest_is_blocked_by_name(world: World, carrier: Simulator):
    world.add_people(30)
    world.queue()
    with world.db.begin(world.org) as uow:
        costs.set_cap(uow, BudgetSubject.CAMPAIGN, world.campaign, 110 * 12 + 109)
    world.send()
    assert world.states() == {"accepted": 12, "blocked": 18}
    assert world.rows("select distinct reasons from message where state = 'blocked'") == [(["budget"],)]
    assert world.rows("select reserved::int, spent::int from budget where subject = 'campaign'") == [(0, 1320)]
    assert len(carrier.accepted()) == 12


def test_campaigns_of_one_number_share_it(world: World, carrier: Simulator):
    other = world.add_campaign()
    first, second = world.add_people(150), world.add_people(150)
    world.queue(people=first)
    world.queue(other, people=second)
    batching.take(world.db, world.org, world.sender)
    shares = world.rows("select campaign_id, count(*)::int from message where state = 'submitting' group by 1")
    assert dict(shares) == {world.campaign: 50, other: 50}
    assert not carrier.accepted()


def test_the_rate_of_a_number_and_of_a_campaign_are_kept(world: World, carrier: Simulator, moving: Database):
    slow = world.add_campaign(per_minute=60)
    quick, few = world.add_people(30), world.add_people(30)
    world.queue(people=quick)
    world.queue(slow, people=few)
    world.do("update sender_number set per_minute = 300")
    messaging.send(moving, world.org, world.sender, slice_s=3.0)
    sent = dict(world.rows("select campaign_id, count(*)::int from message where state = 'accepted' group by 1"))
    assert 10 <= sum(sent.values()) <= 20
    assert 2 <= sent[slow] <= 4
    assert len(carrier.accepted()) == sum(sent.values())


def test_eight_senders_of_one_number_send_each_text_once(world: World, carrier: Simulator):
    world.add_people(300)
    world.queue()
    threads = [threading.Thread(target=world.send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    world.send()
    assert world.states() == {"accepted": 300}
    assert len({line["to"] for line in carrier.accepted()}) == len(carrier.accepted()) == 300


def test_a_batch_of_two_campaigns_takes_all_its_gates_in_one_order(world: World, carrier: Simulator):
    low, high = world.add_people(2)
    world.queue(people=[high])
    world.queue(world.add_campaign(), [low])
    with world.db.begin(world.org) as uow:
        compliance.hold(uow, [Recipient(phone_id=one.phone) for one in (low, high)])
    with world.db.begin(world.org) as uow:
        compliance.hold(uow, [Recipient(phone_id=low.phone)])
        batch = threading.Thread(target=batching.take, args=(world.db, world.org, world.sender))
        batch.start()
        waiting = (
            "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
        )
        deadline = time.monotonic() + 20
        while not world.one(waiting) and time.monotonic() < deadline:
            time.sleep(0.02)
        # The campaign of the higher number comes first; its gate is not taken before the lower one.
        free = world.rows("select 1 from phone_gate where e164 = %s for update skip locked", int(high.e164))
    batch.join()
    assert free
    assert world.states() == {"submitting": 2}
    assert not carrier.accepted()


def test_the_list_shows_the_last_touch_of_few_leads_at_once_and_of_many_by_a_job(world: World):
    ids = [one.lead for one in world.add_people(30)]
    touched = "select count(*) from lead_search where last_touch_at is not null"
    with world.db.begin(world.org) as uow:
        leads.refresh_search(uow, ids)
        leads.touch(uow, ids[:2], world.now())
    assert world.one(touched) == 2
    with world.db.begin(world.org) as uow:
        leads.touch(uow, ids, world.now() + timedelta(seconds=1))
        leads.touch(uow, ids[:1], world.now() + timedelta(seconds=2))
    assert world.one("select count(*) from lead where last_touch_at is not null") == 30
    assert world.one(touched) == 2
    (job_id,) = world.rows("select id from job where kind = 'lead_search.refresh'")[0]

    assert job.run(world.db, job_id)

    differ = (
        "select count(*) from lead l join lead_search s on s.lead_id = l.id where s.last_touch_at <> l.last_touch_at"
    )
    assert (world.one(touched), world.one(differ)) == (30, 0)


# What the carrier answers


@pytest.mark.parametrize(
    ("fault", "state"),
    [
        ({"kind": "error_500", "accepted": True}, "unknown"),
        ({"kind": "error_502", "accepted": False}, "unknown"),
        ({"kind": "unavailable", "accepted": True}, "unknown"),
        ({"kind": "reset", "accepted": True}, "unknown"),
        ({"kind": "reset", "accepted": False}, "unknown"),
        ({"kind": "broken_json", "accepted": True}, "unknown"),
    ],
)
def test_an_answer_that_says_nothing_leaves_the_text_unknown_and_is_not_tried_again(
    world: World, carrier: Simulator, fault: dict[str, object], state: str
):
    carrier.control(faults=[{"share": 1.0, **fault}])
    world.add_people(3)
    world.queue()
    world.send()
    world.send()
    assert world.states() == {state: 3}
    assert len(carrier.lines("request")) == 3
    assert world.rows("select reserved::int, spent::int from budget where subject = 'organization'") == [(330, 0)]


def test_an_answer_with_the_id_of_another_text_leaves_the_text_unknown(world: World, carrier: Simulator):
    people = world.add_people(2)
    world.queue(people=people[:1])
    world.send()
    carrier.control(faults=[{"kind": "same_sid", "share": 1.0, "accepted": True}])
    world.queue()
    world.send()
    assert world.states() == {"accepted": 1, "unknown": 1}


def test_a_text_that_certainly_was_not_taken_goes_again_after_the_wait(
    world: World, carrier: Simulator, moving: Database
):
    carrier.control(faults=[{"kind": "rate_limited", "share": 1.0, "retry_after_s": 1}])
    world.add_people(3)
    world.queue()
    messaging.send(moving, world.org, world.sender, slice_s=6.0)
    assert world.states() == {"accepted": 3}
    verdicts = [line["verdict"] for line in carrier.lines("request")]
    assert sorted(verdicts) == ["accepted"] * 3 + ["refused"] * 3


def test_a_carrier_that_fails_is_left_alone_and_its_texts_stay_queued(world: World, carrier: Simulator):
    carrier.control(faults=[{"kind": "error_500", "share": 1.0, "accepted": False, "per_number": 99}])
    world.add_people(40)
    world.queue()
    done = world.send(slice_s=4.0)
    # Five that failed, and the one probe after the carrier's list had shown a sign of life.
    assert len(carrier.lines("request")) == 6
    assert world.states() == {"unknown": 6, "queued": 34}
    assert done.again_at is not None
    assert not world.send(slice_s=1.0).taken


def test_a_carrier_that_works_again_gets_the_rest(world: World, carrier: Simulator):
    carrier.control(faults=[{"kind": "rate_limited", "share": 1.0, "retry_after_s": 0, "per_number": 1}])
    for _ in range(9):
        MESSAGES._store.tell(MESSAGES.name, MESSAGES.policy, 0, 1, "")
    world.add_people(40)
    world.queue()
    # Being asked to slow down is no failure: it shows that the carrier works.
    for _ in range(3):
        world.send(slice_s=4.0)
    assert world.states() == {"accepted": 40}


def test_a_carrier_that_is_not_there_leaves_every_text_queued(world: World):
    use_carrier(f"http://127.0.0.1:{free_port()}")
    world.add_people(3)
    world.queue()
    done = world.send(slice_s=0.5)
    assert world.states() == {"queued": 3}
    assert done.again_at is not None
    assert world.rows("select reserved::int, spent::int from budget where subject = 'organization'") == [(0, 0)]


def test_an_opt_out_at_the_carrier_becomes_an_opt_out_here(world: World, carrier: Simulator):
    people = world.add_people(2)
    carrier.text(people[0].e164, world.sender_e164, "STOP")
    world.queue()
    world.send()
    assert world.states() == {"accepted": 1, "rejected": 1}
    assert world.rows("select error_code from message where state = 'rejected'") == [(21610,)]
    assert world.rows("select distinct kind, source from suppression where released_at is null") == [
        ("carrier_opt_out", "carrier")
    ]
    assert world.rows("select reserved::int, spent::int from budget where subject = 'organization'") == [(0, 110)]


def test_a_number_that_the_carrier_refuses_stops_and_its_texts_stay(world: World, carrier: Simulator):
    world.add_people(3)
    carrier.control(faults=[{"kind": "unauthorised", "share": 1.0}])
    world.queue()
    world.send()
    assert world.states() == {"queued": 3}
    assert world.one("select disabled_why from sender_number") == "The carrier refused it with code 20003."
    assert world.one("select count(*) from audit_event where action = 'sender.disabled'") == 1


def test_an_answer_that_drips_ends_by_its_total_deadline(world: World, carrier: Simulator):
    carrier.control(faults=[{"kind": "drip", "share": 1.0, "seconds": 5.0, "accepted": True}])
    world.add_people(1)
    world.queue()
    begun = time.monotonic()
    world.send(slice_s=1.0)
    assert 9 <= time.monotonic() - begun <= 12
    assert world.states() == {"unknown": 1}


# Taken back between the batch and the POST


def submitted(world: World, count: int) -> list[Submission]:
    """Take one batch that nobody posts yet."""
    world.add_people(count)
    world.queue()
    return list(batching.take(world.db, world.org, world.sender).submissions)


def test_an_opt_out_after_the_batch_is_seen_before_the_post(world: World, carrier: Simulator):
    held = submitted(world, 3)
    with world.db.begin(world.org) as uow:
        compliance.opt_out(uow, held[0].held.e164, source="inbound", evidence={}, now=uow.now())
    with world.db.begin(world.org) as uow:
        against = sending.queries.taken_back(uow, [one.held.id for one in held])
    assert against == [(held[0].held.id, "opted_out")]
    answers.recall(world.db, world.org, [(held[0], "opted_out")])
    assert world.states() == {"submitting": 2, "withdrawn": 1}
    assert world.rows("select reserved::int, spent::int from budget where subject = 'organization'") == [(220, 0)]
    assert not carrier.accepted()


@pytest.mark.parametrize(
    ("change", "why", "state"),
    [
        ("update organization set sending_paused = true", "kill_switch", "queued"),
        ("update campaign set state = 'paused'", "campaign_active", "queued"),
        ("update campaign set state = 'cancelled'", "cancelled", "withdrawn"),
    ],
)
def test_a_stop_after_the_batch_takes_back_what_is_not_posted(world: World, change: str, why: str, state: str):
    held = submitted(world, 2)
    world.do(change)
    with world.db.begin(world.org) as uow:
        against = sending.queries.taken_back(uow, [one.held.id for one in held])
    assert {reason for _, reason in against} == {why}
    answers.recall(world.db, world.org, [(one, why) for one in held])
    assert world.states() == {state: 2}


def test_the_loop_posts_nothing_that_was_taken_back_while_it_waited(world: World, carrier: Simulator, moving: Database):
    """All connections are busy, so that the second batch waits; then everybody in it opts out."""
    world.add_people(301)
    world.queue(people=world.people[:1])
    world.send()  # the carrier is known to work, so that many go at once
    world.queue()
    carrier.barrier(0, 200)
    runner = threading.Thread(target=messaging.send, args=(moving, world.org, world.sender), kwargs={"slice_s": 6.0})
    runner.start()
    carrier.held(200)
    # The third batch is drawn when the second is half posted; it waits for connections.
    deadline = time.monotonic() + 5
    while world.states().get("submitting", 0) < 300 and time.monotonic() < deadline:
        time.sleep(0.05)
    posted = {line["to"] for line in carrier.accepted()}
    waiting = [one for one in world.people if one.e164 not in posted]
    world.do(
        "insert into suppression (org_id, kind, e164, at, source)"
        " select %s, 'opt_out', unnest(%s::bigint[]), now(), 'manual'",
        world.org,
        [int(one.e164) for one in waiting],
    )
    time.sleep(0.5)
    carrier.release()
    runner.join()
    assert len(posted) == 201
    assert {line["to"] for line in carrier.accepted()} == posted
    assert world.states() == {"accepted": 201, "withdrawn": 100}


def test_a_sender_that_slept_past_its_lease_posts_nothing(world: World, carrier: Simulator, clock: FrozenClock):
    (one,) = submitted(world, 1)
    clock.advance(batching.LEASE + timedelta(seconds=31))
    messaging.sweep(world.db)
    assert world.states() == {"unknown": 1}
    late = Result(one, NotSent(timedelta(0), "late"))
    answers.record(world.db, world.org, [late])
    assert world.states() == {"unknown": 1}
    assert not carrier.lines("request")


def test_a_result_of_an_older_claim_changes_nothing(world: World):
    (one,) = submitted(world, 1)
    stale = one._replace(held=one.held._replace(fence=one.held.fence - 1))
    answers.record(world.db, world.org, [Result(stale, Rejected(21211, Consequence.NONE))])
    assert world.states() == {"submitting": 1}


def test_a_permission_that_has_expired_sends_nothing(world: World, carrier: Simulator, clock: FrozenClock):
    (one,) = submitted(world, 1)
    assert replace(one.cleared, expires_at=clock.now()) != one.cleared
    assert one.cleared.expires_at - clock.now() <= timedelta(minutes=1)
    assert not carrier.lines("request")


# Waking senders


def test_a_slow_database_delays_posts_and_does_not_stop_them(
    world: World, carrier: Simulator, moving: Database, monkeypatch: pytest.MonkeyPatch
):
    """Each look takes longer than a look may be old, while the first batch keeps every connection busy."""
    quick = sending.queries.taken_back

    def slow(*given: Any) -> Any:
        time.sleep(sending.FRESH_S * 2)
        return quick(*given)

    monkeypatch.setattr(sending.queries, "taken_back", slow)
    carrier.control(latency_ms=600)
    world.add_people(300)
    world.queue()
    messaging.send(moving, world.org, world.sender, slice_s=10.0)
    assert world.states() == {"accepted": 300}
    assert len(carrier.accepted()) == 300
