"""``leadflow audit``: prove that the record of acts and decisions is whole, and that one decision stands in it."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer
from rich.console import Console

from leadflow.audit import service as audit
from leadflow.audit.types import Proof, Report
from leadflow.cli.desk import desk
from leadflow.cli.output import FAILED, AsJson, Org, answer
from leadflow.compliance import service as compliance

app = typer.Typer(no_args_is_help=True)


@app.callback()
def describe() -> None:
    """Prove that the record of decisions is whole."""


@app.command()
def verify(
    org: Org = None,
    *,
    anchors: Annotated[
        Path | None, typer.Option(help="Anchors that were kept elsewhere: a copy of the file, or of the daily mail.")
    ] = None,
    seal: Annotated[bool, typer.Option(help="Seal what waits before verifying.")] = False,
    as_json: AsJson = False,
) -> None:
    """Recompute every hash; leave with 1, naming the first bad position, where the record does not hold."""
    kept = audit.anchors_in(anchors) if anchors else []
    with desk(org) as place:
        if seal:
            audit.seal(place.db, place.actor.org_id)
        report = audit.verify(place.db, place.actor.org_id, kept)
    document = {**asdict(report), "whole": report.whole}
    answer(document, lambda console: _show(console, report), as_json=as_json)
    if not report.whole:
        raise typer.Exit(FAILED)


@app.command()
def prove(
    decision: Annotated[UUID, typer.Argument(help="The decision's id, as its receipt shows it.")],
    org: Org = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Prove that one decision stands in the record: the path from its digest up to a signed root."""
    with desk(org) as place, place.uow() as uow:
        proof = compliance.prove(uow, place.actor, decision)
    answer(proof, lambda console: _tell(console, proof), as_json=as_json)
    if not proof.holds:
        raise typer.Exit(FAILED)


def _tell(console: Console, proof: Proof) -> None:
    if proof.holds:
        console.print("The decision stands in the record as it was made.", style="green")
    else:
        console.print("The decision, or its place in the record, was changed.", style="red")
    console.print(f"  Digest      {proof.digest}")
    console.print(f"  Position    {proof.position}, entry {proof.index + 1} of {proof.size} under seal {proof.seal}")
    for level, neighbour in enumerate(proof.path, 1):
        console.print(f"  Path {level:>2}     {neighbour}")
    console.print(f"  Root        {proof.merkle_root}")
    anchored = "anchored outside the database" if proof.anchored else "not anchored"
    console.print(
        f"  Signed      {proof.sealed_at:%Y-%m-%d %H:%M:%S} UTC with key {proof.key_id}, {anchored}", markup=False
    )


def _show(console: Console, report: Report) -> None:
    if report.fault is None:
        console.print("[green]The record is whole.[/]")
    else:
        console.print(f"[red]The record does not hold.[/] First bad position: {report.fault.position}.")
        console.print(f"  {report.fault.what}", markup=False)
    console.print(f"  {report.leaves} entries under {report.seals} seals, {report.anchors} of them anchored.")
    if report.unsealed:
        console.print(f"  {report.unsealed} younger entries wait for the next seal.")
