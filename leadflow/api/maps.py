"""The map over HTTP: what a view shows, who is in it, places by name, areas in words, pins."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from leadflow.api.answers import answer
from leadflow.api.deps import After, Limit, Made, Work, allow
from leadflow.api.leads import Chosen
from leadflow.kernel.area import LONGEST
from leadflow.kernel.paging import Page
from leadflow.leads import service as leads
from leadflow.maps import service as maps
from leadflow.maps.rules import view as read_view
from leadflow.maps.types import AreaInWords, Quote, RunRow, Suggestion, Totals
from models.vocabulary import Permission

router = APIRouter(prefix="/api/v1/map", tags=["map"])

READ = [allow(Permission.LEAD_READ)]
WRITE = [allow(Permission.LEAD_WRITE)]
SENDING = [allow(Permission.GEOCODE_RUN)]

Edges = Annotated[str, Query(max_length=120, description="west,south,east,north in degrees")]
Zoom = Annotated[float, Query(ge=0, le=24, description="0 is the world in 512 pixels")]


class Pin(BaseModel):
    """Where somebody knows a lead to be, in degrees."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    latitude: Annotated[float, Field(ge=-90, le=90)]
    longitude: Annotated[float, Field(ge=-180, le=180)]


class Sending(BaseModel):
    """Whose addresses are to be sent to the geocoder: those of leads by a filter (all leads without one)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    leads: dict[str, Any] = Field(default_factory=dict)
    """A filter of the lead list, such as ``{"list": "Probate March"}``."""


@router.get("/marks", dependencies=READ)
def marks(desk: Work, which: Chosen, view: Edges, zoom: Zoom) -> Response:
    """Count the leads of a filter by cell of the map; where they are few, each with its id.

    ``cells`` holds rows of: cell, latitude, longitude, count, most frequent status, how many have it, how many stand at
    the middle of their ZIP, and the lead's id where it is one lead, or true where all stand on the very same spot.
    """
    found = maps.marks(desk.uow, desk.actor, which, read_view(view, zoom))
    cells = [
        (c.cell, c.latitude, c.longitude, c.count, c.status, c.of_status, c.by_zip, *([last] if last else []))
        for c in found.cells
        for last in (c.lead_id or c.one_spot,)
    ]
    return answer(
        {
            "cells": cells,
            "shift": found.shift,
            "shown": found.shown,
            "by_zip": found.by_zip,
        }
    )


@router.get("/leads", dependencies=READ)
def rows(
    desk: Work, which: Chosen, view: Edges, zoom: Zoom = 0, limit: Annotated[int, Query(ge=1, le=100)] = 50
) -> Response:
    """List leads of a view, those added last first, each with its place and how exact it is."""
    found = maps.rows(desk.uow, desk.actor, which, read_view(view, zoom), limit)
    return answer({"rows": found})


@router.get("/totals", dependencies=READ)
def totals(desk: Work, which: Chosen) -> Totals:
    """Count the leads of a filter, and those without a place; with the box around the others."""
    return maps.totals(desk.uow, desk.actor, which)


@router.get("/find", dependencies=READ)
def find(desk: Work, q: Annotated[str, Query(max_length=200)]) -> tuple[Suggestion, ...]:
    """Find a ZIP, a county, or an address among one's own leads; nothing is asked of anybody outside."""
    return maps.find(desk.uow, desk.actor, q)


@router.get("/area", dependencies=READ)
def area(desk: Work, area: Annotated[str, Query(max_length=LONGEST)]) -> AreaInWords:
    """Say in words what an area is, and where."""
    return maps.describe(desk.uow, desk.actor, area)


@router.put("/leads/{lead_id}/pin", dependencies=WRITE, status_code=204)
def pin(desk: Work, lead_id: UUID, given: Pin) -> None:
    """Put a lead where somebody knows it to be; no file and no geocoder moves it from there."""
    maps.pin(desk.uow, desk.actor, lead_id, given.latitude, given.longitude)


@router.delete("/leads/{lead_id}/pin", dependencies=WRITE, status_code=204)
def unpin(desk: Work, lead_id: UUID) -> None:
    """Take a pin away; the lead stands where it was known to be before."""
    maps.unpin(desk.uow, desk.actor, lead_id)


@router.post("/geocoding/quote", dependencies=SENDING)
def quote(desk: Work, given: Sending) -> Quote:
    """Say how many addresses a run would send out, to whom, and what it costs; nothing is sent."""
    return maps.quote(desk.uow, desk.actor, leads.parse_filter(given.leads))


@router.post("/geocoding", dependencies=SENDING, status_code=201)
def start(desk: Work, given: Sending) -> Made:
    """Send addresses of leads to the geocoder, which is outside. Only street, city, state and ZIP leave."""
    return Made(maps.start(desk.uow, desk.actor, leads.parse_filter(given.leads)))


@router.get("/geocoding", dependencies=SENDING)
def runs(desk: Work, after: After = None, limit: Limit = 50) -> Page[RunRow]:
    """List runs of the geocoder, newest first."""
    return maps.runs(desk.uow, desk.actor, after, limit)


@router.get("/geocoding/{geocode_run_id}", dependencies=SENDING)
def run(desk: Work, geocode_run_id: UUID) -> RunRow:
    """Read one run."""
    return maps.run(desk.uow, desk.actor, geocode_run_id)


@router.post("/geocoding/{geocode_run_id}/cancel", dependencies=SENDING, status_code=204)
def cancel(desk: Work, geocode_run_id: UUID) -> None:
    """Stop a run."""
    maps.cancel(desk.uow, desk.actor, geocode_run_id)
