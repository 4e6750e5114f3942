"""/compliance: what the gate did of late, by verdict and rule, and whether the record still holds."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import reflex as rx

from leadflow.audit import service as audit
from leadflow.compliance import service as compliance
from leadflow.compliance.rules.short import SHORT
from leadflow.compliance.types import Overview as Facts
from leadflow.pages.compliance.components import top
from leadflow.scrubs import service as scrubs
from leadflow.ui import client
from leadflow.ui.action import Desk, Page, action, loads
from leadflow.ui.address import word
from leadflow.ui.feedback import NONE, banner, empty, icon, ready
from leadflow.ui.form import button, link
from leadflow.ui.shell import may, page
from leadflow.ui.tokens import SUPPRESSION, VERDICT, words
from models.vocabulary import Permission, Verdict

DAYS = 30


@dataclass(frozen=True)
class Count:
    """A number that leads to its rows."""

    label: str
    count: str
    tone: str
    href: str
    share: int = 0


@dataclass(frozen=True)
class Day:
    """A day's decisions in percent of the busiest day."""

    label: str
    total: int
    sendable: int
    later: int
    blocked: int
    text: str


class Overview(Page, rx.State):
    """The last thirty days."""

    verdicts: list[Count] = []
    reasons: list[Count] = []
    standing: list[Count] = []
    days: list[Day] = []
    total: int = 0
    consents: str = ""
    scrubbed: str = ""
    """Share of leads' numbers that are looked up lately enough."""
    policy: str = ""
    chain: dict[str, Any] = {}
    sealed_at: str = ""

    @loads(Permission.DECISION_READ)
    async def load(self, desk: Desk) -> None:
        """Sum the decisions up."""
        if decision := word(self, "decision"):
            desk.go(f"/compliance/decisions?decision={decision}")
        self.failure = {}
        facts = await desk.do(lambda uow: compliance.overview(uow, desk.actor))
        covered = await desk.do(lambda uow: scrubs.coverage(uow, desk.actor))
        known = covered.fresh + covered.listed
        self.scrubbed = f"{100 * known // covered.numbers} %" if covered.numbers else NONE
        sealed = await desk.do(audit.last_sealed_at)
        self.sealed_at = sealed.isoformat() if sealed else ""
        self.verdicts, self.reasons, self.days = _verdicts(facts), _reasons(facts), _days(facts)
        self.standing = [
            Count(_kind(kind), f"{count:,}", "bad", f"/compliance/suppressions?kind={kind}")
            for kind, count in facts.suppressions.items()
            if count
        ]
        self.total, self.consents, self.policy = (
            sum(facts.by_verdict.values()),
            f"{facts.consents:,}",
            facts.policy_version,
        )
        self.loaded = True

    @action(Permission.AUDIT_VERIFY)
    async def verify(self, desk: Desk) -> None:
        """Walk the organisation's chain from the first entry and compare it with its seals and anchors."""
        report = await asyncio.to_thread(audit.verify, desk.database, desk.actor.org_id)
        self.chain = {
            "whole": report.whole,
            "leaves": f"{report.leaves:,}",
            "seals": f"{report.seals:,}",
            "anchors": f"{report.anchors:,}",
            "unsealed": f"{report.unsealed:,}",
            "fault": f"Entry {report.fault.position:,}: {report.fault.what}" if report.fault else "",
        }


def _verdicts(facts: Facts) -> list[Count]:
    return [
        Count(label, f"{facts.by_verdict.get(verdict, 0):,}", tone, f"/compliance/decisions?verdict={verdict}")
        for verdict, (tone, label) in VERDICT.items()
    ]


def _reasons(facts: Facts) -> list[Count]:
    most = max(facts.by_rule.values(), default=1)
    return [
        Count(
            SHORT.get(rule, words(rule)),
            f"{count:,}",
            "bad",
            f"/compliance/decisions?rule={rule}",
            round(100 * count / most),
        )
        for rule, count in list(facts.by_rule.items())[:12]
    ]


def _kind(kind: str) -> str:
    return next((label for word_, (_, label) in SUPPRESSION.items() if word_ == kind), words(kind))


def _days(facts: Facts) -> list[Day]:
    counted = dict(facts.by_day)
    last = max(counted, default=facts.until.date())
    span = [last - timedelta(days=DAYS - 1 - n) for n in range(DAYS)]
    most = max((sum(counted[day].values()) for day in counted), default=1) or 1

    def share(day: Any, verdict: Verdict) -> int:  # noqa: ANN401 a date
        return round(100 * counted.get(day, {}).get(verdict, 0) / most)

    found: list[Day] = []
    for day in span:
        total = sum(counted.get(day, {}).values())
        text = f"{day:%a, %b %-d}: {total:,} decisions, {counted.get(day, {}).get(Verdict.BLOCKED, 0):,} blocked"
        parts = (share(day, Verdict.SENDABLE), share(day, Verdict.LATER), share(day, Verdict.BLOCKED))
        found.append(Day(f"{day:%b %-d}" if day.weekday() == 0 else "", total, *parts, text))
    return found


def view() -> rx.Component:
    """Show the summary."""
    return page(
        top(
            "/compliance",
            link("Explain a number", "/compliance/explain", sign="shield-question", kind="primary", id="to-explain"),
        ),
        ready(
            Overview,
            rx.el.div(
                _chain(), _sums(), rx.cond(Overview.total > 0, _pictures(), _none()), class_name="pad wide stack"
            ),
        ),
        soft=True,
    )


def _chain() -> rx.Component:
    state = Overview.chain
    verify = rx.cond(
        may(Permission.AUDIT_VERIFY),
        button("Verify now", sign="shield-check", kind="sm", on_click=Overview.verify, id="verify"),
    )
    return rx.cond(
        state.contains("whole"),
        rx.cond(
            state["whole"].to(bool),
            banner(
                "ok",
                rx.el.div(
                    rx.el.span("The record is whole. ", class_name="w"),
                    state["leaves"].to(str),
                    " entries under ",
                    state["seals"].to(str),
                    " seals agree with ",
                    state["anchors"].to(str),
                    " anchors; ",
                    state["unsealed"].to(str),
                    " wait for the next seal.",
                    class_name="grow",
                ),
                verify,
                sign="shield-check",
                id="chain",
                attrs={"data-whole": "1"},
            ),
            banner(
                "bad",
                rx.el.div(
                    rx.el.span("The record does not hold. ", class_name="w"), state["fault"].to(str), class_name="grow"
                ),
                verify,
                sign="shield-alert",
                id="chain",
                attrs={"data-whole": "0"},
            ),
        ),
        banner(
            "info",
            rx.el.div(
                rx.el.span("Every decision is chained and sealed. ", class_name="w"),
                rx.cond(
                    Overview.sealed_at != "",
                    rx.fragment("Last seal: ", client.When.create(at=Overview.sealed_at, kind="when"), "."),
                    "No seal yet.",
                ),
                class_name="grow",
            ),
            verify,
            sign="link",
            id="chain",
        ),
    )


def _sums() -> rx.Component:
    return rx.el.div(
        rx.foreach(Overview.verdicts, _tile),
        rx.link(
            rx.el.b(Overview.consents),
            rx.el.span(icon("file-check", 13), "Consents that stand"),
            href="/compliance/consents",
            class_name="tile",
            underline="none",
        ),
        rx.link(
            rx.el.b(Overview.scrubbed),
            rx.el.span(icon("scan-search", 13), "Numbers looked up lately"),
            href="/compliance/lookups",
            class_name="tile",
            underline="none",
            id="scrub-freshness",
        ),
        rx.link(
            rx.el.b(Overview.policy, class_name="code big"),
            rx.el.span(icon("book-open", 13), "Rules in force"),
            href="/compliance/rules",
            class_name="tile",
            underline="none",
        ),
        class_name="tiles",
    )


def _tile(one: rx.Var[Count]) -> rx.Component:
    return rx.link(
        rx.el.b(one.count),
        rx.el.span(rx.el.i(), one.label, ", 30 days"),
        href=one.href,
        class_name="tile",
        underline="none",
        custom_attrs={"data-tone": one.tone},
    )


def _pictures() -> rx.Component:
    return rx.el.div(
        rx.el.div(
            rx.el.h2("Why texts did not go out"),
            rx.cond(
                Overview.reasons.length() > 0,
                rx.el.div(rx.foreach(Overview.reasons, _bar), class_name="funnel", id="by-rule"),
                rx.el.p("Nothing was refused.", class_name="dim"),
            ),
            class_name="card",
        ),
        rx.el.div(
            rx.el.div(
                rx.el.h2("Decisions a day"),
                rx.el.div(
                    rx.foreach(Overview.days, _day),
                    class_name="hours split-bars",
                    role="img",
                    aria_label="Decisions of each of the last thirty days",
                ),
                rx.el.div(
                    rx.foreach(Overview.days, lambda day: rx.el.span(day.label)),
                    class_name="hours-x",
                    custom_attrs={"aria-hidden": "true"},
                ),
                class_name="card",
            ),
            rx.el.div(
                rx.el.h2("Suppressions that stand"),
                rx.cond(
                    Overview.standing.length() > 0,
                    rx.el.ul(
                        rx.foreach(
                            Overview.standing,
                            lambda one: rx.el.li(
                                rx.link(one.label, href=one.href),
                                rx.el.b(one.count, class_name="mono"),
                                class_name="between",
                            ),
                        ),
                        class_name="plain",
                    ),
                    rx.el.p("None.", class_name="dim"),
                ),
                class_name="card",
            ),
            class_name="stack",
        ),
        class_name="cols two",
    )


def _bar(one: rx.Var[Count]) -> rx.Component:
    return rx.link(
        rx.el.span(one.label),
        rx.el.span(
            rx.el.i(style={"width": one.share.to(str) + "%"}), class_name="track", custom_attrs={"data-tone": one.tone}
        ),
        rx.el.span(one.count),
        href=one.href,
        class_name="f",
        underline="none",
    )


def _day(day: rx.Var[Day]) -> rx.Component:
    return rx.el.div(
        rx.el.i(style={"height": day.blocked.to(str) + "%"}, custom_attrs={"data-tone": "bad"}),
        rx.el.i(style={"height": day.later.to(str) + "%"}, custom_attrs={"data-tone": "warn"}),
        rx.el.i(style={"height": day.sendable.to(str) + "%"}, custom_attrs={"data-tone": "ok"}),
        title=day.text,
    )


def _none() -> rx.Component:
    return empty(
        "shield-check",
        "The gate has not decided anything yet",
        "Before a text leaves, the gate asks every rule about person, number and hour. Each answer is kept here.",
        link("Build a campaign", "/campaigns", kind="primary"),
    )
