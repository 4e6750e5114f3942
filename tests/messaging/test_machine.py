"""The state machine: what the carrier's news and our own acts may do to a text."""

from __future__ import annotations

from collections import deque
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadflow.messaging.errors import IllegalMove
from leadflow.messaging.rules.machine import (
    CARRIER_STATUS,
    TERMINAL,
    TRANSITIONS,
    advance,
    must_advance,
    origins,
    target,
)
from leadflow.messaging.types import Event
from models.vocabulary import MessageState

RANK = {
    MessageState.QUEUED: 0,
    MessageState.CLAIMED: 0,
    MessageState.SUBMITTING: 0,
    MessageState.UNKNOWN: 0,
    MessageState.ACCEPTED: 1,
    MessageState.SENT: 2,
}
"""How far the carrier has got with a text; ends rank highest."""
NEWS = [event for event in Event if event in set(CARRIER_STATUS.values())]


def rank(state: MessageState) -> int:
    return 3 if state in TERMINAL else RANK[state]


@given(st.lists(st.sampled_from(NEWS)))
def test_news_of_the_carrier_in_any_order_never_take_a_text_back(news):
    state = MessageState.SUBMITTING
    for event in news:
        after = advance(state, event) or state
        assert rank(after) >= rank(state)
        state = after


@given(st.permutations(["queued", "sent", "delivered"]), st.integers(1, 3))
def test_reordered_and_doubled_callbacks_end_as_delivered(order, times):
    state = MessageState.SUBMITTING
    for status in list(order) * times:
        state = advance(state, CARRIER_STATUS[status]) or state
    assert state is MessageState.DELIVERED


@given(st.sampled_from(sorted(TERMINAL)), st.sampled_from(list(Event)))
def test_nothing_moves_a_text_from_an_end(state, event):
    assert advance(state, event) is None
    with pytest.raises(IllegalMove):
        must_advance(state, event)


def test_every_state_can_be_reached_and_every_other_one_can_end():
    reached, todo = {MessageState.QUEUED}, deque([MessageState.QUEUED])
    while todo:
        state = todo.popleft()
        for moves in TRANSITIONS.values():
            if state in moves and moves[state] not in reached:
                reached.add(moves[state])
                todo.append(moves[state])
    assert reached == set(MessageState)
    for state in set(MessageState) - TERMINAL:
        assert any(state in moves for moves in TRANSITIONS.values())


def test_a_submitted_text_goes_back_to_the_queue_only_when_it_was_certainly_not_sent():
    back = {event for event, moves in TRANSITIONS.items() if MessageState.QUEUED in moves.values()}
    assert back == {Event.RELEASE, Event.NOT_SENT, Event.REQUEUE}
    assert origins(Event.REQUEUE) == ("unknown",)
    assert origins(Event.NOT_SENT) == ("submitting",)


def test_an_unknown_text_cannot_be_submitted_or_withdrawn():
    for event in (Event.SUBMIT, Event.CLAIM, Event.WITHDRAW, Event.RECALL, Event.NOT_SENT):
        assert advance(MessageState.UNKNOWN, event) is None


@given(st.sampled_from(list(Event)))
def test_each_event_leads_to_one_state(event):
    assert {moved.value for moved in TRANSITIONS[event].values()} == {target(event)}


def test_the_document_draws_every_state_and_every_move():
    drawn = (Path(__file__).parents[2] / "docs/explanation/sending.md").read_text()
    for moves in TRANSITIONS.values():
        for origin, end in moves.items():
            assert f"{origin.value} --> {end.value}" in drawn, f"{origin.value} --> {end.value}"
