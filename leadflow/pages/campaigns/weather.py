"""How carriers and people take a launched campaign: rates with their bounds, by template, number and carrier."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import reflex as rx

from leadflow.messaging.rules.weather import LEAST, percent
from leadflow.messaging.types import Part, Rate, Report
from leadflow.pages.campaigns.rows import iso
from leadflow.ui import client
from leadflow.ui.feedback import banner, empty, pill
from leadflow.ui.form import button, text_in
from leadflow.ui.form import field as labelled
from leadflow.ui.table import table
from models.vocabulary import Weather

SHOWN = 12
"""Rows of one table; the worst come first."""
TITLES = {"template": "By message and variant", "number": "By number", "carrier": "By the recipient's carrier"}


@dataclass(frozen=True)
class Reading:
    """One rate, ready to read."""

    share: str = ""
    bounds: str = ""
    tone: str = "mute"


@dataclass(frozen=True)
class Line:
    """One part of the weather."""

    label: str
    texts: str
    filtered: Reading
    opted_out: Reading


@dataclass(frozen=True)
class Sky:
    """The weather of a campaign."""

    texts: str = "0"
    window: str = ""
    since: str = ""
    enough: bool = False
    least: str = str(LEAST)
    filtered: Reading = Reading()
    opted_out: Reading = Reading()
    filtered_limit: str = ""
    opted_out_limit: str = ""
    templates: list[Line] = field(default_factory=list)
    numbers: list[Line] = field(default_factory=list)
    carriers: list[Line] = field(default_factory=list)


def sky_of(found: Report) -> Sky:
    """Write a report for the page."""
    whole = found.whole
    return Sky(
        texts=f"{whole.texts:,}",
        window=f"{found.limits.window:,}",
        since=iso(found.since),
        enough=whole.texts >= LEAST,
        filtered=_reading(whole.filtered),
        opted_out=_reading(whole.opted_out),
        filtered_limit=percent(whole.filtered.limit),
        opted_out_limit=percent(whole.opted_out.limit),
        templates=[_line(part, _template(part.key)) for part in found.templates[:SHOWN]],
        numbers=_lines(found.numbers),
        carriers=_lines(found.carriers),
    )


def _lines(parts: Sequence[Part]) -> list[Line]:
    return [_line(part, part.label.capitalize() if part.label == "unknown" else part.label) for part in parts[:SHOWN]]


def _line(part: Part, label: str) -> Line:
    return Line(label, f"{part.texts:,}", _reading(part.filtered), _reading(part.opted_out))


def _template(key: str) -> str:
    step, _, variant = key.partition(" ")
    return f"Message {step}, variant {variant}"


def _reading(rate: Rate) -> Reading:
    """Write a rate: red when it stops a campaign, amber when it may be over its limit, as far as one can say."""
    if rate.texts == 0:
        return Reading()
    tone = "bad" if rate.over else "warn" if rate.hits / rate.texts > rate.limit else "ok"
    return Reading(percent(rate.hits / rate.texts), f"{percent(rate.low)} to {percent(rate.high)}", tone)


# On the page


def storm(why: rx.Var[str]) -> rx.Component:
    """Say why the weather has paused a campaign, and what to do."""
    return banner(
        "bad",
        rx.el.div(
            rx.el.span("Paused by itself. ", class_name="w"),
            why,
            rx.el.div(
                "Look below which message, number or carrier it comes from, mend that, resume, and say what you did.",
                class_name="dim",
            ),
            class_name="grow",
        ),
        sign="cloud-lightning",
        id="storm",
    )


def resume_with_reason(on_submit: Any) -> rx.Component:  # noqa: ANN401 a handler of the page's state
    """Ask what was done about the weather before a campaign goes on."""
    return rx.dialog.root(
        rx.dialog.trigger(button("Resume", sign="play", kind="primary", id="resume-campaign")),
        rx.dialog.content(
            rx.dialog.title("Resume in spite of its weather?", size="4"),
            rx.dialog.description(
                "Its rates are counted anew from here. If nothing has changed, it will be paused again, and carriers "
                "may have your number blocked.",
                size="2",
            ),
            rx.el.form(
                labelled(
                    "What have you done about it?",
                    text_in("resume_why", required=True, max_length=300, auto_focus=True),
                    name="resume_why",
                    hint="It stands in the record.",
                ),
                rx.el.div(
                    rx.dialog.close(button("Leave it paused")),
                    button("Resume", kind="primary", type="submit", id="resume-yes"),
                    class_name="row end",
                ),
                on_submit=on_submit,
                class_name="stack",
            ),
            class_name="lf-dialog",
            max_width="440px",
        ),
    )


def weather(sky: rx.Var[Sky]) -> rx.Component:
    """Show the weather."""
    return rx.el.section(
        rx.el.div(
            rx.el.h2("Carrier weather"),
            rx.el.span(
                "Last ",
                rx.el.b(sky.texts),
                " texts whose fate is known, of at most ",
                sky.window,
                rx.cond(
                    sky.since != "",
                    rx.fragment(", since ", client.When.create(at=sky.since, kind="when")),
                ),
                class_name="dim",
            ),
            class_name="between",
        ),
        rx.cond(
            sky.texts == "0",
            empty(
                "cloud-sun",
                "Nothing to tell yet",
                "Once carriers report on the first texts, this shows how many they filter and how many people opt out.",
            ),
            rx.fragment(_whole(sky), _tables(sky)),
        ),
        class_name="card stack wide",
        id="weather",
    )


def _whole(sky: rx.Var[Sky]) -> rx.Component:
    return rx.fragment(
        rx.el.div(
            _gauge("Filtered by carriers", sky.filtered, sky.filtered_limit, Weather.FILTERED),
            _gauge("Opted out", sky.opted_out, sky.opted_out_limit, Weather.OPTED_OUT),
            class_name="cols even",
        ),
        rx.cond(
            sky.enough,
            "",
            rx.el.p("Fewer than ", sky.least, " texts say too little to pause a campaign.", class_name="dim"),
        ),
    )


def _gauge(title: str, reading: rx.Var[Reading], limit: rx.Var[str], kind: Weather) -> rx.Component:
    return rx.el.div(
        rx.el.div(pill(reading.tone, title), class_name="row"),
        rx.el.div(rx.el.b(reading.share, class_name="big"), class_name="row"),
        rx.el.div("Between ", reading.bounds, " as far as these texts can say", class_name="dim"),
        rx.el.div("Paused when all but certainly above ", rx.el.b(limit), class_name="dim"),
        id=f"weather-{kind}",
        custom_attrs={"data-tone": reading.tone},
    )


def _tables(sky: rx.Var[Sky]) -> rx.Component:
    titles = ("Texts", "Filtered", "Opted out")
    return table(
        ["", *(rx.el.th(title, scope="col", class_name="num") for title in titles)],
        rx.fragment(
            *_group("template", sky.templates), *_group("number", sky.numbers), *_group("carrier", sky.carriers)
        ),
        "Weather by message, number and carrier",
    )


def _group(name: str, lines: rx.Var[list[Line]]) -> tuple[rx.Component, rx.Component]:
    heading = rx.el.tr(rx.el.th(TITLES[name], scope="rowgroup", col_span=4))
    return heading, rx.foreach(lines, lambda line: _row(line, name))


def _row(line: rx.Var[Line], by: str) -> rx.Component:
    return rx.el.tr(
        rx.el.td(rx.el.b(line.label)),
        rx.el.td(line.texts, class_name="num"),
        _cell(line.filtered),
        _cell(line.opted_out),
        custom_attrs={"data-by": by},
    )


def _cell(reading: rx.Var[Reading]) -> rx.Component:
    return rx.el.td(
        pill(reading.tone, reading.share), rx.el.div(reading.bounds, class_name="dim note"), class_name="num"
    )
