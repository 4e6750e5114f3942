"""What the simulated registries know of a number, and what goes wrong. Pure: same seed and number, same answer."""

from __future__ import annotations

import hashlib
from datetime import date
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

COMPLETE_SINCE = date(2021, 1, 27)
"""The Reassigned Numbers Database holds complete data from this day on."""


class FaultKind(StrEnum):
    """A way in which a call can go wrong."""

    RATE_LIMITED = "rate_limited"
    """429 with Retry-After; nothing is looked up."""
    UNAVAILABLE = "unavailable"
    """503 with Retry-After; nothing is looked up."""
    UNAUTHORISED = "unauthorised"
    ERROR_500 = "error_500"
    """The numbers were looked up and sold; the answer broke."""
    SILENCE = "silence"
    """The numbers were looked up and sold; no answer for ``seconds``."""
    DRIP = "drip"
    """The answer comes one byte every ``seconds``."""
    NULL = "null"
    """200 with ``null``."""
    HTML = "html"
    """200 with a page of a proxy's."""
    PARTIAL = "partial"
    """Every second number is left out, and not sold."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Fault(_Strict):
    """One fault: the next ``calls`` calls suffer it, after ``skip`` good ones."""

    kind: FaultKind
    calls: int = Field(default=1, ge=0)
    skip: int = Field(default=0, ge=0)
    retry_after_s: int = 1
    seconds: float = 60.0


class Scenario(_Strict):
    """How the registries stand; shares of numbers, chosen by seed and number. Lists of numbers go before shares.

    Attributes:
        seed: another seed, other fates.
        national, state, litigator, reassigned: shares that are listed.
        no_data: share that the Reassigned Numbers Database knows nothing of.
        wireless: share of mobile lines.
        listed: numbers (ten digits) by list, whatever the shares say.
        clean: numbers on no list, whatever the shares say.
        codes: answer this result code for a number.
        unmatched, tie, non_exact: shares of addresses that the geocoder does not know, knows twice, or almost.
        fault: what goes wrong.
        latency_ms: of each call.
    """

    seed: int = 1
    national: float = Field(default=0.11, ge=0, le=1)
    state: float = Field(default=0.03, ge=0, le=1)
    litigator: float = Field(default=0.005, ge=0, le=1)
    reassigned: float = Field(default=0.04, ge=0, le=1)
    no_data: float = Field(default=0.06, ge=0, le=1)
    wireless: float = Field(default=0.7, ge=0, le=1)
    listed: dict[str, frozenset[str]] = Field(default_factory=dict)
    clean: frozenset[str] = frozenset()
    codes: dict[str, str] = Field(default_factory=dict)
    unmatched: float = Field(default=0.08, ge=0, le=1)
    tie: float = Field(default=0.02, ge=0, le=1)
    non_exact: float = Field(default=0.1, ge=0, le=1)
    fault: Fault | None = None
    latency_ms: int = 0


def roll(seed: int, purpose: str, number: str) -> float:
    """Throw a die for a number: in [0, 1), the same for ever."""
    found = hashlib.blake2b(f"{seed}|{purpose}|{number}".encode(), digest_size=8).digest()
    return int.from_bytes(found) / 2**64


def is_listed(setting: Scenario, which: str, number: str) -> bool:
    """Say whether a number stands on a list: ``national``, ``state``, ``litigator`` or ``reassigned``."""
    if number in setting.listed.get(which, ()):
        return True
    if number in setting.clean:
        return False
    return roll(setting.seed, which, number) < float(getattr(setting, which))


def scrubbed(setting: Scenario, number: str) -> dict[str, str]:
    """Answer one row of a scrub, version 5 (docs.dncscrub.com, "Output guide")."""
    wireless = roll(setting.seed, "wireless", number) < setting.wireless
    marks = [
        "National (USA) 2003-06-01" if is_listed(setting, "national", number) else "",
        "State (TX) 2019-01-01" if is_listed(setting, "state", number) else "",
        "Litigator" if is_listed(setting, "litigator", number) else "",
    ]
    code = setting.codes.get(number) or ("D" if any(marks) else "W" if wireless else "C")
    return {
        "Phone": number,
        "ResultCode": code,
        "Reserved": "",
        "Reason": ";".join((*marks, "W" if wireless else "")),
        "RegionAbbrev": "TX",
        "Country": "US",
        "CallingTimeRestrictions": "4",
        "EBRType": "",
        "IsWirelessOrVoIP": "1" if wireless else "0",
        "LineType": "Wireless" if wireless else "AllOther",
    }


def reassigned(setting: Scenario, number: str, since: date) -> dict[str, str | bool | None]:
    """Answer one row of a look-up in the Reassigned Numbers Database, version 1.5: yes, no or no data."""
    if is_listed(setting, "reassigned", number):
        found: bool | None = True
    elif since < COMPLETE_SINCE or (
        number not in setting.clean and roll(setting.seed, "no_data", number) < setting.no_data
    ):
        found = None
    else:
        found = False
    return {"PhoneNumber": number, "IsReassigned": found, "HasSafeHarbor": found is False, "IsSandBox": False}
