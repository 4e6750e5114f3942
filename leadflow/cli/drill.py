"""``leadflow compliance drill``: put the configuration to the tricky cases and grade it."""

from __future__ import annotations

from dataclasses import asdict

import typer
from rich.console import Console
from rich.table import Table

from leadflow.cli.desk import desk
from leadflow.cli.output import FAILED, AsJson, Org, answer
from leadflow.compliance import service as compliance
from leadflow.compliance.service import DrillRow
from models.vocabulary import DrillOutcome

app = typer.Typer()


@app.command()
def drill(
    org: Org = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Put the rules in force to the drill; leave with 1 where a case fails that carries the weight of law."""
    with desk(org) as place, place.uow() as uow:
        found = compliance.run_drill(uow, place.actor)
    document = {**asdict(found), "score": found.score, "passed": not found.unlawful}
    answer(document, lambda console: _show(console, found), as_json=as_json)
    if found.unlawful:
        raise typer.Exit(FAILED)


def _show(console: Console, found: DrillRow) -> None:
    colour = "red" if found.unlawful else "yellow" if found.failed else "green"
    console.print(
        f"[{colour}]{found.score} %[/] of {found.cases} cases, policy {found.policy_version}: "
        f"{found.failed} failed, {found.unlawful} of them by law."
    )
    table = Table("Group", "Cases", "Passed", "Stricter", "Failed", box=None)
    for group in found.results["groups"]:
        table.add_row(group["group"], *(str(group[name]) for name in ("cases", "passed", "stricter", "failed")))
    console.print(table)
    for case in found.results["cases"]:
        if case["outcome"] == DrillOutcome.FAILED:
            console.print(f"{case['id']} ({case['weight']}) {case['title']}: {case['why']}", markup=False)
            console.print(f"    expected {case['expect']} {case['rule']}, came {case['came']}", markup=False)
            console.print(f"    look at {case['blame']}", markup=False)
