"""/duplicates: ``?pair=`` opens two records side by side; ``kind``, ``at_least`` and ``certain`` narrow the list."""

from __future__ import annotations

import reflex as rx

from leadflow.duplicates.types import SURE
from leadflow.pages.duplicates.state import MERGE, Duplicates, FieldView, Hanging, MergedView, PairView, Why
from leadflow.ui import client
from leadflow.ui.feedback import banner, empty, pill, ready
from leadflow.ui.form import button, confirm, text_in
from leadflow.ui.shell import header, may, page
from leadflow.ui.table import table
from models.vocabulary import Permission

EVERY = 1_500
"""Milliseconds between two looks while a search runs."""
KINDS = [["", "All"], ["person", "People"], ["property", "Properties"]]
SCORES = [["70", "70 and more"], ["80", "80 and more"], ["90", "90 and more"]]


def view() -> rx.Component:
    """Show the pairs."""
    return page(
        header(
            "Duplicates",
            actions=(
                rx.cond(
                    may(Permission.LEAD_WRITE),
                    button(
                        "Search now", sign="search", on_click=Duplicates.search, disabled=Duplicates.busy, id="search"
                    ),
                ),
            ),
        ),
        ready(
            Duplicates,
            rx.el.div(
                client.Ticker.create(every=EVERY, on=Duplicates.busy, on_tick=Duplicates.look),
                _undo(),
                _found(),
                rx.cond(Duplicates.pair.id != "", _side_by_side()),
                _list(),
                rx.cond(may(MERGE), rx.fragment(_sure(), _merged())),
                client.Walk.create(target="a[data-pair]", active="[data-here=true]"),
                client.Press.create(name="merge-pair", target="#merge"),
                client.Press.create(name="not-one", target="#dismiss"),
                client.Press.create(name="undo", target="#undo"),
                class_name="pad wide stack",
            ),
        ),
        soft=True,
    )


def _undo() -> rx.Component:
    return rx.cond(
        Duplicates.undo_id != "",
        banner(
            "ok",
            rx.el.div(Duplicates.undo_words, class_name="grow wrap"),
            button(
                rx.fragment("Undo ", rx.el.kbd("u", class_name="hide-s")),
                sign="undo-2",
                kind="sm",
                on_click=Duplicates.undo,
                id="undo",
            ),
            id="done-last",
        ),
    )


def _found() -> rx.Component:
    last = Duplicates.search_view
    return rx.el.div(
        client.Words.create(param="kind", items=KINDS, label="Kind", clear=["after", "pair"]),
        client.Choice.create(param="at_least", options=SCORES, label="Least score"),
        rx.cond(
            Duplicates.busy,
            rx.el.progress(value=last.done, max=last.total, aria_label="Compared"),
            rx.cond(
                last.at != "",
                rx.el.span(
                    "Last search ", client.When.create(at=last.at, kind="when"), ": ", last.told, class_name="dim"
                ),
            ),
        ),
        rx.cond(
            last.skipped.length() > 0,
            rx.el.details(
                rx.el.summary("Left out, because too many share it"),
                rx.el.ul(rx.foreach(last.skipped, rx.el.li), class_name="plain"),
                id="skipped",
            ),
        ),
        class_name="row wrap",
    )


# The list


def _list() -> rx.Component:
    return rx.cond(
        Duplicates.rows.length() > 0,
        rx.fragment(
            rx.el.div(
                table(["Score", "One", "The other", "Why"], rx.foreach(Duplicates.rows, _row), "Pairs that may be one"),
                class_name="card flush",
                id="pairs",
            ),
            rx.el.div(
                rx.el.span(Duplicates.count, " pairs", class_name="dim"),
                rx.cond(
                    Duplicates.older != "",
                    client.WordLink.create("More pairs", words={"after": Duplicates.older}, class_name="btn sm"),
                ),
                class_name="row",
            ),
        ),
        empty(
            "copy-check",
            "Nothing that looks like a duplicate",
            "A search compares every person and property with those that share a phone, an e-mail address, a place or "
            "a parcel. What an import brings is compared by itself.",
        ),
    )


def _row(one: rx.Var[PairView]) -> rx.Component:
    return rx.el.tr(
        rx.el.td(pill(one.tone, one.score)),
        rx.el.td(
            client.WordLink.create(
                one.one,
                words={"pair": one.id},
                class_name="cover",
                custom_attrs={
                    "data-pair": one.id,
                    "data-here": rx.cond(one.id == Duplicates.pair.id, "true", "false"),
                    "aria-current": rx.cond(one.id == Duplicates.pair.id, "true", "false"),
                },
            ),
            rx.el.div(one.one_detail, class_name="dim"),
        ),
        rx.el.td(one.other, rx.el.div(one.other_detail, class_name="dim")),
        rx.el.td(_why(one)),
        custom_attrs={"data-kind": one.kind},
    )


def _why(one: rx.Var[PairView]) -> rx.Component:
    return rx.el.div(rx.foreach(one.why, _reason), class_name="tags")


def _reason(why: rx.Var[Why]) -> rx.Component:
    return rx.el.span(
        rx.cond(why.against, "but ", ""), why.words, class_name=rx.cond(why.against, "tag bad wrap", "tag wrap")
    )


# Side by side


def _side_by_side() -> rx.Component:
    one = Duplicates.pair
    return rx.el.form(
        rx.el.div(
            rx.el.h2(rx.cond(one.kind == "person", "One person?", "One property?")),
            pill(one.tone, one.score),
            _why(one),
            class_name="row wrap",
        ),
        rx.el.div(
            rx.el.table(
                rx.el.thead(
                    rx.el.tr(
                        rx.el.th("Stays", scope="col"),
                        rx.el.th(_stays("one", one.one), _lead(one.one_lead, one.one), scope="col"),
                        rx.el.th(_stays("other", one.other), _lead(one.other_lead, one.other), scope="col"),
                    )
                ),
                rx.el.tbody(rx.foreach(Duplicates.values, _field), rx.foreach(Duplicates.hanging, _hangs)),
                class_name="t",
                custom_attrs={"aria-label": "Side by side"},
            ),
            class_name="t-wrap",
        ),
        rx.el.p(
            "Phones, lists, tasks, texts, consents and suppressions of both are kept. The stricter always stands: who "
            "opted out as one of the two has opted out.",
            class_name="dim",
        ),
        rx.el.div(
            rx.cond(
                may(MERGE),
                button(
                    rx.fragment("Merge ", rx.el.kbd("m", class_name="hide-s")),
                    sign="merge",
                    kind="primary",
                    type="submit",
                    id="merge",
                ),
            ),
            rx.cond(
                may(Permission.LEAD_WRITE),
                button(
                    rx.fragment("Not a duplicate ", rx.el.kbd("n", class_name="hide-s")),
                    on_click=Duplicates.dismiss,
                    id="dismiss",
                ),
            ),
            client.WordLink.create("Close", words={"pair": ""}, class_name="btn ghost"),
            rx.el.span(rx.el.kbd("j"), " ", rx.el.kbd("k"), " next and previous pair", class_name="dim hide-s"),
            class_name="row wrap",
        ),
        on_submit=Duplicates.merge,
        key="pair" + one.id,
        class_name="card stack",
        id="side-by-side",
    )


def _stays(side: str, title: rx.Var[str]) -> rx.Component:
    return rx.el.label(
        rx.el.input(
            type="radio", name="survivor", value=side, default_checked=Duplicates.survivor == side, id=f"stays-{side}"
        ),
        " ",
        title,
    )


def _lead(lead: rx.Var[str], title: rx.Var[str]) -> rx.Component:
    return rx.cond(
        lead != "",
        rx.el.div(
            rx.link(
                "Open the lead",
                rx.el.span(" of ", title, class_name="sr"),
                href="/leads?lead=" + lead,
                class_name="dim",
            )
        ),
    )


def _field(row: rx.Var[FieldView]) -> rx.Component:
    return rx.el.tr(
        rx.el.td(row.label, class_name="dim"),
        rx.el.td(_value(row, "one", row.one)),
        rx.el.td(_value(row, "other", row.other)),
        custom_attrs={"data-field": row.name, "data-choice": row.choice},
    )


def _value(row: rx.Var[FieldView], side: str, text: rx.Var[str]) -> rx.Component:
    shown = rx.cond(text != "", text, "\N{EN DASH}")
    return rx.cond(
        row.chosen,
        rx.el.label(
            rx.el.input(type="radio", name=row.name, value=side, default_checked=row.choice == side),
            " ",
            shown,
            class_name="wrap",
        ),
        rx.el.span(shown, class_name="dim wrap"),
    )


def _hangs(row: rx.Var[Hanging]) -> rx.Component:
    return rx.el.tr(rx.el.td(row.name, class_name="dim"), rx.el.td(row.one), rx.el.td(row.other))


# Many at once, and what was merged


def _sure() -> rx.Component:
    return rx.el.form(
        rx.el.h2("Merge many at once"),
        rx.el.p(
            "Every pair of a score and more against which nothing speaks, one after another, as a job that can be "
            "stopped and taken back. Flats of one house, and a decedent and an heir of one name, are never among them.",
            class_name="dim",
        ),
        rx.el.div(
            rx.el.label(
                rx.el.span("Score from", class_name="dim"),
                text_in("least", type="number", min=50, max=100, default_value=str(SURE), size="sm"),
                class_name="row",
            ),
            button("Count them", kind="sm", type="submit", id="count-sure"),
            rx.cond(
                Duplicates.sure != "",
                rx.fragment(
                    rx.el.b(Duplicates.sure, " pairs", id="sure-count"),
                    confirm(
                        button("Merge them", kind="primary sm", id="merge-sure"),
                        "Merge " + Duplicates.sure + " pairs?",
                        "Each is kept as it was, so that all of it can be taken back.",
                        button("Merge them", kind="primary", on_click=Duplicates.merge_sure, id="merge-sure-yes"),
                    ),
                ),
            ),
            class_name="row wrap",
        ),
        rx.cond(Duplicates.errors.contains("at_least"), rx.el.span(Duplicates.errors["at_least"], class_name="err")),
        on_submit=Duplicates.count_sure,
        class_name="card stack",
        id="sure",
    )


def _merged() -> rx.Component:
    return rx.cond(
        Duplicates.merged.length() > 0,
        rx.el.section(
            rx.el.h2("Merged lately"),
            rx.el.ul(rx.foreach(Duplicates.merged, _merge), class_name="plain lines", id="merged"),
            class_name="card stack tight",
        ),
    )


def _merge(one: rx.Var[MergedView]) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.el.div(
                rx.el.b(one.title, class_name="wrap"),
                rx.el.span(" ", client.When.create(at=one.at, kind="when"), " · ", one.who, class_name="dim"),
            ),
            rx.cond(
                one.undone,
                pill("mute", "Taken back"),
                rx.cond(
                    one.can_undo,
                    button(
                        rx.fragment("Undo", rx.el.span(" the merge of ", one.title, class_name="sr")),
                        sign="undo-2",
                        kind="ghost sm",
                        on_click=Duplicates.unmerge(one.id),
                    ),
                ),
            ),
            class_name="between",
        ),
        custom_attrs={"data-merge": one.id},
    )
