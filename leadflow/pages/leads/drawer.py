"""One lead, beside the list: who may be contacted and why, people, facts, tasks, notes, timeline."""

from __future__ import annotations

import reflex as rx

from leadflow.leads.types import LeadFilter
from leadflow.pages.leads.rows import Entry, Fact, Named, PersonView, PhoneView, TaskView
from leadflow.pages.leads.state import Leads
from leadflow.ui import client, lists
from leadflow.ui.feedback import NONE, banner, icon, pill, ready
from leadflow.ui.form import button, choose, link, text_in
from leadflow.ui.shell import may
from leadflow.ui.table import options
from leadflow.ui.tokens import LEAD
from models.vocabulary import Permission

LEAD_WRITE = Permission.LEAD_WRITE
FILTERS = list(LeadFilter.model_fields)
"""Words of the address that the steps keep."""


def drawer() -> rx.Component:
    """Show the lead that the address names."""
    lead = Leads.lead
    return client.Drawer.create(
        ready(
            Leads,
            rx.fragment(
                _head(),
                rx.el.div(
                    _contact(),
                    _twins(),
                    _work(),
                    _people(),
                    _property(),
                    _own_fields(),
                    _lists(),
                    _timeline(),
                    class_name="drawer-b",
                ),
            ),
        ),
        param="lead",
        shown=Leads.shown,
        label=rx.cond(lead.street != "", lead.street, "Lead"),
    )


def _head() -> rx.Component:
    lead = Leads.lead
    return rx.el.header(
        rx.el.div(
            rx.el.h2(lead.street),
            rx.el.div(lead.place, class_name="dim"),
            class_name="grow",
        ),
        lists.Steps.create(api="/api/v1/leads", params=FILTERS, open_param="lead", path="/leads", one="lead"),
        class_name="drawer-h",
    )


def _contact() -> rx.Component:
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


def _twins() -> rx.Component:
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


def _work() -> rx.Component:
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


def _section(title: str, *body: rx.Component) -> rx.Component:
    return rx.el.section(rx.el.h3(title), *body, class_name="sect")


# People


def _people() -> rx.Component:
    return _section(
        "People and phones",
        rx.cond(
            Leads.lead.people.length() > 0,
            rx.foreach(Leads.lead.people, _person),
            rx.el.p("The file named no owner.", class_name="dim"),
        ),
        rx.cond(may(LEAD_WRITE) & (Leads.lead.people.length() > 0), _circumstances()),
    )


def _circumstances() -> rx.Component:
    """Ask what the gate cannot know by itself."""
    lead = Leads.lead
    nobody = rx.el.option("Nobody known", value="")
    people = rx.foreach(lead.relatives, lambda one: rx.el.option(one[1], value=one[0]))
    hidden = rx.el.input(type="hidden", name="lead_id", value=lead.id)
    return rx.el.details(
        rx.el.summary("A death in the family, or a bill sent elsewhere"),
        rx.el.form(
            hidden,
            rx.el.label(
                rx.el.span("Owner died on"),
                text_in("died-on", form_name="died_on", type="date", size="sm", default_value=lead.died_on),
            ),
            rx.el.label(
                rx.el.span("Probate filed on"),
                text_in("filed-on", form_name="filed_on", type="date", size="sm", default_value=lead.filed_on),
            ),
            rx.el.label(
                rx.el.span("Surviving spouse"),
                rx.el.select(
                    nobody,
                    people,
                    id="spouse",
                    name="surviving_spouse_id",
                    class_name="in sm",
                    default_value=lead.spouse_id,
                ),
            ),
            button("Note the loss", kind="sm", type="submit", id="note-loss"),
            on_submit=Leads.note_loss,
            key="loss" + lead.id + lead.died_on + lead.filed_on + lead.spouse_id,
            class_name="facts-form",
        ),
        rx.el.form(
            hidden,
            rx.el.label(
                rx.el.span("Who is billed"),
                rx.el.select(people, id="billed-person", name="person_id", class_name="in sm"),
            ),
            rx.el.label(
                rx.el.span("In the state"),
                text_in(
                    "billing-state",
                    form_name="billing_state",
                    size="sm",
                    max_length=2,
                    placeholder="as NY; empty takes it away",
                ),
            ),
            button("Note the place", kind="sm", type="submit", id="note-billing"),
            on_submit=Leads.note_billing,
            reset_on_submit=True,
            class_name="facts-form",
        ),
        rx.el.p("Days can be corrected, not removed. A place only ever adds quiet hours.", class_name="dim note"),
        class_name="circumstances",
    )


def _person(person: rx.Var[PersonView]) -> rx.Component:
    return rx.el.div(
        rx.el.header(
            icon("user-round", 14),
            rx.el.b(person.name, rx.cond(person.deceased, " †", "")),
            rx.foreach(person.roles, lambda role: rx.el.span(role, class_name="tag")),
            rx.cond(person.note != "", rx.el.span(person.note, class_name="dim")),
        ),
        rx.cond(person.reach != "", rx.el.div(person.reach, class_name="ph-row dim wrap")),
        rx.cond(
            person.phones.length() > 0,
            rx.foreach(person.phones, _phone),
            rx.el.div(rx.el.span("No phone on record", class_name="dim"), class_name="ph-row"),
        ),
        class_name="person",
    )


def _phone(phone: rx.Var[PhoneView]) -> rx.Component:
    return rx.el.div(
        rx.el.span(phone.number, class_name="mono"),
        rx.el.span(phone.line, class_name="dim"),
        rx.cond(phone.status != "", pill(phone.status_tone, phone.status)),
        rx.el.span(class_name="grow"),
        rx.el.span(
            pill(phone.tone, rx.fragment(phone.verdict, rx.cond(phone.detail != "", rx.el.small(" ", phone.detail)))),
            custom_attrs={"data-verdict": phone.verdict_word},
        ),
        rx.cond(
            may(Permission.CALL_PLACE),
            client.CallButton.create(number=phone.e164, lead=Leads.lead.id, on_done=Leads.look_again),
        ),
        rx.cond(
            phone.explain != "",
            rx.link(
                icon("circle-help", 14),
                rx.el.span("Explain this number", class_name="sr"),
                href=phone.explain,
                class_name="btn ghost icon sm",
            ),
        ),
        rx.cond(
            phone.reasons.length() > 0,
            rx.el.ul(rx.foreach(phone.reasons, rx.el.li), class_name="ph-why"),
        ),
        rx.cond(
            phone.suppressions.length() > 0,
            rx.el.div(
                rx.foreach(phone.suppressions, lambda s: rx.el.span(icon("ban", 11), s, class_name="tag bad")),
                class_name="tags ph-tags",
            ),
        ),
        class_name="ph-row",
    )


# Property


def _property() -> rx.Component:
    return _section(
        "Property",
        rx.el.dl(rx.foreach(Leads.lead.facts, _fact), class_name="facts"),
        rx.cond(
            Leads.lead.import_id != "",
            rx.el.p(
                "First brought by ",
                rx.link("an import", href="/imports/" + Leads.lead.import_id),
                ".",
                class_name="dim note",
            ),
        ),
    )


def _fact(fact: rx.Var[Fact]) -> rx.Component:
    return rx.el.div(
        rx.el.dt(fact.label),
        rx.el.dd(
            fact.value,
            rx.cond(
                fact.source != "",
                rx.el.small(
                    rx.el.span(fact.source),
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


def _own_fields() -> rx.Component:
    return rx.cond(
        Leads.own.length() > 0,
        _section(
            "Own fields",
            lists.LeadFields.create(
                lead=Leads.lead.id, fields=Leads.own, editable=may(LEAD_WRITE), on_saved=Leads.look_again
            ),
        ),
    )


# Lists and tags


def _lists() -> rx.Component:
    lead = Leads.lead
    return _section(
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


# Timeline with tasks and notes


def _timeline() -> rx.Component:
    lead = Leads.lead
    return rx.fragment(
        _section(
            "Tasks",
            rx.el.ul(rx.foreach(lead.tasks, _task), class_name="tasks"),
            rx.cond(
                lead.tasks.length() == 0,
                rx.el.p("Nothing to do. A lead without a next task is easily forgotten.", class_name="dim"),
            ),
            rx.cond(may(LEAD_WRITE), _new_task()),
        ),
        rx.cond(may(LEAD_WRITE), _section("Note", _new_note())),
        _section("Timeline", rx.el.ul(rx.foreach(lead.timeline, _entry), class_name="feed")),
    )


def _task(task: rx.Var[TaskView]) -> rx.Component:
    return rx.el.li(
        rx.cond(
            task.done,
            button("Undo", kind="ghost sm", on_click=Leads.reopen_task(Leads.lead.id, task.id)),
            rx.el.button(
                icon("check", 12),
                rx.el.span("Finish: ", task.title, class_name="sr"),
                type="button",
                class_name="tick",
                on_click=Leads.finish_task(Leads.lead.id, task.id),
            ),
        ),
        rx.el.span(task.title, class_name="grow wrap"),
        rx.cond(task.assignee != "", rx.el.span(task.assignee, class_name="dim")),
        rx.cond(
            task.due_at != "",
            rx.el.span(
                client.When.create(at=task.due_at, kind="due"), class_name=rx.cond(task.overdue, "due late", "due")
            ),
        ),
        custom_attrs={"data-done": rx.cond(task.done, "1", "0")},
    )


def _new_task() -> rx.Component:
    return rx.el.form(
        rx.el.input(type="hidden", name="lead_id", value=Leads.lead.id),
        text_in(
            "task-title",
            form_name="title",
            placeholder="New task, as: call back about the offer",
            aria_label="New task",
            size="sm",
            required=True,
            max_length=200,
        ),
        client.Moment.create(id="task-due", name="due_at", label="Due", class_name="in sm", clear=Leads.saved),
        button("Add", kind="sm", type="submit", id="add-task"),
        on_submit=Leads.add_task,
        reset_on_submit=True,
        class_name="line-form",
    )


def _new_note() -> rx.Component:
    return rx.el.form(
        rx.el.input(type="hidden", name="lead_id", value=Leads.lead.id),
        rx.el.textarea(
            id="note",
            name="text",
            rows=2,
            class_name="in",
            placeholder="What did you learn?",
            aria_label="Note",
            max_length=4000,
        ),
        button("Add note", kind="sm", type="submit", id="add-note"),
        on_submit=Leads.add_note,
        reset_on_submit=True,
        class_name="note-form",
    )


def _entry(entry: rx.Var[Entry]) -> rx.Component:
    return rx.el.li(
        rx.el.i(custom_attrs={"data-tone": entry.tone}),
        rx.el.div(
            entry.summary,
            rx.cond(entry.actor != "", rx.el.span(" · ", entry.actor, class_name="dim")),
            class_name="wrap",
        ),
        client.When.create(at=entry.at, kind="when"),
    )
