"""The builder: six steps at the left, the step in the middle, the whole campaign in sight at the right."""

from __future__ import annotations

from typing import Any

import reflex as rx

from leadflow.pages.campaigns.messages import locked as _locked
from leadflow.pages.campaigns.messages import messages
from leadflow.pages.campaigns.rows import BASES, DAYS
from leadflow.pages.campaigns.simulation import simulation
from leadflow.pages.campaigns.sources import chosen
from leadflow.pages.campaigns.stages import STATUSES, ZONES
from leadflow.pages.campaigns.starting import approval, launching
from leadflow.pages.campaigns.state import STEPS, Builder
from leadflow.pages.campaigns.summary import summary
from leadflow.ui import lists
from leadflow.ui.feedback import banner, icon
from leadflow.ui.form import button, choose, confirm, field, link, text_in
from leadflow.ui.shell import may
from leadflow.ui.table import options
from leadflow.ui.tokens import LEAD
from models.vocabulary import Permission

TITLES = {
    "audience": ("Audience", "Whom"),
    "basis": ("Basis to contact", "Why it is lawful"),
    "message": ("Messages", "What they read"),
    "sending": ("Sending", "From where, when"),
    "simulate": ("Simulation", "Who gets it, who not"),
    "approval": ("Approval", "What changed, who signed"),
    "launch": ("Launch", "Type the name, then go"),
}
EDIT = Permission.CAMPAIGN_EDIT


def builder() -> rx.Component:
    """Show the builder."""
    return rx.el.div(
        rx.el.nav(
            rx.el.ol(*[rx.el.li(_step(name, n)) for n, name in enumerate(STEPS, 1)]),
            class_name="steps",
            aria_label="Steps",
        ),
        rx.el.div(
            _closed(),
            rx.match(
                Builder.step,
                ("basis", _basis()),
                ("message", messages()),
                ("sending", _sending()),
                ("simulate", simulation()),
                ("approval", approval()),
                ("launch", launching()),
                _audience(),
            ),
            class_name="work",
        ),
        summary(),
        class_name="split three",
    )


def _step(name: str, number: int) -> rx.Component:
    title, sub = TITLES[name]
    missing = Builder.missing.contains(name)
    done = (
        ~missing
        if name in {"audience", "basis", "message", "sending"}
        else (Builder.forecast.at != "") & ~Builder.forecast.stale
    )
    if name == "approval":
        done = ~Builder.view.draft & (Builder.view.state != "awaiting_approval")
    if name == "launch":
        done = Builder.view.state == "scheduled"
    return rx.link(
        rx.el.span(rx.cond(done, icon("check", 12), str(number)), class_name="dot"),
        rx.el.span(title, rx.el.small(sub)),
        href="?step=" + name,
        class_name="step",
        underline="none",
        id=f"step-{name}",
        custom_attrs={
            "data-state": rx.cond(done, "done", "open"),
            "aria-current": rx.cond(Builder.step == name, "step", "false"),
        },
    )


def _closed() -> rx.Component:
    """Say that a change takes the approval back, where there is one."""
    return rx.cond(
        ~Builder.view.draft,
        banner(
            "info",
            rx.el.div("This campaign is submitted. To change it, take it back to draft; an approval ends with that."),
            rx.cond(
                may(EDIT),
                confirm(
                    button("Change it", kind="sm", id="reopen"),
                    "Take it back to draft?",
                    "It must be submitted again, and approved again where the audience needs a second person.",
                    button("Back to draft", kind="primary", on_click=Builder.reopen, id="reopen-yes"),
                ),
            ),
            sign="lock",
        ),
    )


def _head(title: str, text: str) -> rx.Component:
    return rx.el.div(rx.el.h2(title), rx.el.p(text, class_name="dim"))


def _next(name: str) -> rx.Component:
    return rx.el.div(link("Continue", "?step=" + name, kind="primary", id=f"to-{name}"), class_name="foot")


# Audience


def _audience() -> rx.Component:
    return rx.el.div(
        _head(
            "Whom to reach",
            "The same filter as the lead list. It is resolved once more, and then frozen, at the launch.",
        ),
        rx.el.div(
            _size_tile("leads", "Leads found", Builder.size.leads),
            _size_tile("addressed", "Would be addressed", Builder.size.addressed),
            _size_tile("no-phone", "No number", Builder.size.no_phone),
            _size_tile("covered", "Same person or number", Builder.size.covered),
            class_name="tiles",
        ),
        rx.el.fieldset(
            _several("Lists", "A lead must be on each chosen list", "list", Builder.lists),
            _several("Not on these lists", "", "not_list", Builder.lists),
            rx.el.div(
                field(
                    "Words",
                    text_in(
                        "aud-q",
                        placeholder="Street, owner, parcel",
                        default_value=_one("q"),
                        key=_one("q"),
                        on_blur=lambda v: Builder.narrow("q", v),
                    ),
                    name="aud-q",
                ),
                field(
                    "Source",
                    choose(
                        "aud-source",
                        Builder.sources,
                        value=_one("source"),
                        on_change=lambda v: Builder.narrow("source", v),
                    ),
                    name="aud-source",
                ),
                field(
                    "On lists at least",
                    choose(
                        "aud-stack",
                        [("", "Any"), ("2", "2 lists"), ("3", "3 lists"), ("4", "4 lists")],
                        value=_one("min_stack"),
                        on_change=lambda v: Builder.narrow("min_stack", v),
                    ),
                    name="aud-stack",
                ),
                field(
                    "Equity at least",
                    choose(
                        "aud-equity",
                        [("", "Any"), *[(str(n), f"{n} %") for n in (20, 40, 60, 80)]],
                        value=_one("min_equity"),
                        on_change=lambda v: Builder.narrow("min_equity", v),
                    ),
                    name="aud-equity",
                ),
                field(
                    "Number",
                    choose(
                        "aud-phone",
                        [("", "With or without"), ("true", "Has a number")],
                        value=_one("has_phone"),
                        on_change=lambda v: Builder.narrow("has_phone", v),
                    ),
                    name="aud-phone",
                ),
                class_name="cols fields3",
            ),
            _words("Status", "status", options(LEAD)),
            _words("State of the property", "state", Builder.states),
            rx.cond(Builder.tags.length() > 0, _words("Tags", "tag", Builder.tags)),
            rx.cond(
                Builder.wanted.contains("where"),
                rx.el.div(
                    rx.el.span("From the lead list", class_name="label"),
                    lists.ChipList.create(
                        chips=Builder.wanted["where"],
                        disabled=_locked(),
                        on_take=lambda chip: Builder.toggle("where", chip),
                    ),
                    class_name="field",
                    id="aud-chips",
                ),
            ),
            disabled=_locked(),
            class_name="bare stack",
        ),
        rx.cond(
            Builder.errors.contains("audience_filter"),
            rx.el.span(Builder.errors["audience_filter"], class_name="err", role="alert"),
        ),
        _next("basis"),
        class_name="stack wide",
    )


def _size_tile(name: str, title: str, value: Any) -> rx.Component:  # noqa: ANN401 a Var
    return rx.el.div(rx.el.b(value), rx.el.span(title), class_name="tile", id=f"size-{name}")


def _one(key: str) -> rx.Var[str]:
    return rx.cond(Builder.wanted.contains(key), Builder.wanted[key][0], "").to(str)


def _in(key: str, value: Any) -> rx.Var[bool]:  # noqa: ANN401 a Var
    return Builder.wanted.contains(key) & Builder.wanted[key].to(list[str]).contains(value)


def _several(title: str, hint: str, key: str, rows: rx.Var[list[list[str]]]) -> rx.Component:
    return rx.el.details(
        rx.el.summary(title, rx.el.span(hint, class_name="dim") if hint else None),
        rx.el.div(rx.foreach(rows, lambda row: _chip(key, row[0], row[1], row[2])), class_name="chips"),
        open=True if key == "list" else Builder.wanted.contains(key),
        class_name="pick",
    )


def _words(title: str, key: str, rows: list[list[str]] | rx.Var[list[list[str]]]) -> rx.Component:
    chips = (
        [_chip(key, value, label) for value, label in rows]
        if isinstance(rows, list)
        else [rx.foreach(rows, lambda row: _chip(key, row[0], row[0], row[1]))]
    )
    return rx.el.details(
        rx.el.summary(title),
        rx.el.div(*chips, class_name="chips"),
        open=Builder.wanted.contains(key),
        class_name="pick",
    )


def _chip(key: str, value: Any, label: Any, count: Any = None) -> rx.Component:  # noqa: ANN401 text or Var
    return rx.el.button(
        label,
        rx.el.span(count, class_name="n") if count is not None else None,
        type="button",
        class_name="chip",
        on_click=Builder.toggle(key, value),
        custom_attrs={"aria-pressed": rx.cond(_in(key, value), "true", "false"), "data-key": key, "data-value": value},
    )


# Basis


def _basis() -> rx.Component:
    return rx.el.div(
        _head(
            "Why may these people be contacted?",
            "The ledger is asked for each of them at the moment of sending. Who has less on record gets nothing.",
        ),
        rx.el.fieldset(
            *[
                rx.el.label(
                    rx.el.input(
                        type="radio",
                        name="basis",
                        value=str(basis),
                        # The browser ticks it at once; a campaign's own key makes another one's choice show.
                        default_checked=Builder.view.basis == str(basis),
                        key=Builder.view.id + str(basis),
                        on_change=lambda _v, b=str(basis): Builder.set_basis(b),
                        id=f"basis-{basis}",
                    ),
                    rx.el.span(rx.el.b(title), text),
                    class_name="opt",
                )
                for basis, (title, text) in BASES.items()
            ],
            disabled=_locked(),
            class_name="bare stack tight",
        ),
        _next("message"),
        class_name="stack",
    )


# Sending


def _sending() -> rx.Component:
    return rx.el.div(
        _head(
            "From where, how fast, when",
            "Hours are the recipient's own, and only inside what the law of every place that they may be in allows.",
        ),
        rx.el.fieldset(
            field(
                "Number or pool",
                choose(
                    "sender_number_id",
                    Builder.sender_choices,
                    value=Builder.view.sender_id,
                    on_change=lambda v: Builder.set_sending("sender_number_id", v),
                ),
                name="sender_number_id",
                hint="Only numbers with a verified 10DLC registration may send. Settings, Numbers makes pools.",
                errors=Builder.errors,
            ),
            chosen(Builder),
            rx.el.div(
                _input("per_minute", "Texts a minute", Builder.view.per_minute, type="number", min=1, max=3000),
                _input("window_start", "Not before", Builder.view.window_start, type="time"),
                _input("window_end", "Not after", Builder.view.window_end, type="time"),
                _input(
                    "budget_cents", "Budget in dollars", Builder.view.budget, placeholder="none", input_mode="decimal"
                ),
                class_name="cols fields3",
            ),
            rx.el.div(
                rx.el.span("Days", class_name="label"),
                rx.el.div(
                    *[
                        rx.el.button(
                            day,
                            type="button",
                            class_name="chip",
                            on_click=Builder.toggle_day(n),
                            custom_attrs={
                                "aria-pressed": rx.cond(Builder.view.weekdays[n], "true", "false"),
                                "data-day": str(n),
                            },
                        )
                        for n, day in enumerate(DAYS)
                    ],
                    class_name="chips",
                ),
                rx.cond(
                    Builder.errors.contains("weekdays"),
                    rx.el.span(Builder.errors["weekdays"], class_name="err", role="alert"),
                ),
                class_name="field",
            ),
            disabled=_locked(),
            class_name="bare stack",
        ),
        _start(),
        _stops(),
        _next("simulate"),
        class_name="stack",
    )


def _start() -> rx.Component:
    rules = Builder.rules
    return rx.el.fieldset(
        rx.el.h3("Start"),
        rx.el.div(
            field(
                "Begins",
                text_in(
                    "start_at",
                    type="datetime-local",
                    default_value=rules.start,
                    key="start" + rules.start,
                    on_blur=lambda v: Builder.set_start(v, rules.zone),
                ),
                name="start_at",
                hint="Empty: at the launch. Half an hour late, it does not begin by itself.",
                errors=Builder.errors,
            ),
            field(
                "By the clock of",
                choose(
                    "start_zone",
                    list(ZONES),
                    value=rules.zone,
                    on_change=lambda v: Builder.set_start(rules.start, v),
                ),
                name="start_zone",
            ),
            class_name="cols",
        ),
        _check("skip_holidays", "Do not send on federal holidays", rules.skip_holidays),
        disabled=_locked(),
        class_name="card stack tight",
    )


def _stops() -> rx.Component:
    rules = Builder.rules
    return rx.el.fieldset(
        rx.el.h3("Stops a person, on all numbers of theirs"),
        _check("stop_on_reply", "When they reply, whatever they say", rules.on_reply),
        _check("stop_on_outcome", "When somebody settles their conversation in the inbox", rules.on_outcome),
        rx.el.div(
            rx.el.span("When the lead's status becomes", class_name="label"),
            rx.el.div(
                *[
                    rx.el.button(
                        label,
                        type="button",
                        class_name="chip",
                        on_click=Builder.toggle_status(value),
                        custom_attrs={
                            "aria-pressed": rx.cond(rules.statuses.contains(value), "true", "false"),
                            "data-status": value,
                        },
                    )
                    for value, label in STATUSES
                ],
                class_name="chips",
            ),
            class_name="field",
        ),
        rx.el.p("What is queued for them is taken back at once. An opt-out stops them everywhere.", class_name="dim"),
        disabled=_locked(),
        class_name="card stack tight",
        id="stops",
    )


def _check(rule: str, label: str, on: Any) -> rx.Component:  # noqa: ANN401 a Var
    return rx.el.label(
        rx.el.input(
            type="checkbox",
            default_checked=on,
            key=Builder.view.id + rule + on.to(str),
            on_change=lambda v: Builder.set_rule(rule, v),
            id=rule,
        ),
        rx.el.span(label),
        class_name="check",
    )


def _input(name: str, label: str, value: Any, **props: Any) -> rx.Component:  # noqa: ANN401 HTML attributes
    return field(
        label,
        text_in(name, default_value=value, key=value, on_blur=lambda v: Builder.set_sending(name, v), **props),
        name=name,
        errors=Builder.errors,
    )
