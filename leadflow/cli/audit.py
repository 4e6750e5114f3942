"""``leadflow audit verify``: prove that the record of acts and decisions is whole."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console

from leadflow.audit import service as audit
from leadflow.audit.types import Report
from leadflow.cli.desk import desk
from leadflow.cli.output import FAILED, AsJson, answer

app = typer.Typer(no_args_is_help=True)


@app.callback()
def describe() -> None:
    """Prove that the record of decisions is whole."""


@app.command()
def verify(
    org: Annotated[str | None, typer.Option(help="The organisation's name or id, where there are several.")] = None,
    *,
    seal: Annotated[bool, typer.Option(help="Seal what waits before verifying.")] = False,
    as_json: AsJson = False,
) -> None:
    """Recompute every hash; leave with 1, naming the first bad position, where the record does not hold."""
    with desk(org) as place:
        if seal:
            audit.seal(place.db, place.actor.org_id)
        report = audit.verify(place.db, place.actor.org_id)
    document = {**asdict(report), "whole": report.whole}
    answer(document, lambda console: _show(console, report), as_json=as_json)
    if not report.whole:
        raise typer.Exit(FAILED)


def _show(console: Console, report: Report) -> None:
    if report.fault is None:
        console.print("[green]The record is whole.[/]")
    else:
        console.print(f"[red]The record does not hold.[/] First bad position: {report.fault.position}.")
        console.print(f"  {report.fault.what}", markup=False)
    console.print(f"  {report.leaves} entries under {report.seals} seals, {report.anchors} of them anchored.")
    if report.unsealed:
        console.print(f"  {report.unsealed} younger entries wait for the next seal.")
