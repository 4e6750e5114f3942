"""One lead, beside the list: who may be contacted and why, people, facts, tasks, notes, timeline."""

from __future__ import annotations

import reflex as rx

from leadflow.pages.leads import parts, past
from leadflow.pages.leads.claiming import working
from leadflow.pages.leads.people import never_again, people
from leadflow.pages.leads.removed import removal
from leadflow.pages.leads.state import Leads
from leadflow.ui import client, lists
from leadflow.ui.feedback import icon, ready


def drawer() -> rx.Component:
    """Show the lead that the address names."""
    lead = Leads.lead
    return client.Drawer.create(
        ready(
            Leads,
            rx.fragment(
                _head(),
                rx.el.div(
                    working(),
                    parts.contact(),
                    past.pinned(),
                    parts.twins(),
                    parts.work(),
                    parts.section("Score", parts.score()),
                    people(),
                    parts.facts(),
                    parts.own_fields(),
                    parts.memberships(),
                    past.tasks(),
                    past.note(),
                    past.timeline(),
                    removal(),
                    class_name="drawer-b",
                ),
                never_again(),
                parts.keys(),
                lists.Heard.create(name="undone", on_hear=Leads.look_again),
                client.Press.create(name="page", target="#open-page"),
            ),
        ),
        param="lead",
        shown=Leads.shown,
        label=rx.cond(lead.street != "", lead.street, "Lead"),
        clear=["part", "before"],
    )


def _head() -> rx.Component:
    lead = Leads.lead
    return rx.el.header(
        rx.el.div(
            rx.el.h2(lead.street),
            rx.el.div(lead.place, class_name="dim"),
            class_name="grow",
        ),
        client.FilterLink.create(
            icon("maximize-2", 14),
            rx.el.span("Open page", class_name="sr"),
            href="/leads/" + lead.id,
            params=parts.KEPT,
            class_name="btn ghost icon sm",
            title="Open page (o)",
            id="open-page",
        ),
        lists.Steps.create(api="/api/v1/leads", params=parts.FILTERS, open_param="lead", path="/leads", one="lead"),
        class_name="drawer-h",
    )
