"""/settings/assignment: to whom new leads go in turn, who is away, and how long a lead is its claimer's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import reflex as rx

from leadflow.identity import rules as roles
from leadflow.identity import service as identity
from leadflow.leads import service as leads
from leadflow.leads.assignment_types import RuleRow
from leadflow.ui import client
from leadflow.ui.action import Desk, Page, action, loads
from leadflow.ui.feedback import empty, pill, ready
from leadflow.ui.form import choose, field, text_in
from leadflow.ui.shell import header, may, page
from leadflow.ui.table import table
from models.vocabulary import Permission

AWAY = [
    ["", "Change…"],
    ["0", "Is here"],
    ["1", "Away for a day"],
    ["3", "Away for 3 days"],
    ["7", "Away for a week"],
    ["14", "Away for 2 weeks"],
]
RULES_URL = "/api/v1/assignment/rules"


@dataclass(frozen=True)
class Rule:
    """A rule, ready to read."""

    id: str
    name: str
    about: str
    """Which leads."""
    queue: str
    """Its members, who is next first, each with the leads that were given."""
    absent: str
    active: bool


@dataclass(frozen=True)
class Member:
    """A member, and until when away."""

    id: str
    name: str
    away_until: str


class Assignment(Page, rx.State):
    """Rules and members."""

    rules: list[Rule] = []
    members: list[Member] = []
    minutes: str = ""
    """How long a lead is its claimer's; empty for whoever does not see the settings."""

    @loads(Permission.LEAD_ASSIGN)
    async def load(self, desk: Desk) -> None:
        """Read the rules and the members."""
        self.failure = {}
        await self._read(desk)
        if roles.may(desk.actor, Permission.SETTINGS_READ):
            house = await desk.do(lambda uow: identity.organization(uow, desk.actor))
            self.minutes = str(house.claim_minutes)
        self.loaded = True

    async def _read(self, desk: Desk) -> None:
        found = await desk.do(lambda uow: leads.assignment_rules(uow, desk.actor))
        self.rules = [_rule(row) for row in found]
        here = await desk.do(lambda uow: leads.attendance(uow, desk.actor))
        self.members = [
            Member(str(one.user_id), one.name, one.away_until.isoformat() if one.away_until else "") for one in here
        ]

    @action(Permission.LEAD_ASSIGN)
    async def away(self, desk: Desk, user_id: UUID, days: str) -> None:
        """Note for how many days a member is away; none is here again."""
        span = timedelta(days=int(days)) if days.isdecimal() and int(days) else None
        await desk.do(lambda uow: leads.set_away(uow, desk.actor, user_id, None if span is None else uow.now() + span))
        desk.say("Noted", "Turns pass by whoever is away." if span else "Turns come again.")
        await self._read(desk)


def _rule(row: RuleRow) -> Rule:
    parts = [
        f"from {row.source}" if row.source else "",
        f"on the list {row.list_name}" if row.list_name else "",
        f"in {row.county} County" if row.county else "",
    ]
    return Rule(
        id=str(row.id),
        name=row.name,
        about="New leads " + ", ".join(filter(None, parts)) if any(parts) else "All new leads",
        queue=" → ".join(f"{turn.name} ({turn.given:,})" for turn in row.turns if turn.available) or "Nobody is here",
        absent=", ".join(turn.name for turn in row.turns if not turn.available),
        active=row.active,
    )


def view() -> rx.Component:
    """Show the rules, the members and the time of a claim."""
    return page(
        header("Assignment", back=("/settings", "Settings")),
        ready(Assignment, rx.el.div(_rules(), _make(), _members(), _claims(), class_name="pad wide stack")),
        soft=True,
    )


def _rules() -> rx.Component:
    return rx.el.section(
        rx.el.h2("Who gets new leads"),
        rx.cond(
            Assignment.rules.length() > 0,
            rx.el.ul(rx.foreach(Assignment.rules, _one), class_name="plain lines", id="assignment-rules"),
            empty("shuffle", "No rule yet", "New leads are nobody's until somebody gives them out."),
        ),
        class_name="card stack",
    )


def _one(one: rx.Var[Rule]) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.el.div(
                rx.el.div(rx.el.b(one.name), rx.cond(~one.active, pill("mute", "Off")), class_name="row wrap"),
                rx.el.div(one.about, class_name="dim"),
                rx.el.div("Next: ", one.queue, class_name="wrap"),
                rx.cond(one.absent != "", rx.el.div("Passed by: ", one.absent, class_name="dim wrap")),
                class_name="grow",
            ),
            client.Act.create(
                "Delete",
                url=RULES_URL + "/" + one.id,
                method="DELETE",
                sure="Leads that it gave stay with whom they are.",
                done="Deleted",
                label="Delete the rule " + one.name,
                class_name="btn sm",
                on_done=Assignment.load,
            ),
            class_name="between",
        ),
        custom_attrs={"data-rule": one.name},
    )


def _make() -> rx.Component:
    return client.ApiForm.create(
        rx.el.h2("Make a rule"),
        field("Name", text_in("name", required=True, max_length=80, placeholder="as: Dallas County"), name="name"),
        rx.el.fieldset(
            rx.el.legend("Members, in turn"),
            rx.foreach(
                Assignment.members,
                lambda one: rx.el.label(
                    rx.el.input(type="checkbox", name="members", value=one.id), rx.el.span(one.name), class_name="check"
                ),
            ),
            class_name="bare stack tight",
        ),
        field("Only from the source", text_in("source", max_length=200, placeholder="any"), name="source"),
        field("Only on the list", text_in("list_name", max_length=200, placeholder="any"), name="list_name"),
        field("Only in the county", text_in("county", max_length=200, placeholder="any"), name="county"),
        field(
            "Place among the rules",
            text_in("position", type="number", default_value="0", min="0", max="1000"),
            name="position",
            hint="The first rule that fits a lead takes it, the smallest number first.",
        ),
        rx.el.div(
            rx.el.button("Make the rule", type="submit", class_name="btn primary", id="make-rule"),
        ),
        url=RULES_URL,
        method="POST",
        lists=["members"],
        numbers=["position"],
        done="New leads go by it from now on",
        label="Make a rule",
        on_done=Assignment.load,
        class_name="card stack narrow",
        key="rules" + Assignment.rules.length().to(str),
        id="rule-form",
    )


def _members() -> rx.Component:
    return rx.el.section(
        rx.el.h2("Who is here"),
        table(["Member", "", ""], rx.foreach(Assignment.members, _member), "Members who work on leads"),
        class_name="card stack",
    )


def _member(one: rx.Var[Member]) -> rx.Component:
    return rx.el.tr(
        rx.el.td(rx.el.b(one.name)),
        rx.el.td(
            rx.cond(
                one.away_until != "",
                rx.fragment("away until ", client.When.create(at=one.away_until, kind="when")),
                rx.el.span("here", class_name="dim"),
            )
        ),
        rx.el.td(
            choose(
                "away-" + one.id,
                AWAY,
                value="",
                on_change=lambda days: Assignment.away(one.id, days),
                class_name="in sm",
                aria_label="Is " + one.name + " here?",
            ),
        ),
        custom_attrs={"data-member": one.name},
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
