"""The doors: /login, /forgot, /reset, /join. Pages without a frame, a socket or any data.

Plain forms that the API answers with cookies the page cannot read; no password passes through an event.
"""

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
        rx.el.div(
            rx.el.label(
                rx.el.input(type="checkbox", name="remember", id="remember", custom_attrs={"data-flag": "1"}),
                rx.el.span("Stay signed in here, if my organisation allows it"),
                class_name="check",
            ),
            class_name="row",
        ),
        button("Sign in", kind="primary lg block", id="sign-in", type="submit"),
        rx.el.a("Forgot your password?", href="/forgot"),
        url="/api/v1/auth/login",
        next="/",
        label="Sign in",
        id="login",
    )
    return _door("Sign in", "To your organisation's leads and conversations.", form, client.DemoLogins.create())


def forgot() -> rx.Component:
    """Ask for a link to set a new password."""
    form = client.ApiForm.create(
        field(
            "E-mail",
            text_in("email", size="lg", type="email", auto_complete="username", required=True, auto_focus=True),
            name="email",
        ),
        button("Mail me a link", kind="primary lg block", id="ask-link", type="submit"),
        url="/api/v1/auth/forgot",
        done="If there is an account with this address, a link is on its way. It works once, for thirty minutes.",
        label="Forgotten password",
        id="forgot",
    )
    return _door(
        "Forgot your password?",
        "We mail you a link to set a new one.",
        form,
        rx.el.a("Back to the sign-in", href="/login"),
    )


def reset() -> rx.Component:
    """Set a new password with the link of a mail."""
    return _door("A new password", "Every device that is signed in is signed out.", client.ResetForm.create())


def join() -> rx.Component:
    """Accept an invitation."""
    return _door("Join your team", "", client.JoinForm.create())


def _door(title: str, lede: str, *content: rx.Component) -> rx.Component:
    return rx.el.div(
        rx.el.main(
            rx.el.div(
                rx.el.span(icon("waypoints", 14), class_name="logo"),
                "LeadFlow",
                class_name="brand",
                style={"padding": "0"},
            ),
            rx.el.h1(title),
            rx.el.p(lede, class_name="lede") if lede else rx.fragment(),
            *content,
        ),
        rx.el.aside(
            rx.el.h2("Text only where law and consent allow. Prove it afterwards."),
            rx.el.ul(*[rx.el.li(icon(sign, 18), rx.el.span(text)) for sign, text in PROMISES]),
            class_name="poster",
        ),
        class_name="login",
    )
