"""``leadflow import-undo ID``: take a written import back, as far as nobody has touched what it brought."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any
from uuid import UUID

import typer
from rich.console import Console

from leadflow.cli import output
from leadflow.cli.desk import desk
from leadflow.cli.imports import Bar, document, report_of
from leadflow.imports import service as imports
from leadflow.imports.types import Undo
from leadflow.kernel.errors import Permanent
from models.vocabulary import ImportState

app = typer.Typer()


@app.command()
def undo(
    import_id: Annotated[UUID, typer.Argument(help="The import, by its id.")],
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be taken back, change nothing.")] = False,
    org: output.Org = None,
    as_json: output.AsJson = False,
) -> None:
    """Take a written import back, as far as nobody has touched what it brought."""
    with desk(org) as at:
        if dry_run:
            with at.uow() as uow:
                found = imports.undo_preview(uow, at.actor, import_id)
            output.answer(asdict(found), lambda out: _show_preview(out, found), as_json=as_json)
            return
        with at.uow() as uow:
            imports.undo(uow, at.actor, import_id)
        with Bar(at, import_id, hidden=as_json) as bar:
            bar.until(lambda: imports.run_undo(at.db, at.actor.org_id, import_id), "Taking back")
        report = report_of(at, import_id)
        if report.state is not ImportState.UNDONE:
            raise Permanent(report.error or "The undo did not end; see the jobs page.")
        output.answer(document(report), lambda out: _show_undone(out, report.counts["undone"]), as_json=as_json)


def _show_preview(out: Console, found: Undo) -> None:
    out.print(f"{found.leads:,} leads would be removed, earlier values of {found.properties:,} properties come back.")
    for reason, count in found.kept.items():
        out.print(f"Kept: {count:,} leads, because {reason}.", markup=False)
    out.print(f"{found.suppressions:,} suppressions that came with the file stay.")


def _show_undone(out: Console, undone: dict[str, Any]) -> None:
    parts = ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in undone["removed"].items() if count)
    out.print(f"Removed: {parts or 'nothing'}. Earlier values put back: {undone['restored']:,}.", markup=False)
    for reason, count in undone["kept"].items():
        out.print(f"Kept: {count:,} leads, because {reason}.", markup=False)
    if undone["changed_since"]:
        out.print(f"{undone['changed_since']:,} values were changed since and stay.")
    out.print(f"{undone['suppressions_kept']:,} suppressions that came with the file stay.")
