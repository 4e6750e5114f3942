"""DNCScrub's two interfaces: scrub (version 5, JSON) and the Reassigned Numbers Database (RNDBasic, version 1.5).

Source: docs.dncscrub.com, "Scrub Single Number", "Scrub Multiple Numbers", "RND Basic (GET)", "RND Basic (POST)".
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from leadflow.scrubs.providers.caller import Call, Caller, Document
from leadflow.scrubs.rules.answers import read_reassigned, read_scrub
from leadflow.scrubs.types import Answer, Answered, Asked, Doubt, Outcome
from models.vocabulary import Provider

BY_GET = 10
"""More numbers than this want a POST."""


class DncScrub:
    """National and state registries and known litigators."""

    provider = Provider.DNCSCRUB
    at_once = 200
    """The provider takes 10,000; fewer are lost when an answer is. Own choice."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def ask(self, asked: Sequence[Asked]) -> Outcome:
        """Scrub numbers."""
        fields = {"phoneList": ",".join(one.e164[2:] for one in asked), "version": "5", "output": "json"}
        path = "/app/main/rpc/scrub"
        call = Call(path, query=fields) if len(asked) <= BY_GET else Call(path, body=dict(fields))
        return _read(self._caller, call, asked, read_scrub)


class ReassignedNumbers:
    """The Reassigned Numbers Database of the FCC."""

    provider = Provider.DNCSCRUB
    at_once = 200
    """The provider takes 1,000, fifty calls a minute; fewer are lost when an answer is. Own choice."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def ask(self, asked: Sequence[Asked]) -> Outcome:
        """Ask of each number whether it changed hands on or after its day."""
        rows = [
            {"phoneNumber": one.e164[2:], "date": f"{one.consent_date:%Y%m%d}"}
            for one in asked
            if one.consent_date is not None
        ]
        path = "/v1.5/Data/RNDBasic"
        call = Call(path, query=rows[0]) if len(rows) == 1 else Call(path, body={"data": rows})
        return _read(self._caller, call, asked, read_reassigned)


def _read(
    caller: Caller,
    call: Call,
    asked: Sequence[Asked],
    reader: Callable[[Sequence[Asked], object], tuple[Answer, ...] | None],
) -> Outcome:
    found = caller.call(call)
    if not isinstance(found, Document):
        return found
    answers = reader(asked, found.value)
    return Doubt("an answer of another shape") if answers is None else Answered(answers)
