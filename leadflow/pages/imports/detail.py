"""/imports/[import_id]: what was recognised, what each row will become, what the user decides, the run, the result."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import reflex as rx

from leadflow.imports import service as imports
from leadflow.imports.rules import choices
from leadflow.imports.types import UpdatePolicy
from leadflow.kernel.errors import Invalid, NotFound
from leadflow.pages.imports.choosing import read_form
from leadflow.pages.imports.rows import (
    Column,
    ImportView,
    OptionsView,
    Tile,
    columns,
    field_groups,
    import_view,
    options_view,
)
from leadflow.ui import client
from leadflow.ui.action import Desk, Page, action, loads
from leadflow.ui.address import record
from leadflow.ui.feedback import banner, icon, pill, ready, skeleton, term
from leadflow.ui.form import button, choose, field, link, text_in
from leadflow.ui.shell import header, may, page
from leadflow.ui.table import column, table
from leadflow.ui.tokens import IMPORT, ROW
from models.vocabulary import Basis, ImportState, Permission

DECISIVE = ("policy", "as_of", "consent")
"""Options that change what becomes of a row: the user sees the new counts before anything is written."""
BUSY = [ImportState.UPLOADED, ImportState.CHECKING, ImportState.COMMITTING]
BASES = [
    (Basis.WRITTEN_CONSENT, "Written consent (PEWC)"),
    (Basis.EXISTING_RELATIONSHIP, "Existing relationship, 18 months"),
    (Basis.INQUIRY, "They asked about selling, 3 months"),
]
COLUMNS = [
    column("row", "Row", 70, "int", num=True, small=True, small_width=60),
    column("verdict", "Verdict", 116, "pill", tones=ROW, small=True, small_width=108),
    column("values.street", "Address", 230, "strong", sub=["values.city", "values.state"], small=True, small_width=150),
    column("reasons", "Why", 200, "reasons", flex=1, small=True, small_width=180),
    column("warnings", "Mended", 200, "reasons", flex=1, hint="What was read another way than it stands in the file"),
]


class Import(Page, rx.State):
    """One import."""

    view: ImportView = ImportView()
    columns: list[Column] = []
    options: OptionsView = OptionsView()
    groups: list[list[Any]] = field_groups()
    changes: dict[str, str] = {}
    """Header to field, not yet applied."""
    asserted: bool = False
    verdicts: list[list[Any]] = []
    version: int = 0
    """Grows when the rows have changed."""
    done: int = 0
    total: int = 0
    note: str = ""
    again: bool = False
    """The file was checked once more because of the options; the user looks before it is written."""
    go_on: bool = False
    """The user has asked to run it; it runs once the check with the new options is done."""

    @loads(Permission.IMPORT_RUN)
    async def load(self, desk: Desk) -> None:
        """Read the import that the address names."""
        wanted = record(self, "import_id")
        if not wanted:
            raise NotFound
        self.failure = {}
        if self.view.id != str(wanted):
            self.changes, self.loaded, self.view, self.again = {}, False, ImportView(), False
        await self._show(desk, wanted, fresh=True)
        self.loaded = True

    @action(Permission.IMPORT_RUN)
    async def refresh(self, desk: Desk) -> None:
        """Look how far the work is."""
        if self.view.id:
            await self._show(desk, UUID(self.view.id), fresh=False)
            if self.go_on and self.view.state == ImportState.CHECKED:
                await self._commit(desk, UUID(self.view.id))

    @action(Permission.IMPORT_RUN)
    async def pick(self, desk: Desk, header: str, field: str) -> None:
        """Map a column to another field; nothing is checked again until ``apply``."""
        self.changes = {**self.changes, header: field}
        report = await desk.do(lambda uow: imports.report(uow, desk.actor, UUID(self.view.id)))
        self.columns = columns(report, self.changes)

    @action(Permission.IMPORT_RUN)
    async def apply(self, desk: Desk) -> None:
        """Check the file again with the changed columns."""
        report = await desk.do(lambda uow: imports.report(uow, desk.actor, UUID(self.view.id)))
        mapping = {**report.mapping, **self.changes}
        await desk.do(lambda uow: imports.remap(uow, desk.actor, report.id, mapping))
        self.changes = {}
        await self._show(desk, report.id, fresh=True)
        desk.ring("lf:jobs")

    @action(Permission.IMPORT_RUN)
    async def forget(self, desk: Desk) -> None:
        """Take the changed columns back."""
        self.changes = {}
        await self._show(desk, UUID(self.view.id), fresh=True)

    @action(Permission.IMPORT_RUN)
    async def assert_consent(self, desk: Desk, asserted: bool) -> None:  # noqa: ARG002, FBT001 a tick box tells it
        """Open or close the part of the form about consent."""
        self.asserted = asserted

    @action(Permission.IMPORT_RUN)
    async def run(self, desk: Desk, form: dict[str, Any]) -> None:
        """Keep the options and write the rows; where the options change verdicts, the user looks at them first."""
        if self.changes:
            raise Invalid("Columns were changed. Check the file again first.", "run")
        import_id, wanted = UUID(self.view.id), choices.as_document(read_form(form, asserted=self.asserted))
        kept = (await desk.do(lambda uow: imports.report(uow, desk.actor, import_id))).options
        if wanted == kept:
            await self._commit(desk, import_id)
            return
        await desk.do(lambda uow: imports.set_options(uow, desk.actor, import_id, choices.read_options(wanted)))
        self.go_on = all(wanted.get(name) == kept.get(name) for name in DECISIVE)
        self.again = not self.go_on
        await self._show(desk, import_id, fresh=True)
        desk.ring("lf:jobs")

    async def _commit(self, desk: Desk, import_id: UUID) -> None:
        self.go_on = self.again = False
        await desk.do(lambda uow: imports.commit(uow, desk.actor, import_id))
        await self._show(desk, import_id, fresh=True)
        desk.ring("lf:jobs")

    async def _show(self, desk: Desk, import_id: UUID, *, fresh: bool) -> None:
        report = await desk.do(lambda uow: imports.report(uow, desk.actor, import_id))
        before, self.view = self.view, import_view(report)
        self.done, self.total = int(report.progress.get("done") or 0), int(report.progress.get("total") or 0)
        self.note = str(report.progress.get("note") or "")
        if fresh or before.state != self.view.state:
            self.columns, self.options = columns(report, self.changes), options_view(report.options)
            self.asserted = self.options.asserted
            self.verdicts = [
                ["", "All rows", self.view.rows],
                *([tile.word, tile.label, tile.count, tile.tone] for tile in self.view.tiles if tile.count),
            ]
            self.version += 1


def view() -> rx.Component:
    """Show the import."""
    return page(
        client.Here.create(
            header(
                rx.cond(Import.view.filename != "", Import.view.filename, "Import"),
                rx.cond(Import.view.state != "", term(Import.view.state, IMPORT)),
                back=("/imports", "Imports"),
                actions=(
                    rx.cond(
                        Import.view.id != "",
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
            rx.cond(Import.view.rows > 0, rx.fragment(_counts(), _tabs())),
            class_name="imp-main",
        ),
        rx.cond(_is(ImportState.CHECKED, ImportState.FAILED, ImportState.COMMITTING, ImportState.DONE), _aside()),
        class_name="imp",
    )


def _state() -> rx.Component:
    return rx.fragment(
        rx.cond(
            _is(ImportState.UPLOADED, ImportState.CHECKING),
            _working("Reading the file: layout, columns and a verdict for each row"),
        ),
        rx.cond(_is(ImportState.COMMITTING), _working("Writing the rows")),
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
            _is(ImportState.DONE),
            banner(
                "ok",
                rx.el.div(
                    rx.el.span("Imported. ", class_name="w"),
                    rx.el.b(Import.view.accepted),
                    " leads came in or were looked at again.",
                    class_name="grow",
                ),
                link("Show these leads", "/leads?import_id=" + Import.view.id, kind="primary sm", id="show-leads"),
                id="import-done",
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
            items=[["", "Rows"], ["columns", "Columns"]],
        ),
        client.Shown.create(_rows(), param="part", other=True, value="columns"),
        client.Shown.create(_mapping(), param="part", value="columns"),
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
                empty_text="The file holds a header only.",
            ),
            class_name="gridbox",
        ),
    )


def _mapping() -> rx.Component:
    return rx.el.div(
        rx.cond(
            Import.changes.length() > 0,
            rx.el.div(
                rx.el.b(Import.changes.length(), " changed"),
                rx.el.span("Nothing is written before the file has been checked again.", class_name="dim grow"),
                button("Forget", kind="ghost sm", on_click=Import.forget),
                button("Check again", kind="primary sm", on_click=Import.apply, id="apply-mapping"),
                class_name="bar changed",
            ),
        ),
        table(
            ["Column of the file", "First values", "Becomes"],
            rx.foreach(Import.columns, _column),
            "Columns of the file",
        ),
        class_name="imp-map",
        role="region",
        aria_label="Columns of the file",
        custom_attrs={"tabIndex": "0"},
    )


def _column(one: rx.Var[Column]) -> rx.Component:
    return rx.el.tr(
        rx.el.td(rx.el.b(one.header), class_name="wrap"),
        rx.el.td(rx.el.span(one.samples, class_name="samples", title=one.samples)),
        rx.el.td(
            rx.el.div(
                client.LongSelect.create(
                    groups=Import.groups,
                    value=one.field,
                    label="Field for " + one.header,
                    class_name="in sm",
                    disabled=~may(Permission.IMPORT_RUN) | ~_is(ImportState.CHECKED),
                    on_pick=lambda field: Import.pick(one.header, field),
                ),
                rx.cond(one.doubtful, pill("warn", "Guessed by its name")),
                rx.cond(one.changed, pill("info", "Changed")),
                class_name="row map-cell",
            )
        ),
        custom_attrs={"data-header": one.header, "data-doubtful": rx.cond(one.doubtful, "1", "0")},
    )


# Options and run


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
        rx.cond(may(Permission.IMPORT_RUN) & _is(ImportState.CHECKED), _form()),
        rx.cond(_is(ImportState.DONE), _settled()),
        class_name="aside imp-aside",
    )


def _settled() -> rx.Component:
    options = Import.options

    def pair(label: str, value: Any) -> rx.Component:  # noqa: ANN401 a Var
        return rx.cond(value != "", rx.el.div(rx.el.dt(label), rx.el.dd(value)))

    return rx.el.section(
        rx.el.h2("Decided"),
        rx.el.dl(
            pair("List", options.list_name),
            pair("Tags", options.tags),
            pair("Source", options.source),
            pair("File made on", options.as_of),
            pair("Consent asserted", options.basis_word),
            class_name="pairs",
        ),
        class_name="stack tight",
    )


def _form() -> rx.Component:
    options, errors = Import.options, Import.errors
    return rx.el.form(
        rx.el.h2("Decide, then run"),
        field(
            "Put every lead on the list",
            text_in("list_name", default_value=options.list_name, max_length=120),
            name="list_name",
            errors=errors,
        ),
        field(
            "Tags",
            text_in("tags", default_value=options.tags, placeholder="comma between them"),
            name="tags",
            errors=errors,
        ),
        field(
            "Source, for reports",
            text_in("source", default_value=options.source, placeholder="as: PropStream, driving"),
            name="source",
            errors=errors,
        ),
        field(
            "The vendor made this file on",
            text_in("as_of", type="date", default_value=options.as_of),
            name="as_of",
            hint="Do-not-call marks count from this day.",
            errors=errors,
        ),
        field(
            "Values that are there already",
            choose(
                "policy",
                [
                    (UpdatePolicy.OVERWRITE, "The file wins; empty cells never do"),
                    (UpdatePolicy.FILL, "Only fill what is empty"),
                ],
                default_value=options.policy,
            ),
            name="policy",
        ),
        rx.el.label(
            rx.el.input(
                type="checkbox",
                id="asserted",
                name="asserted",
                # The browser ticks it at once; the form has a key of its own for each check of the file.
                default_checked=Import.asserted,
                on_change=Import.assert_consent,
            ),
            rx.el.span(
                rx.el.b("These people agreed to be texted"),
                rx.el.div("Leave it off unless you can prove it. A bought list is not consent.", class_name="dim"),
            ),
            class_name="check",
        ),
        rx.cond(Import.asserted, _consent()),
        rx.cond(errors.contains("run"), rx.el.span(errors["run"], class_name="err", role="alert")),
        button(
            rx.fragment("Run import"),
            sign="play",
            kind="primary lg block",
            type="submit",
            id="run-import",
            disabled=~Import.view.reconciles | (Import.changes.length() > 0),
        ),
        rx.el.p("Rejected rows stay in the file; download them with their reasons above.", class_name="dim"),
        on_submit=Import.run,
        class_name="stack",
        key=Import.view.id + Import.version.to(str),
        id="import-options",
    )


def _consent() -> rx.Component:
    options, errors = Import.options, Import.errors
    return rx.el.fieldset(
        rx.el.legend("Consent", class_name="sr"),
        field(
            "On what basis",
            choose("basis", [(str(v), t) for v, t in BASES], default_value=options.basis),
            name="basis",
            errors=errors,
        ),
        field(
            "The request exactly as they saw it",
            rx.el.textarea(
                id="shown_text",
                name="shown_text",
                rows=4,
                class_name="in",
                default_value=options.shown_text,
                required=True,
            ),
            name="shown_text",
            hint="Kept word for word in the consent ledger.",
            errors=errors,
        ),
        field(
            "Given on",
            text_in("given_on", type="date", default_value=options.given_on, required=True),
            name="given_on",
            errors=errors,
        ),
        field(
            "Proof: page, form or file",
            text_in("proof", default_value=options.proof, required=True),
            name="proof",
            errors=errors,
        ),
        field(
            "They agreed to hear about",
            text_in("purpose", default_value=options.purpose, required=True),
            name="purpose",
            errors=errors,
        ),
        class_name="bare stack consent",
    )
