"""``leadflow duplicates``: find records that may be one, list them, merge a pair or all that are sure, take back."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import typer
from rich.console import Console
from rich.table import Table

from leadflow.cli.desk import desk
from leadflow.cli.output import AsJson, Org, answer
from leadflow.duplicates import service as duplicates
from leadflow.duplicates.types import PairFilter, PairRow, SearchRow, Undone
from leadflow.kernel.errors import Invalid
from models.vocabulary import DuplicateKind

app = typer.Typer(no_args_is_help=True)

Kind = Annotated[DuplicateKind | None, typer.Option(help="Only people, or only properties.")]


@app.callback()
def describe() -> None:
    """Records that may be one: find them, merge them, take a merge back."""


@app.command()
def find(org: Org = None, *, as_json: AsJson = False) -> None:
    """Compare everything and wait for it."""
    with desk(org) as office:
        search_id = duplicates.search_now(office.db, office.actor)
        with office.uow() as uow:
            found = next(row for row in duplicates.searches(uow, office.actor) if row.id == search_id)
    answer(found, lambda console: _show_search(console, found), as_json=as_json)


@app.command("list")
def listed(
    kind: Kind = None,
    at_least: Annotated[int, typer.Option(help="Only pairs of this score and more.")] = 0,
    limit: Annotated[int, typer.Option(help="How many at most.")] = 50,
    org: Org = None,
    *,
    certain: Annotated[bool, typer.Option(help="Only pairs against which nothing speaks.")] = False,
    as_json: AsJson = False,
) -> None:
    """List pairs, the likeliest first."""
    with desk(org) as office, office.uow() as uow:
        found = duplicates.pairs(uow, office.actor, PairFilter(kind, at_least, certain), None, limit)
    answer(found, lambda console: _show_pairs(console, found.rows), as_json=as_json)


@app.command()
def merge(
    pair: Annotated[UUID | None, typer.Argument(help="The pair's id, as the list names it.")] = None,
    survivor: Annotated[str | None, typer.Option(help="Which of the two stays: one or other.")] = None,
    sure: Annotated[int | None, typer.Option(help="Instead of a pair: set merging all of this score going.")] = None,
    kind: Kind = None,
    org: Org = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Merge a pair as the comparison suggests, or with --sure every pair against which nothing speaks."""
    if (pair is None) == (sure is None):
        raise Invalid("Name a pair, or give --sure a score.", "pair")
    if survivor not in {None, "one", "other"}:
        raise Invalid("--survivor is one or other.", "survivor")
    with desk(org) as office, office.uow() as uow:
        if sure is not None:
            count = duplicates.preview_sure(uow, office.actor, sure, kind)
            job_id = duplicates.merge_sure(uow, office.actor, sure, kind)
            document = {"job_id": job_id, "count": count}
            words = f"A job merges {count:,} pairs; take them back with: leadflow duplicates unmerge --job {job_id}"
        else:
            merge_id = duplicates.merge_pair(uow, office.actor, pair or UUID(int=0), survivor)
            document = {"merge_id": merge_id}
            words = f"Merged. Take it back with: leadflow duplicates unmerge {merge_id}"
    answer(document, lambda console: console.print(words, markup=False), as_json=as_json)


@app.command()
def unmerge(
    merge_id: Annotated[UUID | None, typer.Argument(help="The merge's id.")] = None,
    job: Annotated[UUID | None, typer.Option(help="Instead: set taking back all that this job merged going.")] = None,
    org: Org = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Take a merge back, row for row."""
    if (merge_id is None) == (job is None):
        raise Invalid("Name a merge, or give --job a job.", "merge_id")
    with desk(org) as office, office.uow() as uow:
        if job is not None:
            undoing = duplicates.undo_job(uow, office.actor, job)
            answer({"job_id": undoing}, lambda console: console.print(f"Job {undoing} does it."), as_json=as_json)
            return
        undone = duplicates.unmerge(uow, office.actor, merge_id or UUID(int=0))
    answer(undone, lambda console: _show_undone(console, undone), as_json=as_json)


def _show_search(console: Console, row: SearchRow) -> None:
    console.print(f"Compared {row.compared:,} pairs; {row.proposed:,} may be one.")
    for one in row.skipped:
        console.print(f"  left out: a {one['what']} that {one['count']:,} records share", markup=False)


def _show_pairs(console: Console, rows: tuple[PairRow, ...]) -> None:
    table = Table("score", "kind", "one", "other", "why", "pair")
    for row in rows:
        why = "; ".join(f"but {one.words}" if one.against else one.words for one in row.reasons)
        table.add_row(str(row.score), row.kind.value, row.one.title, row.other.title, why, str(row.id))
    console.print(table)


def _show_undone(console: Console, undone: Undone) -> None:
    console.print(f"Taken back: {undone.restored:,} rows are what they were.", style="green")
    for name, count in undone.stayed.items():
        console.print(f"  stayed with the survivor, for it came later: {count:,} {name}", markup=False)
