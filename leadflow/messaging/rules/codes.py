"""What each of the carrier's error codes means, what LeadFlow does about it, and what a person can do.

Data: a new code is a new line. ``docs/reference/carrier-errors.md`` is written from here (`make carrier-errors`), and
pages show the same words beside a failed text.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from leadflow.messaging.types import Consequence


class Handling(NamedTuple):
    """What follows from a code.

    Attributes:
        done: what LeadFlow does by itself.
        todo: what a person can do.
    """

    done: str
    todo: str


class Code(NamedTuple):
    """One of the carrier's codes.

    Attributes:
        asks: what it asks for.
        means: in plain words.
        todo: what a person can do, where that differs from others of the same sort.
    """

    asks: Consequence
    means: str
    todo: str = ""


class Meaning(NamedTuple):
    """A code as people read it; ``code`` is None where the carrier gave none."""

    code: int | None
    means: str
    done: str
    todo: str


HANDLING: Mapping[Consequence, Handling] = MappingProxyType(
    {
        Consequence.INVALID_NUMBER: Handling(
            "The number is marked as dead; no text and no call goes to it again.",
            "Look for another number of this person.",
        ),
        Consequence.DEAD_NUMBER: Handling(
            "The number is marked as dead; no text and no call goes to it again.",
            "Look for another number of this person.",
        ),
        Consequence.LANDLINE: Handling(
            "The number is marked as a landline; no text goes to it again. Calls may.",
            "Call, or write a letter.",
        ),
        Consequence.OPT_OUT: Handling(
            "The number is closed as opted out, for every campaign and every answer by hand.",
            "Nothing. Only the person can undo it, by texting START to your number.",
        ),
        Consequence.STOP_SENDER: Handling(
            "Your number stops sending at once. A text that was refused when it was handed over goes back to the "
            "queue.",
            "Have the number's registration and permissions put right at the carrier, then let the number send again "
            "under Settings, Numbers.",
        ),
        Consequence.STOP_ACCOUNT: Handling(
            "All your numbers stop sending at once. A text that was refused when it was handed over goes back to the "
            "queue.",
            "Put the account right at the carrier (credentials, balance, suspension), then let the numbers send again "
            "under Settings, Numbers.",
        ),
        Consequence.BACK_OFF: Handling(
            "A text that was refused when it was handed over goes back to the queue and is tried again after a pause.",
            "Nothing, unless it lasts; then send fewer texts a minute. What failed later can be sent anew from the "
            "finished campaign.",
        ),
        Consequence.FILTERED: Handling(
            "The text is never sent again. It counts for the campaign's weather, which pauses a campaign that is "
            "filtered too often.",
            "Look at the campaign's weather. Say who you are, take out links and shouting, and check the 10DLC "
            "registration before you go on.",
        ),
        Consequence.UNREACHABLE: Handling(
            "Nothing is tried by itself; the number stays in use.",
            "Send it anew from the finished campaign, at another hour.",
        ),
        Consequence.CONTENT: Handling(
            "Only this text has ended; the number stays in use.",
            "Change the text of the campaign.",
        ),
        Consequence.NONE: Handling(
            "Only this text has ended; the number stays in use.",
            "Look the code up at the carrier (twilio.com/docs/api/errors).",
        ),
    }
)
"""What LeadFlow does and what a person can do, by what a code asks for."""

CODES: Mapping[int, Code] = MappingProxyType(
    {
        20003: Code(Consequence.STOP_ACCOUNT, "The carrier did not accept your account's credentials."),
        20429: Code(Consequence.BACK_OFF, "Too many requests came at once."),
        21211: Code(Consequence.INVALID_NUMBER, "There is no such number."),
        21212: Code(Consequence.STOP_SENDER, "The number that you send from is not a number of the carrier."),
        21408: Code(Consequence.STOP_SENDER, "Your account may not send texts to this region."),
        21602: Code(Consequence.CONTENT, "The text was empty."),
        21606: Code(Consequence.STOP_SENDER, "The number that you send from cannot send texts, or is not yours."),
        21610: Code(Consequence.OPT_OUT, "The person has opted out at the carrier."),
        21611: Code(Consequence.BACK_OFF, "The queue of your number at the carrier was full."),
        21612: Code(
            Consequence.NONE,
            "This number cannot be reached from the one that you send from.",
            "Send from another number, or call.",
        ),
        21614: Code(Consequence.LANDLINE, "The number cannot receive texts."),
        21617: Code(Consequence.CONTENT, "The text was too long."),
        30001: Code(Consequence.BACK_OFF, "Too many texts waited at the carrier."),
        30002: Code(Consequence.STOP_ACCOUNT, "The carrier has suspended your account."),
        30003: Code(Consequence.UNREACHABLE, "The phone was off or out of reach."),
        30004: Code(Consequence.FILTERED, "The text was blocked, by the person or by their carrier."),
        30005: Code(Consequence.DEAD_NUMBER, "The number is unknown or no longer in use."),
        30006: Code(Consequence.LANDLINE, "The number is a landline, or its carrier takes no texts."),
        30007: Code(Consequence.FILTERED, "A carrier's filter stopped the text as unwanted."),
        30008: Code(Consequence.UNREACHABLE, "It did not arrive, and the carrier does not know why."),
        30034: Code(Consequence.STOP_SENDER, "The number that you send from is in no approved 10DLC campaign."),
    }
)
"""https://www.twilio.com/docs/api/errors"""

TABLE: Mapping[int, Consequence] = MappingProxyType({code: entry.asks for code, entry in CODES.items()})
"""Code to consequence."""

ANSWERS: tuple[tuple[str, Handling], ...] = (
    (
        "429, or 503 with Retry-After",
        Handling(
            "The text was not taken: it goes back to the queue and waits as long as the carrier asks.", "Nothing."
        ),
    ),
    (
        "Any other 5xx, 408, an answer that breaks off or says nothing",
        Handling(
            "Nobody knows whether the text was taken, so it is never sent again blindly: it becomes *unknown*, and the "
            "carrier's list is asked until it is found or proved absent.",
            "Nothing. What stays unknown for days is shown as such; whether to send it anew is your word.",
        ),
    ),
    (
        "No connection",
        Handling(
            "The text was not taken: it goes back to the queue.", "Nothing, unless it lasts; see Settings, Providers."
        ),
    ),
    (
        "Five failures within thirty seconds that are half of the last calls",
        Handling(
            "The carrier is left alone for half a minute, then longer, until one call shows that it answers again. "
            "What is queued waits.",
            "Nothing. Settings, Providers, says since when and when the next attempt is made.",
        ),
    ),
    (
        "Another 4xx, with a code or without",
        Handling("As the code says; without one, only this text has ended.", "See the codes."),
    ),
)
"""What is done about answers that are no code of a text: the status of an HTTP answer, or what came instead."""
UNEXPLAINED = "The carrier gave no reason."


def consequence(code: int | None) -> Consequence:
    """Say what ``code`` asks for; an unknown code concerns only its own text."""
    return Consequence.NONE if code is None else TABLE.get(code, Consequence.NONE)


def explain(code: int | None) -> Meaning:
    """Say what a code means to people, what LeadFlow does and what they can do."""
    entry = CODES.get(code) if code is not None else None
    if entry is None:
        means = UNEXPLAINED if code is None else "The carrier refused it with a code of its own."
        entry = Code(Consequence.NONE, means)
    handling = HANDLING[entry.asks]
    return Meaning(code, entry.means, handling.done, entry.todo or handling.todo)
