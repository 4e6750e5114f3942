"""``leadflow compliance registry``: bring a do-not-call file in, list the files."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from leadflow.cli.desk import desk
from leadflow.cli.explain import instant
from leadflow.cli.output import AsJson, Org, answer
from leadflow.kernel.errors import Invalid
from leadflow.registries import service as registries
from leadflow.registries.types import Described, FileRow
from models.vocabulary import ScrubList

app = typer.Typer(no_args_is_help=True)

File = Annotated[
    Path, typer.Argument(help="Text with a number a line, or such in gzip or zip.", exists=True, dir_okay=False)
]


@app.callback()
def describe() -> None:
    """Bring in files of do-not-call registries."""


@app.command()
def add(
    file: File,
    *,
    list_: Annotated[ScrubList, typer.Option("--list", help="Whose list it is.")] = ScrubList.NATIONAL_DNC,
    area_code: Annotated[list[int], typer.Option(help="An area code that the file covers whole; repeat for several.")],
    version: Annotated[str, typer.Option(help="The registry's own name of the issue, such as 2026-11.")],
    as_of: Annotated[str, typer.Option(help="The instant it is true of, such as 2026-11-15T00:00:00Z.")],
    org: Org = None,
    as_json: AsJson = False,
) -> None:
    """Keep a file and ask it about every number; a wrong line is named and refuses the whole."""
    moment = instant(as_of)
    if moment is None:
        raise Invalid("Say of which instant the file is true.", "as_of")
    described = Described(list_, version, frozenset(area_code), moment, file.name)
    with desk(org) as place, place.uow() as uow:
        made = registries.add(uow, place.actor, described, file.read_bytes())
    answer({"id": made}, lambda console: console.print(f"Kept as {made}."), as_json=as_json)


@app.command("list")
def listed(org: Org = None, *, as_json: AsJson = False) -> None:
    """List the files, newest first."""
    with desk(org) as place, place.uow() as uow:
        rows = registries.files(uow, place.actor)
    answer([asdict(row) for row in rows], lambda console: _show(console, rows), as_json=as_json)


def _show(console: Console, rows: list[FileRow]) -> None:
    table = Table("List", "Version", "Area codes", "Listed", "True of", "Days left", box=None)
    for row in rows:
        codes = ", ".join(str(code) for code in row.area_codes[:6]) + (" …" if len(row.area_codes) > 6 else "")  # noqa: PLR2004 a line's width
        table.add_row(row.list, row.version, codes, f"{row.listed:,}", f"{row.as_of:%Y-%m-%d}", str(row.days_left))
    console.print(table)
