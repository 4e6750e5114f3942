"""/login: a plain form that the API answers with cookies the page cannot read. The only page without a frame."""

from __future__ import annotations

import reflex as rx

from leadflow.ui import client
from leadflow.ui.feedback import icon
from leadflow.ui.form import button, field, text_in

PROMISES = (
    (
        "shield-check",
        "Every text passes one gate: consent, lists, hours of the recipient, caps. The answer is kept as a receipt.",
    ),
    ("file-up", "Vendor files are recognised. A dry run tells every row's verdict before anything is written."),
    ("ban", "A STOP in any words ends contact with the person at once, on every number."),
)


def view() -> rx.Component:
    """Show the sign-in."""
    form = client.ApiForm.create(
        field(
            "E-mail",
            text_in("email", size="lg", type="email", auto_complete="username", required=True, auto_focus=True),
            name="email",
        ),
        field(
            "Password",
            text_in("password", size="lg", type="password", auto_complete="current-password", required=True),
            name="password",
        ),
        button("Sign in", kind="primary lg block", id="sign-in", type="submit"),
        url="/api/v1/auth/login",
        next="/",
        label="Sign in",
        id="login",
    )
    return rx.el.div(
        rx.el.main(
            rx.el.div(
                rx.el.span(icon("waypoints", 14), class_name="logo"),
                "LeadFlow",
                class_name="brand",
                style={"padding": "0"},
            ),
            rx.el.h1("Sign in"),
            rx.el.p("To your organisation's leads and conversations.", class_name="lede"),
            form,
            client.DemoLogins.create(),
        ),
        rx.el.aside(
            rx.el.h2("Text only where law and consent allow. Prove it afterwards."),
            rx.el.ul(*[rx.el.li(icon(sign, 18), rx.el.span(text)) for sign, text in PROMISES]),
            class_name="poster",
        ),
        class_name="login",
    )
