"""What the carrier reports and what people send: signed, stored once, and in force before the answer."""

from __future__ import annotations

from datetime import timedelta

import pytest

from leadflow.kernel.clock import FrozenClock
from leadflow.messaging import service as messaging
from leadflow.messaging.service import answers, batching
from leadflow.messaging.types import Accepted, Result, Submission, Unknown
from models.base import new_id
from models.vocabulary import Purpose
from tests.messaging.calls import Calls, sms
from tests.messaging.world import World

SID = "SM" + "a" * 32


def posted(world: World, count: int = 1) -> list[Submission]:
    """Submit a batch that the carrier has taken, without its answer having reached us."""
    world.add_people(count)
    world.queue()
    return list(batching.take(world.db, world.org, world.sender).submissions)


def accept(world: World, one: Submission, sid: str = SID) -> None:
    answers.record(world.db, world.org, [Result(one, Accepted(sid, 1))])


def state(world: World) -> str:
    messaging.apply_callbacks(world.db)
    return world.one("select state from message")


# Signatures


@pytest.mark.parametrize(
    "how",
    [
        {"token": "wrong"},
        {"base": "https://testserver"},
        {"base": "http://elsewhere"},
    ],
)
def test_a_forged_call_is_refused_and_nothing_is_written(world: World, calls: Calls, how: dict[str, str]):
    one = sms(SID, "+13125550001", world.sender_e164)
    form = {"MessageSid": one.sid, "MessageStatus": "delivered", "From": one.from_, "To": one.to}
    assert calls.post(f"/hooks/twilio/status?m={new_id()}", form, **how).status_code == 403
    text = {"MessageSid": one.sid, "From": one.to, "To": one.from_, "Body": "STOP"}
    assert calls.post("/hooks/twilio/inbound", text, **how).status_code == 403
    assert world.one("select count(*) from webhook_inbox") == 0
    assert world.one("select count(*) from suppression") == 0


def test_a_call_without_a_signature_or_with_a_changed_field_is_refused(world: World, calls: Calls):
    form = {"MessageSid": SID, "MessageStatus": "sent", "From": world.sender_e164}
    assert calls.api.post("/hooks/twilio/status", data=form).status_code == 403
    right = calls.post("/hooks/twilio/status", form)
    changed = calls.api.post(
        "/hooks/twilio/status",
        data={**form, "MessageStatus": "failed"},
        headers={"X-Twilio-Signature": right.request.headers["X-Twilio-Signature"]},
    )
    assert (right.status_code, changed.status_code) == (204, 403)
    assert world.rows("select status from webhook_inbox") == [("sent",)]


def test_the_host_that_a_call_names_is_not_believed(world: World, calls: Calls):
    form = {"MessageSid": SID, "MessageStatus": "sent", "From": world.sender_e164}
    calls.api.headers["Host"] = "evil.example"
    assert calls.post("/hooks/twilio/status", form, base="http://evil.example").status_code == 403
    assert calls.post("/hooks/twilio/status", form).status_code == 204


def test_a_call_that_is_too_long_is_refused(calls: Calls):
    assert calls.post("/hooks/twilio/status", {"MessageSid": SID, "Body": "a" * 1_000_000}).status_code in {413, 422}


# Reports


def test_a_report_moves_the_text_that_its_address_names(world: World, calls: Calls):
    (one,) = posted(world)
    accept(world, one)
    assert calls.status(one.held.id, SID, "sent").status_code == 204
    assert state(world) == "sent"
    calls.status(one.held.id, SID, "delivered")
    assert state(world) == "delivered"
    assert world.rows("select state from message_event order by at, id") == [("accepted",), ("sent",), ("delivered",)]


def test_reports_in_the_wrong_order_and_many_times_over_end_as_delivered(world: World, calls: Calls):
    (one,) = posted(world)
    accept(world, one)
    for _ in range(3):
        for status in ("delivered", "sent", "queued"):
            calls.status(one.held.id, SID, status)
            messaging.apply_callbacks(world.db)
    assert state(world) == "delivered"
    assert world.one("select count(*) from webhook_inbox") == 3
    assert world.one("select count(*) from webhook_inbox where applied_at is null") == 0


def test_a_report_before_the_answer_settles_the_text_once(world: World, calls: Calls):
    (one,) = posted(world)
    calls.status(one.held.id, SID, "sent")
    assert state(world) == "sent"
    accept(world, one)
    assert state(world) == "sent"
    assert world.rows("select carrier_sid from message") == [(SID,)]
    assert world.rows("select reserved::int, spent::int from budget where subject = 'organization'") == [(0, 110)]
    assert world.one("select count(*) from activity where kind = 'text_out'") == 1


def test_a_report_resolves_a_text_that_nobody_knew_of(world: World, calls: Calls):
    (one,) = posted(world)
    answers.record(world.db, world.org, [Result(one, Unknown("cut"))])
    calls.status(one.held.id, SID, "delivered")
    assert state(world) == "delivered"
    assert world.rows("select reserved::int, spent::int from budget where subject = 'organization'") == [(0, 110)]


def test_a_report_that_comes_before_its_id_is_known_is_kept_and_joined_later(world: World, calls: Calls):
    (one,) = posted(world)
    form = {"MessageSid": SID, "MessageStatus": "delivered", "From": world.sender_e164}
    assert calls.post("/hooks/twilio/status", form).status_code == 204
    assert state(world) == "submitting"
    accept(world, one)
    assert state(world) == "delivered"


def test_a_report_of_another_organisations_number_moves_nothing(world: World, another_world: World, calls: Calls):
    (one,) = posted(world)
    accept(world, one)
    form = {"MessageSid": SID, "MessageStatus": "failed", "From": another_world.sender_e164}
    assert calls.post(f"/hooks/twilio/status?m={one.held.id}", form).status_code == 204
    assert state(world) == "accepted"


def test_a_failure_without_a_code_keeps_the_code_that_was_told_before(world: World, calls: Calls):
    (one,) = posted(world)
    accept(world, one)
    world.do("update message set error_code = 30003")
    calls.status(one.held.id, SID, "undelivered")
    assert state(world) == "undelivered"
    assert world.one("select error_code from message") == 30003


@pytest.mark.parametrize(
    ("code", "question", "answer"),
    [
        (30005, "select status from phone", "dead"),
        (30006, "select line_type from phone", "landline"),
        (21610, "select min(kind) from suppression", "carrier_opt_out"),
        (30034, "select (disabled_at is not null)::text from sender_number", "true"),
    ],
)
def test_a_code_has_its_consequence(world: World, calls: Calls, code: int, question: str, answer: str):
    (one,) = posted(world)
    accept(world, one)
    calls.status(one.held.id, SID, "undelivered", code)
    assert state(world) == "undelivered"
    assert world.one(question) == answer


def test_a_stored_report_wakes_one_job_however_many_come(world: World, calls: Calls):
    for number in range(5):
        calls.status(new_id(), f"SM{number:032d}", "sent")
    assert world.one("select count(*) from job where kind = 'callback.apply'") == 1


# What people send


@pytest.mark.parametrize(
    "body",
    [
        "STOP",
        "stop",
        " Stop. ",
        "QUIT",
        "end",
        "REVOKE",
        "opt out",
        "CANCEL",
        "unsubscribe",
        "STOP 🛑",
        "please stop texting me",
    ],
)
def test_an_opt_out_is_in_force_when_the_carrier_gets_its_answer(world: World, calls: Calls, body: str):
    (person,) = world.add_people(1)
    world.queue()
    answer = calls.text(person.e164, body)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/xml")
    assert answer.text.endswith("<Response/>")
    assert world.one("select count(*) from suppression where kind = 'opt_out' and released_at is null") >= 1
    batch = batching.take(world.db, world.org, world.sender)
    assert all(one.held.purpose is Purpose.CONFIRMATION for one in batch.submissions)
    assert world.rows("select reasons[1] from message where purpose = 'campaign'") == [("opted_out",)]


def test_an_opt_out_reaches_every_number_of_the_person(world: World, calls: Calls):
    first, second = world.add_people(2)
    world.do(
        "insert into person_phone (org_id, person_id, phone_id) values (%s, %s, %s)",
        world.org,
        first.person,
        second.phone,
    )
    calls.text(first.e164, "STOP")
    closed = world.rows("select e164 from phone_gate where closed_at is not null order by 1")
    assert closed == [(int(first.e164),), (int(second.e164),)]


def test_the_same_text_a_hundred_times_is_one_text(world: World, calls: Calls):
    (person,) = world.add_people(1)
    for _ in range(20):
        assert calls.text(person.e164, "please stop texting me", sid=SID).status_code == 200
    assert world.one("select count(*) from inbound_message") == 1
    assert world.one("select unread from conversation") == 1
    assert world.one("select count(*) from message where purpose = 'confirmation'") == 1


def test_we_confirm_once_and_not_where_the_carrier_has_done_so(world: World, calls: Calls):
    asked, commanded, advanced = world.add_people(3)
    calls.text(asked.e164, "please stop texting me")
    calls.text(asked.e164, "I said stop contacting me")
    calls.text(commanded.e164, "STOP")
    calls.text(advanced.e164, "no more of this", opt_out="STOP")
    confirmed = world.rows("select e164, body from message where purpose = 'confirmation'")
    assert confirmed == [
        (int(asked.e164), "Cedar Homes: You are unsubscribed and will get no more texts from us. Reply START to undo.")
    ]
    assert world.one("select count(distinct e164) from suppression where kind = 'opt_out'") == 3


def test_the_confirmation_passes_the_gate_and_nothing_else_does(world: World, calls: Calls):
    (person,) = world.add_people(1)
    world.queue()
    calls.text(person.e164, "please stop texting me")
    batch = batching.take(world.db, world.org, world.sender)
    assert [one.held.purpose.value for one in batch.submissions] == ["confirmation"]


def test_start_undoes_what_stop_did_and_nothing_else(world: World, calls: Calls, clock: FrozenClock):
    (person,) = world.add_people(1)
    world.do(
        "insert into suppression (org_id, kind, e164, at, source) values (%s, 'internal_dnc', %s, now(), 'manual')",
        world.org,
        int(person.e164),
    )
    calls.text(person.e164, "STOP")
    clock.advance(timedelta(minutes=1))
    calls.text(person.e164, "START")
    standing = world.rows("select distinct kind from suppression where released_at is null")
    assert standing == [("internal_dnc",)]


def test_a_reply_opens_a_conversation_with_the_lead_that_was_texted(world: World, calls: Calls):
    (one,) = posted(world)
    accept(world, one)
    calls.text(one.held.e164, "Yes, how much would you pay?")
    (found,) = world.rows("select e164, person_id, lead_id, unread, label, locked, last_snippet from conversation")
    assert found[:4] == (int(one.held.e164), one.held.person_id, one.held.lead_id, 1)
    assert found[5:] == (False, "Yes, how much would you pay?")
    assert world.rows("select kind from activity where lead_id = %s order by kind", one.held.lead_id) == [
        ("text_in",),
        ("text_out",),
    ]


def test_a_legal_threat_locks_the_conversation_and_asks_a_person(world: World, calls: Calls):
    (person,) = world.add_people(1)
    calls.text(person.e164, "My attorney will be in touch, this violates the TCPA. See you in court.")
    assert world.rows("select locked, label from conversation") == [(True, "hostile_legal")]
    kinds = {row[0] for row in world.rows("select kind from suppression where released_at is null")}
    assert "legal_threat" in kinds
    assert world.one("select count(*) from task where state = 'open'") == 1


def test_a_wrong_number_closes_this_number_only(world: World, calls: Calls):
    (person,) = world.add_people(1)
    calls.text(person.e164, "wrong number")
    assert world.rows("select kind, e164 from suppression") == [("wrong_number", int(person.e164))]
    assert world.one("select status from phone") == "wrong"


def test_a_text_to_a_number_that_is_nobodys_is_stored_and_answered(world: World, calls: Calls):
    one = sms(SID, "+19998887777", "+13125550001", "Hello")
    form = {"MessageSid": one.sid, "From": one.from_, "To": one.to, "Body": one.body}
    assert calls.post("/hooks/twilio/inbound", form).status_code == 200
    assert world.rows("select outcome from webhook_inbox") == [("no such number",)]
    assert world.one("select count(*) from conversation") == 0


@pytest.mark.parametrize("missing", ["MessageSid", "From", "To"])
def test_a_text_without_what_every_text_has_is_refused(world: World, calls: Calls, missing: str):
    form = {"MessageSid": SID, "From": "+13125550001", "To": world.sender_e164, "Body": "Hello"}
    del form[missing]
    assert calls.post("/hooks/twilio/inbound", form).status_code == 422
