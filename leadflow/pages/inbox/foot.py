"""Below the texts: outcomes, the live check, the composer; and the questions that keys put over a conversation."""

from __future__ import annotations

from typing import Any

import reflex as rx

from leadflow.inbox.types import ConversationOutcome
from leadflow.pages.inbox.state import Inbox
from leadflow.ui import client
from leadflow.ui.feedback import banner, icon
from leadflow.ui.form import button, choose, field
from leadflow.ui.shell import Shell, may
from leadflow.ui.table import options
from leadflow.ui.tokens import REPLY
from models.vocabulary import Permission

OUTCOMES = (
    ("Verified", "verified", "v", "badge-check", ConversationOutcome.VERIFIED),
    ("Qualified", "qualified", "q", "thumbs-up", ConversationOutcome.QUALIFIED),
    ("Priority", "priority", "p", "star", ConversationOutcome.PRIORITY),
    ("Wrong number", "wrong", "w", "phone-off", ConversationOutcome.WRONG_NUMBER),
)
"""One key each; the fifth, “never again”, asks why."""


def foot() -> rx.Component:
    """Show what can be done with the open conversation."""
    one = Inbox.talk
    return rx.el.footer(
        rx.cond(
            one.locked,
            banner(
                "bad",
                rx.el.div(
                    rx.el.span("Locked. ", class_name="w"),
                    "This reads like a legal threat. Nobody may answer until somebody responsible has looked at it.",
                    class_name="grow",
                ),
                rx.cond(
                    may(Permission.CAMPAIGN_APPROVE),
                    button("Reviewed", kind="sm", on_click=Inbox.settle("reviewed"), id="outcome-reviewed"),
                ),
                sign="lock",
                id="locked",
            ),
        ),
        rx.cond(may(Permission.INBOX_REPLY), _outcomes()),
        _others(),
        _working(),
        _window(),
        _stopped(),
        rx.cond(may(Permission.INBOX_REPLY) & ~one.locked & Inbox.window.open, _composer()),
        class_name="compose",
    )


def _outcomes() -> rx.Component:
    return rx.el.div(
        *[
            button(
                rx.fragment(rx.el.span(text), rx.el.kbd(key, class_name="hide-s")),
                sign=sign,
                kind="sm",
                on_click=Inbox.settle(str(outcome)),
                id=f"outcome-{name}",
                disabled=Inbox.talk.locked & (name != "wrong"),
            )
            for text, name, key, sign, outcome in OUTCOMES
        ],
        button(
            rx.fragment(rx.el.span("Do not contact"), rx.el.kbd("d", class_name="hide-s")),
            sign="ban",
            kind="sm",
            on_click=Inbox.ask("dnc"),
            id="outcome-dnc",
        ),
        class_name="outcomes",
        role="group",
        aria_label="Outcome",
    )


def _others() -> rx.Component:
    return rx.el.div(
        rx.foreach(
            Inbox.others,
            lambda one: rx.el.span(
                icon("pencil", 12),
                rx.el.b(one[0]),
                rx.cond(one[1] == "replying", " is replying", " is looking at this"),
                class_name="here",
                custom_attrs={"data-kind": one[1]},
            ),
        ),
        class_name="others",
        id="others",
        role="status",
    )


def _working() -> rx.Component:
    """Say who works on the lead: whoever answers does, and nobody else answers meanwhile."""
    claim = Inbox.claim
    until = client.When.create(at=claim["until"], kind="time")
    return rx.cond(
        claim.contains("by"),
        rx.cond(
            claim["mine"] != "",
            rx.el.div(
                icon("hand", 13),
                rx.el.span("You are working on this lead, until ", until, class_name="grow"),
                rx.cond(
                    may(Permission.LEAD_WRITE), button("Done", kind="ghost sm", on_click=Inbox.finish, id="work-done")
                ),
                class_name="others row",
                custom_attrs={"data-claim": "mine"},
            ),
            banner(
                "warn",
                rx.el.div(rx.el.b(claim["by"]), " is working on this lead, until ", until, class_name="grow"),
                rx.cond(
                    may(Permission.LEAD_ASSIGN),
                    button("Take over", kind="sm", on_click=Inbox.take_over, id="take-over"),
                ),
                sign="hand",
                attrs={"data-claim": "other"},
            ),
        ),
    )


def _window() -> rx.Component:
    now = Inbox.window
    return rx.el.div(
        rx.el.i(),
        rx.el.span(
            now.text,
            rx.cond(
                now.later_at != "",
                rx.fragment(" What you write leaves ", client.When.create(at=now.later_at, kind="when"), "."),
            ),
            class_name="grow",
        ),
        rx.cond(Inbox.talk.explain != "", rx.link("Explain", href=Inbox.talk.explain)),
        class_name="window",
        id="window",
        custom_attrs={"data-tone": now.tone, "data-verdict": now.verdict},
    )


def _stopped() -> rx.Component:
    stop = Inbox.stop
    return rx.cond(
        stop.text != "",
        banner(
            rx.cond(stop.confirm, "warn", "bad"),
            rx.el.div(
                rx.el.div(rx.el.span(rx.cond(stop.confirm, "Wait. ", "Not sent. "), class_name="w"), stop.text),
                rx.cond(stop.advice != "", rx.el.div(stop.advice)),
                rx.foreach(stop.reasons, lambda one: rx.el.div("Also: ", one, class_name="dim")),
                class_name="grow",
            ),
            id="stopped",
            sign="triangle-alert",
            role="alert",
        ),
    )


def _composer() -> rx.Component:
    return rx.el.form(
        rx.el.input(type="hidden", name="conversation", value=Inbox.talk.id),
        client.Compose.create(
            id="reply",
            name="body",
            label="Your answer",
            placeholder="Answer… (r), or 1 to 9 for one that is kept ready",
            rows=2,
            clear=Inbox.sent,
            draft=Shell.email + ":" + Inbox.talk.id,
            ready=Inbox.ready,
            on_typing=Inbox.typing,
            key="reply-" + Inbox.talk.id,
        ),
        rx.cond(Inbox.errors.contains("body"), rx.el.span(Inbox.errors["body"], class_name="err", role="alert")),
        button(
            rx.cond(Inbox.beside != "", "Send as well", rx.cond(Inbox.window.later_at != "", "Send later", "Send")),
            sign="send",
            kind="primary",
            type="submit",
            id="send-reply",
            disabled=Inbox.claim.contains("by") & (Inbox.claim["mine"] == ""),
        ),
        on_submit=Inbox.reply,
        class_name="composer-form",
    )


# Questions


def questions() -> rx.Component:
    """Hold every question that can stand over the conversation."""
    return rx.fragment(_never_again(), _until_when(), _to_whom(), _meant(), _undo(), _actions())


def _question(name: str, title: str, text: Any, *body: rx.Component) -> rx.Component:  # noqa: ANN401 text or Var
    return rx.dialog.root(
        rx.dialog.content(
            rx.dialog.title(title, size="4"),
            rx.dialog.description(text, size="2"),
            *body,
            class_name="lf-dialog",
            max_width="460px",
            id=f"ask-{name}",
        ),
        open=Inbox.asking == name,
        on_open_change=Inbox.put_away,
    )


def _buttons(*parts: rx.Component) -> rx.Component:
    return rx.el.div(*parts, class_name="row", style={"justifyContent": "flex-end", "marginTop": "14px"})


def _cancel() -> rx.Component:
    return button("Cancel", on_click=Inbox.put_away(False))  # noqa: FBT003 what Radix says of a dialog


def _text(name: str, label: str, hint: str) -> rx.Component:
    return field(
        label,
        rx.el.textarea(id=name, name=name, rows=2, class_name="in", max_length=500, auto_focus=True),
        name=name,
        hint=hint,
        errors=Inbox.errors,
    )


def _never_again() -> rx.Component:
    return _question(
        "dnc",
        "Never contact this person again?",
        "All their numbers are closed, for texts and calls. Only a release by two people opens them again.",
        rx.el.form(
            _text("reason", "Why", "Their words, or what happened. It stays on record."),
            _buttons(_cancel(), button("Never again", kind="danger", type="submit", id="confirm-dnc")),
            on_submit=Inbox.refuse,
            class_name="stack",
            style={"marginTop": "12px"},
        ),
    )


def _until_when() -> rx.Component:
    def until(text: str, wish: str) -> rx.Component:
        return button(text, on_click=Inbox.snooze(wish), kind="soft", id=f"snooze-{wish or 'back'}")

    return _question(
        "snooze",
        "Put it off until",
        "It comes back unread then, or as soon as they reply.",
        rx.el.div(
            until("In 1 hour", "1"),
            until("In 4 hours", "4"),
            until("Tomorrow, 9 am", "tomorrow"),
            until("Monday, 9 am", "monday"),
            rx.cond(Inbox.talk.snoozed_until != "", until("Bring it back now", "")),
            class_name="choices",
        ),
        rx.el.form(
            client.Moment.create(id="snooze-at", name="until", label="Another instant", clear=Inbox.sent),
            button("Until then", type="submit", id="snooze-then"),
            rx.cond(Inbox.errors.contains("until"), rx.el.span(Inbox.errors["until"], class_name="err", role="alert")),
            on_submit=Inbox.snooze_until,
            class_name="row",
            style={"marginTop": "12px"},
        ),
    )


def _to_whom() -> rx.Component:
    return _question(
        "assign",
        "Give this conversation to",
        "A lead that nobody has goes along. Both stand on the timeline.",
        rx.el.div(
            rx.foreach(
                Inbox.colleagues,
                lambda one: button(
                    one[1], on_click=Inbox.assign(one[0]), kind="soft", custom_attrs={"data-colleague": one[1]}
                ),
            ),
            button("Nobody", on_click=Inbox.assign(""), id="assign-nobody"),
            class_name="choices",
        ),
    )


def _meant() -> rx.Component:
    return _question(
        "label",
        "What does the reply mean?",
        "The machine's reading is kept beside yours. What stops contact takes effect at once.",
        rx.el.form(
            field(
                "It means",
                choose(
                    "label", [(value, label) for value, label in options(REPLY)], default_value=Inbox.talk.label_value
                ),
                name="label",
            ),
            rx.cond(
                Inbox.talk.suppressed,
                _text(
                    "why",
                    "Why the reading was wrong",
                    "The reply has closed this person's numbers. They stay closed until a second person agrees.",
                ),
            ),
            _buttons(_cancel(), button("Note it", kind="primary", type="submit", id="confirm-label")),
            on_submit=Inbox.relabel,
            class_name="stack",
            style={"marginTop": "12px"},
        ),
    )


def _undo() -> rx.Component:
    return _question(
        "undo",
        "Undo, and open the numbers again?",
        "That takes two people: you ask, an owner grants. Until then nobody contacts this person.",
        rx.el.form(
            _text("why", "Why it was a mistake", "The owner decides by that and by the conversation."),
            _buttons(_cancel(), button("Ask an owner", kind="primary", type="submit", id="confirm-undo")),
            on_submit=Inbox.undo,
            class_name="stack",
            style={"marginTop": "12px"},
        ),
    )


def _actions() -> rx.Component:
    def act(text: str, key: str, event: Any, name: str) -> rx.Component:  # noqa: ANN401 an event
        return button(
            rx.fragment(rx.el.span(text, class_name="grow"), rx.el.kbd(key) if key else None),
            on_click=event,
            kind="ghost block",
            id=f"act-{name}",
        )

    return _question(
        "actions",
        "Actions",
        "Each key works without this list.",
        rx.el.div(
            *[act(text, key, Inbox.settle(str(outcome)), name) for text, name, key, _, outcome in OUTCOMES],
            act("Do not contact…", "d", Inbox.ask("dnc"), "dnc"),
            act("Interested", "", Inbox.settle("interested"), "interested"),
            act("Not interested", "", Inbox.settle("not_interested"), "not-interested"),
            act("Reviewed, nothing follows", "", Inbox.settle("reviewed"), "reviewed"),
            act("Correct what the reply means…", "", Inbox.ask("label"), "label"),
            act("Snooze…", "h", Inbox.ask("snooze"), "snooze"),
            act("Give it to…", "a", Inbox.ask("assign"), "assign"),
            class_name="stack tight actions-list",
        ),
    )
