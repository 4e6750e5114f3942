"""Notes that mention the reader: shown under Today until they are read."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import reflex as rx

from leadflow.leads import service as leads
from leadflow.leads.work_types import MentionRow
from leadflow.ui import client
from leadflow.ui.action import Desk, Page, action, loads
from leadflow.ui.form import button
from models.vocabulary import Permission

SHOWN = 8
"""Mentions of the card, the newest first."""
LONGEST = 200
"""Letters of a note."""


@dataclass(frozen=True)
class MentionView:
    """A note that names the reader."""

    id: str
    at: str
    href: str
    where: str
    text: str
    author: str


class Mentions(Page, rx.State):
    """What waits to be read."""

    rows: list[MentionView] = []
    more: int = 0
    """Mentions that are not shown."""

    @loads(Permission.LEAD_READ)
    async def load(self, desk: Desk) -> None:
        """Read what waits."""
        self.failure = {}
        await self._look(desk)
        self.loaded = True

    @action(Permission.LEAD_READ)
    async def read(self, desk: Desk, mention_id: UUID) -> None:
        """Note that a mention was read."""
        await desk.do(lambda uow: leads.read_mention(uow, desk.actor, mention_id))
        await self._look(desk)

    async def _look(self, desk: Desk) -> None:
        found = await desk.do(lambda uow: leads.mentions(uow, desk.actor, None, SHOWN))
        self.rows = [_view(row) for row in found.rows]
        self.more = max(0, (found.count or 0) - len(self.rows))


def _view(row: MentionRow) -> MentionView:
    text = row.text if len(row.text) <= LONGEST else row.text[: LONGEST - 1] + "…"
    where = row.street or row.owner or "A lead"
    return MentionView(str(row.id), row.at.isoformat(), f"/leads/{row.lead_id}", where, text, row.author)


def card() -> rx.Component:
    """Show what waits to be read; nothing where nothing does."""
    return rx.cond(
        Mentions.rows.length() > 0,
        rx.el.div(
            rx.el.h2("You are mentioned"),
            rx.el.ul(rx.foreach(Mentions.rows, _row), class_name="tasks wide"),
            rx.cond(Mentions.more > 0, rx.el.p("and ", Mentions.more, " more", class_name="dim")),
            class_name="card",
            id="mentions",
        ),
    )


def _row(row: rx.Var[MentionView]) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.link(row.where, href=row.href, class_name="strong"),
            rx.el.span(" · ", row.author, " · ", class_name="dim"),
            client.When.create(at=row.at, kind="when"),
            rx.el.div(row.text, class_name="wrap"),
            class_name="grow",
        ),
        button("Read", kind="sm", sign="check", on_click=Mentions.read(row.id)),
        custom_attrs={"data-mention": row.id},
    )
