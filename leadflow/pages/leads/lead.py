"""/leads/[lead_id]: one lead on a page of its own; ``tab`` chooses what stands in the middle.

The words of the list stay in the address: the steps walk the same filter, and the way back leads to it.
"""

from __future__ import annotations

import reflex as rx

from leadflow.pages.leads import parts, past
from leadflow.pages.leads.claiming import working
from leadflow.pages.leads.people import never_again, people
from leadflow.pages.leads.removed import removal
from leadflow.pages.leads.state import Leads
from leadflow.ui import client, lists
from leadflow.ui.feedback import icon, ready
from leadflow.ui.shell import may, page
from models.vocabulary import Permission

TABS = [["", "Timeline"], ["tasks", "Tasks"], ["history", "History"]]
WITH_TEXTS = [TABS[0], ["messages", "Messages"], *TABS[1:]]


def view() -> rx.Component:
    """Show one lead."""
    return page(
        client.Here.create(
            ready(
                Leads,
                rx.el.div(
                    _head(),
                    working(),
                    parts.contact(),
                    past.pinned(),
                    parts.twins(),
                    rx.el.div(_left(), _middle(), _right(), class_name="lead-cols"),
                    never_again(),
                    class_name="lead-page",
                    custom_attrs={"data-shown": Leads.shown},
                ),
            ),
            shown=Leads.shown,
        ),
        parts.keys(),
        lists.Heard.create(name="undone", on_hear=Leads.look_again),
        client.Press.create(name="close", target="#back-to-list"),
    )


def _head() -> rx.Component:
    lead = Leads.lead
    return rx.el.header(
        client.FilterLink.create(
            icon("chevron-left", 14),
            "Back to the list",
            href="/leads",
            params=parts.KEPT,
            class_name="crumb row",
            id="back-to-list",
        ),
        rx.el.div(
            rx.el.div(rx.el.h1(lead.street), rx.el.div(lead.place, class_name="dim"), class_name="grow"),
            rx.cond(
                lead.on_map != "",
                rx.fragment(
                    rx.link(icon("map", 14), "On the map", href=lead.on_map, class_name="btn sm", underline="none"),
                    rx.el.a(
                        icon("external-link", 14),
                        "Street view",
                        href=lead.in_the_street,
                        target="_blank",
                        rel="noopener noreferrer",
                        class_name="btn sm",
                    ),
                ),
            ),
            lists.Steps.create(
                api="/api/v1/leads", params=parts.FILTERS, open_param="lead", path="/leads", one="lead", in_path=True
            ),
            class_name="row wrap lead-title",
        ),
        parts.work(),
        class_name="lead-head",
    )


def _left() -> rx.Component:
    return rx.el.aside(
        parts.section("Score", parts.score()),
        parts.facts(),
        parts.own_fields(),
        parts.memberships(),
        class_name="lead-col",
        aria_label="Property",
    )


def _middle() -> rx.Component:
    def tabs(items: list[list[str]]) -> rx.Component:
        return client.Words.create(param="tab", items=items, label="Lead", kind="tabs", clear=["before", "part"])

    return rx.el.div(
        rx.cond(may(Permission.INBOX_READ), tabs(WITH_TEXTS), tabs(TABS)),
        client.Shown.create(rx.fragment(past.note(), past.timeline()), param="tab", value=""),
        client.Shown.create(past.messages(), param="tab", value="messages"),
        client.Shown.create(past.tasks(), param="tab", value="tasks"),
        client.Shown.create(past.history(), param="tab", value="history"),
        class_name="lead-col",
    )


def _right() -> rx.Component:
    return rx.el.aside(people(), removal(), class_name="lead-col", aria_label="People and phones")
