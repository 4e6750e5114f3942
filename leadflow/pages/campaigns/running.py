"""The course of a launched campaign: what became of everybody, how fast, at what cost; pause, resume, cancel."""

from __future__ import annotations

from typing import Any

import reflex as rx

from leadflow.pages.campaigns.index import bar as stacked
from leadflow.pages.campaigns.rows import Share, tones_of_recipients
from leadflow.pages.campaigns.simulation import bar
from leadflow.pages.campaigns.state import Builder
from leadflow.ui import client
from leadflow.ui.feedback import banner
from leadflow.ui.form import button, confirm
from leadflow.ui.shell import may
from leadflow.ui.table import column
from models.vocabulary import Permission

RECIPIENTS = [
    column("owner", "Person", 180, "text", small=True, small_width=140),
    column("street", "Property", 210, "text"),
    column("phone", "Number", 140, "phone"),
    column("state", "State", 150, "pill", tones=tones_of_recipients(), small=True, small_width=130),
    column("why", "Why", 300, "reasons", flex=1, small=True, small_width=160),
    column("not_before", "Not before", 140, "when"),
    column("submitted_at", "Submitted", 140, "when"),
    column("final_at", "Settled", 140, "when"),
]
EVERY_MS = 2_000


def actions() -> rx.Component:
    """Offer what may be done with a launched campaign."""
    state = Builder.view.state
    return rx.cond(
        may(Permission.CAMPAIGN_LAUNCH),
        rx.fragment(
            rx.cond(
                state == "running",
                confirm(
                    button("Pause", sign="pause", id="pause-campaign"),
                    "Pause this campaign?",
                    "Nothing more is handed to the carrier. What is queued stays queued, and goes on when you resume.",
                    button("Pause", kind="primary", on_click=Builder.pause, id="pause-yes"),
                ),
            ),
            rx.cond(
                state == "paused",
                button("Resume", sign="play", kind="primary", on_click=Builder.resume, id="resume-campaign"),
            ),
            rx.cond(
                (state == "running") | (state == "paused") | Builder.view.editable,
                confirm(
                    button("Cancel campaign", kind="danger", id="cancel-campaign"),
                    "Cancel it for good?",
                    "What is queued is taken back; what the carrier has cannot be. It never runs again.",
                    button("Cancel campaign", kind="stop", on_click=Builder.cancel, id="cancel-yes"),
                ),
            ),
        ),
    )


def running() -> rx.Component:
    """Show the course."""
    c, view = Builder.course, Builder.view
    return rx.el.div(
        client.Ticker.create(every=EVERY_MS, on=view.state == "running", on_tick=Builder.tick),
        rx.cond(view.state == "paused", banner("warn", rx.el.span(rx.el.b("Paused. "), view.pause_reason))),
        rx.el.section(
            rx.el.div(
                _tile("audience", c.audience, "Audience, frozen"),
                _tile("delivered", c.delivered, "Delivered"),
                _tile("settled", c.settled, "Settled"),
                _tile("rate", c.rate, "Last minute"),
                _tile("spent", c.spent, "Spent"),
                rx.el.div(
                    rx.el.b(rx.cond(c.eta != "", client.When.create(at=c.eta, kind="when"), "-")),
                    rx.el.span("Done by"),
                    class_name="tile eta",
                    id="course-eta",
                ),
                class_name="tiles",
            ),
            stacked(c.shares),
            rx.el.div(rx.foreach(c.shares, _part), class_name="legend"),
            class_name="stack wide",
            id="course",
        ),
        rx.el.div(
            rx.el.section(
                rx.el.h2("By state"),
                rx.el.div(rx.foreach(c.states, _state), class_name="chips"),
                _facts(),
                class_name="card stack",
            ),
            rx.cond(
                c.withheld.length() > 0,
                rx.el.section(
                    rx.el.h2("Not texted, by reason"),
                    rx.el.div(rx.foreach(c.withheld, bar), class_name="funnel"),
                    class_name="card",
                ),
            ),
            class_name="cols",
        ),
        rx.el.section(
            rx.el.div(
                rx.el.h2("Recipients"),
                client.WordChip.create(param="state", label="One state"),
                client.WordChip.create(param="reason", label="One reason"),
                class_name="row head",
            ),
            rx.el.div(
                client.Grid.create(
                    name="recipients",
                    api="/api/v1/campaigns/" + view.id + "/recipients",
                    columns=RECIPIENTS,
                    params=["state", "reason"],
                    fixed=Builder.fixed,
                    row_key="lead_id",
                    label="Recipients",
                    cursor=True,
                    reload=Builder.beat,
                    empty_title="Nobody",
                    empty_text="This campaign ended before its audience was frozen.",
                ),
                class_name="gridbox tall",
            ),
            class_name="card flush",
            id="people",
        ),
        class_name="work run stack wide",
    )


def _tile(name: str, value: Any, title: str) -> rx.Component:  # noqa: ANN401 a Var
    return rx.el.div(rx.el.b(value), rx.el.span(title), class_name="tile", id=f"course-{name}")


def _part(share: rx.Var[Share]) -> rx.Component:
    return rx.el.span(rx.el.i(custom_attrs={"data-tone": share.tone}), rx.el.b(share.count), share.label)


def _state(share: rx.Var[Share]) -> rx.Component:
    return rx.link(
        share.label,
        rx.el.span(share.count, class_name="n"),
        href=share.href,
        class_name="chip",
        underline="none",
        custom_attrs={"data-count": share.count},
    )


def _facts() -> rx.Component:
    view = Builder.view
    return rx.el.dl(
        rx.el.dt("Launched"),
        rx.el.dd(
            rx.cond(
                view.launched_at != "",
                rx.fragment(client.When.create(at=view.launched_at, kind="when"), " by ", view.launcher),
                "never",
            )
        ),
        rx.cond(
            view.finished_at != "",
            rx.fragment(rx.el.dt("Ended"), rx.el.dd(client.When.create(at=view.finished_at, kind="when"))),
        ),
        rx.el.dt("From"),
        rx.el.dd(Builder.sender),
        rx.el.dt("Rate and hours"),
        rx.el.dd(view.per_minute, " a minute, ", view.window, rx.el.div(view.days, class_name="dim")),
        rx.el.dt("Message"),
        rx.el.dd(view.template),
        class_name="kv",
    )
