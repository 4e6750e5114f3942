"""What each of the carrier's error codes asks for. Data: a new code is a new line."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from leadflow.messaging.types import Consequence

TABLE: Mapping[int, Consequence] = MappingProxyType(
    {
        20003: Consequence.STOP_ACCOUNT,  # credentials refused
        20429: Consequence.BACK_OFF,  # too many requests
        21211: Consequence.INVALID_NUMBER,
        21212: Consequence.STOP_SENDER,  # From is not a number
        21408: Consequence.STOP_SENDER,  # region not enabled
        21602: Consequence.CONTENT,  # no body
        21606: Consequence.STOP_SENDER,  # From cannot send texts
        21610: Consequence.OPT_OUT,
        21611: Consequence.BACK_OFF,  # the sender's queue at the carrier is full
        21612: Consequence.NONE,  # this pair is not reachable
        21614: Consequence.LANDLINE,
        21617: Consequence.CONTENT,  # too long
        30001: Consequence.BACK_OFF,  # queue overflow
        30002: Consequence.STOP_ACCOUNT,  # account suspended
        30003: Consequence.UNREACHABLE,
        30004: Consequence.FILTERED,  # blocked
        30005: Consequence.DEAD_NUMBER,
        30006: Consequence.LANDLINE,
        30007: Consequence.FILTERED,
        30008: Consequence.UNREACHABLE,  # unknown
        30034: Consequence.STOP_SENDER,  # not in an approved 10DLC campaign
    }
)
"""Code to consequence. https://www.twilio.com/docs/api/errors"""


def consequence(code: int | None) -> Consequence:
    """Say what ``code`` asks for; an unknown code concerns only its own text."""
    return Consequence.NONE if code is None else TABLE.get(code, Consequence.NONE)
