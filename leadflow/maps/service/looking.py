"""What a view shows, who is in it, places by name, areas in words, pins."""

from __future__ import annotations

import re
from uuid import UUID

from leadflow.identity.rules import require
from leadflow.identity.types import Principal
from leadflow.kernel import area as areas
from leadflow.kernel.area import Box, Counties, Zips
from leadflow.kernel.db import UnitOfWork
from leadflow.leads import service as leads
from leadflow.leads.types import LeadFilter
from leadflow.maps import rules
from leadflow.maps.queries import places as queries
from leadflow.maps.types import AreaInWords, Marks, Placed, Suggestion, Totals, View
from leadflow.properties import service as properties
from models.vocabulary import ActivityKind, Permission, Precision

MOST_ROWS = 100
"""Leads that the list beside the map shows; the whole of them is in the list of leads."""
AMONG = 3_000
"""Leads in view that are sorted by age; of more, these are taken."""
MOST_FOUND = 8
_ZIP = re.compile(r"\d{5}")
_NEAR = 0.06
"""Degrees that are shown around the middle of a ZIP: some four miles."""


def marks(uow: UnitOfWork, actor: Principal, chosen: LeadFilter, view: View) -> Marks:
    """Count the leads of a filter by cell of the map; where they are few, draw each.

    Args:
        uow: the caller's transaction.
        actor: who looks; an agent sees assigned leads only.
        chosen: the filter, area included.
        view: the map's edges and zoom.
    """
    where = leads.audience(uow, actor, chosen.as_dict())
    shift = rules.shift(view.zoom)
    tallies = queries.tallies(uow, where, view.box, shift)
    shown = sum(tally.leads for tally in tallies)
    if shown <= rules.FEW:
        shift = rules.fine_shift(view.zoom)
        cells = rules.spots(queries.spots(uow, where, view.box, rules.FEW), shift)
    else:
        cells = rules.cells(tallies)
    return Marks(
        cells,
        shift,
        shown,
        sum(tally.by_zip for tally in tallies),
    )


def totals(uow: UnitOfWork, actor: Principal, chosen: LeadFilter) -> Totals:
    """Count a filter's leads and those without a place, and draw the box around the others."""
    nowhere = chosen.model_copy(update={"area": "nowhere"})
    return Totals(
        leads.count(uow, actor, chosen, leads.EVERYTHING),
        leads.count(uow, actor, nowhere, leads.EVERYTHING),
        queries.extent(uow, leads.audience(uow, actor, chosen.as_dict())),
    )


def rows(uow: UnitOfWork, actor: Principal, chosen: LeadFilter, view: View, limit: int = 50) -> tuple[Placed, ...]:
    """List the leads of a view, those added last first, as the list of leads shows them."""
    where = leads.audience(uow, actor, chosen.as_dict())
    found = queries.newest(uow, where, view.box, max(1, min(limit, MOST_ROWS)), AMONG)
    by_id = {row.id: row for row in leads.named(uow, actor, [spot.lead_id for spot in found])}
    return tuple(
        Placed(by_id[spot.lead_id], spot.latitude, spot.longitude, Precision(spot.precision))
        for spot in found
        if spot.lead_id in by_id
    )


def find(uow: UnitOfWork, actor: Principal, text: str) -> tuple[Suggestion, ...]:
    """Find a ZIP, a county, or an address among the caller's own leads. Nothing is asked of anybody outside."""
    require(actor, Permission.LEAD_READ)
    wanted = " ".join(text.split())[:200]
    if _ZIP.fullmatch(wanted):
        known = queries.zip_place(uow, wanted)
        return () if known is None else (Suggestion("zip", f"ZIP {wanted}, {known[2]}", f"zip_{wanted}", *known[:2]),)
    found = [
        Suggestion("county", county.name, f"county_{county.fips}", *_middle(county.box))
        for county in rules.counties_like(wanted, MOST_FOUND)
    ]
    if len(wanted) > 2:  # noqa: PLR2004 shorter words are in every address
        where = leads.audience(uow, actor, {"q": wanted})
        found += [
            Suggestion("lead", label, "", latitude, longitude)
            for _, label, latitude, longitude in queries.addresses(uow, where, MOST_FOUND)
        ]
    return tuple(found)


def _middle(box: Box) -> tuple[float, float]:
    return round((box.south + box.north) / 2, 5), round((box.west + box.east) / 2, 5)


def describe(uow: UnitOfWork, actor: Principal, text: str) -> AreaInWords:
    """Say in words what an area is, and where.

    Raises:
        Invalid: it is no area.
    """
    require(actor, Permission.LEAD_READ)
    area = areas.parse(leads.parse_filter({"area": text}).area)
    boxes = [box for shape in area if (box := areas.bounds(shape))]
    for shape in area:
        match shape:
            case Counties(fips):
                boxes += [known.box for one in fips if (known := rules.counties().get(one))]
            case Zips(zips):
                middles = queries.zip_places(uow, list(zips))
                boxes += [Box(lon - _NEAR, lat - _NEAR, lon + _NEAR, lat + _NEAR) for lat, lon in middles]
            case _:
                pass
    around = rules.around(boxes)
    words = tuple(rules.in_words(shape) for shape in area)
    if around is None:
        return AreaInWords(words, None, None, None, None)
    return AreaInWords(words, around.west, around.south, around.east, around.north)


def pin(uow: UnitOfWork, actor: Principal, lead_id: UUID, latitude: float, longitude: float) -> None:
    """Put a lead where somebody knows it to be; nothing else moves it from there.

    Raises:
        Forbidden: the role may not.
        NoSuchLead: it is not there, or not the caller's to see.
        Invalid: the place is not on the map.
    """
    require(actor, Permission.LEAD_WRITE)
    property_id = leads.see(uow, actor, lead_id).property_id
    properties.pin(uow, actor, property_id, latitude, longitude)
    _tell(uow, actor, lead_id, "Put on the map by hand", f"{latitude:.5f}, {longitude:.5f}")
    leads.refresh_for(uow, properties=[property_id])


def unpin(uow: UnitOfWork, actor: Principal, lead_id: UUID) -> None:
    """Take a pin away; the lead stands where it was known to be before, else at the middle of its ZIP.

    Raises:
        Forbidden: the role may not.
        NoSuchLead: it is not there, or not the caller's to see.
        Conflict: nobody has put it there by hand.
    """
    require(actor, Permission.LEAD_WRITE)
    property_id = leads.see(uow, actor, lead_id).property_id
    properties.unpin(uow, actor, property_id)
    _tell(uow, actor, lead_id, "Taken from its place on the map", None)
    leads.refresh_for(uow, properties=[property_id])


def _tell(uow: UnitOfWork, actor: Principal, lead_id: UUID, words: str, to: str | None) -> None:
    detail = {"field": "place", "from": None, "to": to}
    leads.record(uow, lead_id, ActivityKind.EDITED, words, actor_id=actor.user_id, detail=detail)
