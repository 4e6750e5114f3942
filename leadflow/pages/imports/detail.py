"""/imports/[import_id] in five steps: the file, its columns, the rules, what each row will become, the run."""

from __future__ import annotations

import reflex as rx

from leadflow.pages.imports.mapping import mapping, reading
from leadflow.pages.imports.rows import Tile
from leadflow.pages.imports.rules import form, settled
from leadflow.pages.imports.state import Import
from leadflow.ui import client
from leadflow.ui.feedback import banner, icon, ready, skeleton, term
from leadflow.ui.form import Drafted, button, confirm, link
from leadflow.ui.shell import header, may, page
from leadflow.ui.table import column
from leadflow.ui.tokens import IMPORT, ROW
from models.vocabulary import ImportState, Permission

BUSY = [ImportState.UPLOADED, ImportState.CHECKING, ImportState.COMMITTING, ImportState.UNDOING]
COLUMNS = [
    column("row", "Row", 70, "int", num=True, small=True, small_width=60),
    column("verdict", "Verdict", 134, "pill", tones=ROW, small=True, small_width=108),
    column("values.street", "Address", 230, "strong", sub=["values.city", "values.state"], small=True, small_width=150),
    column("matched_by", "Known by", 84, hint="The key by which the row was found to be a lead that is there already"),
    column("reasons", "Why", 130, "reasons", flex=1, small=True, small_width=180),
    column("warnings", "Mended", 180, "reasons", flex=1, hint="What was read another way than it stands in the file"),
]


def view() -> rx.Component:
    """Show the import."""
    return page(
        client.Here.create(
            header(
                rx.cond(Import.view.filename != "", Import.view.filename, "Import"),
                rx.cond(Import.view.state != "", term(Import.view.state, IMPORT)),
                back=("/imports", "Imports"),
                actions=(
                    _discard(),
                    rx.cond(
                        (Import.view.id != "") & ~_is(ImportState.CANCELLED),
                        client.Download.create(
                            icon("download", 14),
                            "Rejected rows",
                            href="/api/v1/imports/" + Import.view.id + "/rejects.csv",
                            class_name="btn",
                            id="rejects",
                        ),
                    ),
                ),
            ),
            ready(Import, _body(), rx.el.div(skeleton(8), class_name="pad")),
            shown=Import.view.id,
        ),
        client.Ticker.create(every=1000, on=Import.loaded & _is(*BUSY), on_tick=Import.refresh),
        scroll=False,
    )


def _is(*states: ImportState) -> rx.Var[bool]:
    return rx.Var.create([str(state) for state in states]).contains(Import.view.state)


def _body() -> rx.Component:
    return rx.el.div(
        rx.el.div(
            _state(),
            rx.cond((Import.view.rows > 0) & ~_is(ImportState.CANCELLED), _counts()),
            # A file of which no row was found may have its header elsewhere: where that is said must be at hand.
            rx.cond(
                _is(ImportState.CHECKED, ImportState.FAILED) | ((Import.view.rows > 0) & ~_is(ImportState.CANCELLED)),
                _tabs(),
            ),
            class_name="imp-main",
        ),
        rx.cond(~_is(ImportState.UPLOADED, ImportState.CHECKING, ImportState.CANCELLED), _aside()),
        class_name="imp",
    )


def _state() -> rx.Component:
    return rx.fragment(
        rx.cond(
            _is(ImportState.UPLOADED, ImportState.CHECKING),
            _working("Reading the file: layout, columns and a verdict for each row"),
        ),
        rx.cond(_is(ImportState.COMMITTING), _working("Writing the rows")),
        rx.cond(_is(ImportState.UNDOING), _working("Taking back what nobody has touched")),
        rx.cond(
            Import.again & _is(ImportState.CHECKED),
            banner(
                "info",
                rx.el.div(
                    rx.el.span("Checked again with your choices. ", class_name="w"),
                    "Look at the counts once more, then run it.",
                ),
                id="checked-again",
            ),
        ),
        rx.cond(
            (Import.view.removed != "") & _is(ImportState.CHECKED, ImportState.DONE),
            banner(
                "warn",
                rx.el.div(
                    rx.el.span("Rows of leads that were removed: ", Import.view.removed, ". ", class_name="w"),
                    rx.cond(
                        _is(ImportState.CHECKED),
                        "They stay removed unless you choose under Rules to restore or to replace them.",
                        "They stayed removed, as was chosen; each can be restored.",
                    ),
                    class_name="grow",
                ),
                rx.cond(may(Permission.LEAD_REMOVE), link("Removed leads", "/leads/removed", kind="sm")),
                id="removed-rows",
            ),
        ),
        rx.cond(
            (Import.view.noted != "") & _is(ImportState.CHECKED),
            banner("info", rx.el.div(Import.view.noted, class_name="grow"), id="noted-rows"),
        ),
        rx.cond(
            _is(ImportState.DONE),
            banner(
                "ok",
                rx.el.div(
                    rx.el.span("Imported. ", class_name="w"),
                    Import.view.accepted,
                    Import.view.noted,
                    class_name="grow",
                ),
                _undo(),
                rx.cond(
                    Import.view.leads,
                    link("Show these leads", "/leads?import_id=" + Import.view.id, kind="primary sm", id="show-leads"),
                ),
                id="import-done",
            ),
        ),
        rx.cond(_is(ImportState.UNDONE), _undone()),
        rx.cond(
            _is(ImportState.CANCELLED),
            banner(
                "info",
                rx.el.div("Discarded. Nothing of this file was written.", class_name="grow"),
                link("Import another file", "/imports", kind="sm"),
                id="import-discarded",
            ),
        ),
        rx.cond(
            Import.view.error != "",
            banner(
                "bad",
                rx.el.div(rx.el.span("This import stopped. ", class_name="w"), Import.view.error, class_name="grow"),
            ),
        ),
        rx.cond(
            ~Import.view.reconciles & _is(ImportState.CHECKED),
            banner(
                "bad", "The counts do not add up to the file's rows. The import will not run; please report the file."
            ),
        ),
    )


def _discard() -> rx.Component:
    """Offer to give the import up while it has written nothing."""
    return rx.cond(
        may(Permission.IMPORT_RUN) & _is(ImportState.CHECKED),
        confirm(
            button("Discard", sign="trash-2", id="discard"),
            "Discard this import?",
            "Nothing of it has been written, and nothing will be. To import the file later, upload it again.",
            button("Discard it", kind="danger", on_click=Import.discard, id="discard-yes"),
        ),
    )


def _undo() -> rx.Component:
    """Offer to take the import back; the question says what would go and what would stay."""
    return rx.cond(
        may(Permission.IMPORT_RUN),
        confirm(
            button("Undo", sign="rotate-ccw", kind="sm", id="undo"),
            "Take this import back?",
            rx.el.span(
                Import.undo.goes,
                rx.foreach(Import.undo.stays, lambda text: rx.el.span(text, style={"display": "block"})),
                style={"display": "block"},
            ),
            button("Take it back", kind="danger", on_click=Import.take_back, id="undo-yes"),
            on_open=Import.ask_undo,
        ),
    )


def _undone() -> rx.Component:
    return banner(
        "info",
        rx.el.div(
            rx.el.span("Taken back. ", class_name="w"),
            Import.view.undone,
            rx.foreach(Import.view.kept, lambda text: rx.el.div(text, class_name="dim")),
            class_name="grow",
        ),
        id="import-undone",
    )


def _working(text: str) -> rx.Component:
    share = rx.cond(Import.total > 0, Import.done * 100 // Import.total, 0)
    return rx.el.div(
        rx.el.div(
            rx.el.b(text), rx.cond(Import.total > 0, rx.el.span(share, " %", role="status")), class_name="between"
        ),
        rx.cond(
            Import.total > 0,
            rx.el.progress(value=Import.done, max=Import.total, aria_label=text),
            rx.el.progress(aria_label=text),
        ),
        rx.cond(Import.note != "", rx.el.span(Import.note, class_name="dim")),
        class_name="card working",
        id="import-progress",
    )


def _counts() -> rx.Component:
    return rx.el.div(
        rx.el.div(
            rx.cond(
                Import.view.layout != "",
                rx.el.span("Looks like ", rx.el.b(Import.view.layout), id="layout"),
                rx.el.span("No known layout. ", rx.el.b("Map the columns by hand."), id="layout"),
            ),
            rx.cond(
                Import.view.layout != "",
                rx.el.span(
                    rx.el.i(style={"--p": Import.view.confidence.to(str) + "%"}, custom_attrs={"aria-hidden": "true"}),
                    Import.view.confidence,
                    " % of the headers agree",
                    class_name="conf dim",
                    custom_attrs={"data-low": rx.cond(Import.view.low, "1", "0")},
                ),
            ),
            rx.el.span(Import.view.size, " · ", Import.view.written_as, class_name="dim hide-s"),
            class_name="row wrap",
        ),
        rx.el.div(rx.foreach(Import.view.tiles, _tile), class_name="tiles", id="counts"),
        rx.el.div(Import.view.sum, class_name="dim", id="sum"),
        class_name="imp-counts stack",
    )


def _tile(tile: rx.Var[Tile]) -> rx.Component:
    return rx.el.div(
        rx.el.b(tile.count.to_string()),
        rx.el.span(rx.el.i(), tile.label),
        class_name="tile",
        custom_attrs={"data-tone": tile.tone, "data-verdict": tile.word},
    )


def _tabs() -> rx.Component:
    return rx.fragment(
        client.Words.create(
            param="part",
            kind="tabs",
            label="Parts of the import",
            clear=["verdict"],
            items=[["file", "1 File"], ["columns", "2 Columns"], ["", "4 Rows"]],
        ),
        client.Shown.create(
            client.Shown.create(_rows(), param="part", other=True, value="file"),
            param="part",
            other=True,
            value="columns",
        ),
        client.Shown.create(reading(), param="part", value="file"),
        client.Shown.create(mapping(), param="part", value="columns"),
    )


def _rows() -> rx.Component:
    return rx.fragment(
        rx.el.div(client.Words.create(param="verdict", items=Import.verdicts, label="Verdict"), class_name="bar top"),
        rx.el.div(
            client.Grid.create(
                name="rows",
                api="/api/v1/imports/" + Import.view.id + "/rows",
                columns=COLUMNS,
                params=["verdict"],
                row_key="row",
                label="Rows of the file",
                cursor=True,
                reload=Import.version,
                empty_title="No row",
                empty_text="The file holds a header only. If the names of the columns stand in another row or sheet, "
                "say so under 1 File; otherwise import a list that holds rows.",
            ),
            class_name="gridbox",
        ),
    )


def _aside() -> rx.Component:
    return rx.el.div(
        rx.cond(
            Import.view.finds.length() > 0,
            rx.el.section(
                rx.el.h2("In the file"),
                rx.el.dl(
                    rx.foreach(Import.view.finds, lambda pair: rx.el.div(rx.el.dt(pair[1]), rx.el.dd(pair[0]))),
                    class_name="pairs",
                ),
            ),
        ),
        Drafted.create(
            rx.cond(may(Permission.IMPORT_RUN) & _is(ImportState.CHECKED) & (Import.view.rows > 0), form()),
            draft="import:" + Import.view.id,
            waiting=_is(ImportState.CHECKED),
        ),
        rx.cond(_is(ImportState.DONE, ImportState.UNDOING, ImportState.UNDONE), settled()),
        class_name="aside imp-aside",
    )
