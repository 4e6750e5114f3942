"""The map and what belongs to it, wrapped for Python. Its code is in ``ui/react/map.jsx``."""

from __future__ import annotations

import reflex as rx

from leadflow.ui.react import LIBRARY


class LeadMap(rx.Component):
    """Leads on a map, with the list of those in view. Filter and area are words of the address."""

    library = LIBRARY["map"]
    tag = "LeadMap"
    lib_dependencies: list[str] = ["maplibre-gl@6.17.0", "topojson-client@3.1.0", "us-atlas@3.0.1"]
    params: rx.Var[list[str]]
    """Words of the address that are filters of the list."""
    tones: rx.Var[dict[str, list[str]]]
    """Of each status: tone and word."""
    tiles: rx.Var[dict[str, str]]
    """``url`` and ``attribution`` of map tiles from outside; empty for none."""
    can_change: rx.Var[bool]
    can_campaign: rx.Var[bool]
    can_geocode: rx.Var[bool]


class AreaChips(rx.Component):
    """The areas that the address names, each with a cross that takes it away."""

    library = LIBRARY["map"]
    tag = "AreaChips"
    lib_dependencies: list[str] = LeadMap.lib_dependencies


class MapRail(rx.Component):
    """The filters of the map: beside it, and on a phone folded up above it."""

    library = LIBRARY["map"]
    tag = "MapRail"
    lib_dependencies: list[str] = LeadMap.lib_dependencies
