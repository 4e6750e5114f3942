"""``leadflow members``: who belongs to an organisation, for whoever runs this installation."""

from __future__ import annotations

import sys
from typing import Annotated

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table

from leadflow.cli.desk import desk, opened
from leadflow.cli.output import AsJson, Org, answer
from leadflow.identity import service as identity
from leadflow.identity.types import MemberRow
from leadflow.kernel.errors import Invalid
from models.vocabulary import Role

app = typer.Typer(no_args_is_help=True)

Email = Annotated[str, typer.Argument(help="The member's e-mail address.")]


@app.callback()
def describe() -> None:
    """List members, add one without a mail server, help one who lost the second factor."""


@app.command("list")
def list_(org: Org = None, *, as_json: AsJson = False) -> None:
    """List everybody of an organisation."""
    with desk(org) as place, place.uow() as uow:
        found = identity.members(uow, place.actor)
    document = {
        "members": [
            {
                "id": str(row.id),
                "email": row.email,
                "name": row.name,
                "role": row.role.value,
                "active": row.active,
                "denied": [permission.value for permission in row.denied],
                "second_factor": row.second_factor,
            }
            for row in found
        ]
    }
    answer(document, lambda out: _show(out, found), as_json=as_json)


@app.command()
def add(
    email: Email,
    *,
    name: Annotated[str, typer.Option(help="The member's name.")],
    role: Annotated[Role, typer.Option(help="owner, manager, agent or auditor.")] = Role.AGENT,
    org: Org = None,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input instead of asking.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Add a member with a first password, where no mail can be sent; otherwise invite them in the browser."""
    password = sys.stdin.readline().rstrip("\n") if password_stdin else _ask()
    with desk(org) as place, place.uow() as uow:
        try:
            made = identity.add_member(uow, email, name, password, role)
        except ValidationError as error:
            field = str(error.errors()[0]["loc"][0])
            raise Invalid(f"This {field} cannot be used: {error.errors()[0]['msg']}.", field) from error
    answer(
        {"id": str(made), "email": email}, lambda out: out.print(f"{email} may sign in.", markup=False), as_json=as_json
    )


@app.command("reset-second-factor")
def reset_second_factor(email: Email, *, as_json: AsJson = False) -> None:
    """Take away the second factor of somebody who lost it and every recovery code; ends all of their sessions."""
    with opened() as db:
        identity.reset_lost_second_factor(db, email)
    said = f"{email} signs in with the password alone now, and should set up another second factor."
    answer({"email": email, "second_factor": False}, lambda out: out.print(said, markup=False), as_json=as_json)


def _show(out: Console, found: tuple[MemberRow, ...]) -> None:
    table = Table("E-mail", "Name", "Role", "Active", "Second factor", "May not")
    for row in found:
        denied = ", ".join(row.denied)
        table.add_row(row.email, row.name, row.role.value, _yes(row.active), _yes(row.second_factor), denied)
    out.print(table)


def _yes(said: bool) -> str:  # noqa: FBT001 one word for one fact
    return "yes" if said else "no"


def _ask() -> str:
    return str(typer.prompt("Password of at least 12 characters", hide_input=True, confirmation_prompt=True, err=True))
