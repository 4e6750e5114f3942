"""/inbox/replies: answers that are kept ready, one's own and the organisation's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import reflex as rx
from pydantic import ValidationError

from leadflow.inbox import service as inbox
from leadflow.inbox.types import CannedInput, CannedRow
from leadflow.kernel.errors import Invalid
from leadflow.messaging.rules.fields import MERGE_FIELDS
from leadflow.ui import client
from leadflow.ui.action import Desk, Page, action, loads
from leadflow.ui.feedback import empty, ready
from leadflow.ui.form import button, choose, confirm, field, text_in
from leadflow.ui.shell import header, may, page
from models.vocabulary import Permission

KEYS = [("", "No key"), *((str(digit), str(digit)) for digit in range(1, 10))]


@dataclass(frozen=True)
class Reply:
    """An answer that is kept ready."""

    id: str
    name: str
    body: str
    key: str
    shared: bool
    segments: int
    may_change: bool


class Replies(Page, rx.State):
    """The caller's answers, and the one that is being written."""

    rows: list[Reply] = []
    editing: Reply = Reply("", "", "", "", shared=False, segments=0, may_change=True)
    saved: int = 0

    @loads(Permission.INBOX_READ)
    async def load(self, desk: Desk) -> None:
        """Read the answers."""
        self.failure = {}
        await self._list(desk)
        self.loaded = True

    @action(Permission.INBOX_REPLY)
    async def edit(self, desk: Desk, reply_id: str) -> None:
        """Take an answer into the form; an empty id empties it."""
        del desk
        blank = Reply("", "", "", "", shared=False, segments=0, may_change=True)
        self.editing = next((row for row in self.rows if row.id == reply_id), blank)
        self.saved += 1

    @action(Permission.INBOX_REPLY)
    async def save(self, desk: Desk, form: dict[str, Any]) -> None:
        """Keep what the form holds."""
        given, known = _given(form), str(form.get("reply_id") or "")
        if known:
            await desk.do(lambda uow: inbox.change_canned(uow, desk.actor, UUID(known), given))
        else:
            await desk.do(lambda uow: inbox.keep_canned(uow, desk.actor, given))
        await self._list(desk)
        self.editing, self.saved = Reply("", "", "", "", shared=False, segments=0, may_change=True), self.saved + 1
        desk.say("Kept")

    @action(Permission.INBOX_REPLY)
    async def remove(self, desk: Desk, reply_id: UUID) -> None:
        """Let an answer go."""
        await desk.do(lambda uow: inbox.remove_canned(uow, desk.actor, reply_id))
        await self._list(desk)
        desk.say("Removed")

    async def _list(self, desk: Desk) -> None:
        self.rows = [_row(row) for row in await desk.do(lambda uow: inbox.canned(uow, desk.actor))]


def _row(row: CannedRow) -> Reply:
    return Reply(
        str(row.id), row.name, row.body, str(row.key or ""), row.shared, row.segments, may_change=row.may_change
    )


def _given(form: dict[str, Any]) -> CannedInput:
    try:
        return CannedInput(
            name=str(form.get("name") or "").strip(),
            body=str(form.get("body") or ""),
            key=int(form["key"]) if form.get("key") else None,
            shared=form.get("shared") == "1",
        )
    except ValidationError as error:
        where = str(error.errors()[0]["loc"][0])
        raise Invalid(
            {"name": "Give it a name of up to 60 characters."}.get(where, "Write the answer."), where
        ) from error


def view() -> rx.Component:
    """Show the answers and the form."""
    return page(
        header("Ready answers", back=("/inbox", "Inbox")),
        ready(
            Replies,
            rx.el.div(
                rx.el.div(
                    rx.cond(
                        Replies.rows.length() > 0,
                        rx.el.ul(rx.foreach(Replies.rows, _one), class_name="plain lines", id="replies"),
                        empty(
                            "message-square-quote",
                            "None is kept ready yet",
                            "Write down what you answer again and again. A key of its own puts it into the composer.",
                        ),
                    ),
                    class_name="card",
                ),
                rx.cond(may(Permission.INBOX_REPLY), _form()),
                class_name="pad wide cols two",
            ),
        ),
        soft=True,
    )


def _one(one: rx.Var[Reply]) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.el.div(
                rx.cond(one.key != "", rx.el.kbd(one.key)),
                rx.el.b(one.name),
                rx.el.span(rx.cond(one.shared, "Everybody's", "Your own"), class_name="tag"),
                rx.el.span(one.segments, rx.cond(one.segments == 1, " segment", " segments"), class_name="dim"),
                class_name="row wrap",
            ),
            rx.cond(
                one.may_change,
                rx.el.div(
                    button("Change", kind="sm", on_click=Replies.edit(one.id)),
                    confirm(
                        button("Remove", kind="ghost sm"),
                        "Remove this answer?",
                        "Whoever has it on a key will miss it.",
                        button("Remove", kind="danger", on_click=Replies.remove(one.id)),
                    ),
                    class_name="row",
                ),
            ),
            class_name="between",
        ),
        rx.el.div(one.body, class_name="wrap"),
        custom_attrs={"data-reply": one.name},
    )


def _form() -> rx.Component:
    one = Replies.editing
    return rx.el.form(
        rx.el.h2(rx.cond(one.id != "", "Change an answer", "A new answer")),
        rx.el.input(type="hidden", name="reply_id", value=one.id),
        field("Name", text_in("name", default_value=one.name, max_length=60), name="name", errors=Replies.errors),
        rx.el.div(
            rx.el.label("Text", html_for="body"),
            client.Compose.create(
                id="body", name="body", label="Text", rows=4, default_value=one.body, clear=Replies.saved
            ),
            rx.el.span(
                "Fields: ",
                ", ".join(f"{{{{ {name} }}}}" for name in MERGE_FIELDS),
                ". Give one a fallback with ",
                rx.el.span('{{ first_name | default: "there" }}', class_name="code"),
                ".",
                class_name="hint",
            ),
            rx.cond(
                Replies.errors.contains("body"), rx.el.span(Replies.errors["body"], class_name="err", role="alert")
            ),
            class_name="field",
        ),
        field("Key", choose("key", KEYS, default_value=one.key), name="key", hint="Yours come before everybody's."),
        rx.cond(
            may(Permission.CAMPAIGN_APPROVE),
            rx.el.label(
                rx.el.input(type="checkbox", name="shared", value="1", default_checked=one.shared),
                " For the whole organization",
                class_name="row",
            ),
        ),
        rx.el.div(
            rx.cond(one.id != "", button("Write a new one instead", kind="ghost", on_click=Replies.edit(""))),
            button("Keep it", kind="primary", type="submit", id="keep-reply"),
            class_name="row",
        ),
        on_submit=Replies.save,
        reset_on_submit=False,
        class_name="card stack",
        id="reply-form",
        key="form-" + one.id + Replies.saved.to(str),
    )
