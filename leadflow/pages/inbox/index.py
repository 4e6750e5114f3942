"""/inbox: who answered, what they said, and what may be answered at this moment."""

from __future__ import annotations

import reflex as rx

from leadflow.pages.inbox.foot import foot, questions
from leadflow.pages.inbox.rows import Conv
from leadflow.pages.inbox.said import said
from leadflow.pages.inbox.state import Inbox
from leadflow.ui import client, lists
from leadflow.ui.feedback import banner, empty, icon, pill, ready
from leadflow.ui.form import button, link
from leadflow.ui.shell import may, page
from models.vocabulary import Permission

EVERY = 4_000
"""Milliseconds between two looks for news."""
PRESSED = {
    "verified": "#outcome-verified",
    "qualified": "#outcome-qualified",
    "priority": "#outcome-priority",
    "wrong": "#outcome-wrong",
    "dnc": "#outcome-dnc",
    "snooze": "#open-snooze",
    "agree": "#open-assign",
    "actions": "#open-actions",
    "undo": "#open-undo",
}
"""Which button each key presses."""


def view() -> rx.Component:
    """Show the panes."""
    return page(
        ready(Inbox, _panes()),
        client.Ticker.create(every=EVERY, on=Inbox.loaded, on_tick=Inbox.refresh),
        client.Walk.create(target=".convs .conv", active="[aria-current=true]"),
        *[client.Press.create(name=key, target=target) for key, target in PRESSED.items()],
        scroll=False,
    )


def _panes() -> rx.Component:
    return rx.el.div(
        rx.el.div(
            rx.el.h1("Inbox"),
            client.Words.create(
                param="folder", items=Inbox.folders, label="Folders", kind="folders", clear=["conversation", "after"]
            ),
            rx.link(
                icon("message-square-quote", 14),
                rx.el.span("Ready answers"),
                href="/inbox/replies",
                class_name="folder ready-link",
                underline="none",
            ),
            rx.link(icon("phone", 14), rx.el.span("Calls"), href="/calls", class_name="folder", underline="none"),
            class_name="folders-pane",
        ),
        rx.el.div(
            rx.el.div(
                client.SearchBox.create(param="q", placeholder="Name, address, number or words", id="inbox-search"),
                class_name="convs-h",
            ),
            rx.cond(
                Inbox.rows.length() > 0, rx.el.div(rx.foreach(Inbox.rows, _conv), class_name="conv-list"), _nobody()
            ),
            rx.el.div(
                rx.cond(~Inbox.first, client.WordLink.create("Newest", words={"after": ""}, class_name="btn sm")),
                rx.cond(
                    Inbox.next != "", client.WordLink.create("Older", words={"after": Inbox.next}, class_name="btn sm")
                ),
                class_name="convs-f",
            ),
            class_name="convs",
        ),
        rx.cond(Inbox.shown != "", rx.fragment(_talk(), _card(), questions()), _nothing_open()),
        class_name="inbox",
        custom_attrs={"data-open": rx.cond(Inbox.shown != "", "1", "0")},
    )


def _conv(one: rx.Var[Conv]) -> rx.Component:
    return client.WordLink.create(
        rx.el.span(one.initials, class_name="av", custom_attrs={"aria-hidden": "true"}),
        rx.el.b(
            rx.cond(
                one.priority, rx.el.span(icon("star", 11), rx.el.span("priority", class_name="sr"), class_name="pr")
            ),
            one.name,
        ),
        rx.el.span(_waits(one), client.When.create(at=one.at, kind="ago"), class_name="age"),
        rx.el.span(one.where, class_name="s where"),
        rx.el.span(
            rx.cond(one.unread > 0, rx.el.span(one.unread, class_name="n", title="unread")),
            rx.cond(
                one.label != "",
                pill(
                    one.label_tone,
                    rx.fragment(one.label, rx.cond(one.unsure, " ?", "")),
                    attrs={"data-class": one.label},
                ),
            ),
            rx.cond(one.locked, rx.el.span(icon("lock", 12), rx.el.span("locked", class_name="sr"), class_name="lock")),
            rx.cond(
                one.snoozed_until != "",
                rx.el.span(
                    icon("alarm-clock", 11), client.When.create(at=one.snoozed_until, kind="due"), class_name="tag"
                ),
            ),
            rx.el.span(one.snippet, class_name="snip"),
            class_name="s last",
        ),
        words={"conversation": one.id},
        class_name="conv",
        custom_attrs={
            "data-unread": rx.cond(one.unread > 0, "1", "0"),
            "data-conversation": one.id,
            "aria-current": rx.cond(Inbox.shown == one.id, "true", "false"),
        },
    )


def _waits(one: rx.Var[Conv]) -> rx.Component:
    words = rx.match(
        one.waits_tone,
        ("ok", "Waits for an answer"),
        ("warn", "Waits for more than 5 minutes"),
        "Waits for more than 15 minutes",
    )
    return rx.cond(
        one.waits_tone != "",
        rx.el.span(
            rx.el.span(words, class_name="sr"),
            class_name="sla",
            title=words,
            custom_attrs={"data-tone": one.waits_tone},
        ),
    )


def _nobody() -> rx.Component:
    return empty(
        "inbox",
        "Nobody here",
        "Replies to your texts come in here, sorted by what they mean. A STOP never waits for you: it works at once.",
    )


def _nothing_open() -> rx.Component:
    return rx.el.div(
        empty(
            "message-square",
            "Choose a conversation",
            rx.fragment(
                rx.el.kbd("j"), " and ", rx.el.kbd("k"), " walk through them, ", rx.el.kbd("?"), " lists all keys."
            ),
        ),
        class_name="talk none",
    )


def _talk() -> rx.Component:
    one = Inbox.talk
    return rx.el.section(
        rx.el.header(
            client.WordLink.create(
                icon("chevron-left", 16),
                rx.el.span("Back to the list", class_name="sr"),
                words={"conversation": ""},
                class_name="btn ghost icon only-s",
            ),
            rx.el.div(
                rx.el.h2(one.name),
                rx.el.div(one.number, rx.cond(one.street != "", rx.fragment(" · ", one.street)), class_name="dim"),
                class_name="grow",
            ),
            _meaning(),
            rx.cond(may(Permission.INBOX_REPLY), _handles()),
        ),
        rx.el.div(
            rx.foreach(one.said, said),
            rx.cond(
                one.said.length() == 0,
                rx.el.p(
                    "Nobody has written yet. What you write is a first text: say who you are, and that STOP ends it. "
                    "Every rule of a campaign's text holds for it.",
                    class_name="dim",
                    id="first-text",
                ),
            ),
            class_name="thread",
            id="thread",
            custom_attrs={"aria-live": "polite", "tabIndex": "0", "aria-label": "Texts", "role": "log"},
        ),
        client.ToEnd.create(mark=one.mark, target="#thread"),
        foot(),
        class_name="talk",
        aria_label="Conversation",
    )


def _meaning() -> rx.Component:
    """Say what came of it, with its undo, or how the reply was read and how sure that is."""
    one = Inbox.talk
    return rx.fragment(
        rx.cond(
            one.outcome != "",
            pill("info", one.outcome, id="outcome"),
            rx.cond(
                one.label != "",
                rx.el.button(
                    pill(one.label_tone, one.label),
                    rx.cond(one.sureness != "", rx.el.small(one.sureness)),
                    rx.el.span("Read as. Change what it means", class_name="sr"),
                    type="button",
                    class_name="meaning",
                    id="open-label",
                    title="How the reply was read. Press to correct it.",
                    on_click=Inbox.ask("label"),
                    custom_attrs={"data-sureness": one.sureness},
                ),
            ),
        ),
        rx.cond(
            one.undoable != "",
            button(
                rx.fragment("Undo ", rx.el.kbd("u", class_name="hide-s")),
                sign="undo-2",
                kind="ghost sm",
                id="open-undo",
                on_click=rx.cond(one.undo_asks, Inbox.ask("undo"), Inbox.undo({})),
            ),
        ),
    )


def _handles() -> rx.Component:
    one = Inbox.talk
    return rx.fragment(
        button(
            rx.el.span(rx.cond(one.assignee != "", one.assignee, "Assign"), class_name="hide-s"),
            sign="user-round-plus",
            kind="ghost sm",
            id="open-assign",
            on_click=Inbox.ask("assign"),
            title="Give it to somebody (a)",
            aria_label="Assign",
        ),
        button(
            rx.el.span(rx.cond(one.snoozed_until != "", "Put off", "Snooze"), class_name="hide-s"),
            sign="alarm-clock",
            kind="ghost sm",
            id="open-snooze",
            on_click=Inbox.ask("snooze"),
            title="Put it off (h)",
            aria_label="Snooze",
        ),
        button(
            rx.el.span("All actions", class_name="sr"),
            sign="ellipsis",
            kind="ghost icon sm",
            id="open-actions",
            on_click=Inbox.ask("actions"),
            title="All actions (.)",
        ),
    )


def _card() -> rx.Component:
    one = Inbox.talk
    return rx.el.aside(
        rx.el.section(
            rx.el.h2(one.name),
            rx.el.dl(
                rx.el.div(rx.el.dt("Their number"), rx.el.dd(one.number)),
                rx.el.div(rx.el.dt("Our number"), rx.el.dd(one.sender)),
                rx.cond(one.street != "", rx.el.div(rx.el.dt("Property"), rx.el.dd(one.street))),
                rx.cond(one.label != "", rx.el.div(rx.el.dt("Last reply"), rx.el.dd(pill(one.label_tone, one.label)))),
                rx.cond(one.outcome != "", rx.el.div(rx.el.dt("Outcome"), rx.el.dd(one.outcome))),
                rx.el.div(rx.el.dt("Assigned to"), rx.el.dd(rx.cond(one.assignee != "", one.assignee, "Nobody"))),
                rx.cond(
                    one.snoozed_until != "",
                    rx.el.div(
                        rx.el.dt("Put off until"), rx.el.dd(client.When.create(at=one.snoozed_until, kind="when"))
                    ),
                ),
                class_name="pairs",
            ),
            class_name="stack tight",
        ),
        rx.cond(
            one.suppressed,
            banner(
                "bad",
                rx.el.div(
                    rx.el.span("Not to be texted. ", class_name="w"), "A suppression stands on this number or person."
                ),
                id="suppressed",
            ),
        ),
        rx.el.div(
            rx.cond(
                may(Permission.CALL_PLACE),
                lists.CallButton.create(
                    "Call",
                    number=one.e164,
                    lead=one.lead_id,
                    class_name="btn block",
                    on_done=Inbox.refresh,
                    id="call-conversation",
                ),
            ),
            rx.cond(one.lead_id != "", link("Open the lead", "/leads?lead=" + one.lead_id, sign="house", kind="block")),
            rx.cond(
                one.explain != "",
                link("Why may or may we not text?", one.explain, sign="shield-check", kind="block ghost"),
            ),
            class_name="stack tight",
        ),
        class_name="aside card-pane",
        aria_label="About this conversation",
    )
