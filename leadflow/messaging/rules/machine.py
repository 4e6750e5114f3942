"""Where each event leads a message. The only copy: SQL takes its ``where state in (…)`` from ``origins``.

    queued -> claimed -> submitting -> accepted -> sent -> delivered | undelivered | failed
      |          |            |-> rejected
      |          |            |-> unknown -> accepted | … | queued (proved absent) | failed_unknown
      |          |            '-> queued (certainly not sent) | withdrawn (recalled before the POST)
      |          '-> queued | blocked | expired_window | withdrawn
      '-> blocked | expired_window | withdrawn

A text at the carrier of which no end is ever reported becomes failed_unknown too, after the carrier was asked for days.

A carrier's callback proves that it has the text, so it moves any message that has not ended, even one that we took for
unsent: the callback then forestalls a second text.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from leadflow.messaging.errors import IllegalMove
from leadflow.messaging.types import Event
from models.vocabulary import MessageState as State

TERMINAL = frozenset(
    {
        State.DELIVERED,
        State.UNDELIVERED,
        State.FAILED,
        State.REJECTED,
        State.FAILED_UNKNOWN,
        State.BLOCKED,
        State.EXPIRED_WINDOW,
        State.WITHDRAWN,
    }
)
"""Nothing moves a message from here."""

_OPEN = (State.QUEUED, State.CLAIMED, State.SUBMITTING, State.UNKNOWN)
_AT_CARRIER = (State.ACCEPTED, State.SENT)


def _all_to(target: State, *origins: State) -> Mapping[State, State]:
    return MappingProxyType(dict.fromkeys(origins, target))


TRANSITIONS: Mapping[Event, Mapping[State, State]] = MappingProxyType(
    {
        Event.CLAIM: _all_to(State.CLAIMED, State.QUEUED),
        Event.RELEASE: _all_to(State.QUEUED, State.CLAIMED),
        Event.BLOCK: _all_to(State.BLOCKED, State.QUEUED, State.CLAIMED),
        Event.EXPIRE: _all_to(State.EXPIRED_WINDOW, State.QUEUED, State.CLAIMED),
        Event.WITHDRAW: _all_to(State.WITHDRAWN, State.QUEUED, State.CLAIMED),
        Event.SUBMIT: _all_to(State.SUBMITTING, State.CLAIMED),
        Event.RECALL: _all_to(State.WITHDRAWN, State.SUBMITTING),
        Event.NOT_SENT: _all_to(State.QUEUED, State.SUBMITTING),
        Event.REJECT: _all_to(State.REJECTED, State.SUBMITTING),
        Event.LOSE: _all_to(State.UNKNOWN, State.SUBMITTING),
        Event.REQUEUE: _all_to(State.QUEUED, State.UNKNOWN),
        Event.GIVE_UP: _all_to(State.FAILED_UNKNOWN, State.UNKNOWN, *_AT_CARRIER),
        Event.ACCEPT: _all_to(State.ACCEPTED, *_OPEN),
        Event.SENT: _all_to(State.SENT, *_OPEN, State.ACCEPTED),
        Event.DELIVER: _all_to(State.DELIVERED, *_OPEN, *_AT_CARRIER),
        Event.UNDELIVER: _all_to(State.UNDELIVERED, *_OPEN, *_AT_CARRIER),
        Event.FAIL: _all_to(State.FAILED, *_OPEN, *_AT_CARRIER),
    }
)

CARRIER_STATUS: Mapping[str, Event] = MappingProxyType(
    {
        "accepted": Event.ACCEPT,
        "scheduled": Event.ACCEPT,
        "queued": Event.ACCEPT,
        "sending": Event.ACCEPT,
        "sent": Event.SENT,
        "delivered": Event.DELIVER,
        "read": Event.DELIVER,
        "partially_delivered": Event.DELIVER,
        "undelivered": Event.UNDELIVER,
        "failed": Event.FAIL,
        "canceled": Event.FAIL,
    }
)
"""Twilio's message statuses as events.

https://www.twilio.com/docs/messaging/api/message-resource#message-status-values
"""


def advance(state: State, event: Event) -> State | None:
    """Say where ``event`` leads from ``state``; None when it changes nothing there (late, doubled or out of order)."""
    return TRANSITIONS[event].get(state)


def must_advance(state: State, event: Event) -> State:
    """The same where anything but a move is a bug.

    Raises:
        IllegalMove: ``event`` cannot happen in ``state``.
    """
    target = advance(state, event)
    if target is None:
        raise IllegalMove(f"{event} in {state}")
    return target


def origins(event: Event) -> tuple[str, ...]:
    """List the states in which ``event`` moves a message, for SQL."""
    return tuple(state.value for state in TRANSITIONS[event])


def target(event: Event) -> str:
    """Name the state to which ``event`` leads; each event has one."""
    (only,) = set(TRANSITIONS[event].values())
    return only.value
