"""How an import is told: rows of the database into the types that the doors show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Any

from leadflow.imports.rules import cells
from leadflow.imports.rules.layouts import layout_named
from leadflow.imports.types import Counts, Report, RowReport
from models.vocabulary import RowVerdict

if TYPE_CHECKING:
    from models.imports import ImportBatch

SAMPLED = 50
"""Rows that are looked at for samples."""
SAMPLES = 3
"""Values of each column that whoever maps it is shown."""
LONGEST_SAMPLE = 80

PLACE = ("street", "unit", "city", "state", "zip", "county", "apn")
_HIDDEN = frozenset(
    {
        "row_number",
        "ref",
        "verdict",
        "reason",
        "reason_column",
        "raw",
        "first",
        "same_as_row",
        "warnings",
        "property_id",
        "lead_id",
        "matched_by",
        "zip5",
        "zip4",
        "lists",
        "tags",
    }
)  # fmt: skip


def samples(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> dict[str, list[str]]:
    """Collect the first values of each column."""
    out: dict[str, list[str]] = {header: [] for header in headers}
    for row in rows:
        for header, cell in zip(headers, row, strict=False):
            text = " ".join(cell.replace("\x00", "").split())[:LONGEST_SAMPLE]
            if text and text not in out[header] and len(out[header]) < SAMPLED:
                out[header].append(text)
    return out


def counts_of(counted: Mapping[str, Any]) -> Counts:
    """Read what was counted."""
    return Counts(**counted)


def as_document(counts: Counts) -> dict[str, Any]:
    """Write counts as JSON, with the number of rows that were accepted."""
    return asdict(counts) | {"accepted": counts.accepted}


def sum_of(written: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """Add up what the steps of a commit wrote; suppressions also by kind."""
    total: Counter[str] = Counter()
    for step in written:
        total.update(step)
    marked = sum(count for name, count in total.items() if name.startswith("suppressions."))
    return dict(sorted(total.items())) | {"suppressions": marked}


def title_of(layout: str | None) -> str | None:
    """Name a layout for people."""
    found = layout_named(layout)
    return found.title if found else None


def report_of(batch: ImportBatch, job: Mapping[str, Any]) -> Report:
    """Show an import."""
    return Report(
        id=batch.id,
        filename=batch.filename,
        size_bytes=batch.size_bytes,
        state=batch.state,
        layout=batch.layout,
        layout_title=title_of(batch.layout),
        confidence=batch.confidence,
        dialect=batch.dialect,
        # The file's order of columns; JSON objects in Postgres have none.
        mapping={header: batch.mapping.get(header) for header in batch.dialect.get("headers", ())},
        doubtful=tuple(batch.dialect.get("doubtful", ())),
        options=batch.options,
        counts=batch.counts,
        progress=dict(job),
        error=batch.error,
        job_id=batch.job_id,
        created_at=batch.created_at,
        checked_at=batch.checked_at,
        committed_at=batch.committed_at,
    )


def row_of(row: Mapping[str, Any]) -> RowReport:
    """Show what becomes of a row; reads rows of a plan and rows that are kept for good."""
    verdict = RowVerdict(row["verdict"])
    planned = "ref" in row
    reasons = [row["reason"]] if planned and row["reason"] else ([] if planned else row["reasons"])
    raw = row["raw"].split(cells.BETWEEN) if planned and row["raw"] is not None else row["raw"]
    closed = verdict in {RowVerdict.REJECT, RowVerdict.BLANK, RowVerdict.FOOTER}
    return RowReport(
        row=row["row_number"],
        verdict=verdict,
        reasons=tuple(reasons),
        column=row["reason_column"],
        warnings=tuple(row["warnings"] or ()),
        same_as_row=row["same_as_row"],
        values=None if closed else _values(row),
        raw=tuple(raw) if raw is not None else None,
        lead_id=row["lead_id"] or row.get("found_lead"),
        matched_by=row["matched_by"],
    )


def _values(row: Mapping[str, Any]) -> dict[str, Any]:
    """Collect what would be stored; empty values are left out. A kept row only knows its place."""
    out: dict[str, Any] = {name: row[name] for name in PLACE if row.get(name)}
    if row.get("zip5"):
        out["zip"] = row["zip5"] + (f"-{row['zip4']}" if row.get("zip4") else "")
    if "ref" not in row:
        return out
    for name, value in row.items():
        if name not in _HIDDEN and name not in PLACE and value not in (None, [], {}, False):
            out[name] = value.isoformat() if isinstance(value, date) else value
    for name in ("lists", "tags"):
        if row[name]:
            out[name] = row[name].split(cells.BETWEEN)
    return out
