"""``python -m tests.messaging.model_page``: walk through the model of the send protocol and write its page."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.messaging.model import PLANTED, Found, explore

PAGE = Path(__file__).resolve().parents[2] / "docs/proofs/send-model.md"
HEAD = """# A small send machine, walked through to its end

`tests/messaging/model.py` is the protocol of [how a text is sent](../explanation/sending.md) in its smallest form: two
workers, one or two texts, STOP, a crash of either worker at any point (two in all), a worker that sleeps past its lease
and wakes, a carrier that takes a text or loses it, answers or does not, reports or does not and lists with a lag, the
sweeper, the reconciler. The walk visits **every** state that any order of these can lead to. In each it asks:

- Has the carrier taken a text twice?
- Has a call begun after STOP, other than one that the last look before it had cleared?
- Is a text at the carrier that the machine calls unsent, once nobody holds it any more?

And of the whole: is there a way to go on for ever without every text being accounted for? From each state it must be
possible to reach one in which every text has ended, and an end is never left. Then whatever goes on for ever, and takes
at last each step that stays possible, ends there.

Written by `make model`; do not edit.

| Texts | States | Moves | Faults | States without a way to the end |
| --- | --- | --- | --- | --- |
"""
MIDDLE = """
## The walk can fail

With one safeguard missing it must find a fault, and does. The shortest way to it:

| Without | Fault | After states | The way |
| --- | --- | --- | --- |
"""
TAIL = """
## What the model leaves out

It has no clock, so that what rests on time is written into it: a call begins only within its lease (in the machine: 15
seconds of 30), a call is over before the second look (10 seconds against five minutes), and a list shows by the second
look what was taken before the first (five minutes). Money, hours, pace and organisations are left out; they are
attacked by [`make chaos`](chaos.md). The machine itself, over a real Postgres, is driven through random orders of the
same steps by `tests/messaging/test_send_machine.py`.
"""


def describe(name: str, found: Found) -> str:
    """Write one planted fault."""
    return f"| {name} | {found.fault} | {found.states:,} | {', '.join(found.path)} |"


def page() -> str:
    """Walk, and write what was found."""
    rows = []
    for texts in (1, 2):
        found = explore(texts)
        counted = f"{found.states:,} | {found.moves:,}"
        rows.append(f"| {texts} | {counted} | {found.fault or 'none'} | {found.stuck} |")
    planted = [describe(name, explore(1, rules, only=fault)) for name, (rules, fault) in PLANTED.items()]
    return HEAD + "\n".join(rows) + "\n" + MIDDLE + "\n".join(planted) + "\n" + TAIL


if __name__ == "__main__":
    PAGE.write_text(page())
    sys.exit(0)
