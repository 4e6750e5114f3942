"""``leadflow keys``: which keys there are, which still seal something, a fresh one, and everything sealed anew.

To retire a key of the vault: ``new vault`` and put the ring that it prints into LF_VAULT_KEYS, restart, ``rewrap``, and
take the old key out once ``check`` says that it seals nothing.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import asdict
from enum import StrEnum
from typing import Annotated, Any

import orjson
import typer
from pydantic import SecretStr
from rich.console import Console
from rich.table import Table

from leadflow.cli.desk import opened
from leadflow.cli.output import FAILED, AsJson, answer
from leadflow.credentials import service as credentials
from leadflow.credentials.types import KeyUse
from leadflow.kernel.errors import Conflict, Invalid
from leadflow.local.services import connected
from leadflow.settings import Settings, variable_of

app = typer.Typer(no_args_is_help=True)


class Ring(StrEnum):
    """A key ring of the settings."""

    SESSION = "session"
    VAULT = "vault"
    AUDIT_SEAL = "audit-seal"

    @property
    def field(self) -> str:
        """Name its setting."""
        return self.value.replace("-", "_") + "_keys"


LONGEST_NAME = 32


@app.callback()
def describe() -> None:
    """List, make and retire keys; no command but ``new`` prints a key."""


@app.command("list")
def listed(*, as_json: AsJson = False) -> None:
    """List every ring by the names of its keys, and how many rows each vault key seals."""
    with connected() as settings:
        rings = {ring.value: list(_ring(settings, ring)) for ring in Ring}
    uses = _uses()
    document = {"rings": rings, "vault": [asdict(use) | {"total": use.total} for use in uses]}
    answer(document, lambda out: _show(out, rings, uses), as_json=as_json)


@app.command()
def new(
    ring: Annotated[Ring, typer.Argument(help="The ring that gets a fresh first key.")],
    name: Annotated[str, typer.Argument(help="The key's name, such as 2027-01. It is stored; it is no secret.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Print a ring with a fresh first key, to be put where the setting is kept. This prints secrets."""
    if not name.strip() or len(name) > LONGEST_NAME or not name.isascii() or not name.isprintable():
        raise Invalid(f"A key's name has up to {LONGEST_NAME} plain characters, such as 2027-01.", "name")
    with connected() as settings:
        present = _ring(settings, ring)
    if name in present:
        raise Conflict(f"The ring {ring.value} has a key of the name {name}. A name is used once only.")
    whole = {name: secrets.token_urlsafe(32), **{old: key.get_secret_value() for old, key in present.items()}}
    word = f"{variable_of(ring.field)}={orjson.dumps(whole).decode()}"
    answer(
        {"variable": variable_of(ring.field), "ring": whole}, lambda out: out.print(word, markup=False), as_json=as_json
    )


@app.command()
def rewrap(*, as_json: AsJson = False) -> None:
    """Seal everything anew that another than the first vault key has sealed. May be stopped and run again."""
    with opened() as db:
        done, left = credentials.reseal(db)
    document = {"resealed": done, "unopened": left}
    answer(document, lambda out: _tell_reseal(out, done, left), as_json=as_json)
    if left:
        raise typer.Exit(FAILED)


@app.command()
def check(*, as_json: AsJson = False) -> None:
    """Say which vault keys may be taken out; leave with 1 where a key is missing that still seals something."""
    uses = _uses()
    lost = [use for use in uses if not use.known and use.total]
    document: dict[str, Any] = {
        "removable": [use.name for use in uses if use.known and not use.current and not use.total],
        "needed": [use.name for use in uses if use.total],
        "missing": [use.name for use in lost],
    }
    answer(document, lambda out: _tell_check(out, uses), as_json=as_json)
    if lost:
        raise typer.Exit(FAILED)


def _uses() -> list[KeyUse]:
    with opened() as db:
        return credentials.keys(db)


def _ring(settings: Settings, ring: Ring) -> dict[str, SecretStr]:
    return getattr(settings, ring.field)


def _show(out: Console, rings: dict[str, list[str]], uses: Iterable[KeyUse]) -> None:
    table = Table("Ring", "Keys, the first in use", box=None)
    for name, keys in rings.items():
        table.add_row(name, ", ".join(keys))
    out.print(table)
    _tell_check(out, uses)


def _tell_check(out: Console, uses: Iterable[KeyUse]) -> None:
    for use in uses:
        if use.current:
            said = f"seals what is written now, and {use.total} rows"
        elif not use.known:
            said = f"is missing, and still seals {use.total} rows: put it back into LF_VAULT_KEYS"
        elif use.total:
            said = f"still seals {use.total} rows: run `leadflow keys rewrap` before it is taken out"
        else:
            said = "seals nothing and may be taken out"
        out.print(f"The vault key {use.name} {said}.", markup=False)


def _tell_reseal(out: Console, done: int, left: int) -> None:
    out.print(f"{done} rows sealed anew under the first key.")
    if left:
        out.print(f"{left} could not be opened and stay as they are; `leadflow keys check` names the missing keys.")
