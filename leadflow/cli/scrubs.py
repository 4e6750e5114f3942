"""``leadflow compliance scrub``: what look-ups of numbers would cost, and their start; a worker carries them out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer
from rich.console import Console

from leadflow.cli.desk import Desk, desk
from leadflow.cli.output import AsJson, Org, answer
from leadflow.kernel.errors import Invalid
from leadflow.scrubs import service as scrubs
from leadflow.scrubs.types import Order, Quote, RunRow
from models.vocabulary import LookupService, ScrubRunState

COLOURS = {ScrubRunState.DONE: "green", ScrubRunState.FAILED: "red", ScrubRunState.CANCELLED: "yellow"}


def scrub(  # noqa: PLR0913 one parameter an option
    list_name: Annotated[str | None, typer.Option("--list", help="Numbers of the leads on this list.")] = None,
    numbers: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="A file of numbers, one a line.")
    ] = None,
    service: Annotated[LookupService, typer.Option(help="Registries and litigators, or reassigned numbers.")] = (
        LookupService.DNC
    ),
    renew_days: Annotated[int, typer.Option(help="Also what runs out within so many days.")] = 0,
    run: Annotated[UUID | None, typer.Option("--run", help="Only show how this run stands.")] = None,
    org: Org = None,
    *,
    every: Annotated[bool, typer.Option("--all", help="Numbers of all leads.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what it would cost.")] = False,
    as_json: AsJson = False,
) -> None:
    """Look numbers up at a provider: quoted with --dry-run, else reserved and started."""
    if run is not None:
        with desk(org) as place:
            _tell(place, run, as_json=as_json)
        return
    order = _order(service, list_name, numbers, renew_days, every=every)
    with desk(org) as place:
        if dry_run:
            with place.uow() as uow:
                found = scrubs.quote(uow, place.actor, order)
            document = {**_plain(found), "affordable": found.affordable}
            answer(document, lambda console: _show_quote(console, found), as_json=as_json)
            return
        with place.uow() as uow:
            run_id = scrubs.start(uow, place.actor, order)
        _tell(place, run_id, as_json=as_json)


def _order(
    service: LookupService, list_name: str | None, numbers: Path | None, renew_days: int, *, every: bool
) -> Order:
    if sum((list_name is not None, numbers is not None, every)) != 1:
        raise Invalid("Name one of --list, --numbers and --all.", "list")
    given = tuple(line.strip() for line in numbers.read_text().splitlines() if line.strip()) if numbers else ()
    return scrubs.read_order(
        service, leads_filter={"list": list_name} if list_name else {}, numbers=given, renew_days=renew_days
    )


def _tell(place: Desk, run_id: UUID, *, as_json: bool) -> None:
    with place.uow() as uow:
        found = scrubs.run(uow, place.actor, run_id)
    answer(_plain(found), lambda console: _show_run(console, found), as_json=as_json)


def _plain(found: Quote | RunRow) -> dict[str, Any]:
    return {name: getattr(found, name) for name in type(found).__slots__}


def _show_quote(console: Console, found: Quote) -> None:
    console.print(f"{found.numbers:,} numbers: {found.fresh:,} fresh, {found.to_buy:,} to buy", markup=False)
    if found.undated:
        console.print(f"{found.undated:,} have no consent on record, so there is no day to ask about.")
    if found.busy:
        console.print(f"{found.busy:,} are in a run that has not ended.")
    console.print(f"Cost {_dollars(found.cost)}, {_dollars(found.price)} a number", markup=False)
    left = "no budget is set" if found.budget_left is None else f"{_dollars(found.budget_left)} left this month"
    console.print(f"Budget: {left}", style="" if found.affordable else "red")
    if found.ready:
        console.print(found.ready, style="red", markup=False)


def _show_run(console: Console, found: RunRow) -> None:
    console.print(f"Run {found.id}: {found.state.value}", style=COLOURS.get(found.state, ""), markup=False)
    console.print(f"{found.answered:,} of {found.bought:,} answered, {found.listed:,} listed", markup=False)
    unknown = found.missing + found.doubtful
    if unknown:
        console.print(f"{unknown:,} stay unknown and are not sendable.", style="yellow")
    console.print(f"Spent {_dollars(found.spent)}, held {_dollars(found.reserved)}", markup=False)
    if found.error:
        console.print(found.error, style="red", markup=False)


def _dollars(hundredths: int) -> str:
    return f"${hundredths / 10_000:,.4f}".rstrip("0").rstrip(".")
