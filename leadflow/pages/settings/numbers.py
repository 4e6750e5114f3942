"""/settings, numbers: which may send and why others may not, the pools, the carriers' registry, the limits."""

from __future__ import annotations

from typing import Any

import reflex as rx

from leadflow.pages.settings.carriage import CARRIERS, MEMBER, Brand, Carriage, Pool, Registered, Sender
from leadflow.pages.settings.state import Settings
from leadflow.ui import client
from leadflow.ui.feedback import empty, pill, term
from leadflow.ui.form import button, choose, confirm, field, text_in
from leadflow.ui.shell import may
from leadflow.ui.table import options, table
from leadflow.ui.tokens import REGISTRATION
from models.vocabulary import Permission

WRITE = Permission.SETTINGS_WRITE
STATES = [(value, label) for value, label in options(REGISTRATION)]


def view() -> rx.Component:
    """Show them, part by part; the form that is open stands above what it is about."""
    return rx.cond(
        Settings.office,
        rx.fragment(
            _part("Numbers", "number", "Add a number", _number_form(), _numbers(), ready=True),
            _part("Pools", "pool", "Make a pool", _pool_form(), _pools(), ready=Carriage.senders.length() > 0),
            _part("Brands", "brand", "Add a brand", _brand_form(), _brands(), ready=True),
            _part(
                "Registered campaigns",
                "campaign",
                "Add a campaign",
                _campaign_form(),
                _registered(),
                ready=Carriage.brands.length() > 0,
            ),
            _limits(),
        ),
        rx.el.p("Your role does not see the numbers.", class_name="dim"),
    )


def _part(
    title: str,
    name: str,
    add: str,
    form: rx.Component,
    rows: rx.Component,
    *,
    ready: rx.Var[bool] | bool,
) -> rx.Component:
    opener = rx.cond(
        may(WRITE) & (Carriage.open != name) & ready,
        button(add, sign="plus", kind="sm", on_click=Carriage.pick(name, ""), id=f"add-{name}"),
    )
    return rx.el.section(
        rx.el.div(rx.el.h2(title, class_name="w"), opener, class_name="row between"),
        rx.cond(may(WRITE) & (Carriage.open == name), form),
        rows,
        class_name="stack",
        id=f"{name}s",
    )


def _th(*titles: str) -> list[rx.Component]:
    return [rx.el.th(title, scope="col", class_name="num") for title in titles]


def _edit(name: str, key: rx.Var[str], what: rx.Var[str]) -> rx.Component:
    return button(
        "Edit",
        kind="sm ghost",
        on_click=Carriage.pick(name, key),
        custom_attrs={"aria-label": "Edit " + what},
    )


def _end(name: str) -> rx.Component:
    return rx.el.div(
        button("Cancel", on_click=Carriage.pick("", "")),
        button("Keep", kind="primary", type="submit", id=f"keep-{name}"),
        class_name="row end",
    )


def _input(name: str, label: str, value: Any, *, hint: str | None = None, **props: Any) -> rx.Component:  # noqa: ANN401 text or Var, HTML attributes
    """Draw a field; its error is found by the name that the service knows it by."""
    return field(
        label,
        text_in(name, default_value=value, **props),
        name=name,
        hint=hint,
        errors=Carriage.errors,
    )


def _amount(name: str, label: str, value: Any, *, hint: str | None = None, placeholder: str = "") -> rx.Component:  # noqa: ANN401 text or Var
    return _input(name, label, value, hint=hint, placeholder=placeholder, input_mode="numeric")


# Numbers


def _numbers() -> rx.Component:
    headers = ["Number", "Sends", "10DLC", "At most", "Texts", ""]
    return rx.cond(
        Carriage.senders.length() > 0,
        rx.el.div(
            table(headers, rx.foreach(Carriage.senders, _sender), "Sender numbers"),
            class_name="card flush",
        ),
        empty("phone", "No number yet", "A campaign sends from a number whose 10DLC registration is verified."),
    )


def _sender(one: rx.Var[Sender]) -> rx.Component:
    sends = rx.cond(
        one.against == "",
        pill("ok", "Yes"),
        rx.fragment(
            rx.cond(one.rests != "", pill("warn", "Rests"), pill("bad", "No")),
            rx.el.div(
                one.against,
                rx.cond(one.rests != "", rx.fragment(" Until ", client.When.create(at=one.rests, kind="when"), ".")),
                class_name="note dim wrap",
            ),
        ),
    )
    switch = rx.cond(
        one.stopped | (one.rests != ""),
        button(
            "Let it send",
            kind="sm ghost",
            on_click=Carriage.switch_number(one.id, True),  # noqa: FBT003 the page's word
            custom_attrs={"aria-label": "Let " + one.number + " send"},
        ),
        confirm(
            button("Stop", kind="sm ghost", custom_attrs={"aria-label": "Stop " + one.number}),
            "Stop this number?",
            "Nothing leaves from it any more, replies included. What waits on it for people who do not know it goes "
            "from other numbers of its pool. You can let it send again here.",
            button("Stop it", kind="stop", on_click=Carriage.switch_number(one.id, False)),  # noqa: FBT003 the page's word
        ),
    )
    return rx.el.tr(
        rx.el.td(
            rx.el.b(one.number, class_name="mono"),
            rx.el.div(one.label, class_name="dim"),
            rx.cond(one.pools != "", rx.el.div("in ", one.pools, class_name="dim note")),
        ),
        rx.el.td(sends),
        rx.el.td(
            term(one.registration, REGISTRATION),
            rx.cond(one.campaign != "", rx.el.div(one.brand, " · ", one.campaign, class_name="dim note")),
        ),
        rx.el.td(
            rx.el.div(one.per_minute, " a minute"),
            rx.cond(one.per_day != "", rx.el.div(one.per_day, " a day", class_name="dim note")),
        ),
        rx.el.td(
            rx.el.div(one.waiting, " waiting"),
            rx.el.div(one.last_hour, " in the last hour, ", one.last_day, " in a day", class_name="dim note"),
        ),
        rx.el.td(
            rx.cond(may(WRITE), rx.el.div(_edit("number", one.id, one.number), switch, class_name="row end")),
            class_name="acts",
        ),
        custom_attrs={"data-sender": one.number},
    )


def _number_form() -> rx.Component:
    one, errors = Carriage.number, Carriage.errors
    return rx.el.form(
        rx.cond(
            one.id == "",
            rx.fragment(
                _input(
                    "number",
                    "Number that you own at the carrier",
                    "",
                    required=True,
                    placeholder="(206) 555-0142",
                ),
                rx.cond(errors.contains("phone"), rx.el.span(errors["phone"], class_name="err", role="alert")),
            ),
            rx.el.h3(one.number),
        ),
        _input("label", "Label", one.label, placeholder="as: Texas acquisitions", max_length=80),
        field(
            "Registered campaign",
            choose("campaign_id", Carriage.bindings, default_value=one.campaign_id),
            name="campaign_id",
            hint="The 10DLC campaign that it is bound to at the carrier.",
        ),
        field(
            "Binding",
            choose("binding", STATES, default_value=one.binding),
            name="binding",
            hint="How far the carrier is. It sends once its brand, its campaign and this are verified.",
        ),
        rx.el.div(
            _amount("per_minute", "Texts a minute, at most", one.per_minute),
            _amount("per_day", "Texts in 24 hours, at most", one.per_day, placeholder="no limit"),
            class_name="cols",
        ),
        _end("number"),
        on_submit=Carriage.keep_number,
        class_name="card stack narrow",
        key="number" + one.id,
        id="number-form",
    )


# Pools


def _pools() -> rx.Component:
    headers = ["Pool", "Numbers", *_th("Can send"), "People", "Rest", ""]
    return rx.cond(
        Carriage.pools.length() > 0,
        rx.el.div(table(headers, rx.foreach(Carriage.pools, _pool), "Pools"), class_name="card flush"),
        empty(
            "layers",
            "No pool yet",
            "A campaign may send from several numbers: each person hears from one, near home where there is one.",
        ),
    )


def _pool(one: rx.Var[Pool]) -> rx.Component:
    remove = confirm(
        button("Remove", kind="sm ghost", custom_attrs={"aria-label": "Remove " + one.name}),
        "Remove this pool?",
        "Its numbers stay. A pool that a campaign sends from cannot be removed.",
        button("Remove", kind="stop", on_click=Carriage.remove_pool(one.id)),
    )
    return rx.el.tr(
        rx.el.td(rx.el.b(one.name)),
        rx.el.td(rx.el.span(one.numbers, class_name="wrap")),
        rx.el.td(rx.cond(one.short, pill("warn", one.able), one.able), class_name="num"),
        rx.el.td(rx.cond(one.sticky, "keep their number", "any number")),
        rx.el.td(
            rx.cond(
                one.cool_after != "",
                rx.fragment(one.cool_minutes, " min after ", one.cool_after, " texts in an hour"),
                "never",
            )
        ),
        rx.el.td(
            rx.cond(may(WRITE), rx.el.div(_edit("pool", one.id, one.name), remove, class_name="row end")),
            class_name="acts",
        ),
        custom_attrs={"data-pool": one.name},
    )


def _pool_form() -> rx.Component:
    one, errors = Carriage.pool, Carriage.errors
    return rx.el.form(
        _input("name", "Name", one.name, required=True, max_length=80, placeholder="as: Texas"),
        rx.el.fieldset(
            rx.el.legend("Numbers"),
            rx.el.div(rx.foreach(Carriage.members, _member), class_name="boxes"),
            rx.cond(errors.contains("numbers"), rx.el.span(errors["numbers"], class_name="err", role="alert")),
            class_name="bare",
        ),
        rx.el.label(
            rx.el.input(type="checkbox", name="sticky", id="sticky", default_checked=one.sticky),
            rx.el.span("People keep the number that they know, as long as it is in the pool"),
            class_name="check",
        ),
        rx.el.div(
            _amount(
                "cool_after",
                "A number rests after so many campaign texts in an hour",
                one.cool_after,
                placeholder="never",
            ),
            _amount("cool_minutes", "It rests so many minutes", one.cool_minutes),
            class_name="cols",
        ),
        _end("pool"),
        on_submit=Carriage.keep_pool,
        class_name="card stack narrow",
        key="pool" + one.id,
        id="pool-form",
    )


def _member(one: Any) -> rx.Component:  # noqa: ANN401 a Var of id, name and mark
    return rx.el.label(
        rx.el.input(type="checkbox", name=MEMBER + one[0], default_checked=one[2] == "1"),
        rx.el.span(one[1]),
        class_name="check",
    )


# The carriers' registry


def _brands() -> rx.Component:
    return rx.cond(
        Carriage.brands.length() > 0,
        rx.el.div(
            table(["Brand", "State", "Tax number", "Registry", ""], rx.foreach(Carriage.brands, _brand), "Brands"),
            class_name="card flush",
        ),
        empty(
            "badge-check",
            "No brand yet",
            "Carriers take texts only from brands and campaigns that are registered with them (10DLC).",
        ),
    )


def _brand(one: rx.Var[Brand]) -> rx.Component:
    return rx.el.tr(
        rx.el.td(rx.el.b(one.name)),
        rx.el.td(term(one.status, REGISTRATION)),
        rx.el.td(rx.cond(one.ein != "", rx.fragment("ends in ", one.ein), "not given")),
        rx.el.td(one.registry_id, class_name="mono"),
        rx.el.td(rx.cond(may(WRITE), _edit("brand", one.id, one.name)), class_name="acts"),
    )


def _brand_form() -> rx.Component:
    one = Carriage.brand
    return rx.el.form(
        _input("name", "Name of the company, as registered", one.name, required=True, max_length=80),
        _input(
            "ein",
            "Tax number (EIN)",
            "",
            hint="Only its last four digits are kept. Leave it empty to keep what is there.",
            placeholder="12-3456789",
            auto_complete="off",
        ),
        _input("registry_id", "Id in the registry", one.registry_id, placeholder="BN…", max_length=64),
        field(
            "State",
            choose("status", STATES, default_value=one.status),
            name="status",
            hint="While it is not verified, none of its numbers sends.",
        ),
        _end("brand"),
        on_submit=Carriage.keep_brand,
        class_name="card stack narrow",
        key="brand" + one.id,
        id="brand-form",
    )


def _registered() -> rx.Component:
    return rx.cond(
        Carriage.registered.length() > 0,
        rx.el.div(
            table(
                ["Campaign", "State", "Registry", "Carriers take", *_th("Bound"), ""],
                rx.foreach(Carriage.registered, _campaign),
                "Registered campaigns",
            ),
            class_name="card flush",
        ),
        empty("file-check", "No campaign registered", "Add a brand first, then what it says it sends."),
    )


def _campaign(one: rx.Var[Registered]) -> rx.Component:
    return rx.el.tr(
        rx.el.td(rx.el.b(one.use_case)),
        rx.el.td(term(one.status, REGISTRATION)),
        rx.el.td(one.registry_id, class_name="mono"),
        rx.el.td(rx.el.span(rx.cond(one.rates != "", one.rates, "as the numbers allow"), class_name="wrap")),
        rx.el.td(one.numbers, class_name="num"),
        rx.el.td(rx.cond(may(WRITE), _edit("campaign", one.id, one.use_case)), class_name="acts"),
    )


def _campaign_form() -> rx.Component:
    one = Carriage.campaign
    return rx.el.form(
        field(
            "Brand",
            choose("brand_id", Carriage.brand_choices, default_value=one.brand_id),
            name="brand_id",
            errors=Carriage.errors,
        ),
        _input("use_case", "What it sends", one.use_case, required=True, max_length=80, placeholder="as: Mixed"),
        _input("registry_id", "Id in the registry", one.registry_id, placeholder="C… or QE…", max_length=64),
        field(
            "State",
            choose("status", STATES, default_value=one.status),
            name="status",
            hint="While it is not verified, none of its numbers sends.",
        ),
        rx.el.fieldset(
            rx.el.legend("What each carrier takes of it, as your registration says; empty: no limit"),
            *[_rate(place, name) for place, name in enumerate(CARRIERS)],
            class_name="bare stack tight",
        ),
        _end("campaign"),
        on_submit=Carriage.keep_campaign,
        class_name="card stack narrow",
        key="campaign" + one.id,
        id="campaign-form",
    )


def _rate(place: int, name: str) -> rx.Component:
    row = Carriage.rates[place]
    return rx.el.div(
        _amount(f"per_minute_{place}", f"{name}, a minute", row[1]),
        _amount(f"per_day_{place}", f"{name}, in 24 hours for the brand", row[2]),
        class_name="cols",
    )


# Limits


def _limits() -> rx.Component:
    locked = ~may(WRITE)
    return rx.el.form(
        rx.el.h2("All numbers together"),
        rx.el.p("Counted with every text, whatever number it leaves from. Replies count too.", class_name="dim"),
        rx.el.div(
            *[
                field(
                    label,
                    text_in(name, default_value=value, placeholder="no limit", input_mode="numeric", disabled=locked),
                    name=name,
                    errors=Carriage.errors,
                )
                for name, label, value in (
                    ("texts_per_minute", "Texts a minute, at most", Carriage.a_minute),
                    ("texts_per_day", "Texts in 24 hours, at most", Carriage.a_day),
                )
            ],
            class_name="cols",
        ),
        rx.cond(
            may(WRITE),
            rx.el.div(button("Keep", kind="primary", type="submit", id="keep-limits")),
            rx.el.p("Only an owner changes these.", class_name="dim"),
        ),
        on_submit=Carriage.keep_limits,
        class_name="card stack narrow",
        key=Carriage.a_minute + "/" + Carriage.a_day,
        id="limits",
    )
