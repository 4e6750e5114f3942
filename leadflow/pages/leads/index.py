"""/leads: every lead the caller may see, filtered by the address, with one of them open beside the list."""

from __future__ import annotations

import reflex as rx

from leadflow.leads.types import LeadFilter
from leadflow.pages.leads import bulk
from leadflow.pages.leads.drawer import drawer
from leadflow.pages.leads.state import Leads
from leadflow.ui import client, lists, maps
from leadflow.ui.feedback import icon
from leadflow.ui.form import link
from leadflow.ui.shell import header, may, page
from leadflow.ui.table import column, options
from leadflow.ui.tokens import LEAD
from models.vocabulary import Permission

FILTERS = list(LeadFilter.model_fields)
"""Words of the address that narrow the list; the API has the same names, a campaign's audience too."""

COLUMNS = [
    column(
        "street",
        "Address",
        290,
        "strong",
        sort="street",
        pinned=True,
        sub=["unit", "city", "state", "zip5"],
        small=True,
        small_width=190,
    ),
    column("owner", "Owner", 190, "owner", sort="owner"),
    column(
        "contactable",
        "Contactable now",
        250,
        "contact",
        small=True,
        small_width=150,
        hint="What the gate would answer to a text at this moment",
    ),
    column(
        "status",
        "Status",
        124,
        "pill",
        sort="status",
        tones=LEAD,
        small=True,
        small_width=110,
        edit="status",
        cell="status",
    ),
    column("stack", "Stack", 74, "stack", sort="stack", first="desc", hint="On how many lists"),
    column("equity_percent", "Equity", 82, "pct", sort="equity_percent", first="desc", num=True),
    column(
        "estimated_value",
        "Est. value",
        98,
        "money",
        sort="estimated_value",
        first="desc",
        num=True,
        edit="money",
        cell="value",
    ),
    column("phone", "Best phone", 200, "phone"),
    column("next_task", "Next task", 190, "task", sort="next_task_at"),
    column("last_touch_at", "Last touch", 96, "ago", sort="last_touch_at", first="desc"),
    column("assignee", "Assignee", 120, "name", edit="assignee", cell="assignee"),
    column("lists", "Lists", 220, "tags"),
    column("tags", "Tags", 180, "tags", edit="tags", cell="tags"),
    column("source", "Source", 120),
    column("added_at", "Added", 112, "day", sort="added_at", first="desc", initial="desc"),
    column(
        "score",
        "Score",
        78,
        "figure",
        sort="score",
        first="desc",
        num=True,
        hide=True,
        hint="0 to 100; the lead tells what it is made of",
    ),
    column("county", "County", 120, "place", hide=True),
    column("property_type", "Type", 130, hide=True),
    column("bedrooms", "Beds", 70, "figure", num=True, hide=True),
    column("bathrooms", "Baths", 70, "figure", num=True, hide=True),
    column("building_sqft", "Sqft", 84, "figure", num=True, hide=True),
    column("year_built", "Built", 76, "year", num=True, hide=True),
    column("estimated_equity", "Est. equity", 98, "money", num=True, hide=True),
    column("phone_count", "Phones", 76, "figure", num=True, hide=True),
]


def view() -> rx.Component:
    """Show the list and, where the address names one, a lead."""
    return rx.fragment(
        page(
            header(
                "Leads",
                client.Count.create(grid="leads", one="lead", many="leads"),
                lists.ViewTabs.create(grid="leads", params=FILTERS, path="/leads"),
                actions=_actions(),
            ),
            filter_bar(),
            maps.MapBeside.create(
                rx.el.div(
                    client.Grid.create(
                        name="leads",
                        api="/api/v1/leads",
                        columns=COLUMNS,
                        params=FILTERS,
                        row_key="id",
                        open_param="lead",
                        enter_href="/leads/{id}",
                        label="Leads",
                        cursor=True,
                        selectable=True,
                        viewed=True,
                        explains=True,
                        editable=may(Permission.LEAD_WRITE),
                        assignable=may(Permission.LEAD_ASSIGN),
                        calls=may(Permission.CALL_PLACE),
                        texts=may(Permission.INBOX_REPLY),
                        empty_title="No leads yet",
                        empty_text=rx.cond(
                            may(Permission.IMPORT_RUN),
                            "Import a vendor's list: LeadFlow shows what it will do before it does it.",
                            "They come with a vendor's list, once a member who may import brings one.",
                        ),
                        empty_href=rx.cond(may(Permission.IMPORT_RUN), "/imports", ""),
                        empty_action="Import a file",
                    ),
                    bulk.bar(),
                    class_name="gridbox",
                ),
                grid="leads",
                params=FILTERS,
                tones={str(word): list(pair) for word, pair in LEAD.items()},
                tiles=Leads.tiles,
                ready=Leads.loaded,
                can_change=may(Permission.LEAD_WRITE),
                can_import=may(Permission.IMPORT_RUN),
            ),
            scroll=False,
        ),
        drawer(),
    )


def _actions() -> tuple[rx.Component, ...]:
    return (
        maps.MapToggle.create(),
        lists.Columns.create(grid="leads"),
        _same(rx.el.span("Board", class_name="sr"), "square-kanban", "/board", "as-board", "icon", title="As a board"),
        rx.cond(
            may(Permission.LEAD_WRITE),
            link(
                rx.el.span("Bulk edits", class_name="sr"),
                "/bulk",
                sign="history",
                kind="icon hide-s",
                title="Bulk edits",
            ),
        ),
        rx.cond(
            may(Permission.LEAD_REMOVE),
            link(
                rx.el.span("Removed leads", class_name="sr"),
                "/leads/removed",
                sign="trash-2",
                kind="icon hide-s",
                title="Removed leads",
            ),
        ),
        rx.cond(may(Permission.LEAD_EXPORT), _same("Export", "download", "/api/v1/leads/export.csv", "export-leads")),
        rx.cond(may(Permission.IMPORT_RUN), link("Import", "/imports", sign="file-up", kind="hide-s")),
        rx.cond(may(Permission.LETTER_EXPORT), _same("Mailing list", "mail", "/letters", "letters-from-filter")),
        rx.cond(
            may(Permission.CAMPAIGN_EDIT),
            _same("Build a campaign", "send", "/campaigns/new", "campaign-from-filter", "primary"),
        ),
    )


def _same(label: str | rx.Component, sign: str, href: str, key: str, kind: str = "", **more: str) -> rx.Component:
    """Link to another use of the leads that the filter finds."""
    return client.FilterLink.create(
        icon(sign, 15 if kind == "icon" else 14),
        label,
        href=href,
        params=FILTERS,
        class_name=f"btn {kind} hide-s".replace("  ", " "),
        id=key,
        **more,
    )


def filter_bar() -> rx.Component:
    """Draw the filters of the list; the board has the same."""
    return rx.el.div(
        client.SearchBox.create(param="q", placeholder="Address, owner, APN or phone", id="lead-search"),
        client.Choice.create(param="status", options=options(LEAD), label="Status", id="filter-status"),
        client.Choice.create(param="list", options=Leads.lists, label="List", id="filter-list"),
        client.Choice.create(param="tag", options=Leads.tags, label="Tag", id="filter-tag"),
        lists.FilterChips.create(params=FILTERS, quiet=["q", "status", "list", "tag", "where"]),
        class_name="bar",
    )
