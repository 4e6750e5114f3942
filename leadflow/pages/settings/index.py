"""/settings: the switch first, then the organisation; the other parts have files of their own."""

from __future__ import annotations

import reflex as rx

from leadflow.pages.settings import account, fields, keys, numbers, outages, people, restores, score
from leadflow.pages.settings.state import Settings
from leadflow.search.rules import places
from leadflow.ui import client
from leadflow.ui.feedback import banner, ready
from leadflow.ui.form import button, confirm, field, link, text_in
from leadflow.ui.shell import Shell, header, may, page
from models.vocabulary import Permission

WRITE = Permission.SETTINGS_WRITE
LOOK_EVERY = 10_000
"""Milliseconds between two looks at how providers answer."""
PARTS = [[one.path, one.title] for one in places.SETTINGS]
ASKS = {one.path: one.permission.value for one in places.SETTINGS if not places.everybodys(one)}
"""What a part asks for, where not everybody may see it."""


def view() -> rx.Component:
    """Show the settings."""
    return page(
        header(
            "Settings",
            actions=(
                rx.cond(
                    may(Permission.LEAD_ASSIGN), link("Assignment", "/settings/assignment", sign="shuffle", kind="sm")
                ),
            ),
        ),
        restores.view(),
        client.Words.create(param="part", kind="tabs", label="Settings", items=PARTS, asks=ASKS, can=Shell.can),
        ready(
            Settings,
            rx.el.div(
                _part("", rx.fragment(_organization(), keys.policy())),
                _part("account", account.view()),
                _part("members", people.view()),
                _part("fields", fields.view()),
                _part("score", score.view()),
                _part("numbers", numbers.view()),
                _part("keys", keys.programs()),
                _part("providers", rx.fragment(_states(), keys.providers())),
                _part("outbox", keys.outbox()),
                _part("audit", keys.audit()),
                class_name="pad wide stack",
            ),
        ),
        soft=True,
    )


def _part(name: str, body: rx.Component) -> rx.Component:
    return rx.cond(Settings.part == name, body)


def _states() -> rx.Component:
    return rx.cond(
        Settings.office,
        rx.fragment(
            client.Ticker.create(every=LOOK_EVERY, on=Settings.office, on_tick=Settings.look_at_providers),
            outages.states(Settings.providers),
        ),
    )


# Organisation


def _organization() -> rx.Component:
    return rx.cond(Settings.office, rx.fragment(_switch(), _form()))


def _switch() -> rx.Component:
    resume = confirm(
        button("Resume sending", sign="play", kind="primary", id="resume-sending"),
        "Resume all sending?",
        "Running campaigns go on. Each text still passes the gate.",
        button("Resume", kind="primary", on_click=Settings.resume, id="confirm-resume"),
    )
    return rx.cond(
        (Shell.restored != "") & ~Settings.paused,
        # Above stands that nothing is sent, and why.
        rx.fragment(),
        _as_switched(resume),
    )


def _as_switched(resume: rx.Component) -> rx.Component:
    return rx.cond(
        Settings.paused,
        banner(
            "bad",
            rx.el.div(
                rx.el.span("Sending is paused for everybody", class_name="w"),
                rx.cond(
                    Settings.paused_at != "",
                    rx.fragment(" since ", client.When.create(at=Settings.paused_at, kind="when")),
                ),
                rx.el.div(Settings.why),
                class_name="grow",
            ),
            rx.cond(may(Permission.SENDING_SWITCH), resume),
            sign="octagon-pause",
            id="switch",
            attrs={"data-paused": "1"},
        ),
        banner(
            "ok",
            rx.el.div(
                rx.el.span("Sending is on. ", class_name="w"), "Texts go out as the gate allows.", class_name="grow"
            ),
            rx.cond(may(Permission.SENDING_SWITCH), _pause()),
            sign="circle-play",
            id="switch",
            attrs={"data-paused": "0"},
        ),
    )


def _pause() -> rx.Component:
    return rx.dialog.root(
        rx.dialog.trigger(button("Pause all sending", sign="octagon-pause", kind="danger", id="pause-sending")),
        rx.dialog.content(
            rx.dialog.title("Pause all sending?", size="4"),
            rx.dialog.description(
                "Nothing leaves any more: campaigns, replies, confirmations. Everybody sees it in the bar above.",
                size="2",
            ),
            rx.el.form(
                field(
                    "Why?",
                    text_in("why", required=True, max_length=300, auto_focus=True),
                    name="why",
                    hint="For everybody who wonders, and for the record.",
                ),
                rx.el.div(
                    rx.dialog.close(button("Keep it on")),
                    # Not a closer: the form must still stand when it is sent. The whole dialog goes with the state.
                    button("Pause everything", kind="stop", type="submit", id="confirm-pause"),
                    class_name="row end",
                ),
                on_submit=Settings.pause,
                class_name="stack",
            ),
            class_name="lf-dialog",
            max_width="440px",
        ),
    )


def _form() -> rx.Component:
    form, errors, locked = Settings.organization, Settings.errors, ~may(WRITE)
    return rx.el.form(
        rx.el.h2("Organisation"),
        field(
            "Name", text_in("name", default_value=form.name, required=True, disabled=locked), name="name", errors=errors
        ),
        field(
            "Time zone",
            text_in("timezone", default_value=form.timezone, disabled=locked),
            name="timezone",
            hint="Of the team, as America/Chicago. Recipients have their own.",
            errors=errors,
        ),
        field(
            "A second person approves from so many recipients",
            text_in("approval_threshold", default_value=form.approval_threshold, input_mode="numeric", disabled=locked),
            name="approval_threshold",
            errors=errors,
        ),
        field(
            "Price of a text segment, in dollars",
            text_in("price", default_value=form.price, input_mode="decimal", disabled=locked),
            name="price",
            errors=errors,
        ),
        field(
            "Budget of a month, in dollars",
            text_in("budget", default_value=form.budget, input_mode="decimal", placeholder="no limit", disabled=locked),
            name="budget",
            hint="Nothing is sent beyond it.",
            errors=errors,
        ),
        field(
            "Domain of short links",
            text_in("link_domain", default_value=form.link_domain, placeholder="off", disabled=locked),
            name="link_domain",
            hint="Such as go.example.com, led here over https. Links in campaigns' texts become short ones of it, and "
            "who opened them stands on the timeline. Empty leaves links as they are written.",
            errors=errors,
        ),
        *_weather(),
        rx.cond(
            may(WRITE),
            rx.el.div(button("Keep", kind="primary", type="submit", id="save-settings")),
            rx.el.p("Only an owner changes these.", class_name="dim"),
        ),
        on_submit=Settings.save,
        class_name="card stack narrow",
        key=form.name
        + form.approval_threshold
        + form.price
        + form.budget
        + form.timezone
        + form.limits
        + form.link_domain,
        id="organization-form",
    )


def _weather() -> list[rx.Component]:
    """Ask from when on carriers' filters and opt-outs pause a campaign."""
    form, errors, locked = Settings.organization, Settings.errors, ~may(WRITE)
    asked = (
        ("filtered", "Pause a campaign when carriers filter more than this percentage", form.filtered_pct),
        ("opted_out", "Pause it when more than this percentage opts out", form.opted_out_pct),
    )
    return [
        rx.el.h2("Carrier weather"),
        *(
            field(
                title,
                text_in(f"weather_{name}_pct", default_value=value, input_mode="numeric", disabled=locked),
                name=f"weather_{name}_pct",
                hint="1 to 25; it pauses once the rate is all but certainly above.",
                errors=errors,
            )
            for name, title, value in asked
        ),
        field(
            "Counted over so many last texts",
            text_in("weather_window", default_value=form.window, input_mode="numeric", disabled=locked),
            name="weather_window",
            hint="100 to 5,000. Fewer notice a change sooner; more tell smaller rates apart.",
            errors=errors,
        ),
    ]
