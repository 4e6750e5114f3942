"""``leadflow compliance erase`` and ``erase-lead``: show what would go and stay, ask for the password, and do it."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import typer
from rich.console import Console
from rich.table import Table

from leadflow.cli.desk import Desk, desk
from leadflow.cli.output import AsJson, Org, answer
from leadflow.kernel.errors import Invalid
from leadflow.retention import service as retention
from leadflow.retention.types import Candidate, LeadPreview, LeadWish, Preview, Wish
from models.vocabulary import ErasureRequest


def erase(
    who: Annotated[str, typer.Argument(help="A person's id, or a number, name or e-mail address that only one has.")],
    request: Annotated[ErasureRequest, typer.Option(help="At whose wish.")] = ErasureRequest.PERSON,
    reference: Annotated[str, typer.Option(help="The matter's number; never anything of the person.")] = "",
    org: Org = None,
    *,
    preview: Annotated[bool, typer.Option("--preview", help="Only tell what would go and what would stay.")] = False,
    as_json: AsJson = False,
) -> None:
    """Erase a person for good: tells what goes and stays first, and asks for the owner's password."""
    with desk(org) as place:
        person_id = _one(place, who)
        with place.uow() as uow:
            told = retention.preview(uow, place.actor, person_id)
        password = _password(told, preview=preview, as_json=as_json)
        if password is None:
            return
        stone = retention.erase_with_password(place.db, place.actor, password, Wish(person_id, request, reference))
    answer({"erasure": stone}, lambda console: console.print(f"Erased. Tombstone {stone}."), as_json=as_json)


def erase_lead(
    lead: Annotated[UUID, typer.Argument(help="A removed lead's id.")],
    reference: Annotated[str, typer.Option(help="The matter's number; never anything of a person.")] = "",
    org: Org = None,
    *,
    preview: Annotated[bool, typer.Option("--preview", help="Only tell what would go and what would stay.")] = False,
    as_json: AsJson = False,
) -> None:
    """Erase a removed lead for good, with whoever stands to no other property; asks for the owner's password."""
    with desk(org) as place:
        with place.uow() as uow:
            told = retention.lead_preview(uow, place.actor, lead)
        password = _password(told, preview=preview, as_json=as_json)
        if password is None:
            return
        retention.erase_lead_with_password(place.db, place.actor, password, LeadWish(lead, reference))
    answer({"lead_id": lead}, lambda console: console.print("Erased."), as_json=as_json)


def _password(told: Preview | LeadPreview, *, preview: bool, as_json: bool) -> str | None:
    """Tell what would go and stay, then ask for the owner's password; None where telling was all that was wanted."""
    if preview:
        answer(told, lambda console: _show(console, told), as_json=as_json)
        return None
    if not as_json:
        _show(Console(), told)
    return str(typer.prompt("The owner's password", hide_input=True, err=True))


def _one(place: Desk, who: str) -> UUID:
    try:
        return UUID(who)
    except ValueError:
        pass
    with place.uow() as uow:
        found = retention.find(uow, place.actor, who)
    if len(found) == 1:
        return found[0].id
    if not found:
        raise Invalid("Nobody here is known by that. Give a number, a name or a person's id.", "who")
    raise Invalid(f"Several people are known by that. Give one id: {_ids(found)}.", "who")


def _ids(found: tuple[Candidate, ...]) -> str:
    return ", ".join(f"{one.id} ({one.name})" for one in found)


def _show(console: Console, told: Preview | LeadPreview) -> None:
    whom = told.name if isinstance(told, Preview) else ", ".join((told.address, *told.people))
    table = Table("rows", "what", title=f"Goes with {whom}")
    for what, rows in told.goes.items():
        table.add_row(str(rows), what.replace("_", " "))
    console.print(table)
    for kept in told.stays:
        console.print(f"Stays: {kept.what}. {kept.why}", markup=False)
    if told.blocked:
        console.print(told.blocked, style="red", markup=False)
    for hold in told.holds:
        console.print(f"  hold on {hold.label}: {hold.reason}", style="red", markup=False)
