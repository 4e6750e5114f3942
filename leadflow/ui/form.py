"""Fields, buttons and choices. Every control has a label; an error stands at its field."""

from __future__ import annotations

from typing import Any

import reflex as rx

from leadflow.ui.feedback import icon
from leadflow.ui.react import LIBRARY


class Drafted(rx.Component):
    """Keeps in this browser what is typed into the form inside and not sent, while ``waiting``; afterwards forgets it.

    A tick that needs thought each time carries ``data-undrafted``.
    """

    library = LIBRARY["form"]
    tag = "Drafted"
    draft: rx.Var[str]
    """What it is kept under."""
    waiting: rx.Var[bool]


def field(label: str, control: rx.Component, *, name: str, hint: Any = None, errors: Any = None) -> rx.Component:  # noqa: ANN401 text or Var
    """Put a label, a hint and the error of ``name`` around a control whose id is ``name``."""
    parts: list[Any] = [rx.el.label(label, html_for=name), control]
    if hint is not None:
        parts.append(rx.el.span(hint, class_name="hint"))
    if errors is not None:
        key = name.replace("-", "_")
        parts.append(rx.cond(errors.contains(key), rx.el.span(errors[key], class_name="err", role="alert")))
    return rx.el.div(*parts, class_name="field")


def text_in(name: str, *, size: str = "", **props: Any) -> rx.Component:  # noqa: ANN401 HTML attributes
    """Draw a one-line input with that id and name."""
    return rx.el.input(id=name, name=props.pop("form_name", name), class_name=f"in {size}".strip(), **props)


def choose(name: str, options: list[tuple[str, str]] | rx.Var[Any], **props: Any) -> rx.Component:  # noqa: ANN401 HTML attributes
    """Draw a native select with that id and name: it works with every keyboard, reader and phone."""
    if isinstance(options, list):
        drawn: Any = [rx.el.option(label, value=value) for value, label in options]
    else:
        drawn = [rx.foreach(options, lambda o: rx.el.option(o[1], value=o[0]))]
    return rx.el.select(
        *drawn, id=name, name=props.pop("form_name", name), class_name=props.pop("class_name", "in"), **props
    )


def button(text: Any, *, sign: str | None = None, kind: str = "", **props: Any) -> rx.Component:  # noqa: ANN401 HTML attributes
    """Draw a button. ``kind``: primary, soft, ghost, danger, stop, sm, block (several words may be joined)."""
    parts = [icon(sign, 14)] if sign else []
    return rx.el.button(*parts, text, type=props.pop("type", "button"), class_name=f"btn {kind}".strip(), **props)


def link(text: Any, href: Any, *, sign: str | None = None, kind: str = "", **props: Any) -> rx.Component:  # noqa: ANN401 text or Var
    """Draw a link that looks like a button."""
    parts = [icon(sign, 14)] if sign else []
    return rx.link(*parts, text, href=href, class_name=f"btn {kind}".strip(), underline="none", **props)


def confirm(trigger: rx.Component, title: str, text: Any, act: rx.Component, on_open: Any = None) -> rx.Component:  # noqa: ANN401 text or Var; a handler
    """Ask before something that is hard to take back.

    ``on_open`` is called with True when it is asked and with False when it is over; the trigger has no handler of its
    own, or it would be wrapped in a box.
    """
    opened = {} if on_open is None else {"on_open_change": on_open}
    return rx.alert_dialog.root(
        rx.alert_dialog.trigger(trigger),
        rx.alert_dialog.content(
            rx.alert_dialog.title(title, size="4"),
            rx.alert_dialog.description(text, size="2"),
            rx.el.div(
                rx.alert_dialog.cancel(button("Keep it as it is")),
                rx.alert_dialog.action(act),
                class_name="row",
                style={"justifyContent": "flex-end", "marginTop": "16px"},
            ),
            class_name="lf-dialog",
            max_width="440px",
        ),
        **opened,
    )
