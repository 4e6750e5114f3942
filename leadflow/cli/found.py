"""``leadflow found``: the first step in production, an organisation and its owner."""

from __future__ import annotations

import sys
from typing import Annotated

import typer
from pydantic import ValidationError

from leadflow.cli.desk import opened
from leadflow.cli.output import AsJson, answer
from leadflow.identity import service as identity
from leadflow.kernel.errors import Invalid
from models.vocabulary import Role

app = typer.Typer()


@app.command()
def found(
    name: Annotated[str, typer.Argument(help="The organisation's name.")],
    *,
    email: Annotated[str, typer.Option(help="The owner's e-mail address.")],
    owner: Annotated[str, typer.Option(help="The owner's name.")],
    timezone: Annotated[str, typer.Option(help="The team's own clock, an IANA name.")] = "America/New_York",
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input instead of asking.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Found an organisation with its owner, who then signs in and adds the others."""
    password = sys.stdin.readline().rstrip("\n") if password_stdin else _ask()
    with opened() as db, db.begin() as uow:
        org_id = identity.create_organization(uow, name, timezone=timezone)
        try:
            user_id = identity.add_member(uow, email, owner, password, Role.OWNER)
        except ValidationError as error:
            field = str(error.errors()[0]["loc"][0])
            raise Invalid(f"This {field} cannot be used: {error.errors()[0]['msg']}.", field) from error
    document = {"organization": {"id": str(org_id), "name": name}, "owner": {"id": str(user_id), "email": email}}
    answer(document, lambda out: out.print(f"{name} is founded; {email} may sign in.", markup=False), as_json=as_json)


def _ask() -> str:
    return str(typer.prompt("Password of at least 12 characters", hide_input=True, confirmation_prompt=True, err=True))
