"""What can be done with the leads that are chosen in the list: the bar over it, and the question before it is done.

``lists.SelectionAct`` hands a handler what is chosen: ``{ids, count}``, or ``{filter, except_ids, count}`` where it is
the whole filter but some. It is what ``ChosenLeads`` and the bulk routes of the API take.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

import reflex as rx
from pydantic import ValidationError

from leadflow.bulk import service as bulk
from leadflow.bulk.types import NAMED, BulkChange, ChosenLeads
from leadflow.identity import rules
from leadflow.identity import service as identity
from leadflow.identity.types import Principal
from leadflow.kernel.db import UnitOfWork
from leadflow.kernel.errors import Invalid
from leadflow.leads import service as leads
from leadflow.pages.leads.state import CHOICES
from leadflow.ui import lists
from leadflow.ui.action import Desk, Page, action
from leadflow.ui.feedback import icon
from leadflow.ui.form import button, choose, field, text_in
from leadflow.ui.shell import may
from leadflow.ui.table import options
from leadflow.ui.tokens import LEAD
from models.vocabulary import BulkState, Permission

TITLES = {
    "status": "Change the status",
    "assignee": "Assign",
    "add_tag": "Add a tag",
    "remove_tag": "Take a tag away",
    "add_list": "Put on a list",
    "remove_list": "Take off a list",
    "remove": "Remove",
    "share": "Share out",
}
"""By the field of ``BulkChange`` that each changes."""


class LeadBulk(Page, rx.State):
    """The question before many leads are changed."""

    what: str = ""
    """The field that is to change; empty while nothing is asked."""
    title: str = ""
    count: int = 0
    value: str = ""
    told: str = ""
    """What the change would reach, once a value is chosen."""
    known: list[list[str]] = []
    """What may be chosen: value and label."""
    _chosen: dict[str, Any] = {}

    @action(Permission.LEAD_WRITE)
    async def ask(self, desk: Desk, what: str, chosen: dict[str, Any]) -> None:
        """Ask how the leads that are chosen shall be changed."""
        self.errors, self.told, self.value = {}, "", ""
        self.known = await desk.do(lambda uow: _known(uow, desk.actor, what))
        self.what, self.title, self.count = what, TITLES[what], int(chosen.get("count", 0))
        self._chosen = {name: chosen[name] for name in ("ids", "filter", "except_ids") if name in chosen}

    @action(Permission.LEAD_WRITE)
    async def look(self, desk: Desk, value: str) -> None:
        """Count what the change would reach."""
        self.value, self.told, self.errors = value, "", {}
        if value.strip():
            chosen, change = self._wanted()
            seen = await desk.do(lambda uow: bulk.preview(uow, desk.actor, chosen, change))
            same = seen.leads - seen.change
            verb = "Removes" if self.what == "remove" else "Changes"
            self.told = f"{verb} {seen.change:,} of {seen.leads:,}" + (f"; {same:,} are so already." if same else ".")

    @action(Permission.LEAD_WRITE)
    async def start(self, desk: Desk) -> None:
        """Change the leads."""
        chosen, change = self._wanted()
        edit_id: UUID = await desk.do(lambda uow: bulk.start(uow, desk.actor, chosen, change))
        made = await desk.do(lambda uow: bulk.get(uow, desk.actor, edit_id))
        self.what, self._chosen = "", {}
        desk.ring("lf:bulk")
        if made.state is BulkState.DONE:
            changed = sum(made.outcomes.values())
            desk.say(f"{made.summary}: {changed:,} leads", undo=f"/api/v1/bulk/{edit_id}/undo")
        else:
            desk.say(f"{made.summary}: under way", "Bulk edits shows how far it is, and the way back.", kind="info")

    @action(Permission.LEAD_WRITE)
    async def close(self, desk: Desk) -> None:
        """Leave the leads as they are."""
        del desk
        self.what, self._chosen = "", {}

    def _wanted(self) -> tuple[ChosenLeads, BulkChange]:
        value = self.value.strip()
        if not value:
            raise Invalid("Choose or write something first.", "bulk_value")
        try:
            return ChosenLeads.model_validate(self._chosen), BulkChange.model_validate(
                {self.what: value.split(",") if self.what == "share" else value}
            )
        except ValidationError as error:
            if "too_long" in {one["type"] for one in error.errors()}:
                raise Invalid(f"At most {NAMED:,} leads can be chosen one by one. Choose the whole filter.") from error
            raise Invalid("That cannot be taken. Write at most 80 letters.", "bulk_value") from error


def bar() -> rx.Component:
    """Say how many leads are chosen, and offer what can be done with them."""
    return rx.fragment(
        rx.cond(
            may(Permission.LEAD_WRITE), lists.SelectionBar.create(*actions(), grid="leads", one="lead", many="leads")
        ),
        _question(),
    )


def actions() -> tuple[rx.Component, ...]:
    """List what can be done."""
    return (
        _act("status", "Status", "circle-dot"),
        rx.cond(may(Permission.LEAD_ASSIGN), _act("assignee", "Assign", "user-round")),
        rx.cond(may(Permission.LEAD_ASSIGN), _act("share", "Share out", "shuffle")),
        _act("add_tag", "Tag", "tag"),
        _act("remove_tag", "Untag", "tag"),
        _act("add_list", "List", "list-plus"),
        _act("remove_list", "Off list", "list-x"),
        rx.cond(may(Permission.LEAD_REMOVE), _act("remove", "Remove", "trash-2")),
    )


def _act(what: str, label: str, sign: str) -> rx.Component:
    return lists.SelectionAct.create(
        icon(sign, 13),
        label,
        grid="leads",
        on_pick=lambda chosen: LeadBulk.ask(what, chosen),
        id=f"bulk-{what}",
        class_name="btn sm",
        title=TITLES[what],
    )


def _question() -> rx.Component:
    return rx.dialog.root(
        rx.dialog.content(
            rx.dialog.title(LeadBulk.title, size="4"),
            rx.dialog.description(LeadBulk.count, " leads are chosen.", size="2"),
            rx.el.form(
                field(
                    rx.cond(LeadBulk.what == "remove", "Why", "To"), _value(), name="bulk-value", errors=LeadBulk.errors
                ),
                rx.el.p(LeadBulk.told, class_name="dim", role="status", id="bulk-told"),
                rx.el.div(
                    button("Keep them as they are", on_click=LeadBulk.close),
                    button(
                        rx.cond(LeadBulk.what == "remove", "Remove them", "Change them"),
                        kind="primary",
                        type="submit",
                        disabled=LeadBulk.value == "",
                        id="bulk-start",
                    ),
                    class_name="row end",
                ),
                on_submit=LeadBulk.start,
                class_name="stack",
            ),
            class_name="lf-dialog",
            max_width="440px",
            on_escape_key_down=LeadBulk.close,
            on_pointer_down_outside=LeadBulk.close,
        ),
        open=LeadBulk.what != "",
    )


def _value() -> rx.Component:
    return rx.cond(
        (LeadBulk.what == "status") | (LeadBulk.what == "assignee") | (LeadBulk.what == "share"),
        choose("bulk-value", LeadBulk.known, value=LeadBulk.value, on_change=LeadBulk.look, auto_focus=True),
        rx.fragment(
            text_in(
                "bulk-value",
                list="bulk-known",
                max_length=80,
                on_change=LeadBulk.look.debounce(250),
                auto_focus=True,
                auto_complete="off",
            ),
            rx.el.datalist(rx.foreach(LeadBulk.known, lambda one: rx.el.option(value=one[0])), id="bulk-known"),
        ),
    )


def _known(uow: UnitOfWork, actor: Principal, what: str) -> list[list[str]]:
    first = ["", "Choose…"]
    if what == "status":
        return [first, *options(LEAD)]
    if what == "assignee":
        found = identity.members(uow, actor) if rules.may(actor, Permission.MEMBER_READ) else ()
        return [first, ["none", "Nobody"], *([str(one.id), one.name] for one in found if one.active)]
    if what == "remove":
        return []
    if what == "share":
        return [first, *_groups(uow, actor)]
    rows = leads.tags(uow, actor) if what.endswith("tag") else leads.lists(uow, actor)
    return [[row.name, row.name] for row in rows[:CHOICES]]


def _groups(uow: UnitOfWork, actor: Principal) -> list[list[str]]:
    """List among whom leads may be shared out: everybody who is here, the members of each rule."""
    here = [one for one in leads.attendance(uow, actor) if one.away_until is None]
    groups = [[",".join(str(one.user_id) for one in here), f"Everybody who is here ({len(here)})"]] if here else []
    for rule in leads.assignment_rules(uow, actor):
        members = [turn for turn in rule.turns if turn.available]
        if members:
            names = ", ".join(turn.name for turn in members)
            groups.append([",".join(str(turn.user_id) for turn in members), f"{rule.name}: {names}"])
    return groups
