"""Works out what a commit would do with every row, without writing any of it."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from uuid import UUID

from leadflow.identity.types import Principal
from leadflow.imports.errors import NotReady
from leadflow.imports.queries import batches, staging
from leadflow.imports.queries.plan import Planner
from leadflow.imports.queries.staging import Tables
from leadflow.imports.rules import choices, reading, telling
from leadflow.imports.rules.rows import RowReader
from leadflow.imports.rules.staged import COLUMNS
from leadflow.imports.service import setup
from leadflow.jobs import service as jobs
from leadflow.kernel.db import Database, UnitOfWork
from leadflow.kernel.errors import LeadFlowError
from models.imports import ImportBatch
from models.vocabulary import ImportState, JobKind

READING, PLANNING = "reading rows", "comparing with what is here"
"""What a check says that it does."""
SMALL_FILE = 3 << 20
"""Below so many bytes a second process costs more than it saves."""


def check(db: Database, org_id: UUID, import_id: UUID) -> bool:
    """Work out what a commit would do with every row, without writing any of it.

    Returns:
        False when another process is at it.
    """
    with batches.alone(db, f"import {import_id}") as free:
        if not free:
            return False
        with db.begin(org_id) as uow:
            batch = setup.found(uow, import_id, lock=True)
            open_states = {ImportState.UPLOADED, ImportState.CHECKING, ImportState.FAILED}
            if batch.state not in open_states or setup.writing(batch):
                return True
            batch.state, batch.error = ImportState.CHECKING, None
        with failing(db, org_id, import_id):
            stage(db, org_id, batch)
            say_planning(db, batch)
            with db.begin(org_id) as uow:
                make_plan(uow, batch)
                batch = setup.found(uow, import_id, lock=True)
                if batch.state is ImportState.CHECKING:
                    batch.state, batch.checked_at = ImportState.CHECKED, uow.now()
    return True


@contextmanager
def failing(db: Database, org_id: UUID, import_id: UUID) -> Generator[None]:
    """Show on the import what stopped its job; the job itself is settled by the worker. A cancelled one just ends."""
    try:
        yield
    except Exception as failure:
        with db.begin(org_id) as uow:
            batch = setup.found(uow, import_id, lock=True)
            cancelled = batch.state is ImportState.CANCELLED
            if batch.state in batches.RUNNING:
                batch.state = ImportState.FAILED
                batch.error = failure.message if isinstance(failure, LeadFlowError) else "Something broke."
        if not cancelled:
            raise


def stage(db: Database, org_id: UUID, batch: ImportBatch) -> None:
    """Bring the file's rows into staging tables, unless they are there already under this mapping."""
    tables, salt, mark = Tables(batch.id), setup.reading_salt(batch), setup.staging_mark(batch)
    with db.begin(org_id) as uow:
        if batch.progress.get("mapping") == mark and staging.present(uow.connection(), tables):
            return
        reader = setup.reader_of(batch, salt)
        extras = [reader.headers[index] for index in reader.extras]
        staging.create(uow.connection(), tables, COLUMNS, extras)
    try:
        pieces = _stage_fast(db, batch, reader)
    except (staging.CutInside, reading.UnevenQuotes):
        with db.begin(org_id) as uow:
            staging.create(uow.connection(), tables, COLUMNS, extras)
        pieces = _stage_whole(db, batch, reader)
    with db.begin(org_id) as uow:
        again = setup.found(uow, batch.id, lock=True)
        again.progress = again.progress | {"mapping": mark, "pieces": {str(k): v for k, v in pieces.items()}}
        batch.progress = again.progress


def _stage_fast(db: Database, batch: ImportBatch, reader: RowReader) -> dict[int, int]:
    dialect, path = setup.dialect_of(batch), setup.path_of(batch)
    chunks = setup.chunks_of(path, dialect.data_offset)
    encoding = dialect.encoding
    if encoding.startswith("utf-16"):
        chunks, encoding = setup.as_utf8(chunks, encoding), "utf-8"
    processes = setup.configured().processes if path.stat().st_size > SMALL_FILE else 0
    staged = staging.stage_in_pieces(
        db.url, Tables(batch.id), reader, reading.pieces(chunks),
        encoding=encoding, delimiter=dialect.delimiter, processes=processes,
    )  # fmt: skip
    return _watched(db, batch, staged)


def _stage_whole(db: Database, batch: ImportBatch, reader: RowReader) -> dict[int, int]:
    dialect = setup.dialect_of(batch)
    with setup.text_of(setup.path_of(batch), dialect) as text:
        rows = reading.records(iter(text), dialect.delimiter, len(dialect.headers))
        return _watched(db, batch, staging.stage_in_one(db.url, Tables(batch.id), reader, rows))


def _watched(db: Database, batch: ImportBatch, staged: Iterator[tuple[int, int]]) -> dict[int, int]:
    """Count rows as they arrive and show them; stop where somebody asked for it."""
    pieces: dict[int, int] = {}
    for number, rows in staged:
        pieces[number] = rows
        say(db, batch, sum(pieces.values()), None, READING)
    return pieces


def say(db: Database, batch: ImportBatch, done: int, total: int | None, note: str) -> None:
    """Show how far a job is, and stop where somebody asked for it.

    Raises:
        NotReady: somebody asked.
    """
    if batch.job_id is None:
        return
    with db.begin(batch.org_id) as uow:
        jobs.progress(uow, batch.job_id, done, total, note)
        if jobs.cancelled(uow, batch.job_id):
            raise NotReady("Stopped because somebody asked for it.")


def say_planning(db: Database, batch: ImportBatch) -> None:
    """Show that every row is read and the plan begins, which is one transaction and shows nothing itself."""
    say(db, batch, sum(batch.progress["pieces"].values()), None, PLANNING)


def make_plan(uow: UnitOfWork, batch: ImportBatch) -> None:
    """Decide, set by set, what becomes of the staged rows, and count it."""
    tables = Tables(batch.id)
    # What a commit that stopped half way has marked as done may lack what was to follow.
    trust = not (batch.progress.get("done") or batches.unfinished(uow, batch.id))
    planner_of(uow, batch, trust=trust).make(pieces_of(batch))
    if "rows.0" in batch.progress.get("done", {}):
        # The verdicts are kept for good already; what is written since would only turn "new" into "update".
        return
    again = setup.found(uow, batch.id, lock=True)
    counts = telling.counts_of(batches.counts(uow, tables))
    if not counts.reconciles:
        msg = f"the verdicts of import {batch.id} do not add up to its rows"
        raise RuntimeError(msg)
    again.counts = telling.as_document(counts)
    batch.counts = again.counts


def planner_of(uow: UnitOfWork, batch: ImportBatch, *, trust: bool) -> Planner:
    """Make the planner of an import; ``trust`` where an equal digest means that there is nothing to do."""
    salt = choices.salt_of(batch.options)
    return Planner(uow, Tables(batch.id), batch.id, salt, choices.read_options(batch.options), trust=trust)


def pieces_of(batch: ImportBatch) -> dict[int, int]:
    """Answer how many rows each piece of the file has."""
    return {int(number): rows for number, rows in batch.progress["pieces"].items()}


def enqueue_check(uow: UnitOfWork, actor: Principal, batch: ImportBatch) -> None:
    """Have a file checked, or checked again."""
    batch.state, batch.error, batch.checked_at = ImportState.UPLOADED, None, None
    batch.job_id = jobs.enqueue(
        uow,
        JobKind.IMPORT_CHECK,
        payload={"import_id": str(batch.id)},
        unique_key=str(batch.id),
        actor_id=actor.user_id,
    )
