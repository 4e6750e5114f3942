"""The ``leadflow`` command: a table of commands, each imported only when it is called.

To add one: a module ``leadflow/cli/<name>.py`` with ``app = typer.Typer()``, and a row here.
"""

import importlib
import sys
from dataclasses import dataclass
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup


@dataclass(frozen=True, slots=True)
class Row:
    """A command: the module under ``leadflow.cli`` that holds its ``app``, and its line in the help."""

    module: str
    line: str


COMMANDS = {
    "up": Row("up", "Start everything on this machine: database, page, workers, simulated carrier."),
    "web": Row("web", "Serve the page and the API."),
    "worker": Row("worker", "Run jobs: one process, several threads."),
    "scheduler": Row("scheduler", "Run the clockwork: sweeps, seals, everything that recurs."),
    "simulator": Row("simulator", "Run the simulated carrier."),
    "migrate": Row("migrate", "Bring the database to the newest schema."),
    "seed": Row("seed", "Fill an empty database with the demo organisation."),
    "found": Row("found", "Found an organisation and its owner."),
    "members": Row("members", "List members, add one, help one who lost the second factor."),
    "import": Row("imports", "Import a file of leads, or say what would become of it."),
    "import-undo": Row("imports_undo", "Take a written import back, as far as nobody touched what it brought."),
    "search": Row("search", "Find leads, people, numbers, campaigns, tasks and the rest by a few words."),
    "duplicates": Row("duplicates", "Find records that may be one, merge them, take a merge back."),
    "campaigns": Row("course", "List campaigns, look at one's course, pause it, send failed texts anew."),
    "numbers": Row("numbers", "List the numbers and pools that campaigns send from, bind, stop or start one."),
    "simulate": Row("campaigns", "Say whom a campaign would reach, and why not the others."),
    "restore": Row("restore", "Say what a restored backup does not know, and let sending go on."),
    "letters": Row("letters", "Write a mailing list of people whom no text may reach."),
    "views": Row("views", "List saved views of the lead list, save, change, share or delete one."),
    "fields": Row("fields", "List the organisation's own fields of leads, make, change or archive one."),
    "assignment": Row("assignment", "List, make and order the rules that give new leads out; say who is away."),
    "claims": Row("claims", "List who works on which lead, claim one, take one over."),
    "map": Row("maps", "Say where leads are and how exactly; have addresses geocoded."),
    "explain": Row("explain", "Say whether a number may be texted at an instant, and by which rule."),
    "compliance": Row("compliance", "Classify replies and check hours of a file; decide for one person."),
    "audit": Row("audit", "Prove that the record of decisions is whole."),
    "keys": Row("keys", "List, make and retire keys; seal secrets anew."),
    "doctor": Row("doctor", "Say what is wrong with this configuration, a variable a line."),
}


class LazyGroup(TyperGroup):
    """Knows its commands by their table; imports one when it is called."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ANN401 Typer keeps its context's class to itself
        """The names, in the order of the table."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ANN401 same
        """What the help lists: a name and a line, nothing imported."""
        del ctx
        row = COMMANDS.get(cmd_name)
        return TyperCommand(cmd_name, help=row.line) if row else None

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:  # noqa: ANN401 same
        """The command itself."""
        name, stub, rest = super().resolve_command(ctx, args)
        return (name, load_command(name), rest) if name and stub else (name, stub, rest)


def load_command(name: str) -> Any:  # noqa: ANN401 same
    """Import the command ``name``."""
    row = COMMANDS[name]
    module: Any = importlib.import_module(f"leadflow.cli.{row.module}")
    found = typer.main.get_command(module.app)
    found.name = name
    return found


app = typer.Typer(cls=LazyGroup, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@app.callback()
def describe() -> None:
    """LeadFlow contacts owners only where law and consent allow, and proves it."""


def main() -> None:
    """Run the command that the arguments name, and leave with its code."""
    # Imported here, because `--help` needs none of it. Logs first: standard output is for answers.
    from leadflow.cli.output import explain_failure  # noqa: PLC0415
    from leadflow.kernel import logs  # noqa: PLC0415

    logs.configure()
    arguments = sys.argv[1:]
    try:
        code = typer.main.get_command(app).main(arguments, prog_name="leadflow", standalone_mode=False)
    except (Exception, KeyboardInterrupt) as failure:  # noqa: BLE001 the door where every failure becomes words and a code
        sys.exit(explain_failure(failure, arguments))
    sys.exit(code if isinstance(code, int) else 0)


if __name__ == "__main__":
    main()
