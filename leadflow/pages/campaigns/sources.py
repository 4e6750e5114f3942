"""The numbers that a campaign sends from: chosen in the builder, watched while it runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import reflex as rx

from leadflow.campaigns.types import CampaignView
from leadflow.kernel.phone import display
from leadflow.messaging.number_types import PoolRow, SenderRow
from leadflow.ui.feedback import pill
from leadflow.ui.table import table
from models.vocabulary import RegistrationState


@dataclass(frozen=True)
class Source:
    """One number of a campaign."""

    number: str = ""
    label: str = ""
    per_minute: str = ""
    waiting: str = ""
    last_hour: str = ""
    against: str = ""
    """Why it does not send; empty when it may."""
    rests: bool = False


class Sources(rx.State, mixin=True):
    """The numbers of one campaign; mixed into its page's state."""

    sender_choices: list[list[str]] = []
    pools: list[str] = []
    """Which of the choices are pools."""
    sender: str = ""
    senders_here: list[Source] = []
    together: str = ""
    """Texts a minute that leave, as campaign, numbers and organisation allow."""

    def _take_senders(self, found: CampaignView, senders: Sequence[SenderRow], pools: Sequence[PoolRow]) -> None:
        names = {str(s.id): " · ".join(filter(None, (s.label, display(s.e164)))) for s in senders}
        poor = {str(s.id): f" ({s.registration})" for s in senders if s.registration is not RegistrationState.VERIFIED}
        choices = ([key, name + poor.get(key, "")] for key, name in names.items())
        shared = {str(p.id): f"Pool {p.name} ({p.able} of {len(p.numbers)} can send)" for p in pools}
        self.pools = list(shared)
        self.sender_choices = [["", "Choose a number or a pool"], *choices, *([k, v] for k, v in shared.items())]
        self.sender = (names | shared).get(str(found.sender_number_id or found.pool_id or ""), "")
        self.together = f"{found.rate:,}"

    def _take_sources(self, rows: Sequence[SenderRow]) -> None:
        self.senders_here = [
            Source(
                display(row.e164),
                row.label,
                f"{row.per_minute:,}",
                f"{row.queued:,}",
                f"{row.sent_last_hour:,}",
                row.against,
                row.cooling_until is not None,
            )
            for row in rows
        ]


def chosen(state: Any) -> rx.Component:  # noqa: ANN401 a state with Sources
    """Show in the builder which numbers that are and how fast they are together."""
    return rx.cond(
        state.senders_here.length() > 0,
        rx.el.div(
            _listed(state, waiting=False),
            rx.el.p(
                "Together they send up to ",
                rx.el.b(state.together, " a minute", id="together"),
                ": as the campaign, its numbers and the organisation allow.",
                class_name="dim",
            ),
            class_name="stack tight",
            id="sources",
        ),
    )


def by_number(state: Any) -> rx.Component:  # noqa: ANN401 a state with Sources
    """Show on the running page what waits on each number, and which does not send."""
    return rx.cond(
        state.senders_here.length() > 0,
        rx.el.section(rx.el.h2("By number"), _listed(state, waiting=True), class_name="card stack", id="by-number"),
    )


def _listed(state: Any, *, waiting: bool) -> rx.Component:  # noqa: ANN401 a state with Sources
    figures = ("Waiting", "Last hour") if waiting else ("A minute",)
    headers = ["Number", *[rx.el.th(title, scope="col", class_name="num") for title in figures], "Sends"]

    def row(one: rx.Var[Source]) -> rx.Component:
        counts = (one.waiting, one.last_hour) if waiting else (one.per_minute,)
        return rx.el.tr(
            rx.el.td(rx.el.span(one.number, class_name="mono nowrap"), rx.el.div(one.label, class_name="dim")),
            *[rx.el.td(count, class_name="num") for count in counts],
            rx.el.td(
                rx.cond(
                    one.against == "",
                    pill("ok", "Yes"),
                    rx.fragment(
                        rx.cond(one.rests, pill("warn", "Rests"), pill("bad", "No")),
                        rx.el.div(one.against, class_name="note dim wrap"),
                    ),
                )
            ),
        )

    return table(headers, rx.foreach(state.senders_here, row), "Numbers of this campaign")
