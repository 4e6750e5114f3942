"""Steps one and two of an import: how the file is written, and which column is which field."""

from __future__ import annotations

import reflex as rx

from leadflow.pages.imports.rows import DELIMITERS, Column
from leadflow.pages.imports.state import Import
from leadflow.ui import client
from leadflow.ui.feedback import pill
from leadflow.ui.form import button, choose, field, text_in
from leadflow.ui.shell import may
from leadflow.ui.table import table
from models.vocabulary import ImportState, Permission


def editable() -> rx.Var[bool]:
    """Whether the file may still be read or mapped another way."""
    states = rx.Var.create([str(ImportState.CHECKED), str(ImportState.FAILED)])
    return may(Permission.IMPORT_RUN) & states.contains(Import.view.state)


def reading() -> rx.Component:
    """Show how the file is written, and let it be read another way."""
    view = Import.view
    return rx.el.form(
        rx.el.b("How the file is written"),
        rx.el.p(
            "Found out by the file itself. Change it where the columns look wrong; nothing is written.",
            class_name="dim",
        ),
        rx.cond(
            view.sheets.length() > 0,
            field(
                "Sheet",
                choose("sheet", view.sheets, default_value=view.sheet, disabled=~editable()),
                name="sheet",
                errors=Import.errors,
            ),
            rx.fragment(
                field(
                    "Between cells",
                    choose("delimiter", list(DELIMITERS), default_value=view.delimiter, disabled=~editable()),
                    name="delimiter",
                    errors=Import.errors,
                ),
                field(
                    "Encoding",
                    choose("encoding", view.encodings, default_value=view.encoding, disabled=~editable()),
                    name="encoding",
                    hint="Names with accents look wrong? Try another.",
                    errors=Import.errors,
                ),
            ),
        ),
        field(
            "Row that holds the names of the columns",
            text_in(
                "header_row", type="number", min=1, max=50, default_value=view.header_row.to(str), disabled=~editable()
            ),
            name="header_row",
            errors=Import.errors,
        ),
        rx.cond(editable(), button("Read again", kind="primary", type="submit", id="read-again")),
        on_submit=Import.reread,
        class_name="stack pad imp-reading",
        key=view.id + "reading" + Import.version.to(str),
    )


def mapping() -> rx.Component:
    """Show every column with its first values and the field that it becomes."""
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
        rx.cond(may(Permission.IMPORT_RUN), _templates()),
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


def _templates() -> rx.Component:
    return rx.el.div(
        rx.cond(
            editable() & (Import.templates.length() > 0),
            rx.el.form(
                choose("use_template", Import.templates, class_name="in sm", aria_label="Template"),
                button("Use template", kind="sm", type="submit", id="use-template"),
                on_submit=Import.use_template,
                class_name="row",
            ),
        ),
        rx.el.form(
            text_in(
                "template",
                size="sm",
                placeholder="Name for this mapping",
                max_length=120,
                aria_label="Name of the template",
            ),
            button("Save as template", kind="sm", type="submit", id="keep-template"),
            on_submit=Import.keep_template,
            reset_on_submit=True,
            class_name="row",
        ),
        class_name="bar top",
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
                    disabled=~editable(),
                    on_pick=lambda field: Import.pick(one.header, field),
                ),
                rx.cond(one.doubtful, pill("warn", "Guessed by its name")),
                rx.cond(one.changed, pill("info", "Changed")),
                class_name="row map-cell",
            )
        ),
        custom_attrs={"data-header": one.header, "data-doubtful": rx.cond(one.doubtful, "1", "0")},
    )
