"""/map: leads where they stand, with the filter of the list at the left and the leads in view at the right."""

from __future__ import annotations

import reflex as rx

from leadflow.pages.leads.state import Leads
from leadflow.settings import get_settings
from leadflow.ui import client
from leadflow.ui.action import Desk, Page, loads
from leadflow.ui.feedback import icon
from leadflow.ui.shell import header, may, page
from leadflow.ui.table import options
from leadflow.ui.tokens import LEAD
from models.vocabulary import Permission

FILTERS = ["q", "status", "list", "not_list", "tag", "assignee", "min_stack", "min_equity", "min_value", "source",
           "state", "import_id", "has_phone", "area"]  # fmt: skip
"""Words of the address that narrow the map: those of the list, and the area."""


class Map(Page, rx.State):
    """What the map cannot know when it is built: whose tiles, if anybody's."""

    tiles: dict[str, str] = {}
    """Address and attribution; empty where no address is set, and then nothing is asked of anybody."""

    @loads(Permission.LEAD_READ)
    async def load(self, desk: Desk) -> None:
        """Read the settings of this installation."""
        del desk
        settings = get_settings()
        self.tiles = {"url": settings.map_tiles, "attribution": settings.map_attribution} if settings.map_tiles else {}
        self.loaded = True


def view() -> rx.Component:
    """Show the map."""
    return page(
        header("Map", actions=_actions()),
        rx.el.div(
            _rail(),
            rx.cond(
                Map.loaded,
                client.LeadMap.create(
                    params=FILTERS,
                    tones={str(word): list(pair) for word, pair in LEAD.items()},
                    tiles=Map.tiles,
                    can_change=may(Permission.LEAD_WRITE),
                    can_campaign=may(Permission.CAMPAIGN_EDIT),
                    can_geocode=may(Permission.GEOCODE_RUN),
                ),
                rx.el.div(class_name="mapbox", custom_attrs={"aria-busy": "true"}),
            ),
            class_name="map-page",
        ),
        scroll=False,
    )


def _actions() -> tuple[rx.Component, ...]:
    return (
        client.FilterLink.create(
            icon("list", 14), "Show as list", href="/leads", params=FILTERS, class_name="btn hide-s", id="list-from-map"
        ),
    )


def _rail() -> rx.Component:
    return rx.el.details(
        rx.el.summary(icon("filter", 14), "Filters"),
        rx.el.div(
            client.SearchBox.create(param="q", placeholder="Address, owner, APN or phone", id="map-search"),
            client.Choice.create(param="status", options=options(LEAD), label="Status", id="filter-status"),
            client.Choice.create(param="list", options=Leads.lists, label="List", id="filter-list"),
            client.Choice.create(param="tag", options=Leads.tags, label="Tag", id="filter-tag"),
            client.Choice.create(
                param="min_stack",
                options=[["2", "2 or more lists"], ["3", "3 or more"], ["4", "4 or more"]],
                label="Stack",
                id="filter-stack",
            ),
            client.Choice.create(
                param="min_equity",
                options=[[str(n), f"{n} % or more"] for n in (20, 40, 60, 80, 100)],
                label="Equity",
                id="filter-equity",
            ),
            client.Choice.create(param="source", options=Leads.sources, label="Source", id="filter-source"),
            client.WordChip.create(param="import_id", label="From one import"),
            client.AreaChips.create(),
            class_name="map-filters",
        ),
        class_name="map-rail",
        open=True,
    )
