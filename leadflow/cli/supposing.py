"""``leadflow compliance simulate``: an audience as things are, beside what would be."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated
from urllib.parse import parse_qsl

import typer
from rich.console import Console
from rich.table import Table

from leadflow.campaigns import service as campaigns
from leadflow.campaigns.types import Supposed, Target
from leadflow.cli.desk import Desk, desk
from leadflow.cli.explain import instant
from leadflow.cli.output import AsJson, Org, answer
from leadflow.compliance.service import Scenario
from leadflow.kernel import phone as phones
from leadflow.kernel.db import UnitOfWork
from leadflow.kernel.money import dollars
from models.vocabulary import Channel

app = typer.Typer()

SHOWN = 24
"""Hours shown to a person; programs get a week."""


@app.command()
def simulate(  # noqa: PLR0913, PLR0917 one parameter an option
    phone: Annotated[str | None, typer.Option(help="A telephone number.")] = None,
    campaign: Annotated[str | None, typer.Option(help="A campaign's name or id: its audience.")] = None,
    leads: Annotated[str | None, typer.Option(help="A filter as in the list's address, such as status=new.")] = None,
    at: Annotated[str | None, typer.Option(help="Another instant, such as 2026-12-06T15:00:00-06:00.")] = None,
    pack: Annotated[str | None, typer.Option(help="Another version of this pack …")] = None,
    version: Annotated[int | None, typer.Option(help="… by its number.")] = None,
    draft: Annotated[Path | None, typer.Option(help="A pack as YAML, not installed.", exists=True)] = None,
    scrubs_older: Annotated[int, typer.Option(help="As if look-ups were so many days older.", min=0)] = 0,
    channel: Annotated[Channel | None, typer.Option(help="Another way of contact.")] = None,
    org: Org = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Ask the gate what would be: at another instant, under other packs, with older look-ups, on another channel."""
    text = draft.read_text(encoding="utf-8") if draft else None
    scenario = Scenario(instant(at), channel, pack, version, text, scrubs_older)
    with desk(org) as place, place.uow() as uow:
        target = _target(uow, place, phone, campaign, leads)
        found = campaigns.suppose(uow, place.actor, target, scenario)
    answer(found.as_json(), lambda console: _show(console, found), as_json=as_json)


def _target(uow: UnitOfWork, place: Desk, phone: str | None, campaign: str | None, leads: str | None) -> Target:
    return Target(
        None if phone is None else phones.parse(phone),
        None if leads is None else dict(parse_qsl(leads)),
        None if campaign is None else campaigns.named(uow, place.actor, campaign).id,
    )


def _show(console: Console, found: Supposed) -> None:
    before, after = found.before, found.after
    console.print(f"Now: rules {before.policy_version}. Then: {after.at:%Y-%m-%d %H:%M} UTC, {after.policy_version}.")
    table = Table("", "Now", "Then", box=None)
    table.add_row("Audience", f"{before.audience:,}", f"{after.audience:,}")
    reasons = {bar.reason: bar.label for bar in (*before.excluded, *after.excluded)}
    counts = [{bar.reason: bar.count for bar in one.excluded} for one in (before, after)]
    for reason, words in reasons.items():
        table.add_row(f"  {words}", *(f"-{one.get(reason, 0):,}" for one in counts))
    table.add_row("[yellow]Later[/]", f"{before.later:,}", f"{after.later:,}")
    table.add_row("[green]Sendable[/]", f"{before.sendable:,}", f"{after.sendable:,}")
    table.add_row("Cost at most", *(dollars(-(-one.cost_cents_x100 // 100)) for one in (before, after)))
    console.print(table)
    changes = found.changes
    console.print(
        f"{changes['blocked']:,} newly stopped, {changes['freed']:,} newly sendable, {changes['moved']:,} moved."
    )
    hours = Table("Hour (UTC)", "Sendable", box=None)
    for hour, count in found.by_hour[:SHOWN]:
        hours.add_row(f"{hour:%a %Y-%m-%d %H:%M}", f"{count:,}")
    console.print(hours)
