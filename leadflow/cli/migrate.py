"""``leadflow migrate``: bring the database to the newest schema."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.console import Console

from leadflow.cli.output import AsJson, answer
from leadflow.kernel.schema import current, head, pending
from leadflow.kernel.schema import migrate as upgrade
from leadflow.local.services import connected

app = typer.Typer()


@app.command()
def migrate(
    *,
    check: Annotated[bool, typer.Option("--check", help="Change nothing; fail when something would be done.")] = False,
    as_json: AsJson = False,
) -> None:
    """Bring the database to the newest schema; two at once do not race."""
    with connected() as settings:
        url = settings.database_url.get_secret_value()
        before = current(url)
        waiting = pending(before)
        applied = [] if check else upgrade(url)
        document = {"before": before or None, "head": head(), "applied": applied, "pending": waiting if check else []}
    answer(document, lambda out: _show(out, document), as_json=as_json)
    if document["pending"]:
        raise typer.Exit(1)


def _show(out: Console, document: dict[str, Any]) -> None:
    done, waiting = document["applied"], document["pending"]
    if waiting:
        out.print(f"Not applied yet: {', '.join(waiting)}")
    elif done:
        out.print(f"Applied {', '.join(done)}; the database is at {document['head']}.")
    else:
        out.print(f"The database is at {document['head']}; nothing to do.")
