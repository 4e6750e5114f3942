"""/map: leads where they stand, with the filter of the list at the left and the leads in view at the right."""

from __future__ import annotations

import reflex as rx

from leadflow.leads.types import LeadFilter
from leadflow.pages.leads.state import Leads
from leadflow.ui import client, lists, maps
from leadflow.ui.action import Desk, Page, loads
from leadflow.ui.shell import header, may, page
from leadflow.ui.table import options
from leadflow.ui.tokens import LEAD
from models.vocabulary import Permission

FILTERS = list(LeadFilter.model_fields)
"""Words of the address that narrow the map: those of the list, and the area."""


class Map(Page, rx.State):
    """What the map cannot know when it is built: whose tiles, if anybody's."""

    tiles: dict[str, str] = {}
    """Address and attribution; empty where no address is set, and then nothing is asked of anybody."""

    @loads(Permission.LEAD_READ)
    async def load(self, desk: Desk) -> None:
        """Read the settings of this installation."""
        del desk
        self.tiles = maps.tiles()
        self.loaded = True


def view() -> rx.Component:
    """Show the map."""
    return page(
        header("Map"),
        rx.el.div(
            _rail(),
            rx.cond(
                Map.loaded,
                maps.LeadMap.create(
                    params=FILTERS,
                    tones={str(word): list(pair) for word, pair in LEAD.items()},
                    tiles=Map.tiles,
                    can_change=may(Permission.LEAD_WRITE),
                    can_campaign=may(Permission.CAMPAIGN_EDIT),
                    can_geocode=may(Permission.GEOCODE_RUN),
                    can_import=may(Permission.IMPORT_RUN),
                ),
                rx.el.div(class_name="mapbox", custom_attrs={"aria-busy": "true"}),
            ),
            class_name="map-page",
        ),
        scroll=False,
    )


def _rail() -> rx.Component:
    return maps.MapRail.create(
        rx.el.div(
            client.SearchBox.create(param="q", placeholder="Address, owner, APN or phone", id="map-search"),
            client.Choice.create(param="status", options=options(LEAD), label="Status", id="filter-status"),
            client.Choice.create(param="list", options=Leads.lists, label="List", id="filter-list"),
            client.Choice.create(param="tag", options=Leads.tags, label="Tag", id="filter-tag"),
            lists.FilterChips.create(params=FILTERS, quiet=["q", "status", "list", "tag", "where", "area"]),
            maps.AreaChips.create(),
            class_name="map-filters",
        ),
    )
