"""Every error of the carrier is classed, and people read what it means, what was done and what they can do."""

from __future__ import annotations

import pytest

from leadflow.messaging import service as messaging
from leadflow.messaging.rules.codes import CODES, HANDLING, TABLE, UNEXPLAINED, consequence, explain
from leadflow.messaging.service import answers, batching
from leadflow.messaging.types import Accepted, Consequence, Rejected, Result
from tests.messaging.calls import Calls
from tests.messaging.world import World

ASKED = (30003, 30005, 30006, 30007, 30008, 30034, 21610, 21211, 21614, 20429)
"""Codes that complaints and the design of sending name."""


def test_the_codes_that_matter_are_classed():
    assert {code: consequence(code) for code in ASKED} == {
        30003: Consequence.UNREACHABLE,
        30005: Consequence.DEAD_NUMBER,
        30006: Consequence.LANDLINE,
        30007: Consequence.FILTERED,
        30008: Consequence.UNREACHABLE,
        30034: Consequence.STOP_SENDER,
        21610: Consequence.OPT_OUT,
        21211: Consequence.INVALID_NUMBER,
        21614: Consequence.LANDLINE,
        20429: Consequence.BACK_OFF,
    }
    assert set(TABLE) == set(CODES)


def test_everything_that_a_code_can_ask_for_says_what_is_done_and_what_to_do():
    assert set(HANDLING) == set(Consequence)
    for code in CODES:
        found = explain(code)
        assert all(text.endswith(".") and len(text) > 5 for text in found[1:]), code


@pytest.mark.parametrize(
    ("code", "means"), [(None, UNEXPLAINED), (99_999, "The carrier refused it with a code of its own.")]
)
def test_a_code_that_nobody_knows_is_said_to_be_one(code: int | None, means: str):
    assert explain(code).means == means
    assert explain(code).done == HANDLING[Consequence.NONE].done


def test_the_timeline_says_why_a_text_did_not_arrive_and_what_was_done(world: World, calls: Calls):
    world.queue(people=world.add_people(2))
    one, other = batching.take(world.db, world.org, world.sender).submissions
    refused = Result(other, Rejected(21614, Consequence.LANDLINE))
    answers.record(world.db, world.org, [Result(one, Accepted("SM" + "a" * 32, 1)), refused])
    for _ in range(2):
        calls.status(one.held.id, "SM" + "a" * 32, "undelivered", 30003)
        messaging.apply_callbacks(world.db)
    said = dict(world.rows("select lead_id, summary from activity where kind = 'text_failed'"))
    assert said == {
        one.held.lead_id: "A text did not arrive (carrier code 30003). The phone was off or out of reach. "
        "Nothing is tried by itself; the number stays in use.",
        other.held.lead_id: "A text did not arrive (carrier code 21614). The number cannot receive texts. "
        "The number is marked as a landline; no text goes to it again. Calls may.",
    }
