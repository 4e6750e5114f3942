"""/compliance/reviews: draw a sample of decisions, judge and sign it; ``?draw=`` opens one, ``?review=`` a decision."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import reflex as rx

from leadflow.compliance import service as compliance
from leadflow.kernel.errors import Invalid
from leadflow.pages.compliance.components import RuleView, rule_list, rule_views, top
from leadflow.reviews import service as reviews
from leadflow.reviews.types import DrawDetail, DrawRow, DrawWish, Rate, ReviewRow
from leadflow.ui import client
from leadflow.ui.action import Desk, Page, action, loads
from leadflow.ui.address import record, word
from leadflow.ui.feedback import banner, empty, pill, ready
from leadflow.ui.form import button, field, text_in
from leadflow.ui.shell import page
from leadflow.ui.table import table
from leadflow.ui.tokens import VERDICT
from models.vocabulary import Permission

SHOWN = 50


@dataclass(frozen=True)
class DrawView:
    """A draw in the list, or open."""

    id: str = ""
    since: str = ""
    until: str = ""
    seed: str = ""
    drawn: int = 0
    judged: int = 0
    agreed: int = 0
    drawn_at: str = ""
    drawn_by: str = ""
    signed_at: str = ""
    signed_by: str = ""


@dataclass(frozen=True)
class RateView:
    """How often the reviewer agreed in one stratum."""

    title: str
    population: str
    drawn: int
    agreed: str
    bounds: str


@dataclass(frozen=True)
class ItemView:
    """One decision of the open draw."""

    id: str = ""
    decision: str = ""
    place: str = ""
    title: str = ""
    at: str = ""
    tone: str = "mute"
    label: str = ""
    judged: str = ""
    reason: str = ""
    barred: str = ""
    href: str = ""


class Reviews(Page, rx.State):
    """The draws, and the one that is open."""

    draws: list[DrawView] = []
    count: int = 0
    older: str = ""
    one: DrawView = DrawView()
    rates: list[RateView] = []
    items: list[ItemView] = []
    item: ItemView = ItemView()
    rules: list[RuleView] = []
    following: str = ""
    """Address of the next decision."""
    holds: str = ""
    """What the signature says, once it was looked at."""

    @loads(Permission.DECISION_REVIEW)
    async def load(self, desk: Desk) -> None:
        """Read the draws, or the one that the address names with the decision to be judged."""
        self.failure, self.errors, self.one, self.item, self.holds = {}, {}, DrawView(), ItemView(), ""
        wanted = record(self, "draw")
        if wanted is None:
            after = word(self, "after") or None
            found = await desk.do(lambda uow: reviews.draws(uow, desk.actor, after, SHOWN))
            self.draws, self.older = [_draw(row) for row in found.rows], found.next or ""
            self.count = found.count if found.count is not None else self.count
        else:
            await self._open(desk, wanted)
        self.loaded = True

    async def _open(self, desk: Desk, wanted: UUID) -> None:
        found: DrawDetail = await desk.do(lambda uow: reviews.detail(uow, desk.actor, wanted))
        self.one, self.rates = _draw(found.row), [_rate(rate) for rate in found.rates]
        self.items = [_item(row, wanted) for row in found.reviews]
        chosen = str(record(self, "review") or "")
        at = next((n for n, one in enumerate(self.items) if one.id == chosen), None)
        if at is None:
            at = next((n for n, one in enumerate(self.items) if not one.judged), 0)
        self.item = self.items[at]
        self.following = self.items[min(at + 1, len(self.items) - 1)].href
        receipt = await desk.do(lambda uow: compliance.receipt(uow, desk.actor, UUID(self.item.decision)))
        self.rules = rule_views(receipt.rules)

    @action(Permission.DECISION_REVIEW)
    async def draw(self, desk: Desk, form: dict[str, Any]) -> None:
        """Draw a sample."""
        wish = DrawWish(
            since=_day(form, "since"),
            until=_day(form, "until") + timedelta(days=1),
            size=_whole(form, "size"),
            seed=_whole(form, "seed") if str(form.get("seed") or "").strip() else None,
        )
        made = await desk.do(lambda uow: reviews.draw(uow, desk.actor, wish))
        desk.go(f"/compliance/reviews?draw={made}")

    @action(Permission.DECISION_REVIEW)
    async def agree(self, desk: Desk) -> None:
        """Say that the decision was right."""
        await self._judge(desk, "", agrees=True)

    @action(Permission.DECISION_REVIEW)
    async def disagree(self, desk: Desk, form: dict[str, Any]) -> None:
        """Say that it was wrong, and why."""
        await self._judge(desk, str(form.get("reason") or ""), agrees=False)

    async def _judge(self, desk: Desk, reason: str, *, agrees: bool) -> None:
        review = UUID(self.item.id)
        await desk.do(lambda uow: reviews.judge(uow, desk.actor, review, agrees=agrees, reason=reason))
        desk.go(self.following)
        await self._open(desk, UUID(self.one.id))

    @action(Permission.DECISION_REVIEW)
    async def sign(self, desk: Desk) -> None:
        """Sign every judgement."""
        draw_id = UUID(self.one.id)
        await desk.do(lambda uow: reviews.sign_off(uow, desk.actor, draw_id))
        desk.say("Signed", "The record of acts has it; the judgements stand from now on.")
        await self._open(desk, draw_id)

    @action(Permission.DECISION_REVIEW)
    async def verify(self, desk: Desk) -> None:
        """Hold the signature against what stands."""
        draw_id = UUID(self.one.id)
        found = await desk.do(lambda uow: reviews.verify(uow, desk.actor, draw_id))
        chained = "sealed into the chain" if found.chained else "not sealed yet"
        self.holds = (
            f"The sign-off holds; {chained}." if found.whole else "It does not hold: " + "; ".join(found.faults)
        )


def _day(form: dict[str, Any], name: str) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(str(form.get(name) or "")), datetime.min.time(), UTC)
    except ValueError as error:
        raise Invalid("Choose a day.", name) from error


def _whole(form: dict[str, Any], name: str) -> int:
    try:
        return int(str(form.get(name) or ""))
    except ValueError as error:
        raise Invalid("Give a whole number.", name) from error


def _draw(row: DrawRow) -> DrawView:
    return DrawView(
        id=str(row.id),
        since=row.since.isoformat(),
        until=row.until.isoformat(),
        seed=str(row.seed),
        drawn=row.drawn,
        judged=row.judged,
        agreed=row.agreed,
        drawn_at=row.drawn_at.isoformat(),
        drawn_by=row.drawn_by_name,
        signed_at=row.signed_at.isoformat() if row.signed_at else "",
        signed_by=row.signed_by_name,
    )


def _rate(rate: Rate) -> RateView:
    return RateView(
        rate.title,
        f"{rate.population:,}",
        rate.drawn,
        f"{rate.agreed} of {rate.judged}",
        f"{rate.low:.0%} to {rate.high:.0%}" if rate.judged else "",
    )


def _item(row: ReviewRow, draw_id: UUID) -> ItemView:
    tone, label = VERDICT[row.verdict]
    return ItemView(
        id=str(row.id),
        decision=str(row.decision_id),
        place=str(row.position),
        title=row.title,
        at=row.at.isoformat(),
        tone=tone,
        label=label,
        judged={None: "", True: "Agreed", False: "Disagreed"}[row.agrees],
        reason=row.reason,
        barred=row.barred,
        href=f"/compliance/reviews?draw={draw_id}&review={row.id}",
    )


def view() -> rx.Component:
    """Show the draws, or one of them."""
    return page(
        top(
            "/compliance/reviews",
            rx.cond(Reviews.loaded & (Reviews.one.id == ""), rx.el.span(Reviews.count, " draws", class_name="dim")),
        ),
        ready(
            Reviews,
            rx.el.div(
                rx.cond(Reviews.one.id != "", _open(), rx.fragment(_form(), _list())), class_name="pad wide stack"
            ),
        ),
        soft=True,
    )


def _form() -> rx.Component:
    errors = Reviews.errors
    return rx.el.section(
        rx.el.h2("New sample"),
        rx.el.p(
            "Some decisions of every kind of risk, the rest in proportion. The same seed draws the same sample again.",
            class_name="dim",
        ),
        rx.el.form(
            rx.el.div(
                field("From", text_in("since", type="date", required=True), name="since", errors=errors),
                field("To", text_in("until", type="date", required=True), name="until", errors=errors),
                field("Decisions", text_in("size", type="number", default_value="50"), name="size", errors=errors),
                field(
                    "Seed", text_in("seed", inputmode="numeric", placeholder="at random"), name="seed", errors=errors
                ),
                class_name="cols",
            ),
            rx.el.div(button("Draw", kind="primary", type="submit", id="draw")),
            on_submit=Reviews.draw,
            class_name="stack",
        ),
        class_name="card stack",
    )


def _list() -> rx.Component:
    def row(one: rx.Var[DrawView]) -> rx.Component:
        return rx.el.tr(
            rx.el.td(
                rx.link(client.When.create(at=one.since, kind="day"), href="/compliance/reviews?draw=" + one.id),
                class_name="nowrap",
            ),
            rx.el.td(client.When.create(at=one.drawn_at, kind="when"), rx.el.div(one.drawn_by, class_name="dim")),
            rx.el.td(one.judged, " of ", one.drawn, " judged, ", one.agreed, " agreed"),
            rx.el.td(
                rx.cond(
                    one.signed_at != "",
                    rx.fragment(pill("ok", "Signed"), rx.el.div(one.signed_by, class_name="dim")),
                    pill("warn", "Open"),
                )
            ),
        )

    return rx.cond(
        Reviews.draws.length() > 0,
        rx.fragment(
            rx.el.div(
                table(["Days from", "Drawn", "Judged", "Signed"], rx.foreach(Reviews.draws, row), "Draws"),
                class_name="card flush",
            ),
            rx.cond(
                Reviews.older != "",
                rx.el.div(client.WordLink.create("Older draws", words={"after": Reviews.older}, class_name="btn")),
            ),
        ),
        empty("clipboard-check", "No sample yet", "Draw one above and judge it: managers sign, auditors read it back."),
    )


def _open() -> rx.Component:
    one = Reviews.one
    return rx.fragment(
        rx.el.div(
            rx.link("All draws", href="/compliance/reviews", class_name="btn", underline="none"),
            rx.el.span(one.judged, " of ", one.drawn, " judged · seed ", one.seed, class_name="dim"),
            rx.cond(
                one.signed_at != "",
                rx.fragment(
                    pill("ok", "Signed by " + one.signed_by),
                    button("Verify", on_click=Reviews.verify, id="verify-review"),
                ),
                button(
                    "Sign off", kind="primary", on_click=Reviews.sign, disabled=one.judged < one.drawn, id="sign-review"
                ),
            ),
            class_name="row wrap",
        ),
        rx.cond(Reviews.holds != "", rx.el.p(Reviews.holds, role="status", id="signature")),
        _judging(),
        rx.el.section(
            table(
                ["Kind of risk", "Decisions", "Drawn", "Agreed", "95 %"], rx.foreach(Reviews.rates, _rate_row), "Rates"
            ),
            class_name="card flush",
        ),
        rx.el.section(
            table(["No.", "Kind of risk", "Decided", "Judgement"], rx.foreach(Reviews.items, _item_row), "Decisions"),
            class_name="card flush",
        ),
        client.Walk.create(target="a[data-review]", active="[data-here=true]"),
        client.Press.create(name="agree", target="#agree"),
        client.Press.create(name="dnc", target="#ask-why"),
    )


def _judging() -> rx.Component:
    item = Reviews.item
    form = rx.el.div(
        rx.el.div(
            button("Agree", kind="primary", on_click=Reviews.agree, id="agree"),
            rx.el.kbd("a"),
            rx.el.label("Disagree ", rx.el.kbd("d"), html_for="reason", id="ask-why", class_name="btn"),
            class_name="row wrap",
        ),
        rx.el.form(
            field(
                "What was wrong?",
                rx.el.textarea(id="reason", name="reason", rows=2, class_name="in"),
                name="reason",
                errors=Reviews.errors,
            ),
            rx.el.div(button("Disagree", kind="danger", type="submit", id="disagree")),
            on_submit=Reviews.disagree,
            reset_on_submit=True,
            class_name="stack",
        ),
        class_name="stack",
    )
    return rx.el.section(
        rx.el.div(
            rx.el.h2("Decision ", item.place, ": ", item.title),
            pill(item.tone, item.label),
            client.When.create(at=item.at, kind="when"),
            rx.link("Whole receipt", href="/compliance/decisions?decision=" + item.decision),
            class_name="row wrap",
        ),
        rx.cond(item.judged != "", rx.el.p(rx.el.b(item.judged), " ", item.reason, id="judged")),
        rx.cond(
            Reviews.one.signed_at == "",
            rx.cond(item.barred != "", banner("warn", rx.el.div(item.barred), id="barred"), form),
        ),
        rule_list(Reviews.rules),
        class_name="card stack",
        id="judging",
    )


def _rate_row(rate: rx.Var[RateView]) -> rx.Component:
    return rx.el.tr(
        rx.el.td(rate.title),
        rx.el.td(rate.population),
        rx.el.td(rate.drawn),
        rx.el.td(rate.agreed),
        rx.el.td(rate.bounds, class_name="nowrap"),
    )


def _item_row(one: rx.Var[ItemView]) -> rx.Component:
    here = rx.cond(one.id == Reviews.item.id, "true", "false")
    return rx.el.tr(
        rx.el.td(rx.link(one.place, href=one.href, custom_attrs={"data-review": one.id, "data-here": here})),
        rx.el.td(one.title),
        rx.el.td(pill(one.tone, one.label), rx.el.div(client.When.create(at=one.at, kind="when"), class_name="dim")),
        rx.el.td(one.judged, rx.el.div(one.reason, class_name="dim")),
    )
