"""Judges a campaign by the carrier's own ledger and nothing else. Standard library only; knows no code of LeadFlow.

    python oracle.py LEDGER SEED

``LEDGER`` is what the carrier wrote, one JSON object a line. ``SEED`` holds the numbers that were to be texted, one a
line. Prints one JSON object and exits with 1 if anything is wrong:

- ``duplicates``: numbers that the carrier accepted more than one text for;
- ``lost``: numbers that it accepted none for;
- ``strangers``: numbers that it accepted a text for and that were never to be texted;
- ``open``: accepted texts whose last status is not an end;
- ``early``: texts that carry an id of ours that another number carries too.
"""

from __future__ import annotations

import json
import sys
from collections import Counter, defaultdict
from pathlib import Path

ENDS = {"delivered", "undelivered", "failed"}


def judge(lines: list[dict[str, str]], seed: set[str]) -> dict[str, object]:
    """Hold the ledger against the seed."""
    taken = [line for line in lines if line["kind"] == "request" and line["verdict"] == "accepted"]
    last = {line["sid"]: line["status"] for line in lines if line["kind"] == "status"}
    by_number = Counter(line["to"] for line in taken)
    by_message: dict[str, set[str]] = defaultdict(set)
    for line in taken:
        by_message[line["message"]].add(line["to"])
    return {
        "accepted": len(taken),
        "requests": sum(line["kind"] == "request" for line in lines),
        "statuses": dict(Counter(last.get(line["sid"], "queued") for line in taken)),
        "duplicates": sorted(number for number, count in by_number.items() if count > 1),
        "lost": sorted(seed - by_number.keys()),
        "strangers": sorted(by_number.keys() - seed),
        "open": sorted(line["sid"] for line in taken if last.get(line["sid"]) not in ENDS),
        "early": sorted(message for message, numbers in by_message.items() if len(numbers) > 1),
    }


def main(ledger: str, seed: str) -> int:
    """Judge and print."""
    lines = [json.loads(line) for line in Path(ledger).read_text().splitlines() if line.endswith("}")]
    found = judge(lines, set(Path(seed).read_text().split()))
    sys.stdout.write(json.dumps(found) + "\n")
    return int(any(found[fault] for fault in ("duplicates", "lost", "strangers", "open", "early")))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
