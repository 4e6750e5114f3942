"""``leadflow search``: find whatever a team has by a few words."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from leadflow.cli.desk import desk
from leadflow.cli.output import AsJson, Org, answer
from leadflow.search import service as searching
from leadflow.search.types import Answer
from models.vocabulary import SearchKind

app = typer.Typer()


@app.command()
def search(
    words: Annotated[list[str], typer.Argument(help="A name, an address, a number in any spelling, a parcel number.")],
    kind: Annotated[list[SearchKind] | None, typer.Option(help="Only this kind; may be given again.")] = None,
    limit: Annotated[int, typer.Option(help="How many of each kind.", min=1, max=100)] = 5,
    org: Org = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Find leads, people, numbers, campaigns, tasks, lists, tags, views, imports and members; exact ones first."""
    with desk(org) as office, office.uow() as uow:
        found = searching.search(uow, office.actor, " ".join(words), kind or (), limit)
    answer(found, lambda console: _show(console, found), as_json=as_json)


def _show(console: Console, found: Answer) -> None:
    if not found.groups:
        console.print("Nothing found.")
        return
    table = Table("kind", "what", "about", "why", "where")
    for group in found.groups:
        for hit in group.hits:
            table.add_row(group.kind.value, hit.title, hit.subtitle, hit.why, hit.href)
        more = (group.count or group.at_least or 0) - len(group.hits)
        if more > 0:
            table.add_row("", f"… {more:,}{'' if group.count else ' or more'} besides", "", "", "")
    console.print(table)
