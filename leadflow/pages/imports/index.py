"""/imports: drop a file, or open an earlier one."""

from __future__ import annotations

import reflex as rx

from leadflow.ui import client
from leadflow.ui.shell import header, may, page
from leadflow.ui.table import column
from leadflow.ui.tokens import IMPORT
from models.vocabulary import Permission

COLUMNS = [
    column("filename", "File", 300, "strong", flex=1, small=True, small_width=170),
    column("state", "State", 130, "pill", tones=IMPORT, small=True, small_width=110),
    column("layout_title", "Layout", 200),
    column("counts.data_rows", "Rows", 90, "int", num=True, small=True, small_width=70),
    column("counts.new", "New", 90, "int", num=True),
    column("counts.update", "Update", 90, "int", num=True),
    column("counts.reject", "Reject", 90, "int", num=True),
    column("created_at", "Uploaded", 150, "when"),
]


def view() -> rx.Component:
    """Show the drop zone over the list."""
    return page(
        header("Imports", client.Count.create(grid="imports", one="file", many="files")),
        rx.cond(
            may(Permission.IMPORT_RUN),
            rx.el.div(
                client.Uploader.create(
                    url="/api/v1/imports",
                    next="/imports/{id}",
                    accept=".csv,.tsv,.txt,.xlsx,.xlsm,.zip",
                    title="Drop a lead file here",
                    hint="CSV, TSV, XLSX or ZIP of any vendor, up to 1 GB. You see what happens before it is written.",
                    input_id="import-file",
                ),
                class_name="bar drop-bar",
            ),
        ),
        rx.el.div(
            client.Grid.create(
                name="imports",
                api="/api/v1/imports",
                columns=COLUMNS,
                params=[],
                row_key="id",
                row_href="/imports/{id}",
                label="Imports",
                cursor=True,
                empty_title="No file yet",
                empty_text="Drop a vendor's list above. LeadFlow knows its layout and shows each row's verdict first.",
            ),
            class_name="gridbox",
        ),
        scroll=False,
    )
