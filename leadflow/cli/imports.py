"""``leadflow import FILE``: what would become of a file, row by row, and its writing."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import asdict
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Annotated, Any, Self
from uuid import UUID

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from leadflow.cli import output
from leadflow.cli.desk import Desk, desk
from leadflow.imports import service as imports
from leadflow.imports.types import Given, MatchKey, Options, Reading, RemovedPolicy, Report, RowReport, UpdatePolicy
from leadflow.kernel.errors import Invalid, Permanent
from models.vocabulary import ImportState, RowVerdict

app = typer.Typer()

POLL_S = 0.2
COUNTS = (
    "data_rows",
    "new",
    "update",
    "unchanged",
    "removed",
    "restored",
    "replaced",
    "duplicate",
    "reject",
    "blank",
    "footer",
)


@app.command()
def run(  # noqa: PLR0913 one parameter an option of the command line
    file: Annotated[
        Path,
        typer.Argument(exists=True, dir_okay=False, readable=True, help="A CSV, TSV or XLSX file, or a ZIP of them."),
    ],
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would happen, write nothing.")] = False,
    mapping: Annotated[
        list[str] | None, typer.Option("--map", metavar="HEADER=FIELD", help="Give a column its field; may repeat.")
    ] = None,
    list_name: Annotated[str | None, typer.Option("--list", help="Put every lead on this list.")] = None,
    tag: Annotated[list[str] | None, typer.Option("--tag", help="Tag every lead; may repeat.")] = None,
    source: Annotated[str | None, typer.Option("--source", help="Where the leads come from.")] = None,
    as_of: Annotated[str | None, typer.Option("--as-of", metavar="YYYY-MM-DD", help="Day the file was made.")] = None,
    keep: Annotated[bool, typer.Option("--keep", help="Keep values that are there; only fill empty ones.")] = False,
    policy: Annotated[
        UpdatePolicy | None, typer.Option("--policy", help="What the file may do to values that are there already.")
    ] = None,
    removed: Annotated[
        RemovedPolicy, typer.Option("--removed", help="What becomes of leads that were removed and come in again.")
    ] = RemovedPolicy.KEEP,
    key: Annotated[
        list[MatchKey] | None,
        typer.Option("--key", help="By what a row is a lead that is there already; may repeat (address, parcel)."),
    ] = None,
    state: Annotated[str | None, typer.Option("--state", metavar="XX", help="State of rows that name none.")] = None,
    sheet: Annotated[str | None, typer.Option("--sheet", help="Sheet of a workbook.")] = None,
    header_row: Annotated[int | None, typer.Option("--header-row", help="Row that holds the columns' names.")] = None,
    delimiter: Annotated[
        str | None, typer.Option("--delimiter", help="Between cells, where it is not found out.")
    ] = None,
    encoding: Annotated[str | None, typer.Option("--encoding", help="Where it is not found out, as: cp1252.")] = None,
    template: Annotated[str | None, typer.Option("--template", help="Map as the template of this name does.")] = None,
    rows: Annotated[int, typer.Option("--rows", min=0, help="Rows to print; 0 prints every row.")] = 0,
    org: output.Org = None,
    as_json: output.AsJson = False,
) -> None:
    """Import a file of leads, or say what would become of it."""
    options = Options(
        list_name=list_name,
        tags=tuple(tag or ()),
        source=source,
        as_of=_day(as_of),
        policy=policy or (UpdatePolicy.FILL if keep else UpdatePolicy.OVERWRITE),
        state=state,
        removed=removed,
        keys=tuple(key) if key else Options().keys,
    )
    given = Given(
        dict(_pair(text) for text in mapping or ()), options, Reading(encoding, delimiter, header_row, sheet), template
    )
    with desk(org) as at:
        if dry_run:
            _dry_run(at, file, given, rows, as_json=as_json)
        else:
            _import(at, file, given, as_json=as_json)


def _pair(text: str) -> tuple[str, str]:
    header, equals, field = text.rpartition("=")
    if not equals or not header.strip() or not field.strip():
        raise Invalid(f"Write --map as HEADER=FIELD, not “{text}”.", "map")
    return header.strip(), field.strip()


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise Invalid(f"“{text}” is no day; write YYYY-MM-DD.", "as_of") from error


# Dry run


def _dry_run(at: Desk, file: Path, given: Given, most: int, *, as_json: bool) -> None:
    with imports.dry_run(at.db, at.actor, file, given) as (report, every):
        shown = islice(every, most) if most else every
        if as_json:
            output.line({"import": document(report), "rows": [_row_document(row) for row in shown]})
            return
        out = output.console()
        _show_report(out, report)
        for row in shown:
            _show_row(out, row)
        out.print("\nNothing was written.")


def _row_document(row: RowReport) -> dict[str, Any]:
    return {name: value for name, value in asdict(row).items() if value not in (None, (), [])}


def document(report: Report) -> dict[str, Any]:
    """Write a report for programs; only what belongs to the file and its writing."""
    known = asdict(report)
    known["dialect"] = {name: known["dialect"].get(name) for name in ("encoding", "delimiter", "headers", "bom")}
    return known


def _show_report(out: Console, report: Report) -> None:
    name = report.layout_title or "unknown; fields were guessed by the headers' names"
    out.print(f"[bold]{report.filename}[/bold]  {report.size_bytes:,} bytes", highlight=False)
    out.print(f"Layout: {name}  (confidence {report.confidence:.0%})", markup=False)
    out.print(f"Written as: {report.dialect['encoding']}, delimiter {report.dialect['delimiter']!r}", markup=False)
    table = Table("Column", "Field", "", box=None, pad_edge=False, title="Mapping", title_justify="left")
    for header, field in report.mapping.items():
        table.add_row(header, field or "left out", "guessed" if header in report.doubtful else "")
    out.print(table)
    _show_counts(out, report)


def _show_counts(out: Console, report: Report) -> None:
    counts = report.counts
    out.print("Rows: " + ", ".join(f"{counts.get(name, 0):,} {_word(name)}" for name in COUNTS), markup=False)
    out.print(
        f"In them: {counts['people']:,} people, {counts['organisations']:,} organisations, "
        f"{counts['phones']:,} numbers, {counts['warnings']:,} rows with warnings",
        markup=False,
    )
    marks = ", ".join(f"{count:,} {kind.replace('_', ' ')}" for kind, count in counts["suppressions"].items())
    out.print(f"Suppressions: {marks or 'none'}", markup=False)


def _word(name: str) -> str:
    return {"data_rows": "in the file", "reject": "rejected", "duplicate": "merged", "removed": "kept removed"}.get(
        name, name
    )


def _show_row(out: Console, row: RowReport) -> None:
    colour = {RowVerdict.REJECT: "red", RowVerdict.DUPLICATE: "yellow", RowVerdict.NEW: "green"}.get(
        row.verdict, "cyan"
    )
    same = f" into row {row.same_as_row}" if row.same_as_row else ""
    same += f" by {row.matched_by}" if row.matched_by else ""
    out.print(f"[{colour}]{row.row:>7} {row.verdict.value}{same}[/{colour}]  ", end="")
    out.print(_place(row.values or {}), markup=False)
    for reason in row.reasons:
        out.print(f"        {reason}" + (f" (column {row.column})" if row.column else ""), style="red", markup=False)
    for warning in row.warnings:
        out.print(f"        {warning}", style="yellow", markup=False)
    for line in _details(row.values or {}):
        out.print(f"        {line}", style="dim", markup=False)


def _place(values: dict[str, Any]) -> str:
    names = ("street", "unit", "city", "state", "zip")
    return ", ".join(str(values[name]) for name in names if values.get(name)) or str(values.get("apn", ""))


def _details(values: dict[str, Any]) -> Iterator[str]:
    for owner in values.get("owners", ()):
        yield f"{owner['name']} ({owner['kind']})"
    for number in values.get("phones", ()):
        marks = ", ".join(mark.replace("_", " ") for mark in number["marks"])
        yield f"{number['number']} {number['line_type']}" + (f" — {marks}" if marks else "")
    facts = {
        name: value
        for name, value in values.items()
        if name not in {"street", "unit", "city", "state", "zip", "owners", "phones", "extra", "notes"}
    }
    if facts:
        yield "; ".join(f"{name}: {_plain(value)}" for name, value in facts.items())


def _plain(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]


# Writing


def _import(at: Desk, file: Path, given: Given, *, as_json: bool) -> None:
    import_id = imports.receive(at.db, at.actor, file, given)
    with Bar(at, import_id, hidden=as_json) as bar:
        bar.until(lambda: imports.check(at.db, at.actor.org_id, import_id), "Checking")
        with at.uow() as uow:
            imports.commit(uow, at.actor, import_id)
        # A worker may be faster; whoever comes second finds it done. If this process is killed, a worker goes on.
        bar.until(lambda: imports.run_commit(at.db, at.actor.org_id, import_id), "Writing")
    report = report_of(at, import_id)
    if report.state is not ImportState.DONE:
        raise Permanent(report.error or "The import did not end; see the jobs page.")
    output.answer(document(report), lambda out: _show_written(out, report), as_json=as_json)


def report_of(at: Desk, import_id: UUID) -> Report:
    """Read an import."""
    with at.uow() as uow:
        return imports.report(uow, at.actor, import_id)


class Bar:
    """Shows how far the job is while this process works on it, or waits for another that does."""

    def __init__(self, at: Desk, import_id: UUID, *, hidden: bool) -> None:
        self._at, self._import_id = at, import_id
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[note]}"),
            TimeElapsedColumn(),
            console=Console(stderr=True),
            disable=hidden,
            transient=True,
        )

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def until(self, work: Callable[[], bool], title: str) -> None:
        """Do ``work`` in a thread, again as long as somebody else is at it, and show the job's progress."""
        task = self._progress.add_task(title, total=None, note="")
        with ThreadPoolExecutor(1) as pool:
            while not self._finished(pool.submit(work), task):
                time.sleep(POLL_S)
        self._progress.update(task, total=1, completed=1, note="")

    def _finished(self, future: Future[bool], task: TaskID) -> bool:
        while True:
            done, _ = wait({future}, timeout=POLL_S)
            if done:
                return future.result()
            said = report_of(self._at, self._import_id).progress
            self._progress.update(
                task, completed=said.get("done", 0), total=said.get("total"), note=said.get("note", "")
            )


def _show_written(out: Console, report: Report) -> None:
    _show_counts(out, report)
    written = {name: count for name, count in report.counts["written"].items() if count}
    lines = (f"{count:,} {name.replace('_', ' ').replace('.', ': ')}" for name, count in written.items())
    out.print("Written: " + (", ".join(lines) or "nothing; all of it was there"), markup=False)
    if report.counts["reject"]:
        out.print(f"Rejected rows: /api/v1/imports/{report.id}/rejects.csv", markup=False)
