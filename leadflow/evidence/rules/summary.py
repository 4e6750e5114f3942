"""What a pack says to people: one document, written as HTML here and as PDF in ``printed``. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import escape
from typing import Any

from leadflow.compliance.rules.gate import BOOK
from leadflow.evidence.types import Heading, Scope

MOST = 300
"""Rows that one table of the summary shows; the files beside it hold all."""
SHORT = 20
"""Characters of a cell that is not broken."""
_SENTENCES = {rule.name: rule.sentence for rule in BOOK.rules}
_VERDICTS: Mapping[str, str] = {"sendable": "Allowed", "later": "Had to wait", "blocked": "Refused"}


@dataclass(slots=True)
class Part:
    """One table of the summary; filled while its rows are written."""

    title: str
    columns: tuple[str, ...]
    file: str
    """Where all rows stand."""
    rows: list[tuple[str, ...]] = field(default_factory=list[tuple[str, ...]])
    count: int = 0
    """Of all rows, shown or not."""


@dataclass(frozen=True, slots=True)
class Summary:
    """The document."""

    title: str
    facts: tuple[tuple[str, str], ...]
    parts: tuple[Part, ...]


def when(value: Any) -> str:  # noqa: ANN401 an instant, however the row holds it
    """Write an instant in UTC to the second."""
    if not value:
        return ""
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S}"


def word(value: Any) -> str:  # noqa: ANN401 a word of the vocabulary
    """Write a word of the vocabulary for people."""
    return str(value or "").replace("_", " ")


def decided(row: Mapping[str, Any]) -> tuple[str, ...]:
    """Tell a decision: when, what, why."""
    why = " ".join(_SENTENCES.get(rule, word(rule)) for rule in row["reasons"]) or "No rule stood against it."
    later = f" Earliest {when(row['later_at'])}." if row.get("later_at") else ""
    asked = " · ".join(part for part in (word(row["purpose"]), row.get("campaign") or "") if part)
    return (when(row["at"]), _VERDICTS[row["verdict"]], why + later, asked, str(row["position"]))


def texted(row: Mapping[str, Any]) -> tuple[str, ...]:
    """Tell a text that went out, or did not."""
    instant = when(row.get("submitted_at") or row.get("final_at") or row.get("not_before"))
    why = ", ".join(word(reason) for reason in row.get("reasons") or ())
    state = word(row["state"]) + (f": {why}" if why else "")
    return (instant, str(row["sender"]), str(row["e164"]), state, str(row["body"]))


def heard(row: Mapping[str, Any]) -> tuple[str, ...]:
    """Tell a text that came in."""
    return (when(row["received_at"]), str(row["e164"]), word(row["label"]), str(row["body"]))


def agreed(row: Mapping[str, Any]) -> tuple[str, ...]:
    """Tell a consent."""
    ends = " ".join(
        f"{what} {when(row[name])}."
        for name, what in (("expires_at", "Ends"), ("revoked_at", "Revoked"))
        if row.get(name)
    )
    return (when(row["given_at"]), word(row["basis"]), str(row["shown_text"]), str(row["source"]), ends)


def suppressed(row: Mapping[str, Any]) -> tuple[str, ...]:
    """Tell a suppression."""
    lifted = f"{when(row['released_at'])} {row.get('released_why') or ''}" if row.get("released_at") else ""
    return (when(row["at"]), word(row["kind"]), word(row["source"]), lifted.strip())


def looked_up(row: Mapping[str, Any]) -> tuple[str, ...]:
    """Tell a look-up in a list."""
    return (when(row["as_of"]), word(row["list"]), word(row["verdict"]), str(row["provider"]))


def acted(row: Mapping[str, Any]) -> tuple[str, ...]:
    """Tell an act."""
    subject = row["subject"][0] if row.get("subject") else ""
    return (when(row["at"]), str(row["action"]), word(subject), str(row.get("actor") or "LeadFlow"))


def facts(
    heading: Heading, scope: Scope, head: Mapping[str, Any], counts: Mapping[str, int]
) -> tuple[tuple[str, str], ...]:
    """Tell what was asked, by whom, and at which head of the chain."""
    since = f"{when(scope.since)} UTC" if scope.since else "the beginning"
    chain = f"position {head['last']}, seal {head['number']} of {when(head['sealed_at'])} UTC" if head else "empty"
    return (
        ("About", heading.about),
        ("Organization", heading.organization),
        ("From", since),
        ("Until", f"{when(scope.until)} UTC"),
        ("Asked for", f"{when(heading.asked_at)} UTC by {heading.asked_by}"),
        ("Decisions", str(counts.get("receipts", 0))),
        ("Head of the chain", chain),
        ("Hash of the head", str(head.get("head", ""))),
        ("Its signature", str(head.get("signature", ""))),
    )


STYLE = """
:root{color-scheme:light}*{box-sizing:border-box}
body{font:14px/1.45 system-ui,-apple-system,"Segoe UI",sans-serif;color:#16181d;margin:2rem auto;max-width:62rem;
padding:0 1rem}
h1{font-size:1.5rem;margin:0 0 1rem}h2{font-size:1.05rem;margin:2rem 0 .4rem}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1rem;margin:0}dt{color:#5b6270}
dd{margin:0;overflow-wrap:anywhere}
table{border-collapse:collapse;width:100%;table-layout:auto}
th,td{text-align:left;vertical-align:top;padding:.3rem .5rem;border-bottom:1px solid #dfe2e8;overflow-wrap:anywhere}
th{font-weight:600;color:#5b6270;white-space:nowrap}td.s{white-space:nowrap}
p.note{color:#5b6270}
@media (max-width:40rem){dl{grid-template-columns:1fr}dt{margin-top:.5rem}td.s{white-space:normal}}
@media print{body{margin:0;max-width:none;font-size:10pt}thead{display:table-header-group}tr{break-inside:avoid}}
"""
POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
"""The page loads nothing and runs nothing, wherever it is opened."""


def html(summary: Summary) -> str:
    """Write the document as one file: no script, nothing from outside, every word escaped."""
    facts_ = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in summary.facts)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(summary.title)}</title><style>{STYLE}</style></head>\n"
        f"<body><h1>{escape(summary.title)}</h1>\n<dl>{facts_}</dl>\n"
        '<p class="note">Check this pack with <code>python3 -I -S verify.py</code>; README.txt says how.'
        " Instants are UTC.</p>\n" + "\n".join(_part(part) for part in summary.parts) + "</body></html>\n"
    )


def _part(part: Part) -> str:
    title = f"<h2>{escape(part.title)} ({part.count})</h2>"
    if not part.rows:
        return f'<section>{title}<p class="note">None.</p></section>'
    head = "".join(f'<th scope="col">{escape(column)}</th>' for column in part.columns)
    rows = "\n".join("<tr>" + "".join(map(_cell, row)) + "</tr>" for row in part.rows)
    return (
        f"<section>{title}<table><thead><tr>{head}</tr></thead><tbody>\n{rows}\n</tbody></table>{_more(part)}</section>"
    )


def _cell(text: str) -> str:
    """Draw one cell; an instant, a number or a word stays on one line."""
    mark = ' class="s"' if len(text) <= SHORT else ""
    return f"<td{mark}>{escape(text)}</td>"


def _more(part: Part) -> str:
    return f'<p class="note">{escape(more(part))}</p>' if part.count > len(part.rows) else ""


def more(part: Part) -> str:
    """Say where the rows stand that are not shown."""
    return f"{part.count - len(part.rows)} more stand in {part.file}."


def parts() -> dict[str, Part]:
    """Begin the tables of a summary, in the order in which they are read."""
    said: Sequence[tuple[str, str, tuple[str, ...], str]] = (
        ("decisions", "Decisions", ("When", "Verdict", "Why", "Asked by", "Position"), "record/receipts.jsonl"),
        ("messages", "Texts to the person", ("When", "From", "To", "State", "Text"), "messages/outbound.jsonl"),
        ("inbound", "Texts from the person", ("When", "From", "Read as", "Text"), "messages/inbound.jsonl"),
        ("consents", "Consents", ("Given", "Basis", "As they saw it", "Proof", "Until"), "ledger/consents.jsonl"),
        ("suppressions", "Suppressions", ("Since", "Why", "Came by", "Lifted"), "ledger/suppressions.jsonl"),
        ("scrubs", "Look-ups in lists", ("As of", "List", "Answer", "Provider"), "ledger/scrubs.jsonl"),
        ("events", "Acts", ("When", "What", "Of", "By"), "record/events.jsonl"),
    )
    return {name: Part(title, columns, file) for name, title, columns, file in said}
