"""/compliance/registries: files of do-not-call registries, what they cover and how long they count."""

from __future__ import annotations

from dataclasses import dataclass

import reflex as rx

from leadflow.pages.compliance.components import top
from leadflow.registries import service as registries
from leadflow.registries.types import FileRow
from leadflow.ui import client
from leadflow.ui.action import Desk, Page, loads
from leadflow.ui.feedback import empty, pill
from leadflow.ui.form import choose, field, text_in
from leadflow.ui.shell import may, page
from leadflow.ui.table import table
from leadflow.ui.tokens import words
from models.vocabulary import Permission, ScrubList

LISTS = [(str(one), words(one)) for one in (ScrubList.NATIONAL_DNC, ScrubList.STATE_DNC, ScrubList.LITIGATOR)]
SOON = 7
"""Days before its end at which a file is marked. Own choice."""
FEW = 8


@dataclass(frozen=True)
class File:
    """A file as the page shows it."""

    id: str
    title: str
    version: str
    area_codes: str
    listed: str
    as_of: str
    added: str
    tone: str
    left: str


class Registries(Page, rx.State):
    """The files."""

    files: list[File] = []

    @loads(Permission.DECISION_READ)
    async def load(self, desk: Desk) -> None:
        """Read the files."""
        self.failure, self.errors = {}, {}
        rows = await desk.do(lambda uow: registries.files(uow, desk.actor))
        self.files = [_file(row) for row in rows]
        self.loaded = True


def _file(row: FileRow) -> File:
    codes = ", ".join(str(code) for code in row.area_codes[:FEW])
    tone = "ok" if row.days_left > SOON else "warn" if row.days_left else "bad"
    return File(
        id=str(row.id),
        title=words(row.list),
        version=row.version,
        area_codes=codes + (f" and {len(row.area_codes) - FEW} more" if len(row.area_codes) > FEW else ""),
        listed=f"{row.listed:,}",
        as_of=row.as_of.isoformat(),
        added=f"{row.filename}, by {row.added_by_name or 'the console'}",
        tone=tone,
        left=f"{row.days_left} days left" if row.days_left else "Too old",
    )


def view() -> rx.Component:
    """Show the files and the form that brings one in."""
    return page(
        top("/compliance/lookups", rx.link("Look-ups", href="/compliance/lookups", class_name="btn", underline="none")),
        rx.el.div(
            rx.cond(
                Registries.files.length() > 0,
                rx.el.div(
                    table(
                        ["List", "Area codes", "Listed", "True of", "Counts"],
                        rx.foreach(Registries.files, _row),
                        "Registry files",
                    ),
                    class_name="card",
                ),
                empty(
                    "file-text",
                    "No registry file yet",
                    "With the national registry's file of an area code every number of it has an answer: named is "
                    "listed, not named is clean, for as long as the rule packs say.",
                ),
            ),
            rx.cond(may(Permission.SCRUB_RUN), _add()),
            class_name="pad stack",
        ),
    )


def _row(one: rx.Var[File]) -> rx.Component:
    return rx.el.tr(
        rx.el.td(rx.el.b(one.title), " ", one.version, rx.el.div(one.added, class_name="dim wrap")),
        rx.el.td(one.area_codes, class_name="wrap"),
        rx.el.td(one.listed),
        rx.el.td(client.When.create(at=one.as_of, kind="day")),
        rx.el.td(pill(one.tone, one.left)),
    )


def _add() -> rx.Component:
    return rx.el.div(
        rx.el.h2("Bring a file in"),
        client.FileForm.create(
            field("List", choose("list", LISTS), name="list"),
            field(
                "Area codes it covers",
                text_in("area_codes", required=True, placeholder="206, 425"),
                name="area_codes",
                hint="Whole area codes only: a number of theirs that the file does not name counts as clean.",
            ),
            field("Version", text_in("version", required=True, placeholder="2026-11"), name="version"),
            field(
                "True of",
                client.Moment.create(id="as_of", name="as_of", label="True of"),
                name="as_of",
                hint="Its age counts from here.",
            ),
            url="/api/v1/registry-files",
            accept=".txt,.csv,.gz,.zip",
            label="Bring a registry file in",
            submit="Bring in",
            done="Kept. Every number of yours in these area codes has its answer now.",
            on_done=Registries.load,
        ),
        class_name="card stack narrow",
    )
