"""``leadflow up``: everything on this machine, until Ctrl-C."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Annotated, Any, Self

import typer
from rich.console import Console
from rich.status import Status
from rich.table import Table

from leadflow.cli.output import AsJson, answer
from leadflow.identity import service as identity
from leadflow.local.services import data_folder
from leadflow.local.supervisor import asked_to_stop, stoppable
from leadflow.local.up import Runner, Wish
from leadflow.process import begin
from leadflow.settings import Settings

app = typer.Typer()

PRIVATE = frozenset({"database_url", "owner_database_url", "redis_url", "variables"})
"""Parts of the state that carry passwords: they stand in the folder's ``run.json``, readable by its owner alone."""


@app.command()
def up(
    *,
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="The page's port; LF_PORT or 8300 otherwise.")
    ] = None,
    workers: Annotated[int | None, typer.Option(min=0, max=64, help="Worker processes; LF_WORKERS otherwise.")] = None,
    clock_start: Annotated[
        str | None, typer.Option(help="The instant at which all clocks start: 2026-12-02T10:00:00-06:00.")
    ] = None,
    empty: Annotated[bool, typer.Option("--empty", help="Do not make the demo organisation.")] = False,
    as_json: AsJson = False,
) -> None:
    """Start the database, the page, the workers and a simulated carrier, on 127.0.0.1 only, and look after them."""
    folder = data_folder()
    with Progress() as teller, folder.held():
        runner = Runner(folder, Wish(port, workers, clock_start), teller, _nothing if empty else _demo)
        try:
            with stoppable():
                state = runner.up()
                teller.rest()
                public = {name: value for name, value in state.items() if name not in PRIVATE}
                answer(public, lambda out: _show(out, public), as_json=as_json)
                runner.watch()
        except BaseException as failure:
            if not asked_to_stop(failure):
                raise
            teller.step("Stopping; a worker may take a few seconds to finish what it began")
        finally:
            runner.down()
        teller.notice("Stopped. The data stays in " + str(folder.path) + ".")


def _demo(settings: Settings, say: Callable[[str], None]) -> Mapping[str, Any]:
    """Make the demo organisation where the database has none, and answer its logins."""
    from leadflow.local.demo import service as demo  # noqa: PLC0415 every room; only this command needs them

    db = begin(settings)
    # Made afresh where an earlier start was stopped in the middle of making it, and never otherwise.
    unfinished = settings.data_dir / "demo.unfinished"
    again = unfinished.exists()
    try:
        with db.begin() as uow:
            absent = not identity.demo_logins(uow)
        if absent:
            unfinished.touch()
        told = demo.reset(db, say, settings.migrating_url) if again else demo.ensure(db, say)
        unfinished.unlink(missing_ok=True)
        return told
    finally:
        db.dispose()


def _nothing(settings: Settings, say: Callable[[str], None]) -> Mapping[str, Any]:
    del settings, say
    return {}


class Progress:
    """Tells on standard error what is being done: a moving line on a terminal, plain lines elsewhere."""

    def __init__(self) -> None:
        self.console = Console(stderr=True, highlight=False, soft_wrap=True)
        self.status = Status("Starting", console=self.console)

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave the terminal as it was."""
        self.status.stop()

    def step(self, text: str) -> None:
        """Say what is being done now."""
        if self.console.is_terminal:
            self.status.update(text + " …")
            self.status.start()
        else:
            self.console.print(text, markup=False)

    def rest(self) -> None:
        """Nothing is being done any more."""
        self.status.stop()

    def notice(self, text: str) -> None:
        """Say something that should stay on the screen."""
        self.console.print(text, markup=False)


def _show(out: Console, state: Mapping[str, Any]) -> None:
    out.print(f"\n[bold green]LeadFlow runs at[/] [bold]{state['address']}[/]  (ready in {state['seconds']} s)")
    if state.get("logins"):
        table = Table("Role", "E-mail", "Password", title="Demo logins", title_justify="left", box=None)
        for login in state["logins"]:
            table.add_row(login["role"], login["email"], login["password"])
        out.print(table)
    out.print(f"Data and logs: {state['data']}   Ctrl-C ends everything.", markup=False)
