"""``leadflow campaigns``: list them, look at one's course and weather, pause, resume, send anew, export."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer
from rich.console import Console
from rich.table import Table

from leadflow.campaigns import service as campaigns
from leadflow.campaigns.types import Again, CampaignRow, Progress
from leadflow.cli.desk import desk
from leadflow.cli.output import AsJson, Org, answer
from leadflow.identity.types import Principal
from leadflow.kernel.db import UnitOfWork
from leadflow.kernel.money import dollars
from leadflow.messaging.rules.weather import percent
from leadflow.messaging.types import Rate, Report

app = typer.Typer(no_args_is_help=True)

Named = Annotated[str, typer.Argument(help="The campaign's name or id.")]
PARTS = ("delivered", "moving", "waiting", "failed", "withheld")


@app.callback()
def describe() -> None:
    """Campaigns after their launch."""


@app.command("list")
def listed(
    org: Org = None,
    after: Annotated[str | None, typer.Option(help="Where the next page begins.")] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """List campaigns, newest first."""
    with desk(org) as place, place.uow() as uow:
        rows, following = campaigns.listing(uow, place.actor, after=after)
    answer({"rows": rows, "next": following}, lambda out: _list(out, rows), as_json=as_json)


def _list(out: Console, rows: list[CampaignRow]) -> None:
    table = Table("Campaign", "State", "Audience", *(part.capitalize() for part in PARTS), box=None)
    for row in rows:
        counts = (f"{getattr(row.tally, part):,}" for part in PARTS)
        table.add_row(row.name, row.state.value, f"{row.audience:,}" if row.audience is not None else "", *counts)
    out.print(table)


@app.command()
def show(campaign: Named, org: Org = None, *, as_json: AsJson = False) -> None:
    """Say where a campaign stands, message by message; the counts sum to the audience."""
    with desk(org) as place, place.uow() as uow:
        found = campaigns.named(uow, place.actor, campaign)
        progress = campaigns.progress(uow, place.actor, found.id)
        head = {"id": found.id, "name": found.name, "state": found.state, "why": found.pause_reason}
    answer({"campaign": head, **asdict(progress)}, lambda out: _show(out, head, progress), as_json=as_json)


def _show(out: Console, head: dict[str, Any], found: Progress) -> None:
    out.print(f"[bold]{head['name']}[/]  {head['state']}  {head['why'] or ''}")
    table = Table("", *(part.capitalize() for part in PARTS), box=None)
    for name, tally in (("All", found.tally), *((f"Message {one.position}", one.tally) for one in found.steps)):
        table.add_row(name, *(f"{getattr(tally, part):,}" for part in PARTS))
    out.print(table)
    out.print(
        f"{found.audience:,} in the audience; {found.replied:,} replied, {found.opted_out:,} opted out, "
        f"{found.stopped:,} stopped by a rule; {dollars(-(-found.spent_cents_x100 // 100))} spent."
    )


@app.command()
def pause(
    campaign: Named,
    why: Annotated[str, typer.Option(help="Stands on the campaign.")] = "",
    org: Org = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Stop a running campaign; what is queued stays queued."""
    _move(org, campaign, lambda uow, actor, key: campaigns.pause(uow, actor, key, why), as_json=as_json)


@app.command()
def resume(
    campaign: Named,
    why: Annotated[
        str, typer.Option(help="What was done; needed where its filter or opt-out rate had paused it.")
    ] = "",
    org: Org = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Let a paused campaign go on."""
    _move(org, campaign, lambda uow, actor, key: campaigns.resume(uow, actor, key, why), as_json=as_json)


@app.command()
def weather(campaign: Named, org: Org = None, *, as_json: AsJson = False) -> None:
    """Say how many of its last texts were filtered or answered by an opt-out: by template, number and carrier."""
    with desk(org) as place, place.uow() as uow:
        found = campaigns.named(uow, place.actor, campaign)
        report = campaigns.weather(uow, place.actor, found.id)
        head = {"id": found.id, "name": found.name, "state": found.state, "why": found.pause_reason}
    answer({"campaign": head, **asdict(report)}, lambda out: _weather(out, head, report), as_json=as_json)


def _weather(out: Console, head: dict[str, Any], found: Report) -> None:
    out.print(f"[bold]{head['name']}[/]  {head['state']}  {head['why'] or ''}")
    table = Table("", "Texts", "Filtered", "Opted out", box=None)
    groups = (("all", (found.whole,)), ("message, variant", found.templates), ("number", found.numbers))
    for name, parts in (*groups, ("carrier", found.carriers)):
        for part in parts:
            table.add_row(f"{name} {part.label}", f"{part.texts:,}", _rate(part.filtered), _rate(part.opted_out))
    out.print(table)
    limits = found.limits
    out.print(
        f"Of the last {limits.window:,} texts. Paused when all but certainly above {limits.filtered_pct} % filtered "
        f"or {limits.opted_out_pct} % opted out."
    )


def _rate(rate: Rate) -> str:
    if rate.texts == 0:
        return ""
    shown = f"{percent(rate.hits / rate.texts)} ({percent(rate.low)} to {percent(rate.high)})"
    return f"[red]{shown}[/]" if rate.over else shown


@app.command()
def cancel(campaign: Named, org: Org = None, *, as_json: AsJson = False) -> None:
    """End a campaign for good; what is queued is taken back."""
    _move(org, campaign, campaigns.cancel, as_json=as_json)


def _move(org: str | None, campaign: str, act: Callable[[UnitOfWork, Principal, UUID], Any], *, as_json: bool) -> None:
    with desk(org) as place, place.uow() as uow:
        found = campaigns.named(uow, place.actor, campaign)
        act(uow, place.actor, found.id)
        document = {"id": found.id, "name": found.name, "state": found.state}
    answer(document, lambda out: out.print(f"{document['name']}: {document['state']}"), as_json=as_json)


@app.command()
def failed(campaign: Named, org: Org = None, *, as_json: AsJson = False) -> None:
    """Count the failed texts of a finished campaign that may get through later, by reason."""
    with desk(org) as place, place.uow() as uow:
        found = campaigns.named(uow, place.actor, campaign)
        rows = campaigns.may_retry(uow, place.actor, found.id)
    answer(rows, lambda out: _failed(out, rows), as_json=as_json)


def _failed(out: Console, rows: list[Again]) -> None:
    table = Table("Reason", "Texts", "", box=None)
    for row in rows:
        table.add_row(row.reason, f"{row.count:,}", row.label if row.certain else f"{row.label} (your word)")
    out.print(table if rows else "Nothing can be sent anew.")


@app.command()
def retry(
    campaign: Named,
    reason: Annotated[list[str], typer.Option(help="Which of those that `failed` lists; several times for several.")],
    org: Org = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Send failed texts anew, each as a further attempt, through the gate."""
    with desk(org) as place, place.uow() as uow:
        found = campaigns.named(uow, place.actor, campaign)
        count = campaigns.retry_failed(uow, place.actor, found.id, reason)
    answer({"texts": count}, lambda out: out.print(f"{count:,} sent anew."), as_json=as_json)


@app.command()
def export(
    campaign: Named,
    to: Annotated[Path, typer.Argument(help="The file to write; it must not be there.")],
    org: Org = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Write every recipient with state and reason into a CSV file; it stands in the record."""
    with desk(org) as place, place.uow() as uow, to.open("x", encoding="utf-8", newline="") as file:
        found = campaigns.named(uow, place.actor, campaign)
        count = -1
        for line in campaigns.export(uow, place.actor, found.id):
            file.write(line)
            count += 1
    answer({"file": str(to), "recipients": count}, lambda out: out.print(f"{count:,} recipients."), as_json=as_json)
