"""Settings, Providers: what is asked of providers, whether each answers, and what to do where one does not."""

from __future__ import annotations

from dataclasses import dataclass

import reflex as rx

from leadflow.kernel.outages import ProviderState
from leadflow.ui import client
from leadflow.ui.feedback import pill
from leadflow.ui.table import table


@dataclass(frozen=True)
class ProviderLine:
    """One errand at one provider."""

    name: str
    provider: str
    errand: str
    tone: str
    word: str
    since: str
    next_try: str
    failures: str
    last_success: str
    todo: str


def line_of(found: ProviderState) -> ProviderLine:
    """Write a provider's state for the page."""
    tone, word = _word(found)
    return ProviderLine(
        name=found.name,
        provider=found.provider,
        errand=found.errand,
        tone=tone,
        word=word,
        since=found.since.isoformat() if found.since else "",
        next_try=found.next_try.isoformat() if found.next_try else "",
        failures=f"{found.failures:,}",
        last_success=found.last_success.isoformat() if found.last_success else "",
        todo=found.what_to_do,
    )


def _word(found: ProviderState) -> tuple[str, str]:
    if found.open:
        return "bad", "Left alone"
    if found.failures:
        return "warn", "Answers, with failures"
    return ("ok", "Answers") if found.last_success else ("mute", "Not asked yet")


def states(lines: rx.Var[list[ProviderLine]]) -> rx.Component:
    """Show the providers of the installation."""
    return rx.el.div(
        rx.el.h2("How providers answer"),
        rx.el.p(
            "A provider that fails is left alone for a while instead of being asked by everybody; then one call "
            "tries it. The same for all organisations of this installation.",
            class_name="dim pad-s",
        ),
        table(
            ["Provider", "State", rx.el.th("Failures", scope="col", class_name="num"), "Last success", "What to do"],
            rx.foreach(lines, _line),
            "How providers answer",
        ),
        class_name="card flush",
        id="provider-states",
    )


def _line(one: rx.Var[ProviderLine]) -> rx.Component:
    return rx.el.tr(
        rx.el.td(rx.el.b(one.provider), rx.el.div(one.errand, class_name="dim")),
        rx.el.td(
            pill(one.tone, one.word),
            rx.cond(
                one.since != "",
                rx.el.div(
                    "since ",
                    client.When.create(at=one.since, kind="when"),
                    "; next try ",
                    client.When.create(at=one.next_try, kind="when"),
                    class_name="dim note",
                ),
            ),
        ),
        rx.el.td(one.failures, class_name="num"),
        rx.el.td(rx.cond(one.last_success != "", client.When.create(at=one.last_success, kind="ago"), "None known")),
        rx.el.td(one.todo),
        custom_attrs={"data-provider": one.name, "data-tone": one.tone},
    )
