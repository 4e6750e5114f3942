"""/compliance/rules: what the gate goes by: its rules, and the packs whose hours, caps and consents they read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import reflex as rx

from leadflow.compliance import service as compliance
from leadflow.compliance.rules.book import PackRow
from leadflow.compliance.rules.conflicts import Clash
from leadflow.pages.compliance.components import top
from leadflow.ui import client
from leadflow.ui.action import Desk, Page, loads
from leadflow.ui.address import word
from leadflow.ui.feedback import pill, ready
from leadflow.ui.form import link
from leadflow.ui.shell import page
from leadflow.ui.table import table
from leadflow.ui.tokens import words
from models.vocabulary import Permission

NOTE = 220
"""Letters of a note that the table shows."""
CONFIDENCE = {"high": "ok", "medium": "info", "low": "warn"}


@dataclass(frozen=True)
class GateRule:
    """A rule of the gate."""

    name: str
    sentence: str
    citation: str
    timely: bool


@dataclass(frozen=True)
class PackView:
    """One version of a pack."""

    key: str
    title: str
    version: int
    digest: str
    installed_at: str
    retired_at: str
    provisions: int


@dataclass(frozen=True)
class Provision:
    """One provision of a pack."""

    place: str
    kind: str
    says: str
    citation: str
    confidence: str
    tone: str
    note: str


@dataclass(frozen=True)
class ClashView:
    """Provisions that disagree, and what holds."""

    place: str
    kind: str
    outcome: str
    why: str
    sides: str
    winners: str


class Rules(Page, rx.State):
    """The rule book and one pack of it."""

    policy: str = ""
    rules: list[GateRule] = []
    packs: list[PackView] = []
    tabs: list[list[Any]] = []
    chosen: str = ""
    provisions: list[Provision] = []
    clashes: list[ClashView] = []

    @loads(Permission.DECISION_READ)
    async def load(self, desk: Desk) -> None:
        """Read the book and the pack that the address names."""
        self.failure = {}
        book, clashes = await desk.do(
            lambda uow: (compliance.rules(uow, desk.actor), compliance.disagreements(uow, desk.actor))
        )
        self.policy = book.policy_version
        self.rules = [GateRule(words(rule.name), rule.sentence, rule.citation, rule.timely) for rule in book.rules]
        self.packs = [_pack(pack) for pack in book.packs]
        self.tabs = [
            ["", "The gate", len(self.rules)],
            *([pack.name, pack.title, len(_provisions(pack))] for pack in book.packs if not pack.retired_at),
            ["conflicts", "Disagreements", len(clashes)],
        ]
        self.clashes = [_clash(one) for one in clashes]
        self.chosen = word(self, "pack")
        wanted = next((pack for pack in book.packs if pack.name == self.chosen and not pack.retired_at), None)
        self.provisions = [_provision(one) for one in _provisions(wanted)] if wanted else []
        self.loaded = True


def _clash(one: Clash) -> ClashView:
    return ClashView(
        place=one.jurisdiction,
        kind=f"{words(one.kind)} ({', '.join(one.channels)})",
        outcome=one.outcome,
        why=one.why,
        sides="; ".join(f"{side.key}: {side.says}" for side in one.sides),
        winners=", ".join(side.key for side in one.sides if side.wins),
    )


def _provisions(pack: PackRow) -> list[Mapping[str, Any]]:
    return list(pack.content.get("provisions", ()))


def _pack(pack: PackRow) -> PackView:
    return PackView(
        key=pack.name,
        title=pack.title,
        version=pack.version,
        digest=pack.digest[:12],
        installed_at=pack.installed_at.isoformat(),
        retired_at=pack.retired_at.isoformat() if pack.retired_at else "",
        provisions=len(_provisions(pack)),
    )


def _provision(one: Mapping[str, Any]) -> Provision:
    confidence, note = str(one.get("confidence") or ""), str(one.get("note") or "")
    return Provision(
        place=str(one.get("jurisdiction", "")),
        kind=words(str(one.get("kind", ""))),
        says=_says(one),
        citation=str(one.get("citation") or ""),
        confidence=("A lawyer must confirm" if confidence == "low" else words(confidence)) if confidence else "",
        tone=CONFIDENCE.get(confidence, "mute"),
        note=note if len(note) <= NOTE else note[:NOTE].rsplit(" ", 1)[0] + "…",
    )


def _says(one: Mapping[str, Any]) -> str:
    hours = one.get("hours")
    if isinstance(hours, Mapping):
        days = [
            f"{name} {hours.get(key) or 'none'}"
            for key, name in (("weekday", "Mon-Fri"), ("saturday", "Sat"), ("sunday", "Sun"))
        ]
        holidays = " · no holidays" if one.get("holidays") else ""
        return " · ".join(days) + holidays
    if one.get("kind") == "cap":
        return f"At most {one.get('count')} in {one.get('hours')} hours"
    known = {
        "key",
        "kind",
        "jurisdiction",
        "channels",
        "citation",
        "source",
        "effective_from",
        "effective_to",
        "confidence",
        "reviewed_by",
        "note",
    }
    return " · ".join(
        f"{words(key)}: {_plain(value)}"
        for key, value in one.items()
        if key not in known and value not in (None, "", [])
    )


def _plain(value: Any) -> str:  # noqa: ANN401 a value of a pack
    return ", ".join(str(item) for item in value) if isinstance(value, (list, tuple)) else str(value).replace("_", " ")


def view() -> rx.Component:
    """Show the book."""
    return page(
        top(
            "/compliance/rules", rx.el.span("In force: ", rx.el.span(Rules.policy, class_name="code"), class_name="dim")
        ),
        ready(
            Rules,
            rx.el.div(
                client.Words.create(param="pack", items=Rules.tabs, label="Packs"),
                rx.cond(Rules.chosen == "", _gate(), rx.cond(Rules.chosen == "conflicts", _conflicts(), _chosen())),
                class_name="pad wide stack",
            ),
        ),
        soft=True,
    )


def _gate() -> rx.Component:
    return rx.fragment(
        rx.el.div(
            table(["Rule", "Stands against a text when", "From"], rx.foreach(Rules.rules, _rule), "Rules of the gate"),
            class_name="card flush",
        ),
        rx.el.div(
            rx.el.h2("Packs and their versions"),
            table(["Pack", "Version", "Provisions", "Installed", "Digest"], rx.foreach(Rules.packs, _version), "Packs"),
            class_name="card flush",
        ),
    )


def _rule(rule: rx.Var[GateRule]) -> rx.Component:
    return rx.el.tr(
        rx.el.td(rx.el.b(rule.name), class_name="nowrap"),
        rx.el.td(rule.sentence, rx.cond(rule.timely, rx.fragment(" ", pill("warn", "Time lifts it")))),
        rx.el.td(rule.citation, class_name="dim"),
    )


def _version(pack: rx.Var[PackView]) -> rx.Component:
    return rx.el.tr(
        rx.el.td(rx.link(pack.title, href="/compliance/rules?pack=" + pack.key)),
        rx.el.td(pack.version, " ", rx.cond(pack.retired_at != "", pill("mute", "Retired"), pill("ok", "In force"))),
        rx.el.td(pack.provisions),
        rx.el.td(client.When.create(at=pack.installed_at, kind="day")),
        rx.el.td(pack.digest, class_name="code"),
    )


def _chosen() -> rx.Component:
    return rx.fragment(
        rx.el.div(link("Edit, versions", "/compliance/packs?pack=" + Rules.chosen, sign="pencil", id="edit-pack")),
        _provisions_card(),
    )


def _provisions_card() -> rx.Component:
    return rx.el.div(
        table(["Where", "What", "Says", "From", "Sure"], rx.foreach(Rules.provisions, _row), "Provisions"),
        class_name="card flush",
    )


def _row(one: rx.Var[Provision]) -> rx.Component:
    return rx.el.tr(
        rx.el.td(rx.el.b(one.place)),
        rx.el.td(one.kind, class_name="nowrap"),
        rx.el.td(one.says, rx.cond(one.note != "", rx.el.div(one.note, class_name="dim note"))),
        rx.el.td(one.citation, class_name="dim cite-cell"),
        rx.el.td(rx.cond(one.confidence != "", pill(one.tone, one.confidence))),
    )


def _conflicts() -> rx.Component:
    return rx.el.div(
        table(["Where", "What", "Holds", "Wins", "Say"], rx.foreach(Rules.clashes, _clash_row), "Disagreements"),
        class_name="card flush",
        id="conflicts",
    )


def _clash_row(one: rx.Var[ClashView]) -> rx.Component:
    return rx.el.tr(
        rx.el.td(rx.el.b(one.place)),
        rx.el.td(one.kind),
        rx.el.td(one.outcome, rx.el.div(one.why, class_name="dim note")),
        rx.el.td(pill("ok", one.winners)),
        rx.el.td(one.sides, class_name="dim"),
    )
