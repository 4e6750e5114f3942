"""``leadflow claims``: who works on which lead, to see, begin, end and take over."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import typer
from rich.console import Console
from rich.table import Table

from leadflow.cli.desk import desk
from leadflow.cli.output import AsJson, Org, answer
from leadflow.kernel.paging import Page
from leadflow.leads import service as leads
from leadflow.leads.types import Claim
from leadflow.leads.work_types import ClaimRow

app = typer.Typer(no_args_is_help=True)

Lead = Annotated[UUID, typer.Argument(help="The lead's id.")]


@app.callback()
def describe() -> None:
    """Who works on which lead, until when."""


@app.command("list")
def listed(
    limit: Annotated[int, typer.Option(help="How many at most.", min=1, max=200)] = 50,
    after: Annotated[str | None, typer.Option(help="Go on behind this mark of the list before.")] = None,
    org: Org = None,
    *,
    as_json: AsJson = False,
) -> None:
    """List the leads on which somebody works, those that end first first."""
    with desk(org) as office, office.uow() as uow:
        found = leads.claims(uow, office.actor, after, limit)
    answer(found, lambda out: _table(out, found), as_json=as_json)


@app.command()
def take(lead: Lead, org: Org = None, *, as_json: AsJson = False) -> None:
    """Claim a lead for the owner, or for longer."""
    with desk(org) as office, office.uow() as uow:
        held = leads.claim(uow, office.actor, lead)
    answer(held, lambda out: _one(out, held), as_json=as_json)


@app.command("take-over")
def take_over(lead: Lead, org: Org = None, *, as_json: AsJson = False) -> None:
    """Claim a lead on which somebody else works; the timeline tells."""
    with desk(org) as office, office.uow() as uow:
        held = leads.take_over(uow, office.actor, lead)
    answer(held, lambda out: _one(out, held), as_json=as_json)


@app.command()
def release(lead: Lead, org: Org = None, *, as_json: AsJson = False) -> None:
    """Give the owner's claim up; where there is none, nothing happens."""
    with desk(org) as office, office.uow() as uow:
        leads.release(uow, office.actor, lead)
    answer({"lead_id": lead}, lambda out: out.print("The owner does not work on it."), as_json=as_json)


def _one(out: Console, held: Claim) -> None:
    out.print(f"{held.name} works on it until {held.until.isoformat(timespec='minutes')}.", markup=False)


def _table(out: Console, found: Page[ClaimRow]) -> None:
    table = Table("Who", "Until", "Lead", "Id", box=None)
    for row in found.rows:
        table.add_row(row.name, row.until.isoformat(timespec="minutes"), row.street, str(row.lead_id))
    out.print(table)
    if found.next:
        out.print(f"More: leadflow claims list --after {found.next}", markup=False)
