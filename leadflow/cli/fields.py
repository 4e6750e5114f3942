"""``leadflow fields``: the organisation's own fields, made, changed, archived and brought back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated
from uuid import UUID

import typer
from rich.console import Console
from rich.table import Table

from leadflow.cli.desk import Desk, desk
from leadflow.cli.given import checked, named
from leadflow.cli.output import AsJson, Org, answer
from leadflow.identity.types import Principal
from leadflow.kernel.db import UnitOfWork
from leadflow.leads import service as leads
from leadflow.leads.view_types import FieldChange, FieldInput, FieldRow
from models.vocabulary import FieldKind

app = typer.Typer(no_args_is_help=True)

Named = Annotated[str, typer.Argument(help="The field's name or id.")]
Header = Annotated[str | None, typer.Option(help="Column of files that it takes over; empty: none any more.")]


@app.callback()
def describe() -> None:
    """The organisation's own fields of leads."""


@app.command("list")
def listed(org: Org = None, *, as_json: AsJson = False) -> None:
    """List the fields in the order of their columns, archived ones too."""
    with desk(org) as office, office.uow() as uow:
        rows = leads.custom_fields(uow, office.actor)
    answer(rows, lambda out: _table(out, rows), as_json=as_json)


@app.command()
def show(field: Named, org: Org = None, *, as_json: AsJson = False) -> None:
    """Show one field."""
    with desk(org) as office:
        found = _found(office, field)
    answer(found, lambda out: _table(out, [found]), as_json=as_json)


@app.command()
def headers(org: Org = None, *, as_json: AsJson = False) -> None:
    """List columns that files brought and no field has taken over."""
    with desk(org) as office, office.uow() as uow:
        rows = leads.unclaimed_headers(uow, office.actor)
    words = "\n".join(f"{count:,}  {name}" for name, count in rows)
    answer(rows, lambda out: out.print(words, markup=False), as_json=as_json)


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="Its name.")],
    kind: Annotated[FieldKind, typer.Option(help="What it holds, for good.")] = FieldKind.TEXT,
    word: Annotated[list[str] | None, typer.Option(help="A word that a choice offers; may be given again.")] = None,
    header: Header = None,
    org: Org = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Make a field; with --header it takes over what files have brought so far too."""
    given = checked(FieldInput, {"name": name, "kind": kind, "options": word or [], "header": header})
    with desk(org) as office:
        with office.uow() as uow:
            made = leads.make_field(uow, office.actor, given)
        found = _found(office, str(made))
    answer(found, lambda out: _table(out, [found]), as_json=as_json)


@app.command()
def change(
    field: Named,
    name: Annotated[str | None, typer.Option(help="Its new name.")] = None,
    word: Annotated[list[str] | None, typer.Option(help="All words that it offers from now on.")] = None,
    header: Header = None,
    position: Annotated[int | None, typer.Option(help="Its place among the columns, from 0.")] = None,
    org: Org = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Rename a field, change its words, its place or the column that it takes over."""
    given = checked(FieldChange, {"name": name, "options": word, "header": header, "position": position})
    _after(lambda uow, actor, held: leads.change_field(uow, actor, held, given), field, org, as_json=as_json)


@app.command()
def archive(field: Named, org: Org = None, *, as_json: AsJson = False) -> None:
    """Archive a field; its values stay."""
    _after(leads.archive_field, field, org, as_json=as_json)


@app.command()
def revive(field: Named, org: Org = None, *, as_json: AsJson = False) -> None:
    """Bring an archived field back with its values."""
    _after(leads.revive_field, field, org, as_json=as_json)


def _after(act: Callable[[UnitOfWork, Principal, UUID], object], field: str, org: str | None, *, as_json: bool) -> None:
    """Do something to a field and show what it is then."""
    with desk(org) as office:
        held = _found(office, field)
        with office.uow() as uow:
            act(uow, office.actor, held.id)
        found = _found(office, str(held.id))
    answer(found, lambda out: _table(out, [found]), as_json=as_json)


def _found(office: Desk, name: str) -> FieldRow:
    with office.uow() as uow:
        return named(leads.custom_fields(uow, office.actor), name, "field", "fields list")


def _table(out: Console, rows: Sequence[FieldRow]) -> None:
    table = Table("Field", "Kind", "Words", "Column of files", "State", "Id", box=None)
    for row in rows:
        state = "archived" if row.archived_at else "in use" if row.used else "empty"
        table.add_row(row.name, row.kind.value, ", ".join(row.options), row.header or "", state, str(row.id))
    out.print(table)
