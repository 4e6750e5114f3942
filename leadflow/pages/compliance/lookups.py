"""/compliance/lookups: how well numbers are looked up, what a run would cost, and runs that go on or have ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import reflex as rx

from leadflow.kernel.errors import Invalid
from leadflow.leads import service as leads
from leadflow.pages.compliance.components import top
from leadflow.scrubs import service as scrubs
from leadflow.scrubs.types import Coverage, Order, Overview, Quote, RunRow
from leadflow.ui import client
from leadflow.ui.action import Desk, Page, action, loads
from leadflow.ui.address import word
from leadflow.ui.feedback import banner, empty, ready, term
from leadflow.ui.form import button, choose, field, link, text_in
from leadflow.ui.shell import may, page
from leadflow.ui.table import table
from leadflow.ui.tokens import SCRUB_RUN
from models.vocabulary import LookupService, Permission, ScrubRunState

EVERY_MS = 1_500
SHOWN = 25
SERVICES = {
    LookupService.DNC: "Do-not-call registries and litigators",
    LookupService.REASSIGNED: "Reassigned numbers",
}


@dataclass(frozen=True)
class Tile:
    """A count of numbers."""

    label: str
    count: str
    tone: str


@dataclass(frozen=True)
class CoverageView:
    """One service's coverage."""

    service: str
    title: str
    tiles: list[Tile]
    note: str


@dataclass(frozen=True)
class RunView:
    """A run as the page shows it."""

    id: str
    service: str
    whom: str
    who: str
    state: str
    started_at: str
    done: int
    bought: int
    results: str
    unknown: str
    cost: str
    held: str
    error: str
    stopping: bool


class Lookups(Page, rx.State):
    """Coverage, the quote that was asked for, and runs."""

    coverage: list[CoverageView] = []
    lists: list[list[str]] = []
    running: list[RunView] = []
    past: list[RunView] = []
    older: str = ""
    provider: str = ""
    provider_ready: str = ""
    provider_error: str = ""
    budget: str = ""
    quoted: dict[str, str] = {}
    """The quote, ready to read; empty before one was asked for."""
    wanted: dict[str, str] = {}
    """What the quote is of."""

    @loads(Permission.DECISION_READ)
    async def load(self, desk: Desk) -> None:
        """Read everything."""
        self.failure, self.errors, self.quoted = {}, {}, {}
        await self._show(desk)
        rows = await desk.do(lambda uow: leads.lists(uow, desk.actor))
        self.lists = [["", "All leads"], *([str(row.id), f"{row.name} ({row.count:,})"] for row in rows)]
        self.loaded = True

    @action(Permission.DECISION_READ)
    async def refresh(self, desk: Desk) -> None:
        """Look how far the runs are."""
        await self._show(desk)

    @action(Permission.SCRUB_RUN)
    async def quote(self, desk: Desk, form: dict[str, Any]) -> None:
        """Say what a run would cost."""
        self.wanted = {name: str(form.get(name) or "") for name in ("service", "list", "renew_days")}
        order = _order(self.wanted)
        told = await desk.do(lambda uow: scrubs.quote(uow, desk.actor, order))
        self.quoted = _quote(told)

    @action(Permission.SCRUB_RUN)
    async def start(self, desk: Desk) -> None:
        """Reserve the price and start."""
        order = _order(self.wanted)
        await desk.do(lambda uow: scrubs.start(uow, desk.actor, order))
        self.quoted = {}
        await self._show(desk)
        desk.say("The look-ups have begun")
        desk.ring("lf:jobs")

    @action(Permission.SCRUB_RUN)
    async def cancel(self, desk: Desk, run: UUID) -> None:
        """Stop a run."""
        await desk.do(lambda uow: scrubs.cancel(uow, desk.actor, run))
        await self._show(desk)
        desk.say("Stopping", "What is paid is kept; the rest is given back.")

    @action(Permission.SCRUB_RUN)
    async def forget(self, desk: Desk) -> None:  # noqa: ARG002 a handler's signature
        """Put the quote away."""
        self.quoted = {}

    async def _show(self, desk: Desk) -> None:
        after = word(self, "after") or None
        found = await desk.do(lambda uow: scrubs.overview(uow, desk.actor))
        rows = await desk.do(lambda uow: scrubs.runs(uow, desk.actor, after=after, limit=SHOWN))
        self.coverage = [_coverage(one) for one in found.coverage]
        self._tell_provider(found)
        self.running = [_run(row) for row in rows.rows if row.state is ScrubRunState.RUNNING]
        self.past = [_run(row) for row in rows.rows if row.state is not ScrubRunState.RUNNING]
        self.older = rows.next or ""

    def _tell_provider(self, found: Overview) -> None:
        state = found.provider
        whose = "your own account" if state.own else "the installation's account"
        prices = ", ".join(f"{SERVICES[service]} {dollars(price)}" for service, price in state.prices.items())
        self.provider = f"DNCScrub, {whose}. Price of a number: {prices}."
        self.provider_ready, self.provider_error = state.ready, state.last_error or ""
        self.budget = "No budget is set." if found.budget_left is None else f"{dollars(found.budget_left)} left."


def _order(wanted: dict[str, str]) -> Order:
    try:
        service, days = LookupService(wanted.get("service", "")), int(wanted.get("renew_days") or 0)
    except ValueError as error:
        raise Invalid("A number of days, such as 7.", "renew_days") from error
    chosen = {"list": wanted["list"]} if wanted.get("list") else {}
    return scrubs.read_order(service, leads_filter=chosen, renew_days=days)


def dollars(hundredths: int) -> str:
    """Write hundredths of a cent as dollars; a price below a cent keeps its digits."""
    text = f"${hundredths / 10_000:,.4f}"
    return text.removesuffix("00")


def _quote(told: Quote) -> dict[str, str]:
    left = "no budget set" if told.budget_left is None else f"{dollars(told.budget_left)} left"
    return {
        "service": SERVICES[told.service],
        "numbers": f"{told.numbers:,}",
        "fresh": f"{told.fresh:,}",
        "undated": f"{told.undated:,}" if told.undated else "",
        "busy": f"{told.busy:,}" if told.busy else "",
        "to_buy": f"{told.to_buy:,}",
        "price": dollars(told.price),
        "cost": dollars(told.cost),
        "budget": left,
        "against": _against(told),
    }


def _against(told: Quote) -> str:
    if told.ready:
        return told.ready
    if not told.to_buy:
        return "There is nothing to buy: every number is fresh, waits in a run, or has no consent to ask about."
    return "" if told.affordable else "The budget does not bear it. Choose a smaller list, or raise the budget."


def _coverage(one: Coverage) -> CoverageView:
    tiles = [
        Tile("Fresh", f"{one.fresh:,}", "ok"),
        Tile("Too old within 7 days", f"{one.expiring:,}", "warn"),
        Tile("Too old", f"{one.stale:,}", "bad"),
        Tile("Never looked up", f"{one.never:,}", "mute"),
        Tile("Listed", f"{one.listed:,}", "bad"),
    ]
    note = f"{one.numbers:,} numbers of leads; a look-up counts for {one.max_age_days} days."
    return CoverageView(one.service.value, SERVICES[one.service], tiles, note)


def _run(row: RunRow) -> RunView:
    unknown = row.missing + row.doubtful
    named = row.audience.get("list")
    whom = (
        f"{row.audience['numbers']:,} numbers" if "numbers" in row.audience else "Leads of a list" if named else "Leads"
    )
    return RunView(
        id=str(row.id),
        service=SERVICES[row.service],
        whom=f"{whom}, {row.fresh:,} were fresh" if row.fresh else whom,
        who=row.actor_name or "",
        state=row.state.value,
        started_at=row.started_at.isoformat(),
        done=row.done,
        bought=row.bought,
        results=f"{row.answered:,} of {row.bought:,} answered, {row.listed:,} listed",
        unknown=f"{unknown:,} stay unknown and are not sendable" if unknown else "",
        cost=dollars(row.spent),
        held=dollars(row.reserved),
        error=row.error or "",
        stopping=row.cancel_requested,
    )


def view() -> rx.Component:
    """Show coverage over the order, over the runs."""
    return page(
        top("/compliance/lookups", link("Registry files", "/compliance/registries", sign="file-text")),
        ready(
            Lookups,
            rx.el.div(
                rx.foreach(Lookups.coverage, _covered),
                rx.foreach(Lookups.running, _running),
                rx.el.div(
                    rx.cond(may(Permission.SCRUB_RUN), _form(), _not_yours()), _provider(), class_name="cols two"
                ),
                rx.cond(Lookups.past.length() > 0, _past(), rx.cond(Lookups.running.length() == 0, _none())),
                client.Ticker.create(every=EVERY_MS, on=Lookups.running.length() > 0, on_tick=Lookups.refresh),
                class_name="pad wide stack",
            ),
        ),
        soft=True,
    )


def _covered(one: rx.Var[CoverageView]) -> rx.Component:
    return rx.el.section(
        rx.el.div(rx.el.h2(one.title), rx.el.span(one.note, class_name="dim"), class_name="between wrap"),
        rx.el.div(rx.foreach(one.tiles, _tile), class_name="tiles"),
        class_name="stack",
        custom_attrs={"data-service": one.service},
    )


def _tile(one: rx.Var[Tile]) -> rx.Component:
    return rx.el.div(
        rx.el.b(one.count),
        rx.el.span(rx.el.i(), one.label),
        class_name="tile",
        custom_attrs={"data-tone": one.tone},
    )


def _running(one: rx.Var[RunView]) -> rx.Component:
    return rx.el.div(
        rx.el.div(
            rx.el.div(rx.el.b(one.service), rx.el.div(one.whom, class_name="dim")),
            rx.cond(
                one.stopping,
                rx.el.span("Stopping after this call", class_name="dim", role="status"),
                rx.cond(
                    may(Permission.SCRUB_RUN),
                    button(
                        "Cancel",
                        sign="x",
                        kind="sm",
                        on_click=Lookups.cancel(one.id),
                        custom_attrs={"data-act": "cancel"},
                    ),
                ),
            ),
            class_name="between",
        ),
        rx.el.progress(value=one.done, max=one.bought, aria_label="Look-ups done"),
        rx.el.div(rx.el.span(one.results, role="status"), rx.el.span(one.held, " held"), class_name="between dim"),
        rx.cond(one.error != "", rx.el.span(one.error, class_name="dim")),
        class_name="card working",
        custom_attrs={"data-run": one.id},
    )


def _form() -> rx.Component:
    errors = Lookups.errors
    return rx.el.section(
        rx.el.h2("Scrub now"),
        rx.el.form(
            field("In what", choose("service", [(str(one), title) for one, title in SERVICES.items()]), name="service"),
            field("Whose numbers", choose("list", Lookups.lists), name="list"),
            field(
                "Also what gets too old within (days)",
                text_in("renew_days", type="number", min="0", max="30", default_value="7"),
                name="renew_days",
                errors=errors,
            ),
            rx.el.div(button("Tell the price", sign="calculator", type="submit", id="quote")),
            on_submit=Lookups.quote,
            class_name="stack",
            id="scrub-form",
        ),
        rx.cond(Lookups.quoted.contains("cost"), _quoted()),
        class_name="card stack",
    )


def _quoted() -> rx.Component:
    told = Lookups.quoted

    def line(label: str, name: str) -> rx.Component:
        return rx.cond(told[name] != "", rx.el.li(rx.el.span(label), rx.el.b(told[name]), class_name="between"))

    return rx.el.div(
        rx.el.h3(told["service"]),
        rx.el.ul(
            line("Numbers", "numbers"),
            line("Fresh already, free", "fresh"),
            line("Without a consent to ask about", "undated"),
            line("In a run that goes on", "busy"),
            line("To buy", "to_buy"),
            line("Price of a number", "price"),
            line("Cost", "cost"),
            line("Budget of this month", "budget"),
            class_name="plain",
        ),
        rx.cond(
            told["against"] != "",
            banner("warn", told["against"], id="quote-against"),
            rx.el.div(
                button(
                    "Start for " + told["cost"], sign="play", kind="primary", on_click=Lookups.start, id="start-scrub"
                ),
                button("Not now", on_click=Lookups.forget),
                class_name="row",
            ),
        ),
        class_name="stack",
        id="quote-card",
    )


def _not_yours() -> rx.Component:
    return rx.el.p("Owners and managers buy look-ups. You see what was bought.", class_name="dim", id="scrub-form")


def _provider() -> rx.Component:
    return rx.el.section(
        rx.el.h2("Provider"),
        rx.cond(
            Lookups.provider_ready != "",
            banner("warn", Lookups.provider_ready, id="provider-state"),
            banner("ok", "Ready to be asked.", id="provider-state"),
        ),
        rx.cond(Lookups.provider_error != "", banner("warn", "The last run: ", Lookups.provider_error)),
        rx.el.p(Lookups.provider),
        rx.el.p("Budget of this month: ", Lookups.budget, class_name="dim"),
        class_name="card stack",
        id="provider",
    )


def _past() -> rx.Component:
    return rx.fragment(
        rx.el.div(
            table(["Run", "When", "Results", "Cost"], rx.foreach(Lookups.past, _row), "Runs that ended"),
            class_name="card flush",
            id="past-runs",
        ),
        rx.cond(
            Lookups.older != "",
            rx.el.div(client.WordLink.create("Older runs", words={"after": Lookups.older}, class_name="btn")),
        ),
    )


def _row(one: rx.Var[RunView]) -> rx.Component:
    return rx.el.tr(
        rx.el.td(rx.el.b(one.service), rx.el.div(one.whom, class_name="dim")),
        rx.el.td(client.When.create(at=one.started_at, kind="when"), rx.el.div(one.who, class_name="dim")),
        rx.el.td(
            term(one.state, SCRUB_RUN),
            rx.el.div(one.results),
            rx.cond(one.unknown != "", rx.el.div(one.unknown, class_name="dim note")),
            rx.cond(one.error != "", rx.el.div(one.error, class_name="dim note")),
        ),
        rx.el.td(one.cost, class_name="nowrap"),
        custom_attrs={"data-run": one.id, "data-state": one.state},
    )


def _none() -> rx.Component:
    return empty(
        "scan-search",
        "Nothing was looked up yet",
        "A number without a look-up in the national registry takes no text unless its owner gave written consent. "
        "Ask for the price above; nothing is paid before you start.",
    )
