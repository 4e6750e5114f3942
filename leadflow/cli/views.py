"""``leadflow views``: saved views of the lead list, made, changed, shared, deleted and brought back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

import typer
from pydantic import BaseModel
from rich.console import Console
from rich.table import Table

from leadflow.cli.desk import Desk, desk
from leadflow.cli.given import checked, named
from leadflow.cli.letters import read_filter
from leadflow.cli.output import AsJson, Org, answer
from leadflow.leads import service as leads
from leadflow.leads.view_types import Name, ViewContent, ViewRow

app = typer.Typer(no_args_is_help=True)

View = Annotated[str, typer.Argument(help="The view's name or id.")]
Where = Annotated[list[str] | None, typer.Option(help="A lead filter, as state=TX or where=city:is:Austin.")]
Sort = Annotated[str, typer.Option(help="A sort of the list, as equity_percent; empty for the newest first.")]


class _View(BaseModel):
    name: Name
    content: ViewContent


@app.callback()
def describe() -> None:
    """Saved views of the lead list: the owner's own and those that others share."""


@app.command("list")
def listed(org: Org = None, *, as_json: AsJson = False) -> None:
    """List the views."""
    with desk(org) as office, office.uow() as uow:
        rows = leads.views(uow, office.actor)
    answer(rows, lambda out: _table(out, rows), as_json=as_json)


@app.command()
def show(view: View, org: Org = None, *, as_json: AsJson = False) -> None:
    """Show what a view asks for."""
    with desk(org) as office:
        found = _found(office, view)
    answer(found, lambda out: _one(out, found), as_json=as_json)


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="Its name.")],
    where: Where = None,
    sort: Sort = "",
    org: Org = None,
    *,
    ascending: Annotated[bool, typer.Option("--ascending", help="The smallest first.")] = False,
    share: Annotated[bool, typer.Option("--share", help="Let the whole team see it.")] = False,
    as_json: AsJson = False,
) -> None:
    """Save a view of the leads that a filter finds."""
    content = {"filter": read_filter(where or []), "sort": sort, "dir": "asc" if ascending else "desc"}
    given = checked(_View, {"name": name, "content": content})
    with desk(org) as office:
        with office.uow() as uow:
            made = leads.save_view(uow, office.actor, given.name, given.content)
            if share:
                leads.change_view(uow, office.actor, made, shared=True)
        found = _found(office, str(made))
    answer(found, lambda out: _one(out, found), as_json=as_json)


@app.command()
def change(
    view: View,
    name: Annotated[str | None, typer.Option(help="Its new name.")] = None,
    where: Annotated[list[str] | None, typer.Option(help="Its new filter, as state=TX.")] = None,
    share: Annotated[bool | None, typer.Option("--share/--keep", help="Let the team see it, or oneself alone.")] = None,
    org: Org = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Rename a view, give it another filter, share it or take it back."""
    with desk(org) as office:
        held = _found(office, view)
        asked = dict(held.content) | ({"filter": read_filter(where)} if where else {})
        given = checked(_View, {"name": name or held.name, "content": asked})
        with office.uow() as uow:
            named, content = given.name if name else None, given.content if where else None
            leads.change_view(uow, office.actor, held.id, name=named, content=content, shared=share)
        found = _found(office, str(held.id))
    answer(found, lambda out: _one(out, found), as_json=as_json)


@app.command()
def delete(view: View, org: Org = None, *, as_json: AsJson = False) -> None:
    """Delete a view; for a day it can be brought back by its id."""
    with desk(org) as office:
        held = _found(office, view)
        with office.uow() as uow:
            leads.delete_view(uow, office.actor, held.id)
    words = f"“{held.name}” is deleted. Bring it back within a day: leadflow views restore {held.id}"
    answer({"id": held.id}, lambda out: out.print(words, markup=False), as_json=as_json)


@app.command()
def restore(
    view_id: Annotated[UUID, typer.Argument(help="The view's id, as deleting it said.")],
    org: Org = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Bring a deleted view back."""
    with desk(org) as office:
        with office.uow() as uow:
            leads.restore_view(uow, office.actor, view_id)
        found = _found(office, str(view_id))
    answer(found, lambda out: _one(out, found), as_json=as_json)


def _found(office: Desk, name: str) -> ViewRow:
    with office.uow() as uow:
        return named(leads.views(uow, office.actor), name, "view", "views list")


def _table(out: Console, rows: Sequence[ViewRow]) -> None:
    table = Table("View", "Whose", "Asks for", "Id", box=None)
    for row in rows:
        whose = f"shared by {row.owner}" if row.shared else "own"
        table.add_row(row.name, whose, _words(row.content.get("filter", {})), str(row.id))
    out.print(table)


def _one(out: Console, row: ViewRow) -> None:
    content = ViewContent.model_validate(row.content)
    out.print(f"{row.name}: {_words(content.filter) or 'every lead'}", markup=False)
    out.print(f"  order: {content.sort or 'added'} {content.dir}", markup=False)
    out.print(f"  {'shared by ' + row.owner if row.shared else 'own'}, {row.id}", markup=False)


def _words(filter_: dict[str, Any]) -> str:
    pairs = ((name, value if isinstance(value, list) else [value]) for name, value in filter_.items())
    return " ".join(f"{name}={one}" for name, values in pairs for one in values)
