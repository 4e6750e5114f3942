"""``leadflow compliance evidence``: make a pack of proof and write it into a file."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from time import sleep
from typing import Annotated
from uuid import UUID

import typer
from rich.console import Console

from leadflow.campaigns import service as campaigns
from leadflow.cli.desk import Desk, desk
from leadflow.cli.explain import instant
from leadflow.cli.output import AsJson, Org, answer
from leadflow.evidence import service as evidence
from leadflow.evidence.types import PackRow, Wanted
from leadflow.kernel import phone as phones
from leadflow.kernel.errors import Invalid
from models.vocabulary import EvidenceOf

STEP_S = 1.0
"""Between two looks whether another process has sealed what the pack waits for."""


def evidence_pack(
    out: Annotated[Path, typer.Option(help="The file to write; it must not be there yet.")],
    phone: Annotated[str | None, typer.Option(help="About this number.")] = None,
    person: Annotated[UUID | None, typer.Option(help="About the person of this id.")] = None,
    campaign: Annotated[str | None, typer.Option(help="About this campaign: its name or id.")] = None,
    since: Annotated[str | None, typer.Option("--from", help="First day, as 2026-03-01, or an instant.")] = None,
    until: Annotated[str | None, typer.Option("--to", help="Last day, or an instant; now when absent.")] = None,
    org: Org = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Write a zip that proves what was decided about a number, a person or a campaign; it checks itself offline."""
    _check_target(out)
    with desk(org) as place:
        pack_id = _asked(place, phone, person, campaign, (since, until))
        while not evidence.make(place.db, place.actor.org_id, pack_id):
            sleep(STEP_S)
        row = evidence.save(place.db, place.actor, pack_id, out)
    answer({**asdict(row), "file": str(out)}, lambda console: _show(console, row, out), as_json=as_json)


def _check_target(out: Path) -> None:
    if out.exists():
        raise Invalid(f"{out} is there already; nothing was made. Name another file.", "out")
    if not out.absolute().parent.is_dir():
        raise Invalid(f"There is no folder {out.absolute().parent}; nothing was made.", "out")


def _asked(
    place: Desk, phone: str | None, person: UUID | None, campaign: str | None, span: tuple[str | None, str | None]
) -> UUID:
    if sum(one is not None for one in (phone, person, campaign)) != 1:
        raise Invalid("Name one of --phone, --person and --campaign.")
    since, until = (_day(text) for text in span)
    with place.uow() as uow:
        if campaign is not None:
            found = campaigns.named(uow, place.actor, campaign)
            wanted = Wanted(EvidenceOf.CAMPAIGN, campaign_id=found.id, since=since, until=until)
        elif person is not None:
            wanted = Wanted(EvidenceOf.PERSON, person_id=person, since=since, until=until)
        else:
            wanted = Wanted(EvidenceOf.PHONE, e164=phones.parse(phone or ""), since=since, until=until)
        return evidence.ask_at_desk(uow, place.actor, wanted)


def _day(text: str | None) -> date | datetime | None:
    """Read a day, or an instant with its offset."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return instant(text)


def _show(console: Console, row: PackRow, out: Path) -> None:
    console.print(f"Made {out} ({row.size_bytes:,} bytes) about {row.about}.", style="green", markup=False)
    counts = ", ".join(f"{count} {name}" for name, count in row.counts.items())
    console.print(f"  {counts}", markup=False)
    console.print(f"  SHA-256 {row.sha256}", markup=False)
    console.print(f"  Head of the chain: position {row.head_position}.", markup=False)
    console.print("  Unpack it into an empty folder and run: python3 -I -S verify.py", markup=False)
