"""Which texts that failed may be sent anew by a person: those that nobody got, and that may get through later."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from leadflow.messaging.rules.codes import consequence
from leadflow.messaging.types import Consequence
from models.vocabulary import MessageState

UNREACHABLE = "unreachable"
OUR_NUMBER = "our_number"
TOO_FAST = "too_fast"
UNEXPLAINED = "unexplained"
UNKNOWN_END = "unknown_end"

WORDS: Mapping[str, str] = MappingProxyType(
    {
        UNREACHABLE: "Their phone was off or out of reach",
        OUR_NUMBER: "The carrier refused our number",
        TOO_FAST: "The carrier's queue was full",
        UNEXPLAINED: "The carrier gave no reason",
        UNKNOWN_END: "Nobody knows how it ended",
    }
)
CERTAIN = frozenset({UNREACHABLE, OUR_NUMBER, TOO_FAST, UNEXPLAINED})
"""The carrier has reported that it delivered nothing."""
_LATER: Mapping[Consequence, str] = MappingProxyType(
    {
        Consequence.UNREACHABLE: UNREACHABLE,
        Consequence.STOP_SENDER: OUR_NUMBER,
        Consequence.STOP_ACCOUNT: OUR_NUMBER,
        Consequence.BACK_OFF: TOO_FAST,
    }
)
"""The rest would fail again, or must not be tried: dead and invalid numbers, landlines, filters, opt-outs, the text."""
FAILED = frozenset({MessageState.UNDELIVERED, MessageState.FAILED})


def reason(state: MessageState, code: int | None) -> str | None:
    """Say why a text may be sent anew; None where it must not be.

    Args:
        state: how it ended.
        code: the carrier's error code.
    """
    if state is MessageState.FAILED_UNKNOWN:
        return UNKNOWN_END
    if state not in FAILED:
        return None
    return UNEXPLAINED if code is None else _LATER.get(consequence(code))
