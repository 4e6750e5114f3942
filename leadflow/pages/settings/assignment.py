"""/settings/assignment: to whom new leads go in turn, who is away, and how long a lead is its claimer's."""

from __future__ import annotations

import reflex as rx

from leadflow.identity import rules as roles
from leadflow.identity import service as identity
from leadflow.ui import client, lists
from leadflow.ui.action import Desk, Page, loads
from leadflow.ui.feedback import ready
from leadflow.ui.form import field, text_in
from leadflow.ui.shell import header, may, page
from models.vocabulary import Permission


class Assignment(Page, rx.State):
    """How long a lead is its claimer's; rules and members come by the API."""

    minutes: str = ""
    """Empty for whoever does not see the settings."""

    @loads(Permission.LEAD_ASSIGN)
    async def load(self, desk: Desk) -> None:
        """Read how long a claim holds."""
        self.failure = {}
        if roles.may(desk.actor, Permission.SETTINGS_READ):
            house = await desk.do(lambda uow: identity.organization(uow, desk.actor))
            self.minutes = str(house.claim_minutes)
        self.loaded = True


def view() -> rx.Component:
    """Show the rules, the members and the time of a claim."""
    return page(
        header("Assignment", back=("/settings", "Settings")),
        ready(Assignment, rx.el.div(lists.Assignment.create(), _claims(), class_name="pad wide stack")),
        soft=True,
    )


def _claims() -> rx.Component:
    return rx.cond(
        (Assignment.minutes != "") & may(Permission.SETTINGS_WRITE),
        client.ApiForm.create(
            rx.el.h2("Working on a lead"),
            field(
                "A lead is its claimer's for so many minutes",
                text_in("claim_minutes", type="number", default_value=Assignment.minutes, min="1", max="240"),
                name="claim_minutes",
                hint="Whoever calls or presses Claim has it so long; others wait, or a manager takes it over.",
            ),
            rx.el.div(rx.el.button("Keep", type="submit", class_name="btn primary", id="save-claims")),
            url="/api/v1/organization",
            method="PATCH",
            numbers=["claim_minutes"],
            done="Kept",
            label="Working on a lead",
            on_done=Assignment.load,
            class_name="card stack narrow",
            key="claims" + Assignment.minutes,
            id="claims",
        ),
    )
