"""``leadflow seed``: fill an empty database with the demonstration organisation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from leadflow.cli.desk import opened
from leadflow.cli.output import AsJson, answer
from leadflow.local.demo import service as demo
from leadflow.settings import get_settings

app = typer.Typer()


@app.command()
def seed(
    *,
    reset: Annotated[
        bool, typer.Option("--reset", help="Empty the whole database first; refused where others live in it.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Make the demonstration organisation; does nothing where it is there already."""
    out = Console(stderr=True, highlight=False, soft_wrap=True)

    def say(text: str) -> None:
        out.print(text + " …", markup=False)

    with opened() as db:
        told = demo.reset(db, say, get_settings().migrating_url) if reset else demo.ensure(db, say)
    answer(told, lambda console: _show(console, told), as_json=as_json)


def _show(out: Console, told: Mapping[str, Any]) -> None:
    if told["made"]:
        states = ", ".join(f"{count} {state.replace('_', ' ')}" for state, count in sorted(told["campaigns"].items()))
        out.print(f"{told['organization']}: {told['leads']:,} leads; campaigns: {states} ({told['seconds']} s).")
    else:
        out.print("The demo organisation is there already; nothing was changed.")
    table = Table("Role", "E-mail", "Password", box=None)
    for login in told["logins"]:
        table.add_row(login["role"], login["email"], login["password"])
    out.print(table)
