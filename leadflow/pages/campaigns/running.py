"""The course of a launched campaign: what became of everybody, how fast, at what cost; pause, resume, cancel."""

from __future__ import annotations

from typing import Any

import reflex as rx

from leadflow.pages.campaigns.index import bar as stacked
from leadflow.pages.campaigns.rows import Share, tones_of_recipients
from leadflow.pages.campaigns.simulation import bar
from leadflow.pages.campaigns.sources import by_number
from leadflow.pages.campaigns.stages import Failure, StageCourse, VariantCourse
from leadflow.pages.campaigns.state import Builder
from leadflow.pages.campaigns.weather import resume_with_reason, storm, weather
from leadflow.ui import client
from leadflow.ui.feedback import banner
from leadflow.ui.form import button, confirm, link
from leadflow.ui.shell import may
from leadflow.ui.table import column, table
from models.vocabulary import Permission

RECIPIENTS = [
    column("owner", "Person", 180, "text", small=True, small_width=140),
    column("street", "Property", 210, "text"),
    column("phone", "Number", 140, "phone"),
    column("state", "State", 150, "pill", tones=tones_of_recipients(), small=True, small_width=130),
    column("why", "Why", 300, "reasons", flex=1, small=True, small_width=160),
    column("step", "Message", 90, "int"),
    column("variant", "Variant", 90, "text"),
    column("not_before", "Not before", 140, "when"),
    column("submitted_at", "Submitted", 140, "when"),
    column("final_at", "Settled", 140, "when"),
]


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
                rx.cond(
                    Builder.view.stormbound,
                    resume_with_reason(Builder.resume_with),
                    button("Resume", sign="play", kind="primary", on_click=Builder.resume, id="resume-campaign"),
                ),
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
        client.Ticker.create(every=c.every_ms, on=view.state == "running", on_tick=Builder.tick),
        rx.cond(
            view.state == "paused",
            rx.cond(
                view.stormbound,
                storm(view.pause_reason),
                banner("warn", rx.el.span(rx.el.b("Paused. "), view.pause_reason)),
            ),
        ),
        rx.el.section(
            rx.el.div(
                _tile("audience", c.audience, "Audience, frozen"),
                _tile("delivered", c.delivered, "Delivered"),
                _tile("settled", c.settled, "Settled"),
                _tile("rate", c.rate, "Last minute"),
                _tile("replied", Builder.echo.replied, "Replied"),
                _tile("opted-out", Builder.echo.opted_out, "Opted out"),
                rx.cond(Builder.echo.followed != "", _tile("followed", Builder.echo.followed, "Followed a link")),
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
        _again(),
        rx.cond(Builder.echo.stages.length() > 0, _by_message()),
        rx.cond(Builder.echo.variants.length() > 0, _by_variant()),
        by_number(Builder),
        weather(Builder.sky),
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
                    rx.el.div(
                        rx.el.h2("Not texted, by reason"),
                        rx.cond(
                            may(Permission.LETTER_EXPORT),
                            link(
                                "Mail them instead",
                                "/letters?campaign=" + view.id,
                                sign="mail",
                                kind="sm",
                                id="mail-them",
                            ),
                        ),
                        class_name="between",
                    ),
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
                rx.el.span(class_name="grow"),
                rx.cond(
                    may(Permission.CAMPAIGN_EXPORT),
                    client.Download.create(
                        "Export CSV",
                        href="/api/v1/campaigns/" + view.id + "/recipients.csv",
                        class_name="btn sm",
                        id="export-recipients",
                    ),
                ),
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


def _by_message() -> rx.Component:
    return rx.el.section(
        rx.el.h2("By message"),
        rx.el.ol(rx.foreach(Builder.echo.stages, _stage), class_name="plain lines"),
        class_name="card",
        id="by-message",
    )


def _stage(stage: rx.Var[StageCourse]) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.el.b("Message ", stage.n),
            rx.cond(stage.wait != "", rx.el.span(stage.wait, " after the one before", class_name="dim")),
            rx.el.span(class_name="grow"),
            rx.el.span(rx.el.b(stage.reached), " sent", class_name="dim"),
            class_name="row",
        ),
        stacked(stage.shares),
        rx.el.div(rx.foreach(stage.shares, _part), class_name="legend small"),
        custom_attrs={"data-stage": stage.n},
    )


def _by_variant() -> rx.Component:
    return rx.el.section(
        rx.el.h2("By variant"),
        table(
            [
                "Variant",
                *(
                    rx.el.th(title, scope="col", class_name="num")
                    for title in ("People", "Reached", "Replied", "Reply rate", "Followed a link", "Opted out")
                ),
            ],
            rx.foreach(Builder.echo.variants, _variant),
            "By variant",
        ),
        class_name="card",
        id="by-variant",
    )


def _variant(one: rx.Var[VariantCourse]) -> rx.Component:
    return rx.el.tr(
        rx.el.td(rx.el.b(one.label)),
        *[
            rx.el.td(value, class_name="num")
            for value in (one.members, one.reached, one.replied, one.rate, one.followed, one.opted_out)
        ],
    )


def _again() -> rx.Component:
    """Offer to send anew what nobody got, once the campaign has finished."""
    return rx.cond(
        (Builder.failures.length() > 0) & may(Permission.CAMPAIGN_LAUNCH),
        rx.el.section(
            rx.el.h2("Texts that may get through later"),
            rx.el.p(
                "Nobody got these. Opt-outs, dead numbers, landlines and filtered texts are never tried again.",
                class_name="dim",
            ),
            rx.foreach(Builder.failures, _failure),
            rx.el.div(
                confirm(
                    button(
                        "Send them anew",
                        sign="rotate-ccw",
                        kind="primary",
                        disabled=Builder.chosen.length() == 0,
                        id="retry-failed",
                    ),
                    "Send these texts anew?",
                    "Each is a further attempt at the same text, through the gate like every other. "
                    "It stands in the record that you had it done.",
                    button("Send anew", kind="primary", on_click=Builder.retry_failed, id="retry-yes"),
                )
            ),
            class_name="card stack tight",
            id="again",
        ),
    )


def _failure(one: rx.Var[Failure]) -> rx.Component:
    return rx.el.label(
        rx.el.input(
            type="checkbox",
            checked=Builder.chosen.contains(one.reason),
            on_change=lambda _: Builder.choose_failure(one.reason),
            custom_attrs={"data-reason": one.reason},
        ),
        rx.el.span(
            rx.el.b(one.count),
            " ",
            one.label,
            rx.cond(one.certain, "", rx.el.span(" By choosing these you say that nobody got them.", class_name="err")),
        ),
        class_name="check",
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
        rx.el.dt("Stopped by a rule"),
        rx.el.dd(Builder.echo.stopped),
        class_name="kv",
    )
