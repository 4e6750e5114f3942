"""``leadflow compliance``: hours and replies of files, and the decision for one person; leaves no trace."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer
from rich.console import Console
from rich.table import Table

from leadflow.cli import consents, drill, packs, registries, reviews, supposing
from leadflow.cli.desk import desk
from leadflow.cli.erase import erase, erase_lead
from leadflow.cli.evidence import evidence_pack
from leadflow.cli.explain import COLOURS, instant
from leadflow.cli.output import AsJson, Org, answer
from leadflow.cli.scrubs import scrub
from leadflow.cli.table import rows
from leadflow.compliance import service as compliance
from leadflow.compliance.service import Decided, LawfulHours
from leadflow.compliance.types import Ask
from leadflow.kernel import phone as phones
from models.vocabulary import Channel, RuleOutcome, Suppress

app = typer.Typer(no_args_is_help=True)
app.add_typer(consents.app, name="consent")
app.add_typer(packs.app, name="packs")
app.add_typer(registries.app, name="registry")
app.add_typer(drill.app)
app.add_typer(supposing.app)

Csv = Annotated[Path, typer.Argument(help="A CSV file in UTF-8 with a header line.")]
WINDOW_COLUMNS = ("phone", "property_zip", "mailing_state", "instant_utc")

_ZIP = re.compile(r"(\d{5})(?:-?\d{4})?")
_STATE = re.compile(r"[A-Za-z]{2}")
_NORTH_AMERICAN = re.compile(r"\+?1?([2-9]\d{9})")
_FOREIGN = re.compile(r"\+[1-9]\d{6,14}")


app.command("evidence")(evidence_pack)
app.command("scrub")(scrub)


@app.callback()
def describe() -> None:
    """Classify replies, check hours, decide for one person, erase one."""


app.command()(erase)
app.command("erase-lead")(erase_lead)
app.add_typer(reviews.app, name="reviews")


@app.command()
def windows(
    file: Csv,
    channel: Annotated[Channel, typer.Option(help="Text or call.")] = Channel.TEXT,
    *,
    with_margin: Annotated[bool, typer.Option(help="Also keep the organisation's margin before closing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Say of each row (phone, property_zip, mailing_state, instant_utc) whether the hours allow a contact.

    A column billing_state may name one more place.
    """
    lawful = LawfulHours(channel, with_own_limits=with_margin)
    found = rows(file, WINDOW_COLUMNS, lambda row: _hours(lawful, row))
    answer(found, lambda console: _show_hours(console, found), as_json=as_json)


def _hours(lawful: LawfulHours, row: dict[str, str]) -> dict[str, Any]:
    phone, zip5, state = _phone(row["phone"]), _zip(row["property_zip"]), _state(row["mailing_state"])
    billing = _state(row.get("billing_state") or "", "billing_state")
    at = _at(row["instant_utc"])
    found = lawful.of(phone, zip5, state, at, billing)
    return {
        **({"case_id": row["case_id"]} if "case_id" in row else {}),
        "phone": phone,
        "property_zip": zip5,
        "mailing_state": state,
        **({"billing_state": billing} if "billing_state" in row else {}),
        "instant_utc": at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "allowed": found.allowed,
        "reason": found.reasons[0] if found.reasons else "ok",
        "reasons": found.reasons,
        "citations": found.citations,
        "local_times": found.local_times,
        "opens_at": found.opens_at,
    }


def _phone(text: str) -> str | None:
    """Read a number; one that is only of an odd area code is kept, and refused by its unknown place."""
    bare = re.sub(r"[\s().\-\u2010-\u2015]", "", text)
    if not bare:
        return None
    if plain := _NORTH_AMERICAN.fullmatch(bare):
        return f"+1{plain[1]}"
    if _FOREIGN.fullmatch(bare):
        return bare
    raise ValueError(f"phone {text!r} is no telephone number; write it as +12125550101")


def _zip(text: str) -> str | None:
    if not text.strip():
        return None
    found = _ZIP.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"property_zip {text!r} is no ZIP code; write five digits, such as 02903")
    return found[1]


def _state(text: str, column: str = "mailing_state") -> str | None:
    if not text.strip():
        return None
    if not _STATE.fullmatch(text.strip()):
        raise ValueError(f"{column} {text!r} is no state; write two letters, such as NY")
    return text.strip().upper()


def _at(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        moment = None
    # Near the ends of the calendar no zone can be applied.
    if moment is None or moment.tzinfo is None or not 1970 <= moment.year <= 2999:  # noqa: PLR2004 own choice
        raise ValueError(f"instant_utc {text!r} is no instant; write it as 2026-12-02T18:00:00Z")
    return moment.astimezone(UTC)


def _show_hours(console: Console, found: list[dict[str, Any]]) -> None:
    table = Table("phone", "property", "mailing", "instant", "allowed", "why")
    for row in found:
        hints = (row["phone"] or "", row["property_zip"] or "", row["mailing_state"] or "", row["instant_utc"])
        table.add_row(*hints, "yes" if row["allowed"] else "no", row["reason"], style="" if row["allowed"] else "red")
    console.print(table)
    console.print(f"{sum(row['allowed'] for row in found)} of {len(found)} rows are allowed.")


@app.command()
def classify(file: Csv, *, as_json: AsJson = False) -> None:
    """Say of each row (text) what the reply means and whether it stops all sends: yes, review or no."""
    found = rows(file, ("text",), _classified)
    answer(found, lambda console: _show_replies(console, found), as_json=as_json)


def _classified(row: dict[str, str]) -> dict[str, Any]:
    found = compliance.classify(row["text"])
    return {"text": row["text"], "class": found.label.value, "suppress": found.suppress.value}


def _show_replies(console: Console, found: list[dict[str, Any]]) -> None:
    colours = {Suppress.YES.value: "red", Suppress.REVIEW.value: "yellow", Suppress.NO.value: ""}
    table = Table("text", "class", "suppress")
    for row in found:
        table.add_row(row["text"].replace("[", "\\["), row["class"], row["suppress"], style=colours[row["suppress"]])
    console.print(table)
    counts = Counter(row["suppress"] for row in found)
    console.print(", ".join(f"{counts[one.value]} {one.value}" for one in (Suppress.YES, Suppress.REVIEW, Suppress.NO)))


@app.command()
def decide(
    phone: Annotated[str, typer.Argument(help="A telephone number, however it is written.")],
    at: Annotated[str | None, typer.Option(help="An instant, such as 2026-12-02T18:00:00Z; now when absent.")] = None,
    channel: Annotated[Channel, typer.Option(help="Text or call.")] = Channel.TEXT,
    campaign: Annotated[UUID | None, typer.Option(help="Judge it as a text of this campaign.")] = None,
    org: Org = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Decide for the person at a number, with the whole receipt; records nothing and clears nothing."""
    number, moment = phones.parse(phone), instant(at)
    with desk(org) as place, place.uow() as uow:
        found = compliance.decide(uow, place.actor, number, Ask(channel=channel, campaign_id=campaign), moment)
    answer(found.as_json(), lambda console: _show_decided(console, found), as_json=as_json)


def _show_decided(console: Console, found: Decided) -> None:
    decision = found.decision
    until = f" until {decision.later_at:%Y-%m-%d %H:%M:%S} UTC" if decision.later_at else ""
    console.print(f"[bold]{phones.display(found.e164)}[/] at {found.at:%Y-%m-%d %H:%M:%S} UTC")
    console.print(f"{decision.verdict.value}{until}", style=COLOURS[decision.verdict], markup=False)
    for rule in found.rules:
        if rule.outcome is not RuleOutcome.PASS:
            console.print(f"  {rule.rule} ({rule.outcome.value}): {rule.sentence} {rule.citation}", markup=False)
    for words in found.closed:
        console.print(f"  {words}", markup=False)
    console.print("Receipt (not recorded):")
    console.print_json(data=dict(found.receipt))
    console.print(f"SHA-256 {found.digest}", markup=False)
