"""Two steps of the builder: what the gate would say of everybody, and then submission, approval, launch."""

from __future__ import annotations

from typing import Any

import reflex as rx

from leadflow.pages.campaigns.rows import Bar, Hour, StateRow
from leadflow.pages.campaigns.state import Builder
from leadflow.ui import client
from leadflow.ui.feedback import banner, empty
from leadflow.ui.form import button, link
from leadflow.ui.table import column, table
from leadflow.ui.tokens import VERDICT

PEOPLE = [
    column("owner", "Person", 190, "text", small=True, small_width=150),
    column("street", "Property", 250, "strong", sub=["city", "state"], small=True, small_width=180),
    column("phone", "Number", 140, "phone"),
    column("verdict", "Answer", 110, "pill", tones=VERDICT),
    column("reasons", "Why", 320, "reasons", flex=1),
    column("later_at", "Not before", 150, "when"),
]


def simulation() -> rx.Component:
    """Show the funnel."""
    return rx.el.div(
        rx.el.div(
            rx.el.h2("What would happen?"),
            rx.el.p(
                "The gate itself is asked about everybody in the audience, as it is for a real text. Nothing is sent.",
                class_name="dim",
            ),
        ),
        rx.el.form(
            rx.el.label(
                rx.el.span("As if it were", class_name="label"),
                client.Moment.create(id="simulate-at", name="at", label="As if it were", value=""),
            ),
            button("Simulate", kind="primary", sign="flask-conical", type="submit", id="simulate"),
            rx.el.span("Empty means now.", class_name="dim"),
            on_submit=Builder.simulate,
            class_name="row wrap",
        ),
        rx.cond(
            Builder.forecast.at != "",
            _forecast(),
            empty(
                "flask-conical",
                "Not simulated yet",
                "See who would get the text, when, at what cost, and why the others would not.",
            ),
        ),
        class_name="stack wide",
    )


def _forecast() -> rx.Component:
    f = Builder.forecast
    return rx.el.div(
        rx.cond(f.stale, banner("warn", rx.el.span("The campaign was changed since. Simulate again."))),
        rx.el.div(
            _tile("sendable", f.sendable, "Sendable", "ok"),
            _tile("later", f.later, "Later", "warn"),
            _tile("blocked", f.blocked, "Not at all", "bad"),
            _tile("cost", f.cost, "Cost at most", "mute"),
            _tile("span", f.span, "Until the last leaves", "mute"),
            class_name="tiles",
        ),
        rx.el.section(
            rx.el.h3(
                "Exclusion funnel ",
                rx.el.small(client.When.create(at=f.at, kind="when"), " · rules ", f.version, class_name="dim"),
            ),
            rx.el.div(rx.foreach(f.bars, bar), class_name="funnel", id="funnel"),
            class_name="card",
        ),
        rx.cond(Builder.people.contains("at"), people("simulation/people")),
        rx.el.div(
            rx.cond(f.hours.length() > 0, _hours()),
            rx.el.section(
                rx.el.h3("By state of the property"),
                rx.el.div(
                    table(
                        [
                            *(
                                rx.el.th(h, scope="col", class_name="num" if h != "State" else "")
                                for h in ("State", "Now", "Later", "Not at all")
                            )
                        ],
                        rx.foreach(f.states, _state),
                        "By state",
                    ),
                    class_name="scroll-y",
                ),
                class_name="card flush pad-h",
            ),
            class_name="cols",
        ),
        rx.el.div(link("Continue", "?step=approval", kind="primary", id="to-approval"), class_name="foot"),
        class_name="stack wide",
    )


def _tile(name: str, value: Any, title: str, tone: str) -> rx.Component:  # noqa: ANN401 a Var
    return rx.el.div(
        rx.el.b(value),
        rx.el.span(rx.el.i(), title),
        class_name="tile",
        id=f"sim-{name}",
        custom_attrs={"data-tone": tone},
    )


def bar(row: rx.Var[Bar]) -> rx.Component:
    """Draw one bar; it leads to the people behind it."""
    return rx.link(
        rx.el.span(row.label),
        rx.el.span(rx.el.i(style={"width": row.width}), class_name="track", custom_attrs={"data-tone": row.tone}),
        rx.el.span(row.count),
        href=row.href,
        class_name="f",
        underline="none",
        custom_attrs={"data-reason": row.reason, "data-count": row.count},
    )


def people(path: str) -> rx.Component:
    """List the people behind the chosen bar."""
    return rx.el.section(
        rx.el.div(
            rx.el.h3(Builder.people_title), link("Close", "?step=simulate", kind="ghost sm"), class_name="between"
        ),
        rx.el.div(
            client.Grid.create(
                name="people",
                api="/api/v1/campaigns/" + Builder.view.id + "/" + path,
                columns=PEOPLE,
                params=[],
                fixed=Builder.people,
                row_key="lead_id",
                label="People behind this bar",
                cursor=True,
                empty_title="Nobody",
                empty_text="Nobody stands here any more.",
            ),
            class_name="gridbox short",
        ),
        class_name="card",
        id="people",
    )


def _hours() -> rx.Component:
    return rx.el.section(
        rx.el.h3("Texts an hour, at your throttle"),
        rx.el.div(
            rx.foreach(Builder.forecast.hours, _hour), class_name="hours", role="img", aria_label="Texts an hour"
        ),
        rx.el.div(
            client.When.create(at=Builder.forecast.hours[0].at, kind="when"),
            rx.el.span(class_name="grow"),
            client.When.create(at=Builder.forecast.hours[Builder.forecast.hours.length() - 1].at, kind="when"),
            class_name="row dim",
        ),
        rx.cond(Builder.forecast.more_hours != "", rx.el.p(Builder.forecast.more_hours, class_name="dim")),
        class_name="card",
    )


def _hour(hour: rx.Var[Hour]) -> rx.Component:
    return rx.el.div(
        rx.el.i(style={"height": hour.height}), title=hour.count + " texts", custom_attrs={"data-count": hour.count}
    )


def _state(row: rx.Var[StateRow]) -> rx.Component:
    return rx.el.tr(
        rx.el.td(row.state),
        rx.el.td(row.sendable, class_name="num"),
        rx.el.td(row.later, class_name="num"),
        rx.el.td(row.blocked, class_name="num"),
    )
