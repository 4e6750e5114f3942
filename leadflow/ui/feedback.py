"""Empty, loading, failed, refused: the same words and shapes on every page."""

from __future__ import annotations

from typing import Any

import reflex as rx

from leadflow.ui.tokens import Tone, Tones

NONE = "\N{EN DASH}"
"""Stands where there is nothing to show."""
ICONS: dict[str, str] = {"ok": "check", "warn": "clock", "bad": "ban", "info": "info", "mute": "circle"}


def icon(name: str, size: int = 15) -> rx.Component:
    """Draw a lucide icon that readers skip; the word beside it speaks."""
    return rx.icon(name, size=size, custom_attrs={"aria-hidden": "true"})


def pill(tone: Any, text: Any, **props: Any) -> rx.Component:  # noqa: ANN401 text or Var
    """Show a state as sign and word; the colour only repeats it."""
    return rx.el.span(
        rx.el.i(), text, class_name="pill", custom_attrs={"data-tone": tone, **props.pop("attrs", {})}, **props
    )


def term(value: rx.Var[Any] | Any, tones: Tones, attribute: str = "data-state") -> rx.Component:  # noqa: ANN401 a word of the vocabulary
    """Show a word of the vocabulary in its tone; an unknown word is shown plainly."""
    text = rx.Var.create(value).to(str)
    tone = rx.match(text, *[(str(word), tone) for word, (tone, _) in tones.items()], "mute")
    label = rx.match(text, *[(str(word), label) for word, (_, label) in tones.items()], text)
    return pill(tone, label, attrs={attribute: text})


def banner(tone: Tone | rx.Var[str], *children: Any, sign: str | None = None, **props: Any) -> rx.Component:  # noqa: ANN401 components
    """Say something that concerns the whole page or record."""
    drawn = icon(sign or ICONS.get(tone if isinstance(tone, str) else "info", "info"))
    return rx.el.div(
        drawn, *children, class_name="banner", custom_attrs={"data-tone": tone, **props.pop("attrs", {})}, **props
    )


def empty(sign: str, title: str, text: Any, *actions: rx.Component) -> rx.Component:  # noqa: ANN401 text or Var
    """Say what would be here and offer one way to fill it."""
    return rx.el.div(icon(sign, 26), rx.el.b(title), rx.el.span(text, class_name="dim"), *actions, class_name="empty")


def skeleton(lines: int = 4) -> rx.Component:
    """Hold the place of text that is on its way."""
    widths = ("62%", "88%", "74%", "46%", "80%", "57%")
    return rx.el.div(
        *[rx.el.span(class_name="skel", style={"width": widths[i % len(widths)]}) for i in range(lines)],
        class_name="stack",
        custom_attrs={"aria-hidden": "true"},
    )


def ready(state: Any, view: rx.Component, waiting: rx.Component | None = None) -> rx.Component:  # noqa: ANN401 a Page state class
    """Show ``view`` once the state has loaded, its failure if it could not, and a skeleton until then."""
    return rx.cond(
        state.loaded,
        rx.cond(state.failure.contains("text"), failed(state), view),
        waiting or rx.el.div(skeleton(8), class_name="pad"),
    )


def failed(state: Any) -> rx.Component:  # noqa: ANN401 a Page state class
    """Say what could not be loaded, why, and the reference to quote."""
    reference = state.failure["reference"].to(str)
    return rx.el.div(
        icon("triangle-alert", 26),
        rx.el.b(state.failure["title"]),
        rx.el.span(state.failure["text"], class_name="dim"),
        rx.cond(reference != "", rx.el.span("Reference ", rx.el.span(reference, class_name="code"), class_name="dim")),
        rx.cond(
            state.failure["again"].to(str) != "",
            rx.el.a("Try again", href="", class_name="btn soft"),
            rx.el.a("To Today", href="/", class_name="btn soft"),
        ),
        class_name="empty",
        role="alert",
    )
