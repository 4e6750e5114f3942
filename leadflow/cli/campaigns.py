"""``leadflow simulate``: whom a campaign would reach, when, at what cost, and why not the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from leadflow.campaigns import service as campaigns
from leadflow.cli.desk import desk
from leadflow.cli.output import AsJson, Org, answer
from leadflow.kernel.errors import Invalid
from leadflow.kernel.money import dollars

app = typer.Typer()

BAR = 40
"""Characters of the longest bar."""
HOURS = 24
"""Hours shown to a person; programs get all."""


@app.command()
def simulate(
    campaign: Annotated[str, typer.Argument(help="The campaign's name or id.")],
    *,
    at: Annotated[str | None, typer.Option(help="As if it were then: 2026-12-02T10:00:00-06:00.")] = None,
    org: Org = None,
    as_json: AsJson = False,
) -> None:
    """Ask the gate about everybody in a campaign's audience; nothing is sent."""
    instant = _instant(at)
    with desk(org) as office, office.uow() as uow:
        found = campaigns.named(uow, office.actor, campaign)
        result = campaigns.simulate(uow, office.actor, found.id, instant).as_json()
        document: dict[str, Any] = {"campaign": {"id": found.id, "name": found.name, "state": found.state}, **result}
    answer(document, lambda out: _show(out, document), as_json=as_json)


def _instant(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise Invalid(f"“{text}” is no instant. Write it as 2026-12-02T10:00:00-06:00.", "at") from error
    if found.tzinfo is None:
        raise Invalid(f"“{text}” names no time zone. Write it as 2026-12-02T10:00:00-06:00.", "at")
    return found.astimezone(UTC)


def _show(out: Console, document: Mapping[str, Any]) -> None:
    campaign = document["campaign"]
    out.print(
        f"[bold]{campaign['name']}[/]  {campaign['state']}  at {document['at']}  rules {document['policy_version']}"
    )
    out.print(_funnel(document))
    out.print(
        f"{document['segments']:,} segments, {dollars(-(-document['cost_cents_x100'] // 100))} "
        f"at most; the last text leaves after {_span(document['minutes'])}."
    )
    if document["by_hour"]:
        out.print(_by_hour(document["by_hour"]))


def _funnel(document: Mapping[str, Any]) -> Table:
    table = Table("", "", "", box=None, show_header=False)
    whole = document["audience"]
    table.add_row("Audience", f"{whole:,}", _bar(whole, whole, "blue"))
    for bar in document["excluded"]:
        table.add_row(bar["label"], f"-{bar['count']:,}", _bar(bar["count"], whole, "red"))
    table.add_row("[green]Sendable[/]", f"{document['sendable']:,}", _bar(document["sendable"], whole, "green"))
    table.add_row("[yellow]Later[/]", f"{document['later']:,}", _bar(document["later"], whole, "yellow"))
    for bar in document["later_reasons"]:
        table.add_row(f"  {bar['label']}", f"{bar['count']:,}", "")
    table.columns[1].justify = "right"
    return table


def _by_hour(hours: Sequence[Mapping[str, Any]]) -> Table:
    table = Table("Hour (UTC)", "Texts", "", box=None)
    most = max(hour["count"] for hour in hours)
    for hour in hours[:HOURS]:
        table.add_row(str(hour["hour"])[:16].replace("T", " "), f"{hour['count']:,}", _bar(hour["count"], most, "blue"))
    if len(hours) > HOURS:
        table.add_row(f"and {len(hours) - HOURS} more", "", "")
    table.columns[1].justify = "right"
    return table


def _bar(count: int, whole: int, colour: str) -> str:
    return f"[{colour}]{'█' * -(-BAR * count // max(1, whole))}[/]"


def _span(minutes: int) -> str:
    hours, rest = divmod(minutes, 60)
    return f"{hours} h {rest} min" if hours else f"{rest} min"
