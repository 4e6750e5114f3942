"""What the simulated carrier and the people behind the numbers do. Pure: same seed and number, same fate."""

from __future__ import annotations

import hashlib
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field, model_validator


class FaultKind(StrEnum):
    """A way in which a request can go wrong."""

    RATE_LIMITED = "rate_limited"
    """429 with code 20429 and Retry-After; never accepted."""
    UNAUTHORISED = "unauthorised"
    """401 with code 20003; never accepted."""
    ERROR_500 = "error_500"
    ERROR_502 = "error_502"
    UNAVAILABLE = "unavailable"
    """503; with Retry-After it was certainly not accepted."""
    RESET = "reset"
    """The connection is reset after the request was read."""
    SILENCE = "silence"
    """No answer for ``seconds``."""
    DRIP = "drip"
    """The answer comes one byte every ``seconds``."""
    BROKEN_JSON = "broken_json"
    SAME_SID = "same_sid"
    """The answer carries the id of an earlier message."""


NEVER_ACCEPTED = frozenset({FaultKind.RATE_LIMITED, FaultKind.UNAUTHORISED})


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Fault(_Strict):
    """One fault and whom it strikes.

    Attributes:
        kind: what happens.
        share: fraction of numbers struck, chosen by seed and number.
        numbers: numbers struck besides (E.164).
        per_number: how often one number is struck before it is spared.
        accepted: whether the carrier took the message all the same (``None``: half of them, by seed).
        retry_after_s: the header, for 429 and 503.
        seconds: pause of ``silence`` and of each byte of ``drip``.
    """

    kind: FaultKind
    share: float = Field(default=0.0, ge=0, le=1)
    numbers: frozenset[str] = frozenset()
    per_number: int = 1
    accepted: bool | None = None
    retry_after_s: int | None = None
    seconds: float = 60.0


class Outcomes(_Strict):
    """What becomes of accepted messages, as shares; the rest is delivered."""

    undelivered: float = Field(default=0.0, ge=0, le=1)
    failed: float = Field(default=0.0, ge=0, le=1)
    filtered: float = Field(default=0.0, ge=0, le=1)
    """Undelivered with 30007."""
    undelivered_codes: tuple[int, ...] = (30003, 30005, 30006)
    failed_codes: tuple[int, ...] = (30008,)

    @model_validator(mode="after")
    def at_most_everything(self) -> Outcomes:
        """Refuse shares that add up to more than one."""
        if self.undelivered + self.failed + self.filtered > 1:
            msg = "the shares of undelivered, failed and filtered exceed one"
            raise ValueError(msg)
        return self


class Callbacks(_Strict):
    """How status callbacks behave; shares of messages, chosen by seed and number."""

    sent_after_s: float = 0.2
    final_after_s: float = 0.8
    doubled: float = 0.0
    reversed: float = 0.0
    """The final status arrives before ``sent``."""
    never: float = 0.0
    before_answer: float = 0.0
    """All callbacks arrive before the answer to the POST."""


class Reply(_Strict):
    """What a share of the people answers to the first text they receive."""

    share: float = Field(gt=0, le=1)
    body: str
    after_s: float = 2.0


class Scenario(_Strict):
    """Everything that is configured. ``POST /__control`` replaces single members while running."""

    seed: int = 1
    latency_ms: float = 0.0
    list_lag_s: float = 0.0
    """How long a message is missing from the list after it was accepted."""
    per_sender_per_s: float | None = None
    """More than this a second from one number is answered 429."""
    advanced_opt_out: bool = False
    """Name the opt-out in the inbound webhook (``OptOutType``)."""
    outcomes: Outcomes = Outcomes()
    callbacks: Callbacks = Callbacks()
    replies: tuple[Reply, ...] = ()
    faults: tuple[Fault, ...] = ()


class Fate(_Strict):
    """The end of one accepted message."""

    status: str
    error_code: int | None = None


def roll(seed: int, purpose: str, number: str) -> float:
    """Answer a fraction in [0, 1) that depends on its arguments only."""
    digest = hashlib.sha256(f"{seed}:{purpose}:{number}".encode()).digest()
    return int.from_bytes(digest[:7], "big") / float(1 << 56)


def fate(scenario: Scenario, number: str) -> Fate:
    """Say how a message to ``number`` ends."""
    shares, at = scenario.outcomes, roll(scenario.seed, "fate", number)
    if at < shares.filtered:
        return Fate(status="undelivered", error_code=30007)
    if (at := at - shares.filtered) < shares.undelivered:
        return Fate(
            status="undelivered",
            error_code=choose(scenario.seed, number, shares.undelivered_codes),
        )
    if at - shares.undelivered < shares.failed:
        return Fate(
            status="failed",
            error_code=choose(scenario.seed, number, shares.failed_codes),
        )
    return Fate(status="delivered")


def choose(seed: int, number: str, codes: tuple[int, ...]) -> int:
    """Pick one of ``codes`` for ``number``."""
    return codes[int(roll(seed, "code", number) * len(codes))]


def reply(scenario: Scenario, number: str) -> Reply | None:
    """Say what the person behind ``number`` answers, if anything."""
    at = roll(scenario.seed, "reply", number)
    for script in scenario.replies:
        if at < script.share:
            return script
        at -= script.share
    return None


def fault(scenario: Scenario, number: str, struck: dict[tuple[FaultKind, str], int]) -> Fault | None:
    """Say which fault strikes this request, if any.

    Args:
        scenario: the configuration.
        number: the recipient.
        struck: how often each fault has struck each number so far; the caller counts.
    """
    for one in scenario.faults:
        chosen = number in one.numbers or roll(scenario.seed, one.kind, number) < one.share
        if chosen and struck.get((one.kind, number), 0) < one.per_number:
            return one
    return None


def accepts(scenario: Scenario, struck_by: Fault, number: str) -> bool:
    """Say whether the carrier takes a message though its request is struck by a fault."""
    if struck_by.kind in NEVER_ACCEPTED:
        return False
    if struck_by.accepted is not None:
        return struck_by.accepted
    if struck_by.kind is FaultKind.UNAVAILABLE and struck_by.retry_after_s is not None:
        return False
    return roll(scenario.seed, "accepted", number) < 0.5  # noqa: PLR2004 a fair coin
