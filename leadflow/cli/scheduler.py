"""``leadflow scheduler``: run the clockwork."""

from __future__ import annotations

import signal
import threading

import typer

from leadflow.local.services import settle
from leadflow.process import begin

app = typer.Typer()


@app.command()
def scheduler() -> None:
    """Run the clockwork until stopped; several may run, one of them ticks."""
    from workers.schedule import serve  # noqa: PLC0415 loads rooms that other commands need not

    db = begin(settle())
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    serve(db, stop)
    db.dispose()
