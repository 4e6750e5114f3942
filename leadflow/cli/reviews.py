"""``leadflow compliance reviews``: list draws, draw one, open it, verify its sign-off. People judge in the browser."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated
from uuid import UUID

import typer
from rich.console import Console
from rich.table import Table

from leadflow.cli.desk import desk
from leadflow.cli.explain import instant
from leadflow.cli.output import AsJson, Org, answer
from leadflow.reviews import service as reviews
from leadflow.reviews.types import DrawDetail, DrawRow, DrawWish, Signature

app = typer.Typer(no_args_is_help=True)

Draw = Annotated[UUID, typer.Argument(help="The draw's id.")]


@app.callback()
def describe() -> None:
    """Samples of decisions that a person judges and signs."""


@app.command("list")
def listed(org: Org = None, *, as_json: AsJson = False) -> None:
    """List draws, newest first."""
    with desk(org) as place, place.uow() as uow:
        page = reviews.draws(uow, place.actor)
    answer(page.rows, lambda console: _show_draws(console, page.rows), as_json=as_json)


@app.command()
def draw(
    since: Annotated[str | None, typer.Option(help="First instant; a week ago when absent.")] = None,
    until: Annotated[str | None, typer.Option(help="Instant after the last; now when absent.")] = None,
    size: Annotated[int, typer.Option(help="How many decisions.")] = 50,
    least: Annotated[int, typer.Option(help="At least so many of every kind of risk.")] = 2,
    seed: Annotated[int | None, typer.Option(help="Draws the same sample again; at random when absent.")] = None,
    org: Org = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Draw a stratified sample."""
    with desk(org) as place:
        with place.uow() as uow:
            end = instant(until) or uow.now()
            wish = DrawWish(instant(since) or end - timedelta(days=7), end, size, least, seed)
            draw_id = reviews.draw(uow, place.actor, wish)
        with place.uow() as uow:
            found = reviews.detail(uow, place.actor, draw_id)
    answer(found, lambda console: _show(console, found), as_json=as_json)


@app.command()
def show(draw_id: Draw, org: Org = None, *, as_json: AsJson = False) -> None:
    """Open a draw with its rates of agreement."""
    with desk(org) as place, place.uow() as uow:
        found = reviews.detail(uow, place.actor, draw_id)
    answer(found, lambda console: _show(console, found), as_json=as_json)


@app.command()
def verify(draw_id: Draw, org: Org = None, *, as_json: AsJson = False) -> None:
    """Hold a sign-off against its signature, the judgements and the record; exit code 1 where it does not hold."""
    with desk(org) as place, place.uow() as uow:
        found = reviews.verify(uow, place.actor, draw_id)
    answer(found, lambda console: _show_signature(console, found), as_json=as_json)
    if not found.whole:
        raise typer.Exit(1)


def _show_draws(console: Console, rows: tuple[DrawRow, ...]) -> None:
    table = Table("draw", "from", "until", "drawn", "judged", "agreed", "signed")
    for row in rows:
        signed = f"{row.signed_at:%Y-%m-%d}" if row.signed_at else ""
        days = (f"{row.since:%Y-%m-%d}", f"{row.until:%Y-%m-%d}")
        table.add_row(str(row.id), *days, str(row.drawn), str(row.judged), str(row.agreed), signed)
    console.print(table)


def _show(console: Console, found: DrawDetail) -> None:
    console.print(f"Draw {found.row.id}, seed {found.row.seed}: {found.row.drawn} decisions, {found.row.judged} judged")
    table = Table("kind of risk", "decisions", "drawn", "agreed", "95 %")
    for rate in found.rates:
        agreed = f"{rate.agreed} of {rate.judged}"
        table.add_row(rate.title, str(rate.population), str(rate.drawn), agreed, f"{rate.low:.0%} to {rate.high:.0%}")
    console.print(table)


def _show_signature(console: Console, found: Signature) -> None:
    console.print("The sign-off holds." if found.whole else "The sign-off does not hold:")
    for fault in found.faults:
        console.print(f"  {fault}", style="red", markup=False)
    console.print("Sealed into the chain." if found.chained else "Not sealed yet: the next seal takes it in.")
