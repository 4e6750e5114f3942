"""/compliance/retention: how long records are kept, what is held, who was erased; ``?person=`` previews an erasure."""

from __future__ import annotations

from dataclasses import dataclass

import reflex as rx

from leadflow.pages import erasure
from leadflow.pages.compliance.components import top
from leadflow.pages.erasure import Line
from leadflow.retention import service as retention
from leadflow.retention.types import Candidate, ErasureRow, HoldRow, Preview, RuleRow
from leadflow.ui import client
from leadflow.ui.action import Desk, Page, loads
from leadflow.ui.address import record, word
from leadflow.ui.feedback import banner, pill, ready
from leadflow.ui.form import button, choose, field, text_in
from leadflow.ui.shell import may, page
from leadflow.ui.table import table
from leadflow.ui.tokens import words
from models.vocabulary import ErasureRequest, HoldSubject, Permission

SHOWN = 50


@dataclass(frozen=True)
class RuleView:
    """One kind of record."""

    kind: str
    title: str
    days: str
    floor: str
    citation: str
    due: str
    held: str


@dataclass(frozen=True)
class PersonView:
    """Somebody who may be meant."""

    id: str
    name: str
    about: str


@dataclass(frozen=True)
class HoldView:
    """A hold that stands."""

    id: str
    label: str
    subject: str
    reason: str
    at: str
    by: str


@dataclass(frozen=True)
class StoneView:
    """Somebody who was erased."""

    id: str
    at: str
    by: str
    request: str
    reference: str
    rows: str


class Retention(Page, rx.State):
    """Terms, holds and tombstones, and the person whose erasure is being weighed."""

    rules: list[RuleView] = []
    holds: list[HoldView] = []
    stones: list[StoneView] = []
    count: int = 0
    people: list[PersonView] = []
    words: str = ""
    person: str = ""
    name: str = ""
    goes: list[Line] = []
    stays: list[Line] = []
    blocked: str = ""

    @loads(Permission.AUDIT_READ)
    async def load(self, desk: Desk) -> None:
        """Read terms, holds and tombstones; for an owner also who is looked for and what an erasure would take."""
        self.failure, self.errors, self.people, self.person = {}, {}, [], ""
        self.words = word(self, "who")
        self.rules = [_rule(row) for row in await desk.do(lambda uow: retention.rules(uow, desk.actor))]
        holds = await desk.do(lambda uow: retention.listed(uow, desk.actor, limit=SHOWN))
        self.holds = [_hold(row) for row in holds.rows]
        found = await desk.do(lambda uow: retention.erasures(uow, desk.actor, None, SHOWN))
        self.stones, self.count = [_stone(row) for row in found.rows], found.count or 0
        if self.words:
            people = await desk.do(lambda uow: retention.find(uow, desk.actor, self.words))
            self.people = [_person(one) for one in people]
        if wanted := record(self, "person"):
            self._weigh(await desk.do(lambda uow: retention.preview(uow, desk.actor, wanted)))
        self.loaded = True

    def _weigh(self, told: Preview) -> None:
        self.person, self.name, self.blocked = str(told.person_id), told.name, told.blocked
        self.goes, self.stays = erasure.goes(told), erasure.stays(told)


def _rule(row: RuleRow) -> RuleView:
    return RuleView(
        row.kind.value, row.title, str(row.days), f"{row.floor:,}", row.citation, f"{row.due:,}", f"{row.held:,}"
    )


def _person(one: Candidate) -> PersonView:
    return PersonView(str(one.id), one.name, one.mailing or f"{one.phones} numbers, {one.properties} properties")


def _hold(row: HoldRow) -> HoldView:
    return HoldView(
        str(row.id), row.label, words(row.subject), row.reason, row.placed_at.isoformat(), row.placed_by_name
    )


def _stone(row: ErasureRow) -> StoneView:
    rows = f"{sum(row.counts.values()):,}"
    return StoneView(str(row.id), row.at.isoformat(), row.actor, words(row.request), row.reference, rows)


def view() -> rx.Component:
    """Show the terms, the holds, and the way to an erasure."""
    return page(
        top(
            "/compliance/retention", rx.cond(Retention.loaded, rx.el.span(Retention.count, " erased", class_name="dim"))
        ),
        ready(
            Retention,
            rx.el.div(
                rx.cond(may(Permission.PERSON_ERASE), _erasing()),
                _terms(),
                _holding(),
                _stones(),
                class_name="pad wide stack",
            ),
        ),
        soft=True,
    )


def _erasing() -> rx.Component:
    return rx.el.section(
        rx.el.h2("Erase a person"),
        rx.el.p(
            "Everything of theirs goes for good. Suppressions stay by keyed hash, receipts stay, the chain verifies.",
            class_name="dim",
        ),
        client.AddressForm.create(
            field(
                "Number, name or e-mail address",
                text_in("who", required=True, default_value=Retention.words),
                name="who",
            ),
            rx.el.div(button("Look", type="submit", id="look")),
            to="/compliance/retention",
            label="Whom to erase",
        ),
        rx.cond(
            Retention.words != "",
            rx.el.ul(
                rx.foreach(
                    Retention.people,
                    lambda one: rx.el.li(
                        rx.link(one.name, href="/compliance/retention?person=" + one.id),
                        rx.el.span(" ", one.about, class_name="dim"),
                    ),
                ),
                rx.cond(Retention.people.length() == 0, rx.el.li("Nobody is known by that.", class_name="dim")),
                id="candidates",
            ),
        ),
        rx.cond(Retention.person != "", _preview()),
        class_name="card stack",
    )


def _preview() -> rx.Component:
    form = client.ApiForm.create(
        rx.el.input(type="hidden", name="person_id", value=Retention.person),
        field("At whose wish", choose("request", [(one.value, words(one)) for one in ErasureRequest]), name="request"),
        field(
            "Your matter number", text_in("reference"), name="reference", hint="Stays for good: nothing of the person."
        ),
        rx.el.div(button("Erase for good", kind="danger", type="submit", id="erase")),
        url="/api/v1/erasures",
        next="/compliance/retention",
        label="Erase a person",
    )
    return rx.el.div(
        erasure.both(rx.fragment("What goes with ", Retention.name), Retention.goes, Retention.stays),
        rx.cond(Retention.blocked != "", banner("warn", rx.el.div(Retention.blocked)), form),
        class_name="stack",
        id="preview",
    )


def _terms() -> rx.Component:
    def row(one: rx.Var[RuleView]) -> rx.Component:
        change = client.ApiForm.create(
            rx.el.input(
                type="number",
                name="days",
                default_value=one.days,
                class_name="in",
                aria_label="Days for " + one.title,
                style={"width": "76px"},
            ),
            button("Set", type="submit"),
            url="/api/v1/retention/" + one.kind,
            method="PUT",
            numbers=["days"],
            done="What is older goes in the coming night",
            label="Term of " + one.title,
            class_name="row",
            on_done=Retention.load,
        )
        return rx.el.tr(
            rx.el.td(rx.el.b(one.title), rx.el.div(one.citation, class_name="dim note")),
            rx.el.td(rx.cond(may(Permission.RETENTION_WRITE), change, rx.el.span(one.days, " days"))),
            rx.el.td(one.floor, " days"),
            rx.el.td(one.due, rx.cond(one.held != "0", rx.el.div(one.held, " under hold", class_name="dim"))),
        )

    return rx.el.section(
        rx.el.h2("How long records are kept", class_name="pad"),
        table(["Kind", "Kept", "At least", "Due now"], rx.foreach(Retention.rules, row), "Terms"),
        class_name="card flush",
        id="terms",
    )


def _holding() -> rx.Component:
    def row(one: rx.Var[HoldView]) -> rx.Component:
        lift = client.ApiForm.create(
            rx.el.input(name="why", required=True, placeholder="Why not any longer", class_name="in", aria_label="Why"),
            button("Lift", type="submit"),
            url="/api/v1/holds/" + one.id + "/lift",
            done="Lifted",
            label="Lift the hold on " + one.label,
            class_name="row",
            on_done=Retention.load,
        )
        return rx.el.tr(
            rx.el.td(rx.el.b(one.label), rx.el.div(one.subject, class_name="dim")),
            rx.el.td(one.reason),
            rx.el.td(client.When.create(at=one.at, kind="when"), rx.el.div(one.by, class_name="dim")),
            rx.el.td(rx.cond(may(Permission.HOLD_WRITE), lift)),
        )

    place = client.ApiForm.create(
        rx.el.input(type="hidden", name="subject", value=HoldSubject.PHONE.value),
        rx.el.div(
            field("Number", text_in("phone", required=True, placeholder="(206) 555-0142"), name="phone"),
            field("Why it must be kept", text_in("reason", required=True), name="reason"),
            class_name="cols",
        ),
        rx.el.div(button("Hold", kind="primary", type="submit", id="place-hold")),
        url="/api/v1/holds",
        done="Under hold",
        label="Legal hold",
        on_done=Retention.load,
    )
    return rx.el.section(
        rx.el.h2("Legal hold"),
        rx.el.p("What is held goes neither by age nor by wish. Another member lifts it.", class_name="dim"),
        rx.cond(may(Permission.HOLD_WRITE), place),
        rx.cond(
            Retention.holds.length() > 0,
            table(["Held", "Why", "Since", ""], rx.foreach(Retention.holds, row), "Legal holds"),
        ),
        class_name="card stack",
        id="holds",
    )


def _stones() -> rx.Component:
    def row(one: rx.Var[StoneView]) -> rx.Component:
        return rx.el.tr(
            rx.el.td(client.When.create(at=one.at, kind="when")),
            rx.el.td(one.by),
            rx.el.td(pill("mute", one.request), " ", one.reference),
            rx.el.td(one.rows, " rows"),
        )

    return rx.cond(
        Retention.stones.length() > 0,
        rx.el.section(
            rx.el.h2("Erased", class_name="pad"),
            table(["When", "By", "At whose wish", "What went"], rx.foreach(Retention.stones, row), "Erased people"),
            class_name="card flush",
            id="stones",
        ),
    )
