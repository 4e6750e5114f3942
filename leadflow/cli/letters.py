"""``leadflow letters``: make a mailing list and write it into a file."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from leadflow.campaigns import service as campaigns
from leadflow.cli.desk import desk
from leadflow.cli.output import AsJson, Org, answer
from leadflow.kernel.errors import Invalid
from leadflow.letters import service as letters
from leadflow.letters.types import LetterInput, LetterRow

app = typer.Typer(no_args_is_help=True)


@app.callback()
def describe() -> None:
    """Mailing lists: the lawful way to people whom no text may reach."""


@app.command()
def export(
    out: Annotated[Path, typer.Option(help="The file to write; it must not be there yet.")],
    campaign: Annotated[str | None, typer.Option(help="Whom this launched campaign did not text: name or id.")] = None,
    reason: Annotated[str | None, typer.Option(help="Only those whom this rule stood against, as no_phone.")] = None,
    where: Annotated[list[str] | None, typer.Option(help="A lead filter, as state=TX or list=Probate.")] = None,
    org: Org = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Write names and addresses as CSV: one letter a household, nobody who died or asked for no mail."""
    if out.exists():
        raise Invalid(f"{out} is there already; nothing was made. Name another file.", "out")
    with desk(org) as office:
        with office.uow() as uow:
            found = campaigns.named(uow, office.actor, campaign).id if campaign else None
            wanted = LetterInput(audience_filter=read_filter(where or []), campaign_id=found, reason=reason)
            export_id = letters.ask_at_desk(uow, office.actor, wanted)
        letters.make(office.db, office.actor.org_id, export_id)
        row = letters.save(office.db, office.actor, export_id, out)
    answer({**asdict(row), "file": str(out)}, lambda console: _show(console, row, out), as_json=as_json)


def read_filter(words: list[str]) -> dict[str, Any]:
    """Read a lead filter from words such as ``state=TX``.

    Raises:
        Invalid: a word is no such pair.
    """
    given: dict[str, Any] = {}
    for word in words:
        name, mark, value = word.partition("=")
        if not mark:
            raise Invalid(f"“{word}” is no filter. Write it as state=TX.", "where")
        given.setdefault(name, []).append(value)
    return {name: values[0] if len(values) == 1 else values for name, values in given.items()}


def _show(console: Console, row: LetterRow, out: Path) -> None:
    console.print(f"Wrote {out}: {row.counts['letters']:,} letters for {row.counts['leads']:,} leads.", style="green")
    for why, count in row.counts["left_out"].items():
        console.print(f"  {count:,} people left out: {why.replace('_', ' ')}", markup=False)
    console.print(f"  SHA-256 {row.sha256}", markup=False)
