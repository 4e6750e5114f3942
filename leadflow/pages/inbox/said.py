"""One text of a conversation, either way, or a call: the inbox and a lead's page draw it alike."""

from __future__ import annotations

import reflex as rx

from leadflow.pages.inbox.rows import Said
from leadflow.ui import client
from leadflow.ui.feedback import icon


def said(one: rx.Var[Said]) -> rx.Component:
    """Draw it."""
    return rx.el.div(
        rx.cond(
            one.kind == "call",
            rx.el.span(icon("phone", 13), " Call", rx.cond(one.body != "", ": " + one.body, "")),
            rx.el.span(one.body),
        ),
        rx.el.small(
            client.When.create(at=one.at, kind="when"),
            rx.cond(one.out & (one.by != ""), rx.fragment(" · ", one.by)),
            rx.cond(one.out & (one.state != ""), rx.fragment(" · ", rx.el.b(one.state))),
            rx.cond(~one.out & (one.label != ""), rx.fragment(" · read as ", rx.el.b(one.label))),
            rx.cond(~one.out & (one.by != ""), rx.fragment(" by ", one.by)),
            rx.cond(one.why != "", rx.fragment(" · ", one.why)),
        ),
        class_name=rx.cond(one.out, "msg out", "msg"),
        custom_attrs={"data-tone": one.tone, "data-message": one.id, "data-kind": one.kind},
    )
