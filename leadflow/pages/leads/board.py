"""/board: the pipeline, a column a status, filtered like the list."""

from __future__ import annotations

import reflex as rx

from leadflow.pages.leads.index import FILTERS, filter_bar
from leadflow.ui import client, lists
from leadflow.ui.feedback import icon
from leadflow.ui.shell import header, may, page
from leadflow.ui.tokens import LEAD
from models.vocabulary import Permission


def view() -> rx.Component:
    """Show the board."""
    return page(
        header(
            "Pipeline",
            actions=(
                client.FilterLink.create(
                    icon("list", 14), "As a list", href="/leads", params=FILTERS, class_name="btn", id="as-list"
                ),
            ),
            back=("/leads", "Leads"),
        ),
        filter_bar(),
        rx.el.div(
            lists.Board.create(
                params=FILTERS,
                stages={str(status): list(pair) for status, pair in LEAD.items()},
                fixed=~may(Permission.LEAD_WRITE),
            ),
            class_name="gridbox boardbox",
        ),
        scroll=False,
        soft=True,
    )
