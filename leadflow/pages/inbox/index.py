"""/inbox: who answered, what they said, and what may be answered at this moment."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import reflex as rx

from leadflow.identity import rules
from leadflow.inbox import service as inbox
from leadflow.inbox.types import ConversationOutcome, Folder
from leadflow.kernel.errors import Invalid
from leadflow.pages.inbox.rows import FOLDERS, Conv, Said, Talk, WindowView, conv, talk, window
from leadflow.ui import client
from leadflow.ui.action import Desk, Page, action, loads
from leadflow.ui.address import record, word
from leadflow.ui.feedback import banner, empty, icon, pill, ready
from leadflow.ui.form import button, link
from leadflow.ui.shell import may, page
from models.vocabulary import Permission

PAGE = 40
"""Conversations of one page."""
EVERY = 5_000
"""Milliseconds between two looks for news."""


class Inbox(Page, rx.State):
    """One page of conversations and the open one."""

    folders: list[list[Any]] = []
    rows: list[Conv] = []
    next: str = ""
    first: bool = True
    """Whether this is the first page of the folder."""
    talk: Talk = Talk()
    shown: str = ""
    window: WindowView = WindowView()
    sent: int = 0

    @loads(Permission.INBOX_READ)
    async def load(self, desk: Desk) -> None:
        """Read the folder and the conversation that the address names."""
        self.failure = {}
        await self._list(desk)
        wanted = record(self, "conversation")
        self.shown = str(wanted or "")
        if wanted:
            await self._open(desk, wanted)
        self.loaded = True

    @action(Permission.INBOX_READ)
    async def refresh(self, desk: Desk) -> None:
        """Look for news."""
        await self._list(desk)
        if self.shown:
            await self._open(desk, UUID(self.shown))

    @action(Permission.INBOX_REPLY)
    async def reply(self, desk: Desk, form: dict[str, Any]) -> None:
        """Queue an answer; the gate decides again when it leaves."""
        body, conversation = str(form.get("body") or "").strip(), UUID(str(form.get("conversation")))
        if not body:
            raise Invalid("Write something first.", "body")
        await desk.do(lambda uow: inbox.reply(uow, desk.actor, conversation, body))
        self.sent += 1
        await self._open(desk, conversation)

    @action(Permission.INBOX_REPLY)
    async def settle(self, desk: Desk, outcome: ConversationOutcome) -> None:
        """Say what the conversation came to."""
        conversation = UUID(self.shown)
        await desk.do(lambda uow: inbox.settle(uow, desk.actor, conversation, outcome, "Said so"))
        await self._list(desk)
        await self._open(desk, conversation)
        desk.say(SAID[outcome])

    async def _list(self, desk: Desk) -> None:
        folder, after = _folder(word(self, "folder")), word(self, "after") or None
        box = await desk.do(lambda uow: inbox.inbox(uow, desk.actor, folder, after, PAGE, word(self, "q")))
        rows = [conv(row) for row in box.rows]
        folders = [["" if one is Folder.ALL else str(one), label, box.counts.get(one, 0)] for one, label in FOLDERS]
        self.first, self.next = after is None, box.after or ""
        if rows != self.rows:
            self.rows = rows
        if folders != self.folders:
            self.folders = folders

    async def _open(self, desk: Desk, conversation: UUID) -> None:
        found = talk(await desk.do(lambda uow: inbox.thread(uow, desk.actor, conversation)))
        if found != self.talk:
            self.talk = found
            if rules.may(desk.actor, Permission.INBOX_REPLY):
                await desk.do(lambda uow: inbox.mark_read(uow, desk.actor, conversation))
        open_now = window(await desk.do(lambda uow: inbox.window(uow, desk.actor, conversation)))
        if open_now != self.window:
            self.window = open_now


SAID = {
    ConversationOutcome.INTERESTED: "Marked as interested",
    ConversationOutcome.NOT_INTERESTED: "Marked as not interested",
    ConversationOutcome.WRONG_NUMBER: "The number will not be texted again",
    ConversationOutcome.DNC: "This person will not be contacted again",
    ConversationOutcome.REVIEWED: "Reviewed",
    ConversationOutcome.VERIFIED: "The number is correct",
    ConversationOutcome.QUALIFIED: "Qualified",
    ConversationOutcome.PRIORITY: "Marked as priority",
}


def _folder(text: str) -> Folder:
    return next((one for one in Folder if one == text), Folder.ALL)


def view() -> rx.Component:
    """Show the panes."""
    return page(
        ready(Inbox, _panes()),
        client.Ticker.create(every=EVERY, on=Inbox.loaded, on_tick=Inbox.refresh),
        client.Walk.create(target=".convs .conv", active="[aria-current=true]"),
        *[client.Press.create(name=key, target=f"#outcome-{key}") for key in ("interested", "wrong", "dnc")],
        scroll=False,
    )


def _panes() -> rx.Component:
    return rx.el.div(
        rx.el.div(
            rx.el.h1("Inbox"),
            client.Words.create(
                param="folder", items=Inbox.folders, label="Folders", kind="folders", clear=["conversation", "after"]
            ),
            class_name="folders-pane",
        ),
        rx.el.div(
            rx.el.div(
                client.SearchBox.create(param="q", placeholder="Name, address or number", id="inbox-search"),
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
        rx.cond(Inbox.shown != "", rx.fragment(_talk(), _card()), _nothing_open()),
        class_name="inbox",
        custom_attrs={"data-open": rx.cond(Inbox.shown != "", "1", "0")},
    )


def _conv(one: rx.Var[Conv]) -> rx.Component:
    return client.WordLink.create(
        rx.el.span(one.initials, class_name="av", custom_attrs={"aria-hidden": "true"}),
        rx.el.b(one.name),
        client.When.create(at=one.at, kind="ago"),
        rx.el.span(one.where, class_name="s where"),
        rx.el.span(
            rx.cond(one.unread > 0, rx.el.span(one.unread, class_name="n", title="unread")),
            rx.cond(one.label != "", pill(one.label_tone, one.label)),
            rx.cond(one.locked, rx.el.span(icon("lock", 12), rx.el.span("locked", class_name="sr"), class_name="lock")),
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
            rx.fragment(rx.el.kbd("j"), " and ", rx.el.kbd("k"), " walk through them."),
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
            rx.cond(
                one.outcome != "", pill("info", one.outcome), rx.cond(one.label != "", pill(one.label_tone, one.label))
            ),
        ),
        rx.el.div(
            rx.foreach(one.said, _said),
            class_name="thread",
            id="thread",
            custom_attrs={"aria-live": "polite", "tabIndex": "0", "aria-label": "Texts", "role": "log"},
        ),
        client.ToEnd.create(mark=one.mark, target="#thread"),
        _foot(),
        class_name="talk",
        aria_label="Conversation",
    )


def _said(one: rx.Var[Said]) -> rx.Component:
    return rx.el.div(
        rx.el.span(one.body),
        rx.el.small(
            client.When.create(at=one.at, kind="when"),
            rx.cond(one.out & (one.state != ""), rx.fragment(" · ", rx.el.b(one.state))),
            rx.cond(~one.out & (one.label != ""), rx.fragment(" · read as ", rx.el.b(one.label))),
            rx.cond(one.why != "", rx.fragment(" · ", one.why)),
        ),
        class_name=rx.cond(one.out, "msg out", "msg"),
        custom_attrs={"data-tone": one.tone, "data-message": one.id},
    )


def _foot() -> rx.Component:
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
                    may(Permission.SUPPRESSION_ADD),
                    button("Reviewed", kind="sm", on_click=Inbox.settle("reviewed"), id="outcome-reviewed"),
                ),
                sign="lock",
                id="locked",
            ),
        ),
        rx.el.div(
            _outcome("Interested", "interested", "q", "thumbs-up", ConversationOutcome.INTERESTED),
            _outcome("Not interested", "not-interested", "", "thumbs-down", ConversationOutcome.NOT_INTERESTED),
            _outcome("Wrong number", "wrong", "w", "phone-off", ConversationOutcome.WRONG_NUMBER),
            _outcome("Do not contact", "dnc", "d", "ban", ConversationOutcome.DNC),
            class_name="outcomes",
            role="group",
            aria_label="Outcome",
        ),
        _window(),
        rx.cond(may(Permission.INBOX_REPLY) & ~one.locked & Inbox.window.open, _composer()),
        class_name="compose",
    )


def _outcome(text: str, name: str, key: str, sign: str, outcome: ConversationOutcome) -> rx.Component:
    return button(
        rx.fragment(rx.el.span(text), rx.el.kbd(key, class_name="hide-s") if key else None),
        sign=sign,
        kind="sm",
        on_click=Inbox.settle(str(outcome)),
        id=f"outcome-{name}",
        disabled=~may(Permission.INBOX_REPLY),
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


def _composer() -> rx.Component:
    return rx.el.form(
        rx.el.input(type="hidden", name="conversation", value=Inbox.talk.id),
        client.Compose.create(
            id="reply",
            name="body",
            label="Your answer",
            placeholder="Answer… (r)",
            rows=2,
            clear=Inbox.sent,
            key="reply-" + Inbox.talk.id,
        ),
        rx.cond(Inbox.errors.contains("body"), rx.el.span(Inbox.errors["body"], class_name="err", role="alert")),
        button(
            rx.cond(Inbox.window.later_at != "", "Send later", "Send"),
            sign="send",
            kind="primary",
            type="submit",
            id="send-reply",
        ),
        on_submit=Inbox.reply,
        class_name="composer-form",
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
