"""Files that come in: upload, what would become of each row, mapping, writing, rejects."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated
from urllib.parse import unquote
from uuid import UUID

import anyio.from_thread
from fastapi import APIRouter, Header, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from leadflow.api.deps import Actor, After, Db, Limit, Work, allow
from leadflow.api.once import KEYED
from leadflow.imports import service as imports
from leadflow.imports.types import FieldInfo, Options, Reading, Report, RowReport, Template, Undo
from leadflow.kernel.paging import Page
from models.vocabulary import Permission, RowVerdict

router = APIRouter(prefix="/api/v1/imports", tags=["imports"])
RUN = [allow(Permission.IMPORT_RUN)]


class Made(BaseModel):
    """The id of what was made; an archive makes an import for each table inside."""

    id: UUID
    ids: tuple[UUID, ...]


class TemplateName(BaseModel):
    """A name under which the team keeps a mapping."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(max_length=200)


class Templates(BaseModel):
    """Mappings that the team keeps."""

    rows: tuple[Template, ...]


class Begun(BaseModel):
    """The job that was set going."""

    job_id: UUID


class Mapping(BaseModel):
    """Columns and their fields; null or ``ignore`` leaves a column out, a column that is not named stays."""

    model_config = ConfigDict(extra="forbid")

    mapping: dict[str, str | None] = Field(max_length=1000)


class Fields(BaseModel):
    """What a column can be mapped to."""

    rows: tuple[FieldInfo, ...]


@router.post("", dependencies=[*RUN, KEYED], status_code=201)
def upload(
    request: Request,
    db: Db,
    actor: Actor,
    x_filename: Annotated[str, Header(max_length=1000, description="percent-encoded")] = "import.csv",
) -> Made:
    """Take the raw bytes of a file (CSV, TSV, XLSX or a ZIP of them), recognise it, and set its check going."""
    made = imports.uploads(db, actor, unquote(x_filename), _chunks(request))
    return Made(id=made[0], ids=made)


def _chunks(request: Request) -> Iterator[bytes]:
    """Read the body piece by piece from this thread, so that no file stands in memory."""
    stream = request.stream()

    async def following() -> bytes | None:
        return await anext(stream, None)

    while (chunk := anyio.from_thread.run(following)) is not None:
        yield chunk


@router.get("", dependencies=RUN)
def listing(desk: Work, after: After = None, limit: Limit = 50) -> Page[Report]:
    """List imports, newest first."""
    return imports.listing(desk.uow, desk.actor, after, limit)


@router.get("/fields", dependencies=RUN)
def fields() -> Fields:
    """List the fields that a column can be mapped to."""
    return Fields(rows=imports.catalogue())


@router.get("/templates", dependencies=RUN)
def templates(desk: Work) -> Templates:
    """List the mappings that the team keeps under a name."""
    return Templates(rows=imports.templates(desk.uow, desk.actor))


@router.get("/{import_id}", dependencies=RUN)
def report(desk: Work, import_id: UUID) -> Report:
    """Show an import: layout, mapping, counts, progress."""
    return imports.report(desk.uow, desk.actor, import_id)


@router.get("/{import_id}/rows", dependencies=RUN)
def rows(
    desk: Work, import_id: UUID, verdict: RowVerdict | None = None, after: After = None, limit: Limit = 50
) -> Page[RowReport]:
    """List what becomes of each row, in the file's order."""
    return imports.rows(desk.uow, desk.actor, import_id, verdict, after, limit)


@router.put("/{import_id}/mapping", dependencies=RUN)
def remap(desk: Work, import_id: UUID, given: Mapping) -> Report:
    """Give columns their fields by hand; the check runs again."""
    imports.remap(desk.uow, desk.actor, import_id, given.mapping)
    return imports.report(desk.uow, desk.actor, import_id)


@router.put("/{import_id}/options", dependencies=RUN)
def set_options(desk: Work, import_id: UUID, given: Options) -> Report:
    """Decide list, tags, source, date, policy and consent; the check runs again."""
    imports.set_options(desk.uow, desk.actor, import_id, given)
    return imports.report(desk.uow, desk.actor, import_id)


@router.put("/{import_id}/dialect", dependencies=RUN)
def reread(desk: Work, import_id: UUID, given: Reading) -> Report:
    """Read the file another way: encoding, delimiter, header row or sheet; the check runs again."""
    imports.reread(desk.uow, desk.actor, import_id, given)
    return imports.report(desk.uow, desk.actor, import_id)


@router.put("/{import_id}/template", dependencies=RUN)
def use_template(desk: Work, import_id: UUID, given: TemplateName) -> Report:
    """Map the file as a template does; the check runs again."""
    imports.use_template(desk.uow, desk.actor, import_id, given.name)
    return imports.report(desk.uow, desk.actor, import_id)


@router.post("/{import_id}/template", dependencies=RUN, status_code=204)
def keep_template(desk: Work, import_id: UUID, given: TemplateName) -> None:
    """Keep the file's mapping under a name."""
    imports.keep_template(desk.uow, desk.actor, import_id, given.name)


@router.get("/{import_id}/undo", dependencies=RUN)
def undo_preview(desk: Work, import_id: UUID) -> Undo:
    """Say what an undo would take back, and what it would keep and why."""
    return imports.undo_preview(desk.uow, desk.actor, import_id)


@router.post("/{import_id}/undo", dependencies=RUN, status_code=202)
def undo(desk: Work, import_id: UUID) -> Begun:
    """Take a written import back, as far as nobody has touched what it brought."""
    return Begun(job_id=imports.undo(desk.uow, desk.actor, import_id))


@router.post("/{import_id}/commit", dependencies=RUN, status_code=202)
def commit(desk: Work, import_id: UUID) -> Begun:
    """Set the writing going."""
    return Begun(job_id=imports.commit(desk.uow, desk.actor, import_id))


@router.post("/{import_id}/cancel", dependencies=RUN)
def cancel(desk: Work, import_id: UUID) -> Report:
    """Give an import up that has written nothing."""
    imports.cancel(desk.uow, desk.actor, import_id)
    return imports.report(desk.uow, desk.actor, import_id)


@router.get("/{import_id}/rejects.csv", dependencies=RUN, response_class=Response)
def rejects(desk: Work, import_id: UUID) -> Response:
    """Download the rejected rows as CSV, each with its reason; cells that a spreadsheet would run are guarded."""
    text = "".join(imports.rejects_csv(desk.uow, desk.actor, import_id))
    return Response(
        # The byte order mark tells a spreadsheet that this is UTF-8.
        "\ufeff" + text,
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="rejects-{import_id}.csv"'},
    )
