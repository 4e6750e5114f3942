"""/bulk: edits of many leads, how far each is, what became of each lead, and the way back."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import reflex as rx

from leadflow.bulk import service as bulk
from leadflow.bulk.types import BulkRow
from leadflow.ui import client
from leadflow.ui.action import Desk, Page, action, loads
from leadflow.ui.address import record
from leadflow.ui.feedback import empty, pill, ready
from leadflow.ui.form import button, confirm, link
from leadflow.ui.shell import header, page
from leadflow.ui.table import column, options
from leadflow.ui.tokens import BULK, BULK_LEAD, words
from models.vocabulary import BulkOutcome, BulkState, Permission

SHOWN = 50
EVERY = 1_500
"""Milliseconds between two looks while an edit is under way."""
MOVING = frozenset({BulkState.WAITING, BulkState.RUNNING, BulkState.UNDOING})
OUTCOMES = {
    BulkOutcome.CHANGED: "changed",
    BulkOutcome.UNDONE: "given back",
    BulkOutcome.KEPT: "changed further since, left as they are",
    BulkOutcome.SAME: "were so already",
    BulkOutcome.GONE: "not there any more, or somebody else's",
    BulkOutcome.WAITING: "waiting",
}
COLUMNS = [
    column("outcome", "What became of it", 170, "pill", tones=BULK_LEAD, small=True, small_width=130),
    column("street", "Address", 240, "strong", small=True, small_width=190),
    column("owner", "Owner", 200),
    column("did", "Changed", 300, "tags", flex=1),
]


@dataclass(frozen=True)
class Edit:
    """An edit of many leads."""

    id: str
    summary: str
    state: str
    tone: str
    told: str
    """Leads by what became of them, in words."""
    fault: str
    asked_at: str
    asked_by: str
    undo_until: str
    done: int
    total: int
    moving: bool
    stoppable: bool


class Bulk(Page, rx.State):
    """Edits, and the one that is open."""

    rows: list[Edit] = []
    moving: bool = False
    edit: str = ""
    """Id of the edit whose leads are shown."""
    about: str = ""

    @loads(Permission.LEAD_WRITE)
    async def load(self, desk: Desk) -> None:
        """Read the edits, and the one that the address names."""
        self.failure, self.edit, self.about = {}, "", ""
        if wanted := record(self, "edit"):
            found = await desk.do(lambda uow: bulk.get(uow, desk.actor, wanted))
            self.edit, self.about = str(found.id), found.summary
        await self._list(desk)
        self.loaded = True

    @action(Permission.LEAD_WRITE)
    async def look(self, desk: Desk) -> None:
        """See how far the edits are."""
        await self._list(desk)

    @action(Permission.LEAD_WRITE)
    async def undo(self, desk: Desk, edit_id: UUID) -> None:
        """Take an edit back."""
        await desk.do(lambda uow: bulk.undo(uow, desk.actor, edit_id))
        await self._list(desk)
        desk.ring("lf:grid")
        desk.say("Undone", "Leads that somebody changed further since were left as they are.")

    @action(Permission.LEAD_WRITE)
    async def stop(self, desk: Desk, edit_id: UUID) -> None:
        """Stop an edit that is under way."""
        await desk.do(lambda uow: bulk.stop(uow, desk.actor, edit_id))
        await self._list(desk)
        desk.say("Stopping", "What was changed until now stays, and can be undone.")

    async def _list(self, desk: Desk) -> None:
        found = await desk.do(lambda uow: bulk.listing(uow, desk.actor, None, SHOWN))
        rows = [_edit(row) for row in found.rows]
        if rows != self.rows:
            self.rows = rows
        self.moving = any(row.moving for row in rows)


def _edit(row: BulkRow) -> Edit:
    total = row.total or 0
    waiting = row.outcomes.get(BulkOutcome.CHANGED if row.state is BulkState.UNDOING else BulkOutcome.WAITING, 0)
    told = "; ".join(f"{row.outcomes[name]:,} {text}" for name, text in OUTCOMES.items() if row.outcomes.get(name))
    return Edit(
        id=str(row.id),
        summary=row.summary,
        state=words(row.state),
        tone=BULK[row.state][0],
        told=told or "The leads are being looked up.",
        fault=row.fault,
        asked_at=row.asked_at.isoformat(),
        asked_by=row.asked_by,
        undo_until=row.undo_until.isoformat() if row.undo_until and row.outcomes.get(BulkOutcome.CHANGED) else "",
        done=total - waiting,
        total=max(total, 1),
        moving=row.state in MOVING,
        stoppable=row.state in {BulkState.WAITING, BulkState.RUNNING},
    )


def view() -> rx.Component:
    """Show the edits, or the leads of one."""
    return page(
        header("Bulk edits", back=("/leads", "Leads")),
        ready(
            Bulk,
            rx.fragment(
                client.Ticker.create(every=EVERY, on=Bulk.moving, on_tick=Bulk.look),
                rx.cond(Bulk.edit != "", _leads(), _edits()),
            ),
        ),
        soft=True,
        scroll=False,
    )


def _edits() -> rx.Component:
    return rx.el.div(
        rx.el.section(
            rx.cond(
                Bulk.rows.length() > 0,
                rx.el.ul(rx.foreach(Bulk.rows, _one), class_name="plain lines", id="bulk-edits"),
                empty(
                    "list-checks",
                    "No bulk edit yet",
                    "Select leads in the list, or all of a filter, and change them together. What became of each "
                    "stands here, with the way back.",
                    link("To the leads", "/leads", kind="primary"),
                ),
            ),
            class_name="card",
        ),
        class_name="pad wide stack scroll",
    )


def _leads() -> rx.Component:
    return rx.fragment(
        rx.el.div(
            link("All bulk edits", "/bulk", sign="arrow-left", kind="sm"),
            rx.el.b(Bulk.about),
            client.Choice.create(
                param="outcome", options=options(BULK_LEAD), label="What became of it", id="filter-outcome"
            ),
            class_name="bar top",
        ),
        rx.el.div(
            client.Grid.create(
                name="bulk-leads",
                api="/api/v1/bulk/" + Bulk.edit + "/leads",
                columns=COLUMNS,
                params=["outcome"],
                row_key="lead_id",
                row_href="/leads?lead={lead_id}",
                label="Leads of this edit",
                cursor=True,
                empty_title="No lead",
                empty_text="None of this edit's leads ended like this.",
            ),
            class_name="gridbox",
        ),
    )


def _one(one: rx.Var[Edit]) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.el.div(pill(one.tone, one.state), rx.el.b(one.summary, class_name="wrap"), class_name="row wrap"),
            rx.el.div(
                rx.cond(one.moving, rx.el.progress(value=one.done, max=one.total, aria_label="Done of " + one.summary)),
                rx.cond(one.stoppable, button("Stop", sign="square", kind="sm", on_click=Bulk.stop(one.id))),
                rx.cond(
                    one.undo_until != "",
                    confirm(
                        button("Undo", sign="undo-2", kind="sm", id="undo-" + one.id),
                        "Undo this edit?",
                        "Each lead gets back what the edit changed, unless somebody changed it further since. A "
                        "campaign that stopped for somebody because of it stays stopped.",
                        button("Undo", kind="primary", on_click=Bulk.undo(one.id), id="undo-sure"),
                    ),
                ),
                link("Leads", "/bulk?edit=" + one.id, kind="sm"),
                class_name="row wrap",
            ),
            class_name="between wrap",
        ),
        rx.el.div(one.told, ". ", one.fault, class_name="wrap"),
        rx.el.div(
            one.asked_by,
            ", ",
            client.When.create(at=one.asked_at, kind="when"),
            rx.cond(
                one.undo_until != "",
                rx.fragment("; can be undone until ", client.When.create(at=one.undo_until, kind="day")),
            ),
            class_name="dim",
        ),
        custom_attrs={"data-edit": one.id, "data-state": one.state},
    )
