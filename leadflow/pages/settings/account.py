"""/settings, my account: password, second factor, and where one is signed in."""

from __future__ import annotations

import reflex as rx

from leadflow.pages.settings.state import SessionView, Settings
from leadflow.ui import client
from leadflow.ui.feedback import icon, pill
from leadflow.ui.form import button, field, text_in
from leadflow.ui.shell import Shell


def view() -> rx.Component:
    """Show one's own account."""
    return rx.fragment(
        rx.el.div(
            rx.el.h2("Second factor"), client.SecondFactor.create(on_done=Shell.load), class_name="card stack narrow"
        ),
        _password(),
        rx.el.div(
            rx.el.div(
                rx.el.h2("Where you are signed in"),
                client.ApiButton.create(
                    "Sign out everywhere",
                    url="/api/v1/auth/logout-everywhere",
                    next="/login",
                    id="sign-out-everywhere",
                    class_name="btn sm",
                ),
                class_name="row between",
            ),
            rx.el.ul(rx.foreach(Settings.sessions, _session), class_name="plain lines"),
            class_name="card",
        ),
    )


def _password() -> rx.Component:
    return client.ApiForm.create(
        rx.el.h2("Password"),
        field(
            "Present password",
            text_in("current", type="password", auto_complete="current-password", required=True),
            name="current",
        ),
        field(
            "New password",
            text_in("new-password", form_name="password", type="password", auto_complete="new-password", required=True),
            name="new-password",
            hint="12 characters or more, such as four random words. Every other device is signed out.",
        ),
        rx.el.div(button("Change password", kind="primary", type="submit", id="change-password")),
        url="/api/v1/me/password",
        method="PUT",
        done="Password changed. Every other device was signed out.",
        label="Change password",
        on_done=Settings.load,
        class_name="card stack narrow",
    )


def _session(one: rx.Var[SessionView]) -> rx.Component:
    return rx.el.li(
        icon("monitor", 18),
        rx.el.div(
            rx.el.div(
                rx.el.b(one.where),
                " ",
                rx.cond(one.current, pill("ok", "This one")),
                rx.cond(one.remembered, pill("mute", "Stays signed in")),
            ),
            rx.el.div(
                one.address,
                " · since ",
                client.When.create(at=one.created_at, kind="day"),
                " · last used ",
                client.When.create(at=one.last_used_at, kind="when"),
                class_name="dim",
            ),
            class_name="grow",
        ),
        rx.cond(one.current, rx.fragment(), button("Sign out", kind="sm", on_click=Settings.end_session(one.id))),
        class_name="row",
    )
