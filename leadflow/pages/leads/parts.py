"""Parts of a lead that the drawer and the page both show: one component a thing."""

from __future__ import annotations

import reflex as rx

from leadflow.leads.types import LeadFilter
from leadflow.pages.leads.rows import Fact, Named, Part
from leadflow.pages.leads.state import Leads
from leadflow.ui import client, lists
from leadflow.ui.feedback import NONE, banner, icon
from leadflow.ui.form import button, choose, link
from leadflow.ui.shell import may
from leadflow.ui.table import options
from leadflow.ui.tokens import LEAD
from models.vocabulary import Permission

LEAD_WRITE = Permission.LEAD_WRITE
FILTERS = list(LeadFilter.model_fields)
"""Words of the address that the steps keep."""
KEPT = [*FILTERS, "sort", "dir"]
"""With the order of the list: what a way back to it keeps."""


def section(title: str, *body: rx.Component) -> rx.Component:
    """Put a heading over a part of the lead."""
    return rx.el.section(rx.el.h3(title), *body, class_name="sect")


def contact() -> rx.Component:
    """Say whether a text may go out now, and why not."""
    lead = Leads.lead
    return banner(
        lead.tone,
        rx.el.div(
            rx.el.div(
                rx.el.span(lead.verdict, class_name="w"),
                rx.cond(lead.detail != "", rx.el.span(" ", lead.detail, class_name="w")),
            ),
            rx.el.div(lead.reason),
            class_name="grow",
        ),
        rx.cond(lead.explain != "", link("Explain", lead.explain, kind="sm", id="explain-lead")),
        sign="shield-check",
        id="contact-now",
        attrs={"data-verdict": lead.verdict_word},
    )


def twins() -> rx.Component:
    """Name what may be the same, and offer what was merged its undo."""
    return rx.fragment(
        rx.foreach(
            Leads.twins,
            lambda one: banner(
                "info",
                rx.el.div("May be the same as ", rx.el.b(one[1]), class_name="grow wrap"),
                link("Compare", "/duplicates?pair=" + one[0], kind="sm"),
                sign="copy-check",
                attrs={"data-twin": one[0]},
            ),
        ),
        rx.cond(
            may(Permission.DUPLICATE_MERGE),
            rx.foreach(
                Leads.merges,
                lambda one: banner(
                    "info",
                    rx.el.div("Merged: ", rx.el.b(one[1]), class_name="grow wrap"),
                    button("Undo the merge", kind="sm", on_click=Leads.unmerge(one[0])),
                    sign="merge",
                    attrs={"data-merged": one[0]},
                ),
            ),
        ),
    )


def work() -> rx.Component:
    """Show status, assignee, source and last touch."""
    lead = Leads.lead
    return rx.el.div(
        rx.el.label(
            rx.el.span("Status"),
            choose(
                "lead-status",
                [(value, label) for value, label in options(LEAD)],
                value=lead.status,
                on_change=lambda status: Leads.set_status(lead.id, status),
                class_name="in sm",
                disabled=~may(LEAD_WRITE),
            ),
        ),
        rx.el.label(
            rx.el.span("Assigned to"),
            choose(
                "lead-assignee",
                Leads.members,
                value=lead.assignee_id,
                on_change=lambda user: Leads.assign(lead.id, user),
                class_name="in sm",
                disabled=~may(Permission.LEAD_ASSIGN),
            ),
        ),
        rx.el.div(rx.el.span("Source", class_name="dim"), rx.el.b(rx.cond(lead.source != "", lead.source, NONE))),
        rx.el.div(
            rx.el.span("Last touch", class_name="dim"),
            rx.el.b(rx.cond(lead.last_touch_at != "", client.When.create(at=lead.last_touch_at, kind="ago"), "never")),
        ),
        class_name="lead-work",
    )


def facts() -> rx.Component:
    """Show what is known of the property, and where each fact came from."""
    return section(
        "Property",
        _commonest(),
        rx.el.dl(rx.foreach(Leads.lead.facts, _fact), class_name="facts"),
        rx.cond(
            Leads.lead.import_id != "",
            rx.el.p(
                "First brought by ",
                rx.cond(
                    may(Permission.IMPORT_RUN),
                    rx.link("an import", href="/imports/" + Leads.lead.import_id),
                    "an import",
                ),
                ".",
                class_name="dim note",
            ),
        ),
    )


def _commonest() -> rx.Component:
    one = Leads.lead.commonest
    return rx.cond(
        one.source != "",
        rx.el.p(
            "From ",
            rx.cond(one.href != "", rx.link(one.source, href=one.href), rx.el.span(one.source)),
            rx.cond(one.place != "", ", " + one.place, ""),
            rx.cond(one.at != "", rx.fragment(", ", client.When.create(at=one.at, kind="day")), ""),
            ", unless noted.",
            class_name="dim note commonest",
        ),
    )


def _fact(fact: rx.Var[Fact]) -> rx.Component:
    return rx.el.div(
        rx.el.dt(fact.label),
        rx.el.dd(
            rx.el.span(fact.value, title=fact.origin),
            rx.cond(
                fact.source != "",
                rx.el.small(
                    rx.cond(fact.href != "", rx.link(fact.source, href=fact.href), rx.el.span(fact.source)),
                    rx.el.span(
                        fact.place,
                        rx.cond((fact.place != "") & (fact.at != ""), " · ", ""),
                        rx.cond(fact.at != "", client.When.create(at=fact.at, kind="day")),
                    ),
                    class_name="origin",
                    title=fact.origin,
                ),
            ),
        ),
    )


def own_fields() -> rx.Component:
    """Show the organisation's own fields."""
    return rx.cond(
        Leads.own.length() > 0,
        section(
            "Own fields",
            lists.LeadFields.create(
                lead=Leads.lead.id, fields=Leads.own, editable=may(LEAD_WRITE), on_saved=Leads.look_again
            ),
        ),
    )


def memberships() -> rx.Component:
    """Show lists and tags."""
    lead = Leads.lead
    return section(
        "Lists and tags",
        rx.el.div(
            rx.foreach(lead.lists, lambda item: rx.el.span(icon("list", 11), item.name, class_name="tag")),
            rx.foreach(lead.tags, _tag),
            rx.cond(
                may(LEAD_WRITE),
                rx.el.form(
                    rx.el.input(type="hidden", name="lead_id", value=lead.id),
                    rx.el.input(
                        name="name",
                        placeholder="Add a tag",
                        aria_label="Add a tag",
                        class_name="in sm tag-in",
                        max_length=40,
                        id="new-tag",
                    ),
                    on_submit=Leads.add_tag,
                    reset_on_submit=True,
                ),
            ),
            class_name="tags",
        ),
    )


def _tag(tag: rx.Var[Named]) -> rx.Component:
    return rx.el.span(
        tag.name,
        rx.cond(
            may(LEAD_WRITE),
            rx.el.button(
                icon("x", 11),
                rx.el.span("Take the tag away", class_name="sr"),
                type="button",
                class_name="tag-x",
                on_click=Leads.remove_tag(Leads.lead.id, tag.name),
            ),
        ),
        class_name="tag on",
    )


def keys() -> rx.Component:
    """Let keys reach what is typed and chosen."""
    reached = {"status": "#lead-status", "assign": "#lead-assignee", "tag": "#new-tag", "note": "#note"}
    return rx.fragment(*[lists.Reach.create(name=name, target=target) for name, target in reached.items()])


def score() -> rx.Component:
    """Show the score, and on demand every part that it is made of."""
    return rx.el.details(
        rx.el.summary(
            rx.el.b(Leads.lead.score, id="score"), rx.el.span(" of 100", class_name="dim"), title="What it is made of"
        ),
        rx.el.ul(rx.foreach(Leads.lead.parts, _part), class_name="plain score-parts"),
        class_name="score",
    )


def _part(part: rx.Var[Part]) -> rx.Component:
    return rx.el.li(
        rx.el.span(part.label, class_name="grow"),
        rx.el.b(part.points, rx.el.span(" of ", part.of, class_name="dim")),
        rx.el.small(part.why, class_name="dim"),
        custom_attrs={"data-part": part.label},
    )
