"""What stands beside the builder's steps: the whole campaign in sight, and what it still lacks."""

from __future__ import annotations

from typing import Any

import reflex as rx

from leadflow.pages.campaigns.state import Builder
from leadflow.ui import client
from leadflow.ui.feedback import pill


def summary() -> rx.Component:
    """Show the campaign as it stands."""
    view = Builder.view
    return rx.el.aside(
        rx.el.h2("This campaign"),
        rx.el.dl(
            _fact("Audience", rx.fragment(rx.el.b(Builder.size.addressed), " of ", Builder.size.leads, " leads")),
            _fact(
                "Filter",
                rx.cond(
                    Builder.wanted_words.length() > 0,
                    rx.foreach(Builder.wanted_words, rx.el.div),
                    "Every lead",
                ),
            ),
            _fact("Basis", rx.cond(view.basis_word != "", view.basis_word, _open())),
            _fact(
                "Messages",
                rx.cond(
                    view.template != "",
                    rx.fragment(
                        rx.el.b(Builder.stages.length()),
                        rx.cond(
                            Builder.variants.length() > 0, rx.fragment(" in ", Builder.variants.length(), " variants")
                        ),
                        rx.cond(Builder.text.size != "", rx.el.div(Builder.text.size, class_name="dim")),
                    ),
                    _open(),
                ),
            ),
            _fact("From", rx.cond(Builder.sender != "", Builder.sender, _open())),
            _fact("Rate", rx.fragment(view.per_minute, " a minute")),
            _fact("Hours", rx.fragment(view.window, rx.el.div(view.days, class_name="dim"))),
            _fact(
                "Start",
                rx.cond(
                    Builder.rules.start_at != "",
                    client.When.create(at=Builder.rules.start_at, kind="when"),
                    "at the launch",
                ),
            ),
            _fact("Stops on", Builder.rules.words),
            _fact("Budget", rx.cond(view.budget != "", "$" + view.budget, "none")),
            rx.cond(view.author != "", _fact("Author", view.author)),
            class_name="kv",
        ),
        rx.cond(
            Builder.problems.length() > 0,
            rx.el.div(
                rx.el.h3("Still missing"),
                rx.el.ul(
                    rx.foreach(Builder.problems, lambda p: rx.el.li(rx.link(p[1], href="?step=" + p[0]))),
                    id="problems",
                    class_name="todo",
                ),
            ),
            rx.cond(view.draft, pill("ok", "Complete")),
        ),
        rx.cond(
            Builder.forecast.at != "",
            rx.el.div(
                rx.el.h3("Last simulation"),
                rx.el.div(
                    rx.el.b(Builder.forecast.sendable),
                    " now, ",
                    rx.el.b(Builder.forecast.later),
                    " later, ",
                    rx.el.b(Builder.forecast.blocked),
                    " not at all",
                ),
                rx.el.div(Builder.forecast.cost, " at most", class_name="dim"),
                rx.cond(Builder.forecast.stale, pill("warn", "Changed since")),
                class_name="stack tight",
            ),
        ),
        class_name="aside stack builder-sum",
        aria_label="Summary",
    )


def _fact(name: str, value: Any) -> rx.Component:  # noqa: ANN401 text or component
    return rx.fragment(rx.el.dt(name), rx.el.dd(value))


def _open() -> rx.Component:
    return rx.el.span("not yet", class_name="dim")
