"""What happened to a lead and what is to be done: timeline, history, texts, tasks, notes; in drawer and page."""

from __future__ import annotations

from typing import Any

import reflex as rx

from leadflow.leads.work_types import TimelinePart
from leadflow.pages.inbox.rows import Talk
from leadflow.pages.inbox.said import said
from leadflow.pages.leads.parts import LEAD_WRITE, section
from leadflow.pages.leads.rows import TaskView
from leadflow.pages.leads.state import Leads
from leadflow.pages.leads.told import Changed, Entry, Past
from leadflow.ui import client, lists
from leadflow.ui.feedback import empty, icon, pill
from leadflow.ui.form import button, link, text_in
from leadflow.ui.shell import may

PARTS = [["", "Everything"], *([part.value, part.value.capitalize()] for part in TimelinePart)]


def tasks() -> rx.Component:
    """Show follow-ups, and the way to a new one."""
    lead = Leads.lead
    return section(
        "Tasks",
        rx.el.ul(rx.foreach(lead.tasks, _task), class_name="tasks"),
        rx.cond(
            lead.tasks.length() == 0,
            rx.el.p("Nothing to do. A lead without a next task is easily forgotten.", class_name="dim"),
        ),
        rx.cond(may(LEAD_WRITE), _new_task()),
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
        lists.NoteBox.create(
            id="note",
            name="text",
            label="Note",
            placeholder="What did you learn? @ mentions somebody",
            clear=Leads.noted,
        ),
        button("Add note", kind="sm", type="submit", id="add-note"),
        on_submit=Leads.add_note,
        class_name="note-form",
    )


def note() -> rx.Component:
    """Offer to write a note."""
    return rx.cond(may(LEAD_WRITE), section("Note", _new_note()))


def timeline() -> rx.Component:
    """Show one timeline of everything, or of the part that the address names."""
    return section(
        "Timeline",
        client.Words.create(param="part", items=PARTS, label="Part of the timeline", clear=["before"]),
        rx.cond(
            Leads.feed.length() > 0,
            rx.el.ul(rx.foreach(Leads.feed, _entry), class_name="feed"),
            rx.el.p("Nothing of this kind has happened.", class_name="dim"),
        ),
        _older(Leads.feed_next),
    )


def _older(mark: rx.Var[str]) -> rx.Component:
    return rx.el.div(
        client.Shown.create(
            client.WordLink.create("Newest", words={"before": ""}, class_name="btn sm", id="newest"),
            param="before",
            other=True,
        ),
        rx.cond(
            mark != "", client.WordLink.create("Older", words={"before": mark}, class_name="btn sm soft", id="older")
        ),
        class_name="row",
    )


def _entry(entry: rx.Var[Entry]) -> rx.Component:
    return rx.el.li(
        rx.el.i(custom_attrs={"data-tone": entry.tone}),
        rx.cond(
            entry.mine & (Leads.editing == entry.id),
            _change_note(entry),
            rx.el.div(
                entry.summary,
                rx.cond(entry.actor != "", rx.el.span(" · ", entry.actor, class_name="dim")),
                rx.cond(entry.source != "", rx.el.span(" · ", _whence(entry.source, entry.href), class_name="dim")),
                rx.cond(entry.edited, rx.el.span(" · changed", class_name="dim")),
                rx.cond(entry.note & may(LEAD_WRITE), _acts(entry)),
                class_name="wrap",
            ),
        ),
        client.When.create(at=entry.at, kind="when"),
        custom_attrs={"data-entry": entry.id},
    )


def _acts(entry: rx.Var[Entry]) -> rx.Component:
    def act(label: str, sign: str, on_click: Any) -> rx.Component:  # noqa: ANN401 an event of Reflex
        return rx.el.button(
            icon(sign, 12),
            rx.el.span(label, class_name="sr"),
            type="button",
            title=label,
            class_name="btn ghost icon sm",
            on_click=on_click,
        )

    lead_id = Leads.lead.id
    return rx.el.span(
        rx.cond(
            entry.pinned,
            act("Unpin the note", "pin-off", Leads.unpin_note(lead_id, entry.id)),
            act("Pin the note", "pin", Leads.pin_note(lead_id, entry.id)),
        ),
        rx.cond(
            entry.mine,
            rx.fragment(
                act("Change the note", "pencil", Leads.edit_note(entry.id)),
                act("Take the note away", "trash-2", Leads.remove_note(lead_id, entry.id)),
            ),
        ),
        class_name="marks note-acts",
    )


def _change_note(entry: rx.Var[Entry]) -> rx.Component:
    return rx.el.form(
        rx.el.input(type="hidden", name="lead_id", value=Leads.lead.id),
        rx.el.input(type="hidden", name="entry_id", value=entry.id),
        lists.NoteBox.create(id="change-note", name="text", label="Note", default_value=entry.summary),
        rx.el.div(
            button("Cancel", kind="sm ghost", on_click=Leads.edit_note("")),
            button("Save", kind="sm", type="submit", id="save-note"),
            class_name="row",
        ),
        on_submit=Leads.change_note,
        class_name="note-form",
    )


def pinned() -> rx.Component:
    """Show the note that stands above everything."""
    return rx.cond(
        Leads.pinned.length() > 0,
        rx.el.ul(rx.foreach(Leads.pinned, _entry), class_name="feed pinned", aria_label="Pinned note", id="pinned"),
    )


def _whence(source: rx.Var[str], href: rx.Var[str]) -> rx.Component:
    return rx.cond(href != "", rx.link(source, href=href), rx.el.span(source))


def history() -> rx.Component:
    """Show which field became what, when, by whom and from where."""
    return rx.el.div(
        rx.cond(
            Leads.past.length() > 0,
            rx.el.ol(rx.foreach(Leads.past, _past), class_name="plain lines", id="history"),
            empty(
                "history", "Nothing was changed yet", "Every edit, import and merge will be told here, field by field."
            ),
        ),
        _older(Leads.past_next),
    )


def _past(one: rx.Var[Past]) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            pill(one.tone, one.by),
            rx.cond(one.actor != "", rx.el.span(one.actor)),
            rx.el.span(_whence(one.source, one.href), class_name="dim wrap grow"),
            client.When.create(at=one.at, kind="when"),
            class_name="row wrap past-h",
        ),
        rx.cond(
            one.fields != "",
            rx.el.details(rx.el.summary(one.fields), _diff(one), class_name="fold"),
            _diff(one),
        ),
    )


def _diff(one: rx.Var[Past]) -> rx.Component:
    return rx.fragment(
        rx.el.dl(rx.foreach(one.changes, _changed), class_name="diff"),
        rx.cond(one.more > 0, rx.el.small("and ", one.more, " more fields", class_name="dim")),
    )


def _changed(change: rx.Var[Changed]) -> rx.Component:
    return rx.el.div(
        rx.el.dt(change.label),
        rx.el.dd(
            rx.cond(change.before != "", rx.el.del_(change.before), rx.el.span("nothing", class_name="dim")),
            rx.el.span(" → ", class_name="dim"),
            rx.cond(change.after != "", rx.el.ins(change.after), rx.el.span("nothing", class_name="dim")),
        ),
    )


def messages() -> rx.Component:
    """Show the conversations with the lead's people."""
    return rx.cond(
        Leads.talks.length() > 0,
        rx.foreach(Leads.talks, _talk),
        empty("messages-square", "No texts yet", "What is written to these people, and what they answer, stands here."),
    )


def _talk(one: rx.Var[Talk]) -> rx.Component:
    return rx.el.section(
        rx.el.header(
            rx.el.b(one.name),
            rx.el.span(one.number, class_name="mono dim"),
            rx.cond(one.label != "", pill(one.label_tone, one.label)),
            rx.el.span(class_name="grow"),
            link("Open in the inbox", "/inbox?conversation=" + one.id, kind="sm"),
            class_name="row wrap",
        ),
        rx.el.div(rx.foreach(one.said, said), class_name="lead-talk"),
        class_name="sect",
        custom_attrs={"data-talk": one.id},
    )
