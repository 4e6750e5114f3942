"""Judges what was sent by the carrier's own ledger. Standard library only; knows no code of LeadFlow.

    python -I oracle.py CASE

``CASE`` is a JSON file that names what the judgement rests on:

- ``ledger``: what the carrier wrote, one JSON object a line, each on disk before the carrier answered;
- ``people``: whom which campaign addressed, one JSON object a line: ``number``, ``campaign``, ``zones`` (every time
  zone that the person may be in);
- ``bodies``: the words of each campaign's text, by which the ledger's texts are told apart: body to campaign;
- ``stops``: the STOP log, one JSON object a line: ``number`` and ``at``, the instant by which the webhook was answered;
- ``confirmations``: how texts begin that may follow a STOP, at most one a number;
- ``look_s``: how long after a STOP a call may still begin whose last look was before it, in seconds (absent: none);
- ``price``, ``cap``: what a segment costs and how much may be spent (null: no cap), hundredths of a cent;
- ``books``: what LeadFlow believes, to be held against the ledger: ``at_carrier`` (texts by state), ``unsent``
  (``[campaign, number]`` of each text that it says was never sent), ``unsure`` (the same of those it gave up on),
  ``spent`` and ``reserved``.

Only ``ledger``, ``people`` and ``bodies`` are needed. Prints one JSON object: ``figures``, and ``faults``, each a list
of what is wrong. Leaves with 1 when any list holds something.
"""

from __future__ import annotations

import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

ENDS = {"delivered", "undelivered", "failed"}
DEADLINE = timedelta(seconds=10)
"""The carrier may take a text so long after an opt-out: its call had begun before."""
OPENS, CLOSES = 8, 21
"""Hours between which a text may reach a person, by each clock that may be his: 47 CFR 64.1200(c)(1)."""

HOURS: dict[str, tuple[int, bool]] = {
    "America/New_York": (-5, True),
    "America/Detroit": (-5, True),
    "America/Indiana/Indianapolis": (-5, True),
    "America/Kentucky/Louisville": (-5, True),
    "America/Indiana/Tell_City": (-6, True),
    "America/Indiana/Knox": (-6, True),
    "America/Chicago": (-6, True),
    "America/Denver": (-7, True),
    "America/Boise": (-7, True),
    "America/Phoenix": (-7, False),
    "America/Los_Angeles": (-8, True),
    "America/Anchorage": (-9, True),
    "America/Adak": (-10, True),
    "Pacific/Honolulu": (-10, False),
    "America/Puerto_Rico": (-4, False),
}
"""Hours east of Greenwich in winter, and whether the zone has summer time. 15 USC 260a: from the second Sunday of March
to the first of November, at two o'clock."""


def sunday(year: int, month: int, nth: int) -> datetime:
    """Find the nth Sunday of a month, midnight."""
    first = datetime(year, month, 1, tzinfo=UTC)
    return first + timedelta(days=(6 - first.weekday()) % 7 + 7 * (nth - 1))


def local(zone: str, at: datetime) -> datetime:
    """Read the wall clock of a zone; the answer's own zone means nothing."""
    winter, changes = HOURS[zone]
    begins = sunday(at.year, 3, 2) + timedelta(hours=2 - winter)
    ends = sunday(at.year, 11, 1) + timedelta(hours=1 - winter)
    return at + timedelta(hours=winter + (changes and begins <= at < ends))


def lawful(zones: Iterable[str], at: datetime) -> bool:
    """Say whether an instant lies within the hours by every clock that may be the person's."""
    return all(OPENS <= local(zone, at).hour < CLOSES for zone in zones)


GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)


def segments(body: str) -> int:
    """Count what a text is billed as."""
    narrow = all(letter in GSM for letter in body)
    size = len(body) if narrow else len(body.encode("utf-16-le")) // 2
    one, many = (160, 153) if narrow else (70, 67)
    return 1 if size <= one else -(-size // many)


def read(path: str | None) -> Iterator[dict[str, Any]]:
    """Yield the objects of a file; a line that a crash cut short is passed over."""
    if path is None:
        return
    for line in Path(path).read_text().splitlines():
        if line.endswith("}"):
            yield json.loads(line)


class Case:
    """What one judgement rests on."""

    def __init__(self, given: dict[str, Any]) -> None:
        self.lines = list(read(given["ledger"]))
        self.bodies: dict[str, str] = given["bodies"]
        people = list(read(given["people"]))
        self.zones: dict[str, list[str]] = {one["number"]: one["zones"] for one in people}
        self.asked = {(one["campaign"], one["number"]) for one in people}
        self.stops = {one["number"]: datetime.fromisoformat(one["at"]) for one in read(given.get("stops"))}
        self.polite = tuple(given.get("confirmations", ()))
        self.look = timedelta(seconds=given.get("look_s", 0))
        self.price, self.cap = given.get("price", 0), given.get("cap")
        self.books: dict[str, Any] | None = given.get("books")
        accepted = [line for line in self.lines if line["kind"] == "request" and line["verdict"] == "accepted"]
        self.taken = [line for line in accepted if not self.is_polite(line)]
        self.confirmed = [line for line in accepted if self.is_polite(line)]
        self.last = {line["sid"]: line["status"] for line in self.lines if line["kind"] == "status"}

    def is_polite(self, line: dict[str, Any]) -> bool:
        """Say whether a text confirms an opt-out."""
        return bool(self.polite) and line["body"].startswith(self.polite)

    def pair(self, line: dict[str, Any]) -> tuple[str, str]:
        """Say whose text of which campaign a line is about."""
        return self.bodies.get(line["body"], "?"), line["to"]

    def pairs(self) -> Counter[tuple[str, str]]:
        """Count the texts taken, by campaign and number."""
        return Counter(self.pair(line) for line in self.taken)

    def size(self, campaign: str) -> int:
        """Count the segments of a campaign's text."""
        return next((segments(body) for body, name in self.bodies.items() if name == campaign), 1)

    def claimed(self, name: str) -> set[tuple[str, str]]:
        """Answer a list of the books."""
        return {(one[0], one[1]) for one in (self.books or {}).get(name, ())}


def instant(line: dict[str, Any], name: str = "at") -> datetime:
    """Read an instant of a line."""
    return datetime.fromisoformat(line.get(name) or line["at"])


# The faults, each a list of what is wrong


def duplicates(case: Case) -> list[str]:
    """Texts that the carrier took more than once."""
    return [f"{campaign} {number} x {count}" for (campaign, number), count in case.pairs().items() if count > 1]


def lost(case: Case) -> list[str]:
    """Texts that were asked for, were never taken, and that nothing excuses."""
    missing = case.asked - case.pairs().keys() - case.claimed("unsent") - case.claimed("unsure")
    return [f"{campaign} {number}" for campaign, number in missing if number not in case.stops]


def strangers(case: Case) -> list[str]:
    """Texts that nobody asked for."""
    return [f"{campaign} {number}" for campaign, number in case.pairs().keys() - case.asked]


def denied(case: Case) -> list[str]:
    """Texts that the carrier took and that LeadFlow says were never sent."""
    return [f"{campaign} {number}" for campaign, number in case.pairs().keys() & case.claimed("unsent")]


def mixed(case: Case) -> list[str]:
    """Ids of ours that went to more than one number."""
    numbers: dict[str, set[str]] = defaultdict(set)
    for line in case.taken:
        numbers[line.get("message") or "none"].add(line["to"])
    return [message for message, found in numbers.items() if len(found) > 1]


def unended(case: Case) -> list[str]:
    """Texts whose life at the carrier has not ended."""
    return [line["sid"] for line in case.taken if case.last.get(line["sid"]) not in ENDS]


def unlawful(case: Case) -> list[str]:
    """Texts outside of the hours by some clock that may be the person's."""
    return [
        f"{line['to']} {line['at']}" for line in case.taken if not lawful(case.zones.get(line["to"], ()), instant(line))
    ]


def stopped(case: Case) -> Iterator[tuple[dict[str, Any], datetime]]:
    """Yield the texts to people who have said STOP, with its instant."""
    for line in case.taken:
        if line["to"] in case.stops:
            yield line, case.stops[line["to"]]


def begun_after_stop(case: Case) -> list[str]:
    """Calls that began after the STOP had been answered, later than a last look excuses."""
    return [f"{line['to']} +{seconds(began(line) - at)}" for line, at in stopped(case) if began(line) > at + case.look]


def began(line: dict[str, Any]) -> datetime:
    """Say when the carrier began to read a call."""
    return instant(line, "begun")


def taken_late(case: Case) -> list[str]:
    """Texts that the carrier took later than a call's deadline after the STOP."""
    return [
        f"{line['to']} +{seconds(instant(line) - at)}" for line, at in stopped(case) if instant(line) > at + DEADLINE
    ]


def impolite(case: Case) -> list[str]:
    """Numbers that got more than one confirmation, or one without having said STOP."""
    found = Counter(line["to"] for line in case.confirmed)
    return [f"{number} x {count}" for number, count in found.items() if count > 1 or number not in case.stops]


def cost(case: Case, lines: Iterable[dict[str, Any]] | None = None) -> int:
    """Say what the carrier bills for texts, or for all of them, and for confirmations, hundredths of a cent."""
    texts = [*(case.taken if lines is None else lines), *case.confirmed]
    return case.price * sum(segments(line["body"]) for line in texts)


def overspent(case: Case) -> list[str]:
    """More than the cap."""
    return [f"{cost(case)} of {case.cap}"] if case.cap is not None and cost(case) > case.cap else []


def misbooked(case: Case) -> list[str]:
    """Sums of the books that differ from the ledger's."""
    if case.books is None:
        return []
    unsure = case.claimed("unsure")
    known = [line for line in case.taken if case.pair(line) not in unsure]
    theirs = Counter(case.last.get(line["sid"], "accepted") for line in known)
    ours = Counter(case.books.get("at_carrier", {}))
    wrong = [
        f"{state}: {ours[state]} in the books, {theirs[state]} in the ledger"
        for state in sorted(ours.keys() | theirs.keys())
        if ours[state] != theirs[state]
    ]
    # A text that was given up on stands in the books as paid, lest more be spent than is there.
    owed = cost(case, known) + sum(case.price * case.size(campaign) for campaign, _ in unsure)
    if "spent" in case.books and case.books["spent"] != owed:
        wrong.append(f"spent: {case.books['spent']} in the books, {owed} in the ledger")
    if case.books.get("reserved"):
        wrong.append(f"reserved: {case.books['reserved']} are still held back")
    return wrong


FAULTS = (
    duplicates,
    lost,
    strangers,
    denied,
    mixed,
    unended,
    unlawful,
    begun_after_stop,
    taken_late,
    impolite,
    overspent,
    misbooked,
)


def seconds(span: timedelta) -> str:
    """Write a span."""
    return f"{span.total_seconds():.3f} s"


def lags(case: Case) -> list[float]:
    """Say how long after its STOP each late text was taken, in seconds, the longest last."""
    return sorted((instant(line) - at).total_seconds() for line, at in stopped(case) if instant(line) > at)


def judge(given: dict[str, Any]) -> dict[str, Any]:
    """Hold the ledger against everything else."""
    case = Case(given)
    requests = [line for line in case.lines if line["kind"] == "request"]
    late = lags(case)
    return {
        "figures": {
            "asked": len(case.asked),
            "requests": len(requests),
            "accepted": len(case.taken),
            "refused": sum(line["verdict"] == "refused" for line in requests),
            "unread": sum(line["kind"] == "unread" for line in case.lines),
            "statuses": dict(Counter(case.last.get(line["sid"], "queued") for line in case.taken)),
            "stops": len(case.stops),
            "taken_after_stop": len(late),
            "begun_after_stop": sum(began(line) > at for line, at in stopped(case)),
            "lag_p99_s": round(late[-(-len(late) * 99 // 100) - 1], 3) if late else 0.0,
            "lag_max_s": round(late[-1], 3) if late else 0.0,
            "cost": cost(case),
        },
        "faults": {fault.__name__: sorted(fault(case)) for fault in FAULTS},
    }


def main(path: str) -> int:
    """Judge and print."""
    found = judge(json.loads(Path(path).read_text()))
    sys.stdout.write(json.dumps(found) + "\n")
    return int(any(found["faults"].values()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
