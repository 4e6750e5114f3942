"""``leadflow restore``: say what is known of a restored backup, and let sending go on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console

from leadflow.cli.desk import Desk, desk
from leadflow.cli.output import AsJson, Org, answer
from leadflow.kernel.errors import Conflict
from leadflow.messaging import service as messaging
from leadflow.messaging.rules.restoring import RestoreView

app = typer.Typer(no_args_is_help=True)

Word = Annotated[bool, typer.Option("--yes", help="You have read what is known, and want texts to go out again.")]


@app.callback()
def describe() -> None:
    """Say what a restored backup does not know, and let sending go on."""


@app.command()
def status(*, org: Org = None, as_json: AsJson = False) -> None:
    """Say whether a backup was restored, as of when, and what the carrier knows that it does not."""
    with desk(org) as office:
        found = _found(office)
    answer([asdict(one) for one in found], lambda out: _show(out, found), as_json=as_json)


@app.command()
def confirm(*, yes: Word = False, org: Org = None, as_json: AsJson = False) -> None:
    """Let sending go on. The carrier is asked once more before; each text still passes the gate."""
    with desk(org) as office:
        waiting = [one for one in _found(office) if one.resumed_at is None]
        if not waiting:
            raise Conflict("Nothing waits here: sending goes on already, or no backup was restored.")
        if not yes:
            _show(Console(stderr=True), waiting)
            raise Conflict("Read what is known above, then say --yes.")
        done = messaging.resume(office.db, office.actor, waiting[0].epoch)
    answer(asdict(done), lambda out: _show(out, [done]), as_json=as_json)


def _found(office: Desk) -> list[RestoreView]:
    with office.uow() as uow:
        return messaging.restores(uow, office.actor)


def _show(out: Console, found: Sequence[RestoreView]) -> None:
    if not found:
        out.print("No backup was restored.")
    for one in found:
        out.print(
            f"[bold]Restore {one.epoch}[/]  records as of {one.as_of.isoformat()}, found {one.found_at.isoformat()}"
        )
        out.print(f"  {one.why}", markup=False)
        if one.answered_at is None:
            out.print(f"  The carrier has not told yet what it knows. {one.trouble}", markup=False)
        else:
            out.print(
                f"  The carrier had taken {one.texts:,} texts that the records did not know of;"
                f" {one.joined:,} are texts of ours by now.\n"
                f"  People had sent {one.received:,}, of which {one.stops:,} forbid further texts; all are in force."
            )
        state = (
            "Waits for an owner: leadflow restore confirm --yes" if one.resumed_at is None else "Sending was resumed."
        )
        out.print(f"  {state}", markup=False)
