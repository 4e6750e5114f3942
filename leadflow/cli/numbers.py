"""``leadflow numbers``: which numbers may send and why others may not, their registration, their pools."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

import typer
from rich.console import Console
from rich.table import Table

from leadflow.cli.desk import Desk, desk
from leadflow.cli.output import AsJson, Org, answer
from leadflow.kernel import phone
from leadflow.kernel.errors import Invalid, NotFound
from leadflow.messaging import service as messaging
from leadflow.messaging.number_types import BrandRow, PoolRow, SenderChange, SenderRow
from models.vocabulary import RegistrationState

app = typer.Typer(no_args_is_help=True)

Number = Annotated[str, typer.Argument(help="One of our numbers, such as +13125550142.")]


@app.callback()
def describe() -> None:
    """Numbers that we send from."""


@app.command("list")
def listed(org: Org = None, *, as_json: AsJson = False) -> None:
    """List the numbers, with what each may send and why one may not."""
    with desk(org) as place, place.uow() as uow:
        rows = messaging.senders(uow, place.actor)
    answer(rows, lambda out: _numbers(out, rows), as_json=as_json)


def _numbers(out: Console, rows: Sequence[SenderRow]) -> None:
    table = Table("Number", "Label", "Sends", "A minute", "A day", "Waiting", "Last hour", "Last day", box=None)
    for row in rows:
        a_day = "any" if row.per_day is None else f"{row.per_day:,}"
        counts = (f"{many:,}" for many in (row.queued, row.sent_last_hour, row.sent_last_day))
        table.add_row(row.e164, row.label, row.against or "yes", f"{row.per_minute:,}", a_day, *counts)
    out.print(table)


@app.command()
def pools(org: Org = None, *, as_json: AsJson = False) -> None:
    """List the pools."""
    with desk(org) as place, place.uow() as uow:
        rows = messaging.pools(uow, place.actor)
    answer(rows, lambda out: _pools(out, rows), as_json=as_json)


def _pools(out: Console, rows: Sequence[PoolRow]) -> None:
    table = Table("Pool", "Numbers", "Can send", "People keep their number", "Rests", box=None)
    for row in rows:
        rests = f"{row.cool_minutes} min after {row.cool_after:,}" if row.cool_after else "never"
        table.add_row(row.name, str(len(row.numbers)), str(row.able), "yes" if row.sticky else "no", rests)
    out.print(table)


@app.command()
def brands(org: Org = None, *, as_json: AsJson = False) -> None:
    """List the 10DLC brands and their registered campaigns."""
    with desk(org) as place, place.uow() as uow:
        rows = messaging.brands(uow, place.actor)
    answer(rows, lambda out: _brands(out, rows), as_json=as_json)


def _brands(out: Console, rows: Sequence[BrandRow]) -> None:
    table = Table("Brand", "State", "Campaign", "State", "Numbers", "Id", box=None)
    for brand in rows:
        table.add_row(brand.name, brand.status, "", "", "", brand.registry_id or "")
        for one in brand.campaigns:
            table.add_row("", "", one.use_case, one.status, str(one.numbers), str(one.id))
    out.print(table)


@app.command()
def bind(
    number: Number,
    campaign: Annotated[UUID, typer.Argument(help="The registered campaign's id, as `leadflow numbers brands` says.")],
    state: Annotated[RegistrationState, typer.Option(help="How far the carrier is.")] = RegistrationState.PENDING,
    org: Org = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Bind a number to a registered campaign. It sends once the brand, the campaign and this are verified."""
    _change(number, SenderChange(registered_campaign_id=campaign, registration=state), org, as_json=as_json)


@app.command()
def stop(number: Number, org: Org = None, *, as_json: AsJson = False) -> None:
    """Let a number send nothing, replies included, until it is started again."""
    _change(number, SenderChange(enabled=False), org, as_json=as_json)


@app.command()
def start(number: Number, org: Org = None, *, as_json: AsJson = False) -> None:
    """Let a number send again that was stopped, or that rests."""
    _change(number, SenderChange(enabled=True), org, as_json=as_json)


def _change(number: str, change: SenderChange, org: str | None, *, as_json: bool) -> None:
    with desk(org) as place:
        found = _found(place, number)
        with place.uow() as uow:
            messaging.change_sender(uow, place.actor, found.id, change)
        now = _found(place, number)
    answer(now, lambda out: out.print(f"{now.e164}: {now.against or 'may send'}"), as_json=as_json)


def _found(place: Desk, number: str) -> SenderRow:
    try:
        wanted = phone.parse(number)
    except Invalid as error:
        raise Invalid(error.message, "number") from error
    with place.uow() as uow:
        rows = messaging.senders(uow, place.actor)
    found = next((row for row in rows if row.e164 == wanted), None)
    if found is None:
        raise NotFound(f"{wanted} is not one of our numbers. `leadflow numbers list` shows them.")
    return found
