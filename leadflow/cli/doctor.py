"""``leadflow doctor``: what is wrong with this configuration, a variable a line. Never prints a value."""

from __future__ import annotations

from typing import Any

import typer
from rich.console import Console
from rich.table import Table

from leadflow.cli.output import AsJson, answer
from leadflow.local.examine import Finding, examine

app = typer.Typer()


@app.command()
def doctor(*, as_json: AsJson = False) -> None:
    """Say what is wrong with this configuration, a variable a line; values are never printed."""
    findings = examine()
    wrong = [finding for finding in findings if finding.wrong]
    document: dict[str, Any] = {
        "healthy": not wrong,
        "problems": len(wrong),
        "findings": [{"subject": f.subject, "verdict": f.verdict, "message": f.message} for f in findings],
    }
    answer(document, lambda out: _show(out, findings), as_json=as_json)
    if wrong:
        raise typer.Exit(1)


def _show(out: Console, findings: tuple[Finding, ...]) -> None:
    colours = {"wrong": "red", "weak": "yellow", "good": "green"}
    table = Table("", "What", "Finding", box=None, show_header=False)
    for finding in findings:
        table.add_row(f"[{colours[finding.verdict]}]{finding.verdict}[/]", finding.subject, finding.message)
    out.print(table)
    wrong = sum(finding.wrong for finding in findings)
    out.print(f"{wrong} problem{'s' * (wrong != 1)}." if wrong else "Nothing is wrong.")
