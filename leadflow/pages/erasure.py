"""What an erasure would take and what it leaves, as the pages show it that weigh one: of a person, of a lead."""

from __future__ import annotations

from dataclasses import dataclass

import reflex as rx

from leadflow.retention.types import LeadPreview, Preview
from leadflow.ui.table import table
from leadflow.ui.tokens import words


@dataclass(frozen=True)
class Line:
    """What goes or stays, and how many or why."""

    what: str
    more: str


def goes(told: Preview | LeadPreview) -> list[Line]:
    """List what goes, with its rows."""
    return [Line(words(what), f"{rows:,}") for what, rows in told.goes.items()]


def stays(told: Preview | LeadPreview) -> list[Line]:
    """List what stays, with why."""
    return [Line(kept.what, kept.why) for kept in told.stays]


def both(title: rx.Component | str, going: rx.Var[list[Line]], staying: rx.Var[list[Line]]) -> rx.Component:
    """Show both; ``title`` stands above what goes."""

    def line(one: rx.Var[Line]) -> rx.Component:
        return rx.el.tr(rx.el.td(one.what), rx.el.td(one.more))

    return rx.fragment(
        rx.el.h3(title),
        table(["Record", "Rows"], rx.foreach(going, line), "What goes"),
        rx.el.h3("What stays"),
        table(["Record", "Why"], rx.foreach(staying, line), "What stays"),
    )
