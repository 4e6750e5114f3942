"""/leads/removed: leads that were removed, by whom and why, and the way back; and the question in the drawer."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import reflex as rx

from leadflow.leads import service as leads
from leadflow.leads.types import RemovedRow
from leadflow.pages.leads.erasing import weighing
from leadflow.pages.leads.state import Leads
from leadflow.ui import client
from leadflow.ui.action import Desk, Page, action, loads
from leadflow.ui.address import word
from leadflow.ui.feedback import empty, ready
from leadflow.ui.form import button, link, text_in
from leadflow.ui.shell import header, may, page
from leadflow.ui.tokens import words
from models.vocabulary import Permission

SHOWN = 50


@dataclass(frozen=True)
class Gone:
    """A lead that was removed, ready to read."""

    id: str
    street: str
    about: str
    """Place and owner."""
    status: str
    why: str
    at: str
    by: str


class Removed(Page, rx.State):
    """Leads that were removed."""

    rows: list[Gone] = []
    total: str = ""
    after: str = ""
    """Where the next page begins; empty on the last."""

    @loads(Permission.LEAD_REMOVE)
    async def load(self, desk: Desk) -> None:
        """Read the first page."""
        self.failure = {}
        await self._read(desk)
        self.loaded = True

    @action(Permission.LEAD_REMOVE)
    async def more(self, desk: Desk) -> None:
        """Read the next page."""
        asked, after = word(self, "q"), self.after
        found = await desk.do(lambda uow: leads.removed(uow, desk.actor, asked, after, SHOWN))
        self.rows = self.rows + [_gone(row) for row in found.rows]
        self.after = found.next or ""

    @action(Permission.LEAD_REMOVE)
    async def restore(self, desk: Desk, lead_id: UUID) -> None:
        """Restore a lead."""
        await desk.do(lambda uow: leads.restore(uow, desk.actor, lead_id))
        await self._read(desk)
        desk.say("Restored", "It is where it was. Campaigns that stopped for it stay stopped.")

    async def _read(self, desk: Desk) -> None:
        asked = word(self, "q")
        found = await desk.do(lambda uow: leads.removed(uow, desk.actor, asked, None, SHOWN))
        self.rows, self.after = [_gone(row) for row in found.rows], found.next or ""
        count = found.count or 0
        self.total = f"{count:,} lead" if count == 1 else f"{count:,} leads"


def _gone(row: RemovedRow) -> Gone:
    return Gone(
        id=str(row.id),
        street=row.street or "Address not known",
        about=" · ".join(filter(None, (row.place, row.owner))),
        status=words(row.status),
        why=row.why,
        at=row.removed_at.isoformat(),
        by=row.removed_by or "LeadFlow",
    )


def view() -> rx.Component:
    """Show the removed leads."""
    return page(
        header("Removed leads", rx.el.span(Removed.total, class_name="dim"), back=("/leads", "Leads")),
        rx.el.div(
            client.SearchBox.create(param="q", placeholder="Address, owner or reason", id="removed-search"),
            class_name="bar top",
        ),
        ready(
            Removed,
            rx.el.div(
                weighing(),
                rx.el.section(
                    rx.cond(
                        Removed.rows.length() > 0,
                        rx.el.ul(rx.foreach(Removed.rows, _one), class_name="plain lines", id="removed-leads"),
                        empty(
                            "trash-2",
                            "Nothing is removed",
                            "A lead that is removed leaves every list and waits here. Its texts, consents and marks "
                            "against contact stay as they are.",
                            link("To the leads", "/leads", kind="primary"),
                        ),
                    ),
                    rx.cond(Removed.after != "", button("More", on_click=Removed.more, id="more-removed")),
                    class_name="card stack",
                ),
                class_name="pad wide stack",
            ),
        ),
        soft=True,
    )


def _one(one: rx.Var[Gone]) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.el.div(
                rx.el.div(rx.el.b(one.street), " ", rx.el.span(one.about, class_name="dim"), class_name="wrap"),
                rx.el.div("“", one.why, "” · was ", one.status, class_name="wrap"),
                rx.el.div(one.by, ", ", client.When.create(at=one.at, kind="when"), class_name="dim"),
                class_name="grow",
            ),
            rx.el.div(
                button("Restore", sign="undo-2", kind="sm", on_click=Removed.restore(one.id), id="restore-" + one.id),
                rx.cond(
                    may(Permission.PERSON_ERASE),
                    client.WordLink.create(
                        "Erase…",
                        rx.el.span(" ", one.street, class_name="sr"),
                        words={"erase": one.id},
                        class_name="btn sm",
                        id="erase-" + one.id,
                    ),
                ),
                class_name="row",
            ),
            class_name="between",
        ),
        custom_attrs={"data-removed": one.id},
    )


def removal() -> rx.Component:
    """Ask, in the drawer, why the lead is removed."""
    return rx.cond(
        may(Permission.LEAD_REMOVE),
        rx.el.details(
            rx.el.summary("Remove this lead"),
            rx.el.form(
                rx.el.input(type="hidden", name="lead_id", value=Leads.lead.id),
                text_in(
                    "remove-why",
                    form_name="why",
                    size="sm",
                    max_length=200,
                    required=True,
                    placeholder="Why, as: sold last year",
                    aria_label="Why it is removed",
                ),
                button("Remove", kind="danger sm", type="submit", id="remove-lead"),
                on_submit=Leads.remove,
                reset_on_submit=True,
                class_name="line-form",
            ),
            rx.el.p(
                "It leaves lists, map, tasks and campaigns, and can be restored. Texts, consents and marks against "
                "contact stay.",
                class_name="dim note",
            ),
            class_name="circumstances",
            id="removal",
        ),
    )
