"""/compliance/explain: may this number be texted, or might it have been at that instant, and why."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
import reflex as rx
from pydantic import TypeAdapter, ValidationError

from leadflow.compliance import service as compliance
from leadflow.compliance.service import Explanation
from leadflow.compliance.types import Receipt
from leadflow.kernel import phone as numbers
from leadflow.kernel.errors import Invalid
from leadflow.pages.compliance.components import RuleView, rule_list, rule_views, top
from leadflow.ui import client
from leadflow.ui.action import Desk, Page, loads
from leadflow.ui.address import word
from leadflow.ui.feedback import NONE, banner, empty, pill, ready
from leadflow.ui.form import button
from leadflow.ui.shell import page
from leadflow.ui.table import table
from leadflow.ui.tokens import VERDICT
from models.vocabulary import AnswerSource, Permission

INSTANT = TypeAdapter(datetime)


@dataclass(frozen=True)
class PlaceView:
    """A place where the person may be, with its clock."""

    source: str
    state: str
    zone: str
    local: str


@dataclass(frozen=True)
class Near:
    """What was really decided near the instant."""

    id: str
    at: str
    tone: str
    label: str
    text: str


@dataclass(frozen=True)
class Fact:
    """One fact as it was, and as it is now where that differs."""

    name: str
    label: str
    then: str
    now: str
    changed: bool


@dataclass(frozen=True)
class Answer:
    """The answer in words and with its grounds."""

    number: str = ""
    at: str = ""
    verdict: str = ""
    tone: str = "mute"
    label: str = ""
    sentence: str = ""
    later_at: str = ""
    source: str = ""
    kept_since: str = ""
    decision: str = ""
    decided_at: str = ""
    digest: str = ""
    sealed: bool = False
    document: str = ""
    """The receipt, indented."""
    state: list[Fact] = field(default_factory=list)
    changes: str = ""
    policy: str = ""
    places: list[PlaceView] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)
    near: list[Near] = field(default_factory=list)
    rules: list[RuleView] = field(default_factory=list)


class Explain(Page, rx.State):
    """The question of the address and its answer."""

    phone: str = ""
    at: str = ""
    answer: Answer = Answer()

    @loads(Permission.DECISION_READ)
    async def load(self, desk: Desk) -> None:
        """Answer the question in the address, if there is one."""
        self.failure, self.errors, self.answer = {}, {}, Answer()
        self.phone, self.at = word(self, "phone"), word(self, "at")
        try:
            if self.phone:
                e164, at = numbers.parse(self.phone), _instant(self.at)
                self.answer = _answer(await desk.do(lambda uow: compliance.explain(uow, desk.actor, e164, at)))
        except Invalid as error:
            self.errors = {error.field or "phone": error.message}
        self.loaded = True


def _instant(text: str) -> datetime | None:
    if not text:
        return None
    try:
        return INSTANT.validate_python(text)
    except ValidationError as error:
        raise Invalid("That is not an instant.", "at") from error


def _answer(found: Explanation) -> Answer:
    tone, label = VERDICT[found.decision.verdict]
    return Answer(
        number=numbers.display(found.e164),
        at=found.at.isoformat(),
        verdict=str(found.decision.verdict),
        tone=tone,
        label=label,
        sentence=found.sentence,
        later_at=found.decision.later_at.isoformat() if found.decision.later_at else "",
        source=str(found.source) if found.compared or found.source is AnswerSource.UNKNOWN else "",
        kept_since=found.kept_since.isoformat(),
        **(_receipt(found.receipt) if found.receipt else {}),
        state=[Fact(row.name, row.label, row.then_words, row.now_words, row.changed) for row in found.state],
        changes=_changes(found),
        policy=found.decision.policy_version,
        places=[PlaceView(source.replace("_", " "), state, zone, local) for source, state, zone, local in found.places],
        closed=list(found.closed),
        near=[
            Near(
                str(row.id),
                row.at.isoformat(),
                *VERDICT[row.verdict],
                row.campaign_name or row.purpose.replace("_", " "),
            )
            for row in found.around[:8]
        ],
        rules=rule_views(found.rules),
    )


def _receipt(receipt: Receipt) -> dict[str, Any]:
    return {
        "decision": str(receipt.row.id),
        "decided_at": receipt.row.at.isoformat(),
        "digest": receipt.row.digest,
        "sealed": receipt.sealed,
        "document": orjson.dumps(receipt.body, option=orjson.OPT_INDENT_2).decode(),
    }


def _changes(found: Explanation) -> str:
    """Count for people what is different today."""
    if not found.compared:
        return ""
    count = sum(row.changed for row in found.state)
    return {0: "Nothing of it has changed since.", 1: "One of them has changed since."}.get(
        count, f"{count} of them have changed since."
    )


def view() -> rx.Component:
    """Show the box and the answer."""
    return page(
        top("/compliance/explain"),
        rx.el.div(
            client.AddressForm.create(
                rx.el.div(
                    rx.el.label("Number", html_for="phone"),
                    rx.el.input(
                        id="phone",
                        name="phone",
                        class_name="in",
                        default_value=Explain.phone,
                        placeholder="(206) 555-0142",
                        required=True,
                        key="p" + Explain.phone,
                    ),
                    class_name="field",
                ),
                rx.el.div(
                    rx.el.label("At (empty: now)", html_for="at"),
                    client.Moment.create(id="at", name="at", label="At", value=Explain.at),
                    class_name="field",
                ),
                button("Explain", sign="shield-question", kind="primary", type="submit", id="explain"),
                to="/compliance/explain",
                label="Question",
                class_name="ask",
            ),
            rx.foreach(
                Explain.errors.values(),
                lambda text: rx.el.p(text, class_name="err", role="alert"),
            ),
            ready(Explain, rx.cond(Explain.answer.number != "", _told(), _nothing())),
            class_name="pad wide stack",
        ),
        soft=True,
    )


def _nothing() -> rx.Component:
    return empty(
        "shield-question",
        "Ask about any number, at any instant",
        "The function that decides when a text leaves answers here, by the rules, consent and lists of that time.",
    )


def _told() -> rx.Component:
    one = Explain.answer
    return rx.fragment(
        banner(
            one.tone,
            rx.el.div(
                rx.el.div(one.number, " · ", client.When.create(at=one.at, kind="when"), class_name="dim"),
                rx.el.div(rx.el.span(one.label, ". ", class_name="w"), one.sentence, class_name="said"),
                rx.cond(one.later_at != "", rx.el.div("Earliest: ", client.When.create(at=one.later_at, kind="when"))),
                rx.cond(one.source != "", _rests_on()),
                class_name="grow",
            ),
            sign="shield-check",
            id="explanation",
            attrs={"data-verdict": one.verdict},
        ),
        rx.el.div(
            rx.el.div(
                rx.el.h2("Every rule"),
                rule_list(one.rules),
                class_name="card",
            ),
            rx.el.div(
                rx.cond(one.state.length() > 0, _state()),
                rx.cond(one.decision != "", _proof()),
                rx.el.div(
                    rx.el.h2("Where the person may be"),
                    rx.cond(
                        one.places.length() > 0,
                        table(["Known by", "State", "Local time"], rx.foreach(one.places, _place), "Places"),
                        rx.el.p("Not known, so nothing is assumed.", class_name="dim pad-s"),
                    ),
                    rx.cond(
                        one.closed.length() > 0,
                        rx.el.ul(rx.foreach(one.closed, rx.el.li), class_name="plain"),
                    ),
                    class_name="card flush",
                ),
                rx.el.div(
                    rx.el.h2("What was decided around then"),
                    rx.cond(
                        one.near.length() > 0,
                        rx.el.ul(rx.foreach(one.near, _near), class_name="plain"),
                        rx.el.p("Nothing: no text to this number was on its way.", class_name="dim"),
                    ),
                    class_name="card",
                ),
                rx.el.p("Rules in force: ", rx.el.span(one.policy, class_name="code"), class_name="dim"),
                class_name="stack",
            ),
            class_name="cols two",
        ),
    )


def _rests_on() -> rx.Component:
    """Say what the answer about a past instant comes from."""
    one = Explain.answer
    return rx.el.div(
        rx.match(
            one.source,
            (
                str(AnswerSource.RECEIPT),
                rx.fragment(
                    "Told by the ",
                    rx.link("receipt", href="/compliance/decisions?decision=" + one.decision),
                    " of ",
                    client.When.create(at=one.decided_at, kind="when"),
                    " alone: facts and rules as they were.",
                ),
            ),
            (str(AnswerSource.RECORDS), rx.fragment("Told by the rules and the records as they stood then.")),
            rx.fragment("Records are kept by date since ", client.When.create(at=one.kept_since, kind="when"), "."),
        ),
        class_name="dim",
        id="rests-on",
        custom_attrs={"data-source": one.source},
    )


def _state() -> rx.Component:
    """Show each fact as it was, with today's beside those that changed."""
    one = Explain.answer
    return rx.el.div(
        rx.el.h2(rx.cond(one.source != "", "State as it was", "State as it is")),
        rx.cond(one.changes != "", rx.el.p(one.changes, class_name="dim pad-s", id="changes")),
        rx.cond(
            one.changes != "",
            table(["Fact", "Then", "Now"], rx.foreach(one.state, _compared), "State as it was"),
            table(["Fact", "Value"], rx.foreach(one.state, _fact), "State"),
        ),
        class_name="card flush",
        id="state",
    )


def _compared(fact: rx.Var[Fact]) -> rx.Component:
    return rx.el.tr(
        rx.el.td(fact.label),
        rx.el.td(rx.cond(fact.then != "", fact.then, NONE)),
        rx.el.td(
            rx.cond(
                fact.changed,
                rx.fragment(pill("warn", "Changed"), " ", rx.cond(fact.now != "", fact.now, NONE)),
                rx.el.span("same", class_name="dim"),
            )
        ),
        custom_attrs={"data-fact": fact.name, "data-changed": rx.cond(fact.changed, "1", "0")},
    )


def _fact(fact: rx.Var[Fact]) -> rx.Component:
    return rx.el.tr(
        rx.el.td(fact.label),
        rx.el.td(rx.cond(fact.then != "", fact.then, NONE)),
        custom_attrs={"data-fact": fact.name},
    )


def _proof() -> rx.Component:
    """Show the receipt itself."""
    one = Explain.answer
    return rx.el.div(
        rx.el.h2("Receipt"),
        rx.el.div(
            rx.cond(one.sealed, pill("ok", "Sealed"), pill("warn", "Waits for the next seal")),
            rx.link("Open with its proof", href="/compliance/decisions?decision=" + one.decision),
            class_name="row",
        ),
        rx.el.p("SHA-256 ", rx.el.span(one.digest, class_name="code"), class_name="dim note"),
        rx.el.details(rx.el.summary("As it is stored"), rx.el.pre(one.document, class_name="code")),
        class_name="card",
        id="receipt",
    )


def _place(place: rx.Var[PlaceView]) -> rx.Component:
    return rx.el.tr(
        rx.el.td(place.source),
        rx.el.td(place.state),
        rx.el.td(rx.el.b(place.local), " ", rx.el.span(place.zone, class_name="dim")),
    )


def _near(one: rx.Var[Near]) -> rx.Component:
    return rx.el.li(
        rx.link(client.When.create(at=one.at, kind="when"), href="/compliance/decisions?decision=" + one.id),
        pill(one.tone, one.label),
        rx.el.span(one.text, class_name="dim"),
        class_name="row",
    )
