"""What the journeys share: the file, the campaign, the people behind the numbers, and waiting for the machine."""

from __future__ import annotations

import csv
import io
import json
import re
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import httpx

from tests.live import Live

FILE = Path(__file__).parents[1] / "fixtures" / "propstream_property.csv"
HOUSE = "Cedar & Main Home Buyers"
"""The demonstration organisation; others may have been founded beside it."""
VERDICTS = {"new": 23, "update": 0, "unchanged": 0, "duplicate": 2, "reject": 2, "blank": 1, "footer": 0}
"""As ``propstream_property.expected.json`` counts the file's 28 rows."""
DNC, LITIGATOR = "+12165550100", "+12145550100"
"""Rows 3 and 9 of the file: marked do-not-call, and a litigator."""
NEIGHBOURS_DNC, NEIGHBOURS_LITIGATOR = "+12165550200", "+12145550200"
"""The same rows of ``neighbours``."""
CONSENT = {
    "basis": "written_consent",
    "shown_text": "Yes, LeadFlow may text me about selling my house. Reply STOP to end.",
    "given_on": "2026-11-20",
    "source": "the form on our website",
}
TEMPLATE = 'Hi {{ first_name | default: "there" }}, would you sell {{ street }}? Reply STOP to opt out.'
PATIENCE_S = 90.0

Answer = TypeVar("Answer")


def neighbours() -> bytes:
    """Make the same file of the houses next door, so that both journeys may share one organisation in any order."""
    head, *told = csv.reader(io.StringIO(FILE.read_text(encoding="utf-8-sig"), newline=""))
    moved = io.StringIO()
    writer = csv.writer(moved, lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows([_moved(head, row) for row in told])
    return moved.getvalue().encode("utf-8-sig")


def _moved(head: list[str], row: list[str]) -> list[str]:
    cells = [re.sub(r"555-?01", lambda found: found[0].replace("01", "02"), cell) for cell in row]
    for column in ("Address", "APN", "Mailing Address"):
        at = head.index(column)
        if at < len(cells):
            cells[at] = re.sub(r"^(?=[1-9])", "1", cells[at])
    return cells


def eventually(ask: Callable[[], Answer | None], what: str, within_s: float = PATIENCE_S) -> Answer:
    """Ask until there is an answer; workers and the carrier are processes of their own."""
    end = time.monotonic() + within_s
    while time.monotonic() < end:
        if (found := ask()) is not None:
            return found
        threading.Event().wait(0.2)
    raise AssertionError(f"{what}: not within {within_s:.0f} s")


def texts(live: Live, person: str, ours: str, body: str) -> None:
    """Let a person text one of our numbers, through the carrier."""
    asked = {"from": person, "to": ours, "body": body}
    answer = httpx.post(f"{live.state['carrier_url']}/__control/inbound", json=asked, timeout=30)
    assert answer.json()["answer"] == 200, answer.text


def accepted_by_carrier(live: Live, messages: set[str]) -> list[str]:
    """Which numbers got one of these texts, by the carrier's own ledger and nothing of ours."""
    lines = [json.loads(line) for line in Path(live.state["carrier_log"]).read_text().splitlines()]
    taken = [line for line in lines if line["kind"] == "request" and line["verdict"] == "accepted"]
    return [line["to"] for line in taken if line["message"] in messages]


def rows(client: httpx.Client, path: str, **params: Any) -> list[dict[str, Any]]:
    """Every row of a list, page after page."""
    found: list[dict[str, Any]] = []
    after: str | None = None
    while True:
        page = client.get(path, params={**params, "limit": 100, **({"after": after} if after else {})}).json()
        found += page["rows"]
        after = page["next"]
        if not after:
            return found
