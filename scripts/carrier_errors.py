"""Write ``docs/reference/carrier-errors.md`` from the table of codes, so that what is written is what is done."""

from __future__ import annotations

from pathlib import Path

from leadflow.messaging.rules.codes import ANSWERS, CODES, TABLE, explain

PAGE = Path(__file__).resolve().parents[1] / "docs/reference/carrier-errors.md"
HEAD = """# What the carrier's errors mean

Written by `make carrier-errors` from `leadflow/messaging/rules/codes.py`, which the send machine asks and the pages
show; a test compares them. A text that failed shows its code, this meaning, what was done and what you can do: in the
conversation, among a campaign's recipients and on the lead's timeline.

A code that is not listed concerns only its own text: it ends, the number stays in use, and nothing is tried again by
itself.
"""


def rendered() -> str:
    """Answer the page as it should be."""
    lines = [
        "## Codes of a text",
        "",
        "| Code | Means | What LeadFlow does | What you can do | Class |",
        "| --- | --- | --- | --- | --- |",
    ]
    for code in sorted(CODES):
        found = explain(code)
        where = f"[{code}](https://www.twilio.com/docs/api/errors/{code})"
        lines.append(f"| {where} | {found.means} | {found.done} | {found.todo} | `{TABLE[code].value}` |")
    lines += [
        "",
        "## Answers that are no code",
        "",
        "| Answer | What LeadFlow does | What you can do |",
        "| --- | --- | --- |",
    ]
    lines += [f"| {answer} | {handling.done} | {handling.todo} |" for answer, handling in ANSWERS]
    return HEAD + "\n" + "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(rendered())
