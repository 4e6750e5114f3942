"""``leadflow compliance consent``: enter a consent with the document that shows it, list the ledger, revoke."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer
from rich.console import Console
from rich.table import Table

from leadflow.cli.desk import desk
from leadflow.cli.explain import instant
from leadflow.cli.output import AsJson, Org, answer
from leadflow.compliance import service as compliance
from leadflow.compliance.types import ConsentFilter, ConsentRow, Grant
from leadflow.kernel import phone as phones
from leadflow.kernel.errors import Conflict, Invalid
from models.vocabulary import Basis, Channel, ConsentState

app = typer.Typer(no_args_is_help=True)

Phone = Annotated[str, typer.Argument(help="The number, in any way of writing it.")]
MOST = 1_000


@app.callback()
def describe() -> None:
    """Enter, list and revoke consents."""


@app.command()
def add(  # noqa: PLR0913 one option a field of 16 CFR 310.5(a)(8)
    phone: Phone,
    *,
    shown: Annotated[str, typer.Option(help="The request exactly as the person saw or heard it.")],
    source: Annotated[str, typer.Option(help="Page, form, call or letter.")],
    given_at: Annotated[str, typer.Option(help="When it was given, such as 2026-12-02T18:00:00Z.")],
    basis: Annotated[Basis, typer.Option(help="What kind of basis it is.")] = Basis.WRITTEN_CONSENT,
    channel: Annotated[Channel, typer.Option(help="For which way of contact.")] = Channel.TEXT,
    purpose: Annotated[str, typer.Option(help="What they agreed to hear about.")] = "offers to buy the property",
    artefact: Annotated[
        Path | None, typer.Option(help="The document that shows it.", exists=True, dir_okay=False)
    ] = None,
    org: Org = None,
    as_json: AsJson = False,
) -> None:
    """Enter a consent into the ledger; a written one needs the document that shows it."""
    moment = instant(given_at)
    if moment is None:
        raise Invalid("Say when it was given.", "given_at")
    with desk(org) as place, place.uow() as uow:
        kept = compliance.keep_artefact(uow, place.actor, artefact.name, artefact.read_bytes()) if artefact else None
        made = compliance.grant(
            uow,
            place.actor,
            Grant(
                e164=phones.parse(phone),
                channel=channel,
                basis=basis,
                purpose=purpose,
                shown_text=shown,
                source=source,
                given_at=moment,
                artefact_sha256=kept and kept.sha256,
            ),
        )
        if made is None:
            raise Conflict("This consent is in the ledger already.")
    answer({"id": made}, lambda console: console.print(f"Recorded as {made}."), as_json=as_json)


@app.command("list")
def listed(
    phone: Annotated[str | None, typer.Argument(help="Only of this number.")] = None,
    state: Annotated[
        ConsentState | None, typer.Option(help="Only those that stand, have expired or were revoked.")
    ] = None,
    org: Org = None,
    *,
    as_json: AsJson = False,
) -> None:
    """List the ledger, newest first."""
    wanted = ConsentFilter(e164=phones.parse(phone) if phone else None, state=state)
    with desk(org) as place, place.uow() as uow:
        rows = compliance.consents(uow, place.actor, wanted, limit=MOST).rows
    answer([asdict(row) for row in rows], lambda console: _show(console, rows), as_json=as_json)


@app.command()
def revoke(
    consent_id: Annotated[UUID, typer.Argument(help="The entry.")],
    why: Annotated[str, typer.Option(help="How they took it back: their words, when, by which way.")],
    org: Org = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Note that a person took a consent back."""
    with desk(org) as place, place.uow() as uow:
        compliance.revoke(uow, place.actor, consent_id, why)
    answer({"revoked": consent_id}, lambda console: console.print("Revoked. The entry stays."), as_json=as_json)


def _show(console: Console, rows: tuple[ConsentRow, ...]) -> None:
    table = Table("Number", "Basis", "For", "Given", "State", "Document", box=None)
    for row in rows:
        shown = (row.artefact_sha256 or (f"row {row.row_number} of a file" if row.import_id else "none"))[:16]
        table.add_row(row.e164, row.basis, row.channel, f"{row.given_at:%Y-%m-%d}", row.state, shown)
    console.print(table)
