"""``leadflow scheduler``: run the clockwork."""

from __future__ import annotations

import signal
import threading

import typer

from leadflow.local.services import settle

app = typer.Typer()


@app.command()
def scheduler() -> None:
    """Run the clockwork until stopped; several may run, one of them ticks."""
    settings = settle()
    # Every room is loaded here, after the settings were found fit.
    from leadflow.process import begin  # noqa: PLC0415
    from workers.schedule import serve  # noqa: PLC0415

    db = begin(settings)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    serve(db, stop)
    db.dispose()
