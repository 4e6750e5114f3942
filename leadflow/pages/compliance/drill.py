"""/compliance/drill: tricky cases put to the organisation's own rules and numbers, and how they did."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import reflex as rx

from leadflow.compliance import service as compliance
from leadflow.compliance.service import DrillRow
from leadflow.pages.compliance.components import top
from leadflow.ui import client
from leadflow.ui.action import Desk, Page, action, loads
from leadflow.ui.feedback import banner, empty, pill, ready
from leadflow.ui.form import button
from leadflow.ui.shell import may, page
from leadflow.ui.table import table
from models.vocabulary import Permission

SHOWN = 60
"""Cases that a page lists; the rest stands in the API."""


@dataclass(frozen=True)
class GroupView:
    """One group of cases."""

    name: str
    cases: str
    passed: str
    stricter: str
    failed: str
    tone: str


@dataclass(frozen=True)
class CaseView:
    """A case that did not simply pass."""

    id: str
    title: str
    why: str
    came: str
    blame: str
    tone: str
    word: str


class Drill(Page, rx.State):
    """How the rules in force stand, and their last drill."""

    is_ready: bool = False
    why: str = ""
    policy: str = ""
    at: str = ""
    author: str = ""
    score: str = ""
    groups: list[GroupView] = []
    cases: list[CaseView] = []

    @loads(Permission.DECISION_READ)
    async def load(self, desk: Desk) -> None:
        """Read how the rules in force stand."""
        self.failure = {}
        await self._read(desk)
        self.loaded = True

    @action(Permission.DRILL_RUN)
    async def run(self, desk: Desk) -> None:
        """Put the rules in force to the drill."""
        made = await desk.do(lambda uow: compliance.run_drill(uow, desk.actor))
        await self._read(desk)
        desk.say(f"{made.score} % of {made.cases} cases", "" if made.failed else "No case failed.")

    async def _read(self, desk: Desk) -> None:
        found = await desk.do(lambda uow: compliance.drill_standing(uow, desk.actor))
        self.is_ready, self.why, self.policy = found.ready, found.why, found.policy_version
        last = found.last
        self.at = last.at.isoformat() if last else ""
        self.author = last.author or "LeadFlow" if last else ""
        self.score = f"{last.score} %" if last else ""
        self.groups = _groups(last)
        self.cases = [_case(one) for one in last.results["cases"][:SHOWN]] if last else []


def _groups(last: DrillRow | None) -> list[GroupView]:
    rows: list[dict[str, Any]] = last.results["groups"] if last else []
    return [
        GroupView(
            name=str(row["group"]).capitalize(),
            cases=str(row["cases"]),
            passed=str(row["passed"]),
            stricter=str(row["stricter"]),
            failed=str(row["failed"]),
            tone="bad" if row["failed"] else "ok",
        )
        for row in rows
    ]


def _case(one: dict[str, Any]) -> CaseView:
    failed = one["outcome"] == "failed"
    lawful = one["weight"] == "law"
    return CaseView(
        id=one["id"],
        title=one["title"],
        why=one["why"],
        came=one["came"].replace("_", " "),
        blame=one["blame"],
        tone=("bad" if lawful else "warn") if failed else "info",
        word=("Failed by law" if lawful else "Caution gone") if failed else "Stricter",
    )


def view() -> rx.Component:
    """Show the drill."""
    return page(
        top(
            "/compliance/drill",
            rx.cond(
                may(Permission.DRILL_RUN),
                button("Run the drill", kind="primary", sign="target", on_click=Drill.run, id="run-drill"),
            ),
        ),
        ready(
            Drill,
            rx.el.div(
                banner(
                    rx.cond(Drill.is_ready, "ok", "bad"),
                    rx.el.div(rx.el.b(Drill.why), rx.el.div("Rules ", rx.el.span(Drill.policy, class_name="code"))),
                    id="standing",
                    attrs={"data-ready-to-launch": rx.cond(Drill.is_ready, "1", "0")},
                ),
                rx.cond(
                    Drill.at != "",
                    _result(),
                    empty(
                        "target",
                        "Not drilled here yet",
                        "Some six hundred tricky cases: ported numbers, odd time zones, holidays of one state, "
                        "consent that ran out, STOP in Spanish. Each says what must come out, and why.",
                    ),
                ),
                class_name="pad wide stack",
            ),
        ),
        soft=True,
    )


def _result() -> rx.Component:
    return rx.fragment(
        rx.el.p(
            rx.el.b(Drill.score, id="score"),
            " · ",
            client.When.create(at=Drill.at, kind="when"),
            " · ",
            Drill.author,
        ),
        rx.cond(
            Drill.cases.length() > 0,
            rx.el.div(
                rx.el.h2("Cases to look at"),
                table(["Case", "Came out", "Look at"], rx.foreach(Drill.cases, _case_row), "Cases to look at"),
                class_name="card flush",
            ),
        ),
        rx.el.div(
            rx.el.h2("By group"),
            table(["Group", "Cases", "Passed", "Stricter", "Failed"], rx.foreach(Drill.groups, _group_row), "Groups"),
            class_name="card flush",
        ),
    )


def _case_row(one: rx.Var[CaseView]) -> rx.Component:
    return rx.el.tr(
        rx.el.td(rx.el.b(one.title), rx.el.div(one.why, class_name="dim note")),
        rx.el.td(pill(one.tone, one.word), rx.el.div(one.came, class_name="dim")),
        rx.el.td(one.blame),
        custom_attrs={"data-case": one.id},
    )


def _group_row(one: rx.Var[GroupView]) -> rx.Component:
    return rx.el.tr(
        rx.el.td(pill(one.tone, one.name)),
        rx.el.td(one.cases),
        rx.el.td(one.passed),
        rx.el.td(one.stricter),
        rx.el.td(one.failed),
    )
