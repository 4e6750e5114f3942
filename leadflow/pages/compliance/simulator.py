"""/compliance/simulator: an audience as things are, beside what would be at another hour or under other rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

import reflex as rx
from pydantic import TypeAdapter, ValidationError

from leadflow.campaigns import service as campaigns
from leadflow.campaigns.types import SimulationResult, Supposed, Target
from leadflow.compliance import service as compliance
from leadflow.compliance.service import Scenario
from leadflow.kernel import phone as numbers
from leadflow.kernel.errors import Invalid
from leadflow.kernel.money import dollars
from leadflow.pages.campaigns.rows import Bar, Hour
from leadflow.pages.compliance.components import top
from leadflow.ui import client
from leadflow.ui.action import Desk, Page, action, loads
from leadflow.ui.feedback import empty, ready
from leadflow.ui.form import button, choose
from leadflow.ui.form import field as labelled
from leadflow.ui.shell import page
from leadflow.ui.table import table
from models.vocabulary import Channel, Permission, Verdict

INSTANT = TypeAdapter(datetime)
CHANNELS = [("", "As it is"), ("text", "Text"), ("call", "Call")]
SHOWN = 60
"""People listed at most."""
WORDS = {"blocked": "newly stopped", "freed": "newly sendable", "moved": "moved", "same": "as now"}


@dataclass(frozen=True)
class Side:
    """One of the two funnels."""

    title: str = ""
    at: str = ""
    policy: str = ""
    cost: str = ""
    bars: list[Bar] = field(default_factory=list)


@dataclass(frozen=True)
class RowView:
    """One person who fares otherwise."""

    who: str
    state: str
    change: str
    before: str
    after: str
    why: str
    href: str


class Simulator(Page, rx.State):
    """The question and both answers."""

    choices: list[list[str]] = []
    versions: list[list[str]] = []
    answered: bool = False
    before: Side = Side()
    after: Side = Side()
    summary: str = ""
    hours: list[Hour] = []
    rows: list[RowView] = []
    listed: str = ""
    """How many people the list holds, in words."""
    reason: str = ""
    """The bar whose people are listed; empty lists all."""
    _asked: dict[str, Any] = {}
    """The question that was answered, for listing the people of one bar of it."""

    @loads(Permission.DECISION_READ)
    async def load(self, desk: Desk) -> None:
        """Read whom and what one may ask about."""
        self.failure, self.errors = {}, {}
        listed, book = await desk.do(
            lambda uow: (campaigns.listing(uow, desk.actor, limit=50)[0], compliance.rules(uow, desk.actor))
        )
        self.choices = [["", "No campaign"], *([str(row.id), row.name] for row in listed)]
        self.versions = [
            ["", "Those in force then"],
            *([f"{pack.name}/{pack.version}", f"{pack.title}, version {pack.version}"] for pack in book.packs),
        ]
        self.loaded = True

    @action(Permission.DECISION_READ)
    async def ask(self, desk: Desk, form: dict[str, Any]) -> None:
        """Ask the gate twice."""
        await self._answer(desk, form, "")
        self._asked = dict(form)

    @action(Permission.DECISION_READ)
    async def narrow(self, desk: Desk, reason: str) -> None:
        """List only the people of one bar of what would be."""
        await self._answer(desk, self._asked, reason)

    async def _answer(self, desk: Desk, form: Mapping[str, Any], reason: str) -> None:
        target, scenario = _target(form), _scenario(form)
        only = None if reason in {"", "audience"} else reason
        found = await desk.do(
            lambda uow: campaigns.suppose(uow, desk.actor, target, scenario, reason=only, limit=SHOWN)
        )
        self.reason = only or ""
        self.listed = f"{found.listed:,}" if found.listed <= SHOWN else f"the first {SHOWN} of {found.listed:,}"
        most = max((count for _, count in found.by_hour), default=0) or 1
        self.before, self.after = _side("As things are", found.before), _side("As they would be", found.after)
        self.summary = ", ".join(f"{count:,} {WORDS[name]}" for name, count in found.changes.items())
        self.hours = [
            Hour(hour.isoformat(), f"{count:,}", f"{100 * count / most:.1f}%") for hour, count in found.by_hour[:48]
        ]
        self.rows = _rows(found)
        self.answered = True


def _target(form: Mapping[str, Any]) -> Target:
    if campaign := str(form.get("campaign") or ""):
        return Target(campaign_id=UUID(campaign))
    if phone := str(form.get("phone") or "").strip():
        return Target(phone=numbers.parse(phone))
    return Target(filter=dict(parse_qsl(str(form.get("filter") or "").lstrip("?"))))


def _scenario(form: Mapping[str, Any]) -> Scenario:
    pack, _, version = str(form.get("version") or "").partition("/")
    older = str(form.get("older") or "0").strip()
    if not older.isdecimal():
        raise Invalid("Write a number of days.", "older")
    try:
        at = INSTANT.validate_python(form["at"]) if form.get("at") else None
    except ValidationError as error:
        raise Invalid("That is not an instant.", "at") from error
    channel = str(form.get("channel") or "")
    return Scenario(
        at=at,
        channel=Channel(channel) if channel else None,
        pack=pack or None,
        version=int(version) if version else None,
        draft=str(form.get("draft") or "").strip() or None,
        scrubs_older_days=int(older),
    )


def _side(title: str, found: SimulationResult) -> Side:
    whole = max(1, found.audience)

    def one(reason: str, label: str, count: int, tone: str) -> Bar:
        return Bar(reason, label, f"{count:,}", f"{100 * count / whole:.2f}%", tone, "#people")

    bars = [one("audience", "Audience", found.audience, "info")]
    bars += [one(b.reason, b.label, b.count, "bad") for b in found.excluded]
    bars += [one(b.reason, f"Later: {b.label}", b.count, "warn") for b in found.later_bars]
    bars.append(one("sendable", "Sendable at that moment", found.sendable, "ok"))
    return Side(title, found.at.isoformat(), found.policy_version, dollars(-(-found.cost_cents_x100 // 100)), bars)


def _rows(found: Supposed) -> list[RowView]:
    listed = sorted(found.rows, key=lambda row: row.change == "same")
    return [
        RowView(
            who=row.owner or row.phone or "Nobody known",
            state=row.state,
            change=WORDS[row.change],
            before=_verdict(row.before),
            after=_verdict(row.after),
            why=", ".join(row.reasons_after[:2]),
            href=f"/leads?lead={row.lead_id}" if row.lead_id else "#people",
        )
        for row in listed
    ]


def _verdict(verdict: Verdict) -> str:
    return verdict.value.capitalize()


def view() -> rx.Component:
    """Show the question and both answers."""
    return page(
        top("/compliance/simulator"),
        ready(
            Simulator,
            rx.el.div(
                _question(),
                rx.cond(
                    Simulator.answered,
                    _answer(),
                    empty(
                        "flask-conical",
                        "What if?",
                        "Ask about a number, a list or a campaign: at another hour, under another version of the "
                        "rules, with older look-ups. The gate itself answers; nothing is sent or written.",
                    ),
                ),
                class_name="pad wide stack",
            ),
        ),
        soft=True,
    )


def _question() -> rx.Component:
    errors = Simulator.errors
    return rx.el.form(
        rx.el.div(
            labelled("Campaign", choose("campaign", Simulator.choices), name="campaign"),
            labelled(
                "or a number",
                rx.el.input(id="phone", name="phone", class_name="in", placeholder="(206) 555-0142"),
                name="phone",
                errors=errors,
            ),
            labelled(
                "or leads (filter; empty: all)",
                rx.el.input(id="filter", name="filter", class_name="in", placeholder="status=new"),
                name="filter",
                errors=errors,
            ),
            class_name="row wrap",
        ),
        rx.el.div(
            labelled(
                "At (empty: now)",
                client.Moment.create(id="at", name="at", label="At", value=""),
                name="at",
                errors=errors,
            ),
            labelled("Rules", choose("version", Simulator.versions), name="version"),
            labelled("Channel", choose("channel", CHANNELS), name="channel"),
            labelled(
                "Look-ups older by days",
                rx.el.input(
                    id="older", name="older", type="number", min="0", max="3650", default_value="0", class_name="in"
                ),
                name="older",
                errors=errors,
            ),
            class_name="row wrap",
        ),
        rx.el.details(
            rx.el.summary("Or rules that are not installed"),
            labelled("A pack as YAML", rx.el.textarea(id="draft", name="draft", rows=6, class_name="in"), name="draft"),
            rx.cond(errors.contains("yaml"), rx.el.span(errors["yaml"], class_name="err", role="alert")),
        ),
        rx.el.div(button("Ask", kind="primary", sign="flask-conical", type="submit", id="ask")),
        on_submit=Simulator.ask,
        class_name="card stack",
    )


def _answer() -> rx.Component:
    return rx.fragment(
        rx.el.p(rx.el.b(Simulator.summary), id="summary"),
        rx.el.div(_funnel(Simulator.before, "before"), _funnel(Simulator.after, "after"), class_name="cols two even"),
        rx.el.section(
            rx.el.h3("Sendable at each of the next 48 hours"),
            rx.el.div(
                rx.foreach(Simulator.hours, _hour), class_name="hours", role="img", aria_label="Sendable by hour"
            ),
            class_name="card",
        ),
        rx.el.section(
            rx.el.div(
                rx.el.h3(
                    "People, those who fare otherwise first ",
                    rx.el.small(
                        Simulator.listed,
                        rx.cond(Simulator.reason != "", " with the chosen outcome", ""),
                        class_name="dim",
                        id="listed",
                    ),
                ),
                rx.cond(
                    Simulator.reason != "",
                    button("Show all", kind="ghost sm", on_click=Simulator.narrow(""), id="show-all"),
                ),
                class_name="between",
            ),
            table(["Person", "State", "Change", "Now", "Then"], rx.foreach(Simulator.rows, _row), "People"),
            class_name="card flush pad-h",
            id="people",
        ),
    )


def _funnel(side: rx.Var[Side], name: str) -> rx.Component:
    return rx.el.section(
        rx.el.h3(side.title, " ", rx.el.small(client.When.create(at=side.at, kind="when"), class_name="dim")),
        rx.el.div(
            rx.foreach(side.bars, _chooser if name == "after" else _bar), class_name="funnel", id=f"funnel-{name}"
        ),
        rx.el.p("Cost at most ", side.cost, " · rules ", rx.el.span(side.policy, class_name="code"), class_name="dim"),
        class_name="card",
    )


def _bar(row: rx.Var[Bar]) -> rx.Component:
    return rx.el.div(*_drawn(row), class_name="f", custom_attrs={"data-reason": row.reason, "data-count": row.count})


def _chooser(row: rx.Var[Bar]) -> rx.Component:
    """Draw one bar; a click lists the people who would fare so."""
    return rx.el.button(
        *_drawn(row),
        type="button",
        class_name="f",
        title="List these people below",
        on_click=Simulator.narrow(row.reason),
        custom_attrs={"data-reason": row.reason, "data-count": row.count},
    )


def _drawn(row: rx.Var[Bar]) -> tuple[rx.Component, ...]:
    return (
        rx.el.span(row.label),
        rx.el.span(rx.el.i(style={"width": row.width}), class_name="track", custom_attrs={"data-tone": row.tone}),
        rx.el.span(row.count),
    )


def _hour(hour: rx.Var[Hour]) -> rx.Component:
    return rx.el.div(
        rx.el.i(style={"height": hour.height}),
        title=hour.at + ": " + hour.count,
        custom_attrs={"data-count": hour.count},
    )


def _row(row: rx.Var[RowView]) -> rx.Component:
    return rx.el.tr(
        rx.el.td(rx.link(row.who, href=row.href)),
        rx.el.td(row.state),
        rx.el.td(row.change),
        rx.el.td(row.before),
        rx.el.td(row.after, rx.cond(row.why != "", rx.el.div(row.why, class_name="dim note"))),
    )
