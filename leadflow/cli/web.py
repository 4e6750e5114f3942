"""``leadflow web``: serve the page, the API and the event socket."""

from __future__ import annotations

from typing import Annotated

import typer

from leadflow.local.services import settle

app = typer.Typer()


@app.command()
def web(
    host: Annotated[str | None, typer.Option(help="Address to listen on; LF_HOST otherwise.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; LF_PORT otherwise.")] = None,
    processes: Annotated[int, typer.Option(min=1, help="Server processes; they share their state in Redis.")] = 1,
) -> None:
    """Serve the page and the API until stopped; Postgres and Redis must run."""
    settings = settle()
    from leadflow.web import serve  # noqa: PLC0415 importing it wakes Reflex, which takes a while

    serve(host or settings.host, port or settings.port, processes)
