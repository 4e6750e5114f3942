"""/letters: mailing lists, and a new one of a filter or of those whom a campaign did not text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import reflex as rx

from leadflow.campaigns import service as campaigns
from leadflow.campaigns.rules.funnel import label
from leadflow.kernel.db import UnitOfWork
from leadflow.leads import filter_types
from leadflow.leads.types import LeadFilter
from leadflow.letters import service as letters
from leadflow.letters.types import LetterInput, LetterRow
from leadflow.ui import client
from leadflow.ui.action import Desk, Page, action, loads
from leadflow.ui.address import record, word
from leadflow.ui.feedback import empty, pill, ready
from leadflow.ui.form import button
from leadflow.ui.shell import header, page
from leadflow.ui.tokens import words
from models.vocabulary import LetterState, Permission

SHOWN = 30
EVERY = 2_500
"""Milliseconds between two looks while a list is being made."""
TONES = {LetterState.MAKING: "info", LetterState.READY: "ok", LetterState.FAILED: "bad"}
FILTERS = tuple(LeadFilter.model_fields)
LEFT_OUT = {
    "died": "have died",
    "closed": "want no contact or no mail",
    "no_address": "have no address that mail reaches",
    "twice": "have a letter at that address already",
}


@dataclass(frozen=True)
class List:
    """A mailing list."""

    id: str
    what: str
    state: str
    tone: str
    asked_at: str
    asked_by: str
    expires_at: str
    letters: str
    told: str
    href: str
    done: int
    total: int
    fault: str


class Letters(Page, rx.State):
    """Mailing lists, and what a new one would be about."""

    rows: list[List] = []
    making: bool = False
    about: str = ""
    """Whom the address asks a list for, in words."""

    @loads(Permission.LETTER_EXPORT)
    async def load(self, desk: Desk) -> None:
        """Read the lists and the question of the address."""
        self.failure = {}
        wanted = self._wanted()
        self.about = await desk.do(lambda uow: _about(uow, desk, wanted))
        await self._list(desk)
        self.loaded = True

    @action(Permission.LETTER_EXPORT)
    async def look(self, desk: Desk) -> None:
        """See how far the lists are."""
        await self._list(desk)

    @action(Permission.LETTER_EXPORT)
    async def ask(self, desk: Desk) -> None:
        """Ask for the list that the address speaks of."""
        wanted = self._wanted()
        await desk.do(lambda uow: letters.ask(uow, desk.actor, wanted))
        await self._list(desk)
        desk.ring("lf:jobs")
        desk.say("The list is being made", "It stands below when it is ready.")

    def _wanted(self) -> LetterInput:
        chosen = {name: _values(self, name) for name in FILTERS if word(self, name)}
        return LetterInput(
            audience_filter=chosen, campaign_id=record(self, "campaign"), reason=word(self, "reason") or None
        )

    async def _list(self, desk: Desk) -> None:
        found = await desk.do(lambda uow: letters.listing(uow, desk.actor, None, SHOWN))
        rows = [_row(row) for row in found.rows]
        if rows != self.rows:
            self.rows = rows
        self.making = any(row.state is LetterState.MAKING for row in found.rows)


def _values(state: Any, name: str) -> Any:  # noqa: ANN401 a Reflex state, and whatever the address holds
    given = state.router_data.get("query", {}).get(name, "")
    return given if isinstance(given, list) else str(given)


def _about(uow: UnitOfWork, desk: Desk, wanted: LetterInput) -> str:
    if wanted.campaign_id is not None:
        name = campaigns.get(uow, desk.actor, wanted.campaign_id).name
        why = f", because: {label(wanted.reason).lower()}" if wanted.reason else ""
        return f"those whom “{name}” did not text{why}"
    return _filter_words(wanted.audience_filter) or "every lead"


def _filter_words(chosen: Any) -> str:  # noqa: ANN401 a filter as the address or the record holds it
    told = [
        f"{words(name)}: {', '.join(map(str, value)) if isinstance(value, list) else value}"
        for name, value in chosen.items()
        if name != "where"
    ]
    told += [filter_types.told(chip) for chip in LeadFilter.read({"where": chosen.get("where", ())}).where]
    return "leads with " + "; ".join(told) if chosen else ""


def _row(row: LetterRow) -> List:
    out = row.counts.get("left_out", {})
    told = "; ".join(f"{count:,} {LEFT_OUT.get(why, why)}" for why, count in out.items())
    campaign = f"Not texted by “{row.campaign}”" + (f": {label(row.reason).lower()}" if row.reason else "")
    return List(
        id=str(row.id),
        what=campaign if row.campaign_id else (_filter_words(row.audience_filter) or "Every lead").capitalize(),
        state=words(row.state),
        tone=TONES[row.state],
        asked_at=row.asked_at.isoformat(),
        asked_by=row.asked_by,
        expires_at=row.expires_at.isoformat() if row.expires_at else "",
        letters=f"{row.counts.get('letters', 0):,} letters of {row.counts.get('leads', 0):,} leads"
        if row.made_at
        else "",
        told=told,
        href=f"/api/v1/letters/{row.id}/file" if row.made_at else "",
        done=row.done,
        total=row.total or 1,
        fault=row.fault,
    )


def view() -> rx.Component:
    """Show the question and the lists."""
    return page(
        header("Mailing lists", back=("/leads", "Leads")),
        ready(
            Letters,
            rx.el.div(
                client.Ticker.create(every=EVERY, on=Letters.making, on_tick=Letters.look),
                rx.el.section(
                    rx.el.h2("Write to them instead"),
                    rx.el.p(
                        "A letter needs no consent. The list is for ",
                        rx.el.b(Letters.about, id="about"),
                        ": one letter a household, nobody who died, who wants no mail or no contact at all. Who asked "
                        "for it and what came out stays on record; after a week the list is removed.",
                    ),
                    button("Make the list", sign="mail", kind="primary", on_click=Letters.ask, id="make-list"),
                    class_name="card stack",
                ),
                rx.el.section(
                    rx.cond(
                        Letters.rows.length() > 0,
                        rx.el.ul(rx.foreach(Letters.rows, _one), class_name="plain lines", id="lists"),
                        empty("mail", "No list yet", "Lists that are made stand here for a week."),
                    ),
                    class_name="card",
                ),
                class_name="pad wide stack",
            ),
        ),
        soft=True,
    )


def _one(one: rx.Var[List]) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.el.div(
                pill(one.tone, one.state),
                rx.el.b(one.what, class_name="wrap"),
                class_name="row wrap",
            ),
            rx.cond(
                one.href != "",
                client.Download.create("Download CSV", href=one.href, class_name="btn sm", id="download-" + one.id),
                rx.cond(
                    one.fault == "", rx.el.progress(value=one.done, max=one.total, aria_label="Written of " + one.what)
                ),
            ),
            class_name="between",
        ),
        rx.el.div(
            rx.cond(one.letters != "", rx.fragment(one.letters, ". ")),
            rx.cond(one.told != "", rx.fragment("Left out: ", one.told, ". ")),
            one.fault,
            class_name="wrap",
        ),
        rx.el.div(
            "Asked by ",
            one.asked_by,
            ", ",
            client.When.create(at=one.asked_at, kind="when"),
            rx.cond(
                one.expires_at != "",
                rx.fragment("; removed ", client.When.create(at=one.expires_at, kind="day")),
            ),
            class_name="dim",
        ),
        custom_attrs={"data-list": one.id, "data-state": one.state},
    )
