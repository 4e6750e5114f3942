"""Who may send: the numbers, their 10DLC registration, and the pools that campaigns send from."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from uuid import UUID

from fastapi import APIRouter

from leadflow.api.deps import Work, allow
from leadflow.messaging import service as messaging
from leadflow.messaging.number_types import BrandInput, CampaignRegistration, PoolInput, SenderChange, SenderInput
from leadflow.messaging.rules.codes import CODES, explain
from models.vocabulary import Permission

router = APIRouter(prefix="/api/v1", tags=["numbers"])
READ, WRITE = Permission.CAMPAIGN_READ, Permission.SETTINGS_WRITE


@router.get("/senders", dependencies=[allow(READ)])
def senders(desk: Work) -> dict[str, Any]:
    """List the numbers that we send from, with what each may send and why one may not."""
    return _listed(messaging.senders(desk.uow, desk.actor))


@router.post("/senders", status_code=201, dependencies=[allow(WRITE)])
def add_sender(desk: Work, given: SenderInput) -> dict[str, UUID]:
    """Register a number that we send from."""
    return {"id": messaging.add_sender(desk.uow, desk.actor, given)}


@router.patch("/senders/{sender_id}", status_code=204, dependencies=[allow(WRITE)])
def change_sender(desk: Work, sender_id: UUID, given: SenderChange) -> None:
    """Change a number, bind it to a registered campaign, stop it, or let it send again."""
    messaging.change_sender(desk.uow, desk.actor, sender_id, given)


@router.get("/weather", dependencies=[allow(READ)])
def weather(desk: Work) -> dict[str, Any]:
    """Tell how the last texts of each number were taken: filter and opt-out rates by number and carrier."""
    return asdict(messaging.weather_of_numbers(desk.uow, desk.actor))


@router.get("/carrier-errors", dependencies=[allow(READ)])
def carrier_errors(desk: Work) -> dict[str, Any]:
    """List the carrier's error codes: what each means, what is done about it, and what one can do."""
    del desk
    rows = [explain(code)._asdict() for code in sorted(CODES)]
    return {"rows": rows, "count": len(rows), "next": None}


# The 10DLC registry


@router.get("/brands", dependencies=[allow(READ)])
def brands(desk: Work) -> dict[str, Any]:
    """List the brands, each with its registered campaigns."""
    return _listed(messaging.brands(desk.uow, desk.actor))


@router.post("/brands", status_code=201, dependencies=[allow(WRITE)])
def add_brand(desk: Work, given: BrandInput) -> dict[str, UUID]:
    """Write a brand down; of the tax number the last four digits are kept."""
    return {"id": messaging.keep_brand(desk.uow, desk.actor, given)}


@router.put("/brands/{brand_id}", status_code=204, dependencies=[allow(WRITE)])
def change_brand(desk: Work, brand_id: UUID, given: BrandInput) -> None:
    """Write down what has become of a brand; its numbers follow."""
    messaging.keep_brand(desk.uow, desk.actor, given, brand_id)


@router.post("/registrations", status_code=201, dependencies=[allow(WRITE)])
def add_registration(desk: Work, given: CampaignRegistration) -> dict[str, UUID]:
    """Write down a campaign that is registered with the carriers."""
    return {"id": messaging.keep_registration(desk.uow, desk.actor, given)}


@router.put("/registrations/{registered_id}", status_code=204, dependencies=[allow(WRITE)])
def change_registration(desk: Work, registered_id: UUID, given: CampaignRegistration) -> None:
    """Write down what has become of a registered campaign; its numbers follow."""
    messaging.keep_registration(desk.uow, desk.actor, given, registered_id)


# Pools


@router.get("/pools", dependencies=[allow(READ)])
def pools(desk: Work) -> dict[str, Any]:
    """List the pools."""
    return _listed(messaging.pools(desk.uow, desk.actor))


@router.post("/pools", status_code=201, dependencies=[allow(WRITE)])
def add_pool(desk: Work, given: PoolInput) -> dict[str, UUID]:
    """Make a pool of numbers."""
    return {"id": messaging.keep_pool(desk.uow, desk.actor, given)}


@router.put("/pools/{pool_id}", status_code=204, dependencies=[allow(WRITE)])
def change_pool(desk: Work, pool_id: UUID, given: PoolInput) -> None:
    """Change a pool; its numbers become exactly those given, and what waits on others goes from them."""
    messaging.keep_pool(desk.uow, desk.actor, given, pool_id)


@router.delete("/pools/{pool_id}", status_code=204, dependencies=[allow(WRITE)])
def remove_pool(desk: Work, pool_id: UUID) -> None:
    """Remove a pool that no campaign sends from."""
    messaging.remove_pool(desk.uow, desk.actor, pool_id)


def _listed(rows: list[Any]) -> dict[str, Any]:
    return {"rows": [asdict(row) for row in rows], "count": len(rows), "next": None}
