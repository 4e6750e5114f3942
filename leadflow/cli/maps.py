"""``leadflow map``: where leads are and how exactly, and the geocoder that places them better."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any
from uuid import UUID

import typer
from rich.console import Console

from leadflow.cli.desk import desk
from leadflow.cli.letters import read_filter
from leadflow.cli.output import AsJson, Org, answer
from leadflow.leads import service as leads
from leadflow.maps import service as maps
from leadflow.maps.types import Quote, RunRow, Totals

app = typer.Typer(no_args_is_help=True)

Where = Annotated[list[str] | None, typer.Option(help="A lead filter, as state=TX or area=county_48453.")]


@app.callback()
def describe() -> None:
    """Places of leads: counted, and made more exact by a geocoder where somebody asks for it."""


@app.command()
def totals(where: Where = None, org: Org = None, *, as_json: AsJson = False) -> None:
    """Count the leads of a filter, and those that have no place."""
    with desk(org) as office, office.uow() as uow:
        found = maps.totals(uow, office.actor, leads.parse_filter(read_filter(where or [])))
    answer(asdict(found), lambda console: _show_totals(console, found), as_json=as_json)


@app.command()
def geocode(
    where: Where = None,
    run: Annotated[UUID | None, typer.Option("--run", help="Only show how this run stands.")] = None,
    org: Org = None,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what would be sent, and to whom.")] = False,
    as_json: AsJson = False,
) -> None:
    """Send the addresses of leads to a geocoder outside; a worker carries it out and takes the answers."""
    with desk(org) as office, office.uow() as uow:
        chosen = leads.parse_filter(read_filter(where or []))
        if dry_run:
            told = maps.quote(uow, office.actor, chosen)
            answer(asdict(told), lambda console: _show_quote(console, told), as_json=as_json)
            return
        found = maps.run(uow, office.actor, run or maps.start(uow, office.actor, chosen))
    answer(_plain(found), lambda console: _show_run(console, found), as_json=as_json)


def _plain(found: RunRow) -> dict[str, Any]:
    return {name: getattr(found, name) for name in RunRow.__slots__}


def _show_totals(console: Console, found: Totals) -> None:
    console.print(f"{found.total:,} leads, {found.nowhere:,} without any place", markup=False)


def _show_quote(console: Console, found: Quote) -> None:
    console.print(
        f"{found.leads:,} leads: {found.placed:,} placed already, {found.tried:,} asked about before,"
        f" {found.unwritten:,} without a street",
        markup=False,
    )
    console.print(f"{found.to_send:,} addresses would be sent to the {found.geocoder}.", style="bold", markup=False)


def _show_run(console: Console, found: RunRow) -> None:
    console.print(f"Run {found.id}: {found.state.value}", markup=False)
    console.print(f"{found.found:,} of {found.asked:,} placed, {found.missed:,} not found", markup=False)
    if found.error:
        console.print(found.error, style="red", markup=False)
