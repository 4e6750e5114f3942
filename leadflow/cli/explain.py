"""``leadflow explain``: why a number may or may not be texted, now or at a past instant."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from leadflow.cli.desk import desk
from leadflow.cli.output import AsJson, Org, answer
from leadflow.compliance import service as compliance
from leadflow.compliance.service import Explanation
from leadflow.kernel import phone as phones
from leadflow.kernel.errors import Invalid
from models.vocabulary import AnswerSource, RuleOutcome, Verdict

app = typer.Typer()

COLOURS = {Verdict.SENDABLE: "green", Verdict.LATER: "yellow", Verdict.BLOCKED: "red"}


@app.command()
def explain(
    phone: Annotated[str, typer.Argument(help="A telephone number, however it is written.")],
    at: Annotated[str | None, typer.Option(help="An instant, such as 2026-12-02T18:00:00Z; now when absent.")] = None,
    org: Org = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Say whether a number may be texted at an instant, and by which rule."""
    number, moment = phones.parse(phone), instant(at)
    with desk(org) as place, place.uow() as uow:
        found = compliance.explain(uow, place.actor, number, moment)
    answer(found.as_json(), lambda console: _show(console, found), as_json=as_json)


def instant(text: str | None) -> datetime | None:
    """Read an instant; one without an offset is refused, for it could mean any of six zones."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise Invalid("Write the instant as 2026-12-02T18:00:00Z.", "at") from error
    if moment.tzinfo is None:
        raise Invalid("Write the instant with its offset, as 2026-12-02T12:00:00-06:00.", "at")
    return moment


def _show(console: Console, found: Explanation) -> None:
    console.print(f"[bold]{phones.display(found.e164)}[/] at {found.at:%Y-%m-%d %H:%M:%S} UTC")
    console.print(found.sentence, style=COLOURS[found.decision.verdict], markup=False)
    console.print(_rests_on(found), style="dim", markup=False)
    for source, state, zone, local in found.places:
        console.print(f"  {source.replace('_', ' ')}: {state}, {zone}, {local}", markup=False)
    for words in found.closed:
        console.print(f"  {words}", markup=False)
    table = Table("rule", "outcome", "why", "law", title=f"Rules (policy {found.decision.policy_version})")
    for rule in found.rules:
        against = rule.outcome is not RuleOutcome.PASS
        style = "red" if against else "dim"
        table.add_row(rule.rule, rule.outcome.value, rule.sentence if against else "", rule.citation, style=style)
    console.print(table)
    console.print(_state(found))
    if found.receipt is not None:
        console.print(f"Receipt {found.receipt.row.id}:", markup=False)
        console.print_json(data=dict(found.receipt.body))
        console.print(f"SHA-256 {found.receipt.row.digest}", markup=False)
    if found.around:
        console.print("Decisions near this instant:")
    for row in found.around:
        why = ", ".join(row.reasons) or "no rule stood against it"
        console.print(f"  {row.at:%Y-%m-%d %H:%M:%S} {row.verdict.value}: {why} ({row.id})", markup=False)


def _rests_on(found: Explanation) -> str:
    if found.receipt is not None:
        return "Told by the receipt of the decision alone: facts and rules as they were."
    if found.source is AnswerSource.UNKNOWN:
        return f"Records are kept by date since {found.kept_since:%Y-%m-%d %H:%M:%S} UTC."
    return (
        "Told by the rules and the records as they stood." if found.compared else "Told by the rules and the records."
    )


def _state(found: Explanation) -> Table:
    """List the facts, with today's beside those that have changed."""
    table = Table("fact", "then" if found.compared else "value", title="State as it was" if found.compared else "State")
    if found.compared:
        table.add_column("now, where it changed")
    for row in found.state:
        now = [(row.now_words or "nothing") if row.changed else ""] if found.compared else []
        table.add_row(row.label, row.then_words, *now, style="yellow" if row.changed else "")
    return table
