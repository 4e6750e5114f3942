"""``leadflow worker``: run jobs."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from leadflow.local.services import settle

app = typer.Typer()

NICE = 5
"""How far workers stand back where the machine is short of time: somebody's STOP is taken before the next text goes."""


@app.command()
def worker(
    threads: Annotated[
        int | None, typer.Option(min=1, max=64, help="Jobs run at once; LF_WORKER_THREADS otherwise.")
    ] = None,
) -> None:
    """Run jobs until stopped: one process, several threads. Start as many as you like, on any machine."""
    settings = settle()
    os.nice(NICE)
    # Every room is loaded here, after the settings were found fit.
    from leadflow.process import begin  # noqa: PLC0415
    from workers.main import serve  # noqa: PLC0415

    db = begin(settings)
    serve(db, settings.redis_url.get_secret_value(), threads or settings.worker_threads)
    db.dispose()
