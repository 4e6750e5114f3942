"""What the page of an import knows and does: it reads, maps, decides, checks again, runs, and takes back."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import reflex as rx

from leadflow.imports import service as imports
from leadflow.imports.rules import choices
from leadflow.imports.types import Reading
from leadflow.kernel.errors import Invalid, NotFound
from leadflow.pages.imports.choosing import read_form, read_reading
from leadflow.pages.imports.rows import (
    Column,
    ImportView,
    OptionsView,
    UndoView,
    columns,
    field_groups,
    import_view,
    options_view,
    undo_view,
)
from leadflow.ui.action import Desk, Page, action, loads
from leadflow.ui.address import record
from models.vocabulary import ImportState, Permission

DECISIVE = ("policy", "as_of", "consent", "state", "removed", "keys")
"""Options that change what becomes of a row: the user sees the new counts before anything is written."""


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
    templates: list[list[str]] = []
    """Mappings that the team keeps, by name."""
    undo: UndoView = UndoView()
    """What an undo would do; empty until it was asked."""
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
            self.undo = UndoView()
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
    async def reread(self, desk: Desk, form: dict[str, Any]) -> None:
        """Read the file another way; it is checked again."""
        import_id = UUID(self.view.id)
        wanted = read_reading(form)
        if wanted != Reading():
            await desk.do(lambda uow: imports.reread(uow, desk.actor, import_id, wanted))
            self.changes = {}
        await self._show(desk, import_id, fresh=True)
        desk.ring("lf:jobs")

    @action(Permission.IMPORT_RUN)
    async def use_template(self, desk: Desk, form: dict[str, Any]) -> None:
        """Map the columns as a template does; the file is checked again."""
        import_id, name = UUID(self.view.id), str(form.get("use_template") or "")
        if not name:
            raise Invalid("Choose a template first.", "use_template")
        await desk.do(lambda uow: imports.use_template(uow, desk.actor, import_id, name))
        self.changes = {}
        await self._show(desk, import_id, fresh=True)
        desk.ring("lf:jobs")

    @action(Permission.IMPORT_RUN)
    async def keep_template(self, desk: Desk, form: dict[str, Any]) -> None:
        """Keep the mapping under a name."""
        import_id = UUID(self.view.id)
        await desk.do(lambda uow: imports.keep_template(uow, desk.actor, import_id, str(form.get("template") or "")))
        await self._show(desk, import_id, fresh=True)
        desk.say("Template kept", "It can be used for the next file with such columns.")

    @action(Permission.IMPORT_RUN)
    async def discard(self, desk: Desk) -> None:
        """Give the import up before anything of it is written."""
        import_id = UUID(self.view.id)
        await desk.do(lambda uow: imports.cancel(uow, desk.actor, import_id))
        self.changes = {}
        await self._show(desk, import_id, fresh=True)

    @action(Permission.IMPORT_RUN)
    async def ask_undo(self, desk: Desk, is_open: bool) -> None:  # noqa: FBT001 what the dialog tells
        """Say what an undo would take back."""
        if not is_open:
            return
        import_id = UUID(self.view.id)
        self.undo = undo_view(await desk.do(lambda uow: imports.undo_preview(uow, desk.actor, import_id)))

    @action(Permission.IMPORT_RUN)
    async def take_back(self, desk: Desk) -> None:
        """Undo the import."""
        import_id = UUID(self.view.id)
        await desk.do(lambda uow: imports.undo(uow, desk.actor, import_id))
        self.undo = UndoView()
        await self._show(desk, import_id, fresh=True)
        desk.ring("lf:jobs")

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
            kept = await desk.do(lambda uow: imports.templates(uow, desk.actor))
            self.templates = [[one.name, one.name] for one in kept]
            self.verdicts = [
                ["", "All rows", self.view.rows],
                *([tile.word, tile.label, tile.count, tile.tone] for tile in self.view.tiles if tile.count),
            ]
            self.version += 1
