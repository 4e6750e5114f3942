"""The map and what belongs to it, wrapped for Python. Its code is in ``ui/react/map.jsx`` and ``split.jsx``."""

from __future__ import annotations

import reflex as rx

from leadflow.settings import get_settings
from leadflow.ui.react import LIBRARY

NEEDED = ["maplibre-gl@6.17.0", "topojson-client@3.1.0", "us-atlas@3.0.1"]
"""What the map is made of."""


def tiles() -> dict[str, str]:
    """Say whose tiles this installation shows: address and attribution; empty where nothing is asked of anybody."""
    settings = get_settings()
    return {"url": settings.map_tiles, "attribution": settings.map_attribution} if settings.map_tiles else {}


class _Leads(rx.Component):
    lib_dependencies: list[str] = NEEDED
    params: rx.Var[list[str]]
    """Words of the address that are filters of the list."""
    tones: rx.Var[dict[str, list[str]]]
    """Of each status: tone and word."""
    tiles: rx.Var[dict[str, str]]
    """As ``tiles()`` says."""
    can_change: rx.Var[bool]
    can_campaign: rx.Var[bool]
    can_geocode: rx.Var[bool]
    can_import: rx.Var[bool]


class LeadMap(_Leads):
    """Leads on a map, with the list of those in view. Filter and area are words of the address."""

    library = LIBRARY["map"]
    tag = "LeadMap"


class MapBeside(_Leads):
    """A list, the children, with the map at its right while the address or this browser wants it.

    A pointer on a row lights its mark and one on a mark lights its rows. Nothing of the map is fetched while it is off.
    """

    library = LIBRARY["split"]
    tag = "MapBeside"
    grid: rx.Var[str]
    """Name of the list's grid."""
    ready: rx.Var[bool]
    """Whether ``tiles`` is known."""


class MapToggle(rx.Component):
    """The button that shows the map beside the list, or takes it away (key ``m``)."""

    library = LIBRARY["split"]
    tag = "MapToggle"
    lib_dependencies: list[str] = NEEDED


class AreaChips(rx.Component):
    """The areas that the address names, each with a cross that takes it away."""

    library = LIBRARY["map"]
    tag = "AreaChips"
    lib_dependencies: list[str] = NEEDED


class MapRail(rx.Component):
    """The filters of the map: beside it, and on a phone folded up above it."""

    library = LIBRARY["map"]
    tag = "MapRail"
    lib_dependencies: list[str] = NEEDED
