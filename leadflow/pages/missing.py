"""/404: an address that leads nowhere."""

from __future__ import annotations

import reflex as rx

from leadflow.ui.feedback import icon


def view() -> rx.Component:
    """Say so, and lead back."""
    return rx.el.div(
        rx.el.main(
            rx.el.div(
                icon("map-pin-off", 26),
                rx.el.h1("There is no such page"),
                rx.el.p("The address may be mistyped, or the record may be gone.", class_name="lede"),
                rx.el.a("Go to Today", href="/", class_name="btn primary"),
            )
        ),
        class_name="login",
    )
