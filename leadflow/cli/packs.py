"""``leadflow compliance packs``: the rule packs, their versions, what another would change, and its installation."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from leadflow.cli.desk import desk
from leadflow.cli.output import AsJson, Org, answer
from leadflow.compliance import service as compliance
from leadflow.compliance.rules.book import PackRow
from leadflow.compliance.rules.changes import Change
from leadflow.compliance.rules.conflicts import Clash
from leadflow.compliance.service import Installed, Preview, Proposal
from leadflow.kernel.errors import Invalid
from models.vocabulary import Leaning

app = typer.Typer(no_args_is_help=True)

File = Annotated[Path, typer.Argument(help="A rule pack as YAML in UTF-8.", exists=True, dir_okay=False)]
Name = Annotated[str, typer.Argument(help="The pack's name, such as states.")]
From = Annotated[str | None, typer.Option(help="First day (UTC) on which it counts, such as 2027-01-31; at once else.")]

MOST = 1_000
"""Versions that are listed."""
COLOURS = {Leaning.STRICTER: "green", Leaning.LOOSER: "red", Leaning.OTHER: "yellow", Leaning.WORDING: "dim"}


@app.callback()
def describe() -> None:
    """Read, compare and install the packs of rules that the gate goes by."""


@app.command("list")
def listed(
    name: Annotated[str | None, typer.Argument(help="Only this pack.")] = None,
    org: Org = None,
    *,
    as_json: AsJson = False,
) -> None:
    """List every version of every pack, and where those in force disagree."""
    with desk(org) as place, place.uow() as uow:
        found = compliance.versions(uow, place.actor, name, None, MOST)
        rows = list(found.rows)
        clashes = compliance.disagreements(uow, place.actor)
    document = {
        "packs": [{**asdict(row), "content": None, "provisions": len(row.content["provisions"])} for row in rows],
        "conflicts": clashes,
    }
    answer(document, lambda console: _show_list(console, rows, clashes), as_json=as_json)


@app.command()
def show(
    name: Name,
    version: Annotated[int | None, typer.Option(help="A version; that in force when absent.")] = None,
    org: Org = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Write a pack out as YAML, to be edited and installed."""
    with desk(org) as place, place.uow() as uow:
        found = compliance.version(uow, place.actor, name, version)
        text = compliance.as_text(found)
    answer({"pack": found, "yaml": text}, lambda console: console.print(text, markup=False, end=""), as_json=as_json)


@app.command()
def diff(
    name: Name,
    before: Annotated[int, typer.Argument(help="The earlier version.")],
    after: Annotated[int | None, typer.Argument(help="The later one; that in force when absent.")] = None,
    org: Org = None,
    *,
    as_json: AsJson = False,
) -> None:
    """List what differs between two versions, provision by provision, and which way it goes."""
    with desk(org) as place, place.uow() as uow:
        found = compliance.compare(uow, place.actor, name, before, after)
    answer(found, lambda console: _show_changes(console, found), as_json=as_json)


@app.command()
def preview(
    file: File,
    effective_from: From = None,
    org: Org = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Say what a version would change and which of the texts that wait it touches; installs nothing."""
    wanted = Proposal(_text(file), _day(effective_from))
    with desk(org) as place, place.uow() as uow:
        found = compliance.preview(uow, place.actor, wanted)
    answer(found, lambda console: _show_preview(console, found), as_json=as_json)


@app.command()
def install(
    file: File,
    effective_from: From = None,
    reason: Annotated[str, typer.Option(help="Why; needed where it allows more than before.")] = "",
    org: Org = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Install a pack as the next version, at once or from a day on."""
    wanted = Proposal(_text(file), _day(effective_from), reason)
    with desk(org) as place, place.uow() as uow:
        found = compliance.install_from_console(uow, place.actor, wanted)
    answer(found, lambda console: _show_installed(console, found), as_json=as_json)


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise Invalid(f"{file.name} is not UTF-8: byte {error.start + 1} cannot be read.", "file") from error


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Invalid(f"“{text}” is no day. Write it as 2027-01-31.", "effective_from") from error


def _show_list(console: Console, rows: list[PackRow], clashes: tuple[Clash, ...]) -> None:
    table = Table("Pack", "Version", "Counts", "Installed", "By", "Reason", "Digest", box=None)
    for row in rows:
        table.add_row(
            row.name,
            str(row.version),
            _range(row),
            f"{row.installed_at:%Y-%m-%d %H:%M}",
            row.author or "LeadFlow",
            row.reason,
            row.digest[:12],
            style="dim" if row.retired_at else "",
        )
    console.print(table)
    if not rows:
        console.print("No version was installed yet; the packs that ship with the program are in force.")
    console.print(f"{len(clashes)} disagreements between provisions in force; the strictest wins.")
    for clash in clashes:
        channels = ", ".join(clash.channels)
        console.print(f"  {clash.jurisdiction} {clash.kind} ({channels}): {clash.outcome}. {clash.why}", markup=False)
        for side in clash.sides:
            console.print(f"    {'→' if side.wins else ' '} {side.pack}/{side.key}: {side.says}", markup=False)


def _range(row: PackRow) -> str:
    if row.retired_at:
        return f"until {row.retired_at:%Y-%m-%d}"
    begins = f"from {row.effective_from}" if row.effective_from else ""
    ends = f"to {row.effective_to}" if row.effective_to else ""
    return f"{begins} {ends}".strip() or "now"


def _show_changes(console: Console, changes: tuple[Change, ...]) -> None:
    if not changes:
        console.print("Nothing differs.")
    for change in changes:
        console.print(
            f"{change.what} {change.key} ({change.kind}, {change.jurisdiction}): {change.leaning}",
            style=COLOURS[change.leaning],
            markup=False,
        )
        for one in change.fields:
            console.print(f"    {one.field}: {_said(one.before)} → {_said(one.after)}", markup=False)


def _said(value: Any) -> str:  # noqa: ANN401 what JSON can hold
    if isinstance(value, dict):
        return ", ".join(f"{key} {item}" for key, item in value.items())  # pyright: ignore[reportUnknownVariableType]
    if isinstance(value, list):
        return ", ".join(str(item) for item in value)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    return "none" if value is None else str(value)


def _show_preview(console: Console, found: Preview) -> None:
    console.print(f"[bold]{found.title}[/]  policy {found.policy_before} → {found.policy_after}")
    _show_changes(console, found.changes)
    effect = found.effect
    console.print(
        f"Of {effect.waiting:,} waiting texts {effect.changed:,} would fare otherwise: "
        f"{effect.held:,} held, {effect.freed:,} freed; {effect.moved:,} until another instant."
    )
    for rule, count in effect.by_rule.items():
        console.print(f"  {rule}: {count:,}", markup=False)
    for clash in found.conflicts:
        console.print(f"New disagreement: {clash.jurisdiction} {clash.kind}: {clash.outcome}.", markup=False)
    for number in found.withdrawn:
        console.print(f"Version {number}, which was to begin later, would be withdrawn.")
    if found.needs_reason:
        console.print("It may allow more than before: installing it needs --reason.", style="yellow")


def _show_installed(console: Console, found: Installed) -> None:
    when = f"from {found.starts}" if found.starts else "at once"
    console.print(f"{found.name}: version {found.version} counts {when}. Policy {found.policy_version}.", markup=False)
