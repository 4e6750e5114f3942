"""/campaigns/snippets: pieces of text with a name, written once and named by many messages."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import reflex as rx
from pydantic import ValidationError

from leadflow.campaigns import service as campaigns
from leadflow.campaigns.types import SnippetInput, SnippetRow
from leadflow.kernel.errors import Invalid
from leadflow.ui import client
from leadflow.ui.action import Desk, Page, action, loads
from leadflow.ui.address import word
from leadflow.ui.feedback import empty, ready, skeleton
from leadflow.ui.form import button, confirm, field, link, text_in
from leadflow.ui.shell import header, may, page
from models.vocabulary import Permission

SHOWN = 100


@dataclass(frozen=True)
class Piece:
    """A snippet in the list."""

    id: str = ""
    name: str = ""
    body: str = ""
    at: str = ""
    author: str = ""
    uses: str = ""


class Snippets(Page, rx.State):
    """The organisation's snippets, and the one that is written."""

    rows: list[Piece] = []
    total: str = ""
    following: str = ""
    open: Piece = Piece()
    """What the form holds; without an id it is a new one."""

    @loads(Permission.CAMPAIGN_READ)
    async def load(self, desk: Desk) -> None:
        """Read them."""
        self.failure, self.open = {}, Piece()
        await self._read(desk)
        self.loaded = True

    async def _read(self, desk: Desk) -> None:
        after = word(self, "after") or None
        found = await desk.do(lambda uow: campaigns.snippets(uow, desk.actor, after, SHOWN))
        self.rows = [_piece(row) for row in found.rows]
        self.total = f"{found.count:,}"
        self.following = f"/campaigns/snippets?after={found.next}" if found.next else ""

    @action(Permission.CAMPAIGN_EDIT)
    async def pick(self, desk: Desk, snippet_id: str) -> None:
        """Put a snippet into the form; an empty id begins a new one."""
        del desk
        self.errors = {}
        self.open = next((row for row in self.rows if row.id == snippet_id), Piece())

    @action(Permission.CAMPAIGN_EDIT)
    async def save(self, desk: Desk, form: dict[str, str]) -> None:
        """Write what the form holds."""
        try:
            given = SnippetInput(name=form.get("name", ""), body=form.get("body", ""))
        except ValidationError as error:
            at = str(error.errors()[0]["loc"][0])
            raise Invalid(SAID[at], at) from error
        key = self.open.id
        if key:
            await desk.do(lambda uow: campaigns.change_snippet(uow, desk.actor, UUID(key), given))
        else:
            await desk.do(lambda uow: campaigns.add_snippet(uow, desk.actor, given))
        self.open = Piece()
        await self._read(desk)
        desk.say("Saved", "Campaigns that name it and were approved must be approved again." if key else "")

    @action(Permission.CAMPAIGN_EDIT)
    async def remove(self, desk: Desk, snippet_id: UUID) -> None:
        """Delete a snippet that nothing names."""
        await desk.do(lambda uow: campaigns.remove_snippet(uow, desk.actor, snippet_id))
        self.open = Piece()
        await self._read(desk)
        desk.say("Deleted")


SAID = {
    "name": "A name begins with a small letter and goes on with small letters, digits and _, forty at most.",
    "body": "Write a text of 1 to 800 letters.",
}


def _piece(row: SnippetRow) -> Piece:
    uses = ", ".join(row.used_in)
    return Piece(str(row.id), row.name, row.body, row.updated_at.isoformat(), row.author, uses)


def view() -> rx.Component:
    """Show them, and the form."""
    return page(
        header(
            "Snippets",
            rx.el.span(Snippets.total, class_name="count"),
            back=("/campaigns", "Campaigns"),
        ),
        ready(Snippets, _body(), rx.el.div(skeleton(6), class_name="pad")),
        soft=True,
    )


def _body() -> rx.Component:
    return rx.el.div(
        rx.el.section(
            rx.cond(
                Snippets.rows.length() > 0,
                rx.el.ul(rx.foreach(Snippets.rows, _row), class_name="plain lines", id="snippets"),
                empty(
                    "puzzle",
                    "No snippets yet",
                    "A signature or a way out that many messages share: write it once, name it everywhere.",
                ),
            ),
            rx.cond(Snippets.following != "", link("More", Snippets.following, kind="soft")),
            class_name="card",
        ),
        rx.cond(may(Permission.CAMPAIGN_EDIT), _form()),
        class_name="pad cols two",
    )


def _row(row: rx.Var[Piece]) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.el.span(rx.el.b(row.name), " ", rx.el.span("{{ snippets." + row.name + " }}", class_name="code")),
            rx.cond(
                may(Permission.CAMPAIGN_EDIT),
                rx.el.span(
                    button("Edit", kind="sm", on_click=Snippets.pick(row.id), custom_attrs={"data-edit": row.name}),
                    confirm(
                        button("Delete", kind="ghost sm", custom_attrs={"data-delete": row.name}),
                        "Delete this snippet?",
                        "What was launched keeps its words. A snippet that a draft names cannot be deleted.",
                        button("Delete it", kind="stop", on_click=Snippets.remove(row.id), id="delete-yes"),
                    ),
                    class_name="row",
                ),
            ),
            class_name="row between",
        ),
        rx.el.div(row.body, class_name="letter"),
        rx.el.div(
            rx.cond(row.author != "", row.author + " ", ""),
            client.When.create(at=row.at, kind="ago"),
            rx.cond(row.uses != "", rx.fragment(" · named by ", row.uses), " · named by no draft"),
            class_name="dim note",
        ),
        custom_attrs={"data-snippet": row.name},
    )


def _form() -> rx.Component:
    piece = Snippets.open
    return rx.el.form(
        rx.el.h2(rx.cond(piece.id != "", rx.fragment("Edit ", piece.name), "New snippet")),
        field(
            "Name",
            text_in(
                "snippet-name",
                form_name="name",
                default_value=piece.name,
                key="name" + piece.id + piece.name,
                placeholder="opt_out",
                auto_complete="off",
            ),
            name="snippet-name",
        ),
        rx.cond(Snippets.errors.contains("name"), rx.el.span(Snippets.errors["name"], class_name="err", role="alert")),
        field(
            "Text",
            rx.el.textarea(
                id="snippet-body",
                name="body",
                rows=5,
                max_length=800,
                class_name="in",
                default_value=piece.body,
                key="body" + piece.id + piece.name,
                placeholder="Reply {STOP|END} and we will not text you again.",
            ),
            name="snippet-body",
            hint="May name merge fields and hold {one|another}.",
        ),
        rx.cond(Snippets.errors.contains("body"), rx.el.span(Snippets.errors["body"], class_name="err", role="alert")),
        rx.el.div(
            button("Save", kind="primary", type="submit", id="save-snippet"),
            rx.cond(piece.id != "", button("New one instead", kind="ghost", on_click=Snippets.pick(""))),
            class_name="row",
        ),
        on_submit=Snippets.save,
        class_name="card stack tight",
        key="form" + piece.id,
    )
