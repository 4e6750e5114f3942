"""/calls: every call that was placed, by whom, and what came of it."""

from __future__ import annotations

import reflex as rx

from leadflow.ui import client
from leadflow.ui.shell import header, page
from leadflow.ui.table import column, options
from leadflow.ui.tokens import CALL

COLUMNS = [
    column("at", "When", 138, "when", small=True, small_width=132),
    column("outcome", "What came of it", 136, "pill", tones=CALL, small=True, small_width=116),
    column("person", "Person", 160, small=True, small_width=142),
    column("street", "Property", 170),
    column("e164", "Number", 140, "phone"),
    column("note", "Note", 190, flex=1),
    column("call_back_at", "Call back", 132, "when"),
    column("by", "By", 120),
]


def view() -> rx.Component:
    """Show the log."""
    return page(
        header("Calls", client.Count.create(grid="calls", one="call", many="calls"), back=("/inbox", "Inbox")),
        rx.el.div(
            client.Choice.create(param="outcome", options=options(CALL), label="What came of it", id="filter-outcome"),
            class_name="bar top",
        ),
        rx.el.div(
            client.Grid.create(
                name="calls",
                api="/api/v1/calls",
                columns=COLUMNS,
                params=["outcome"],
                row_key="id",
                row_href="/leads?lead={lead_id}",
                label="Calls",
                cursor=True,
                empty_title="Nobody has been called",
                empty_text="Call from a lead or from Today: the gate is asked first, and the outcome is noted here.",
                empty_href="/",
                empty_action="See whom to call",
            ),
            class_name="gridbox",
        ),
        scroll=False,
    )
