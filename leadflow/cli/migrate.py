"""``leadflow migrate``: bring the database to the newest schema."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import unquote, urlsplit

import typer
from rich.console import Console

from leadflow.cli.output import AsJson, answer
from leadflow.kernel.roles import script
from leadflow.kernel.schema import current, head, pending
from leadflow.kernel.schema import migrate as upgrade
from leadflow.local.services import connected
from leadflow.settings import BadSettings, Problem, Settings, get_settings

app = typer.Typer()


@app.command()
def migrate(
    *,
    check: Annotated[bool, typer.Option("--check", help="Change nothing; fail when something would be done.")] = False,
    roles: Annotated[
        bool, typer.Option("--roles", help="Print what an administrator of the server runs first, and do nothing.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Bring the database to the newest schema; two at once do not race."""
    if roles:
        words = _roles(get_settings())
        answer({"sql": words}, lambda out: out.print(words, markup=False), as_json=as_json)
        return
    with connected() as settings:
        url = settings.migrating_url
        before = current(url)
        waiting = pending(before)
        applied = [] if check else upgrade(url)
        document = {"before": before or None, "head": head(), "applied": applied, "pending": waiting if check else []}
    answer(document, lambda out: _show(out, document), as_json=as_json)
    if document["pending"]:
        raise typer.Exit(1)


def _roles(settings: Settings) -> str:
    """Write the statements for the two roles that the addresses sign in as; no password is among them."""
    urls = (settings.migrating_url, settings.database_url.get_secret_value())
    owner, runtime = (unquote(urlsplit(url).username or "") for url in urls)
    if owner == runtime:
        raise BadSettings(
            (Problem("LF_OWNER_DATABASE_URL", "must name the role that owns the tables, and DATABASE_URL another"),)
        )
    return script(owner, runtime).as_string().strip()


def _show(out: Console, document: dict[str, Any]) -> None:
    done, waiting = document["applied"], document["pending"]
    if waiting:
        out.print(f"Not applied yet: {', '.join(waiting)}")
    elif done:
        out.print(f"Applied {', '.join(done)}; the database is at {document['head']}.")
    else:
        out.print(f"The database is at {document['head']}; nothing to do.")
