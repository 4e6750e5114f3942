"""Use cases of imports: take a file, say what would become of it, change the mapping, write it, tell what happened.

A file goes through upload, check and commit. The check is the plan of the commit: verdicts, reasons and counts come
from the same tables that the commit carries out. Both may be killed and started again.
"""

from __future__ import annotations

import csv
import hashlib
import io
import os
import tempfile
from codecs import getincrementaldecoder
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, time
from pathlib import Path, PurePath
from typing import Any
from uuid import UUID

import structlog

from leadflow.audit import service as audit
from leadflow.compliance import service as compliance
from leadflow.compliance.rules.keys import phone_key
from leadflow.identity.rules import require
from leadflow.identity.types import Principal
from leadflow.imports.errors import NotReady, UnreadableFile
from leadflow.imports.queries import batches, merge, staging
from leadflow.imports.queries.plan import Planner
from leadflow.imports.queries.staging import Tables
from leadflow.imports.rules import choices, fields, layouts, reading, telling
from leadflow.imports.rules.rows import COLUMNS, RowReader
from leadflow.imports.types import Dialect, FieldInfo, Options, Report, RowReport, UpdatePolicy
from leadflow.jobs import service as jobs
from leadflow.kernel import disk, paging, sheets
from leadflow.kernel.db import Database, UnitOfWork
from leadflow.kernel.errors import Invalid, LeadFlowError, NotFound
from leadflow.kernel.paging import Page
from leadflow.leads import service as leads
from leadflow.properties import service as properties
from leadflow.properties.types import Prefer, Source, Written
from models.imports import ImportBatch
from models.vocabulary import ImportState, JobKind, Permission, RowVerdict

log = structlog.get_logger(__name__)

LARGEST_FILE = 1 << 30
"""Bytes; 250,000 rows of 70 columns are 114 MB."""
CHUNK = 1 << 20
SMALL_FILE = 3 << 20
"""Below so many bytes a second process costs more than it saves."""
EDITABLE = frozenset({ImportState.UPLOADED, ImportState.CHECKED})
_REFUSED = "This import cannot be changed any more: it is being written, or has ended."


@dataclass(frozen=True, slots=True)
class Setup:
    """What this process imports with.

    Attributes:
        folder: where raw files are kept, by the SHA-256 of their content.
        pepper: keys the HMAC of suppressed numbers.
        processes: how many read one large file.
    """

    folder: Path
    pepper: bytes
    processes: int = 2


_setup: Setup | None = None


def configure(setup: Setup) -> None:
    """Give this process its file folder and pepper; called once at start."""
    global _setup  # noqa: PLW0603 one folder a process, read from the settings at start
    _setup = setup


def _configured() -> Setup:
    if _setup is None:
        msg = "imports.service.configure was not called"
        raise RuntimeError(msg)
    return _setup


# Upload


def upload(db: Database, actor: Principal, filename: str, chunks: Iterable[bytes]) -> UUID:
    """Store a file, recognise it and set the check going.

    Args:
        db: the database.
        actor: who imports.
        filename: for people; its folders are dropped.
        chunks: the raw bytes, piece by piece.

    Raises:
        Forbidden: the role may not import.
        Invalid: the file is too large.
        UnreadableFile: the bytes are no table; nothing was kept.
        NoRoom: the disk is full; nothing was kept.
    """
    import_id = _receive(db, actor, filename, chunks)
    with db.begin(actor.org_id) as uow:
        _enqueue_check(uow, actor, _found(uow, import_id))
    return import_id


def _receive(db: Database, actor: Principal, filename: str, chunks: Iterable[bytes]) -> UUID:
    require(actor, Permission.IMPORT_RUN)
    with disk.keeping():
        path, size = _store(chunks)
    try:
        dialect = _dialect(path)
        with db.begin(actor.org_id) as uow:
            batch = _recognise(uow, path, dialect, PurePath(filename.replace("\\", "/")).name[:255] or "import.csv")
            batch.size_bytes, batch.actor_id = size, actor.user_id
            uow.session.add(batch)
            detail = {"sha256": path.name, "bytes": size}
            audit.record(uow, actor.user_id, "import.uploaded", "import", batch.id, detail)
    except Exception:
        _forget_file(db, path)
        raise
    return batch.id


def _store(chunks: Iterable[bytes]) -> tuple[Path, int]:
    folder = _configured().folder
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    digest, size = hashlib.sha256(), 0
    handle, name = tempfile.mkstemp(dir=folder, prefix="incoming-")
    try:
        with os.fdopen(handle, "wb") as file:
            for chunk in chunks:
                size += len(chunk)
                if size > LARGEST_FILE:
                    raise Invalid(f"The file is larger than {LARGEST_FILE >> 20} MB. Split it.", "file")
                digest.update(chunk)
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        if not size:
            raise UnreadableFile("This file is empty.")
        path = folder / digest.hexdigest()
        Path(name).replace(path)
    finally:
        Path(name).unlink(missing_ok=True)
    return path, size


def folder() -> Path:
    """Answer where this process keeps the files."""
    return _configured().folder


def forget_file(db: Database, file_key: str) -> None:
    """Delete a stored file that no import of any organisation refers to any more."""
    _forget_file(db, _configured().folder / file_key)


def _forget_file(db: Database, path: Path) -> None:
    with db.begin() as uow:
        if not batches.file_in_use(uow, path.name):
            path.unlink(missing_ok=True)


def _dialect(path: Path) -> Dialect:
    with path.open("rb") as file:
        start = file.read(reading.HEADER_BYTES)
    encoding, bom = reading.encoding_of(start, _chunks(path, 0))
    return reading.dialect_of(start, encoding, bom)


def _recognise(uow: UnitOfWork, path: Path, dialect: Dialect, filename: str) -> ImportBatch:
    found = layouts.recognise(dialect.headers)
    saved = None if found.layout else batches.saved_mapping(uow, list(dialect.headers))
    document = asdict(dialect) | {
        "doubtful": [] if saved else sorted(found.doubtful),
        "samples": telling.samples(dialect.headers, _first_rows(path, dialect)),
    }
    return ImportBatch(
        org_id=uow.org(),
        filename=filename,
        file_key=path.name,
        file_sha256=path.name,
        layout=found.layout.name if found.layout else None,
        confidence=found.confidence,
        dialect=document,
        mapping=saved or dict(found.mapping),
        options=choices.as_document(Options()),
    )


def _first_rows(path: Path, dialect: Dialect) -> list[list[str]]:
    with _text(path, dialect) as text:
        rows = csv.reader(text, delimiter=dialect.delimiter)
        return [row for row, _ in zip(rows, range(telling.SAMPLED), strict=False)]


# Check


def check(db: Database, org_id: UUID, import_id: UUID) -> bool:
    """Work out what a commit would do with every row, without writing any of it.

    Returns:
        False when another process is at it.
    """
    with batches.alone(db, f"import {import_id}") as free:
        if not free:
            return False
        with db.begin(org_id) as uow:
            batch = _found(uow, import_id, lock=True)
            if batch.state not in {ImportState.UPLOADED, ImportState.CHECKING, ImportState.FAILED} or _writing(batch):
                return True
            batch.state, batch.error = ImportState.CHECKING, None
        with _failing(db, org_id, import_id):
            _stage(db, org_id, batch)
            with db.begin(org_id) as uow:
                _plan(uow, batch)
                batch = _found(uow, import_id, lock=True)
                if batch.state is ImportState.CHECKING:
                    batch.state, batch.checked_at = ImportState.CHECKED, uow.now()
    return True


@contextmanager
def _failing(db: Database, org_id: UUID, import_id: UUID) -> Generator[None]:
    """Show on the import what stopped its job; the job itself is settled by the worker. A cancelled one just ends."""
    try:
        yield
    except Exception as failure:
        with db.begin(org_id) as uow:
            batch = _found(uow, import_id, lock=True)
            cancelled = batch.state is ImportState.CANCELLED
            if batch.state in batches.RUNNING:
                batch.state = ImportState.FAILED
                batch.error = failure.message if isinstance(failure, LeadFlowError) else "Something broke."
        if not cancelled:
            raise


def _stage(db: Database, org_id: UUID, batch: ImportBatch) -> None:
    """Bring the file's rows into staging tables, unless they are there already under this mapping."""
    tables, salt = Tables(batch.id), choices.mapping_salt(batch.mapping)
    with db.begin(org_id) as uow:
        if batch.progress.get("mapping") == salt and staging.present(uow.connection(), tables):
            return
        staging.create(uow.connection(), tables, COLUMNS)
    try:
        pieces = _stage_fast(db, batch, salt)
    except (staging.CutInside, reading.UnevenQuotes):
        with db.begin(org_id) as uow:
            staging.create(uow.connection(), tables, COLUMNS)
        pieces = _stage_whole(db, batch, salt)
    with db.begin(org_id) as uow:
        again = _found(uow, batch.id, lock=True)
        again.progress = again.progress | {"mapping": salt, "pieces": {str(k): v for k, v in pieces.items()}}
        batch.progress = again.progress


def _stage_fast(db: Database, batch: ImportBatch, salt: str) -> dict[int, int]:
    dialect, path, setup = _dialect_of(batch), _path(batch), _configured()
    chunks = _chunks(path, dialect.data_offset)
    encoding = dialect.encoding
    if encoding.startswith("utf-16"):
        chunks, encoding = _as_utf8(chunks, encoding), "utf-8"
    processes = setup.processes if batch.size_bytes > SMALL_FILE else 0
    staged = staging.stage_in_pieces(
        db.url, Tables(batch.id), _reader(batch, salt), reading.pieces(chunks),
        encoding=encoding, delimiter=dialect.delimiter, processes=processes,
    )  # fmt: skip
    return _watched(db, batch, staged)


def _stage_whole(db: Database, batch: ImportBatch, salt: str) -> dict[int, int]:
    dialect = _dialect_of(batch)
    with _text(_path(batch), dialect) as text:
        rows = reading.records(iter(text), dialect.delimiter, len(dialect.headers))
        return _watched(db, batch, staging.stage_in_one(db.url, Tables(batch.id), _reader(batch, salt), rows))


def _watched(db: Database, batch: ImportBatch, staged: Iterator[tuple[int, int]]) -> dict[int, int]:
    """Count rows as they arrive and show them; stop where somebody asked for it."""
    pieces: dict[int, int] = {}
    for number, rows in staged:
        pieces[number] = rows
        _say(db, batch, sum(pieces.values()), None, "reading rows")
    return pieces


def _say(db: Database, batch: ImportBatch, done: int, total: int | None, note: str) -> None:
    if batch.job_id is None:
        return
    with db.begin(batch.org_id) as uow:
        jobs.progress(uow, batch.job_id, done, total, note)
        if jobs.cancelled(uow, batch.job_id):
            raise NotReady("Stopped because somebody asked for it.")


def _plan(uow: UnitOfWork, batch: ImportBatch) -> None:
    tables = Tables(batch.id)
    # What a commit that stopped half way has marked as done may lack what was to follow.
    trust = not (batch.progress.get("done") or batches.unfinished(uow, batch.id))
    salt = choices.salt_of(batch.options)
    pieces = {int(number): rows for number, rows in batch.progress["pieces"].items()}
    Planner(uow, tables, batch.id, salt, trust=trust).make(pieces)
    if "rows.0" in batch.progress.get("done", {}):
        # The verdicts are kept for good already; what is written since would only turn "new" into "update".
        return
    again = _found(uow, batch.id, lock=True)
    counts = telling.counts_of(batches.counts(uow, tables))
    if not counts.reconciles:
        msg = f"the verdicts of import {batch.id} do not add up to its rows"
        raise RuntimeError(msg)
    again.counts = telling.as_document(counts)
    batch.counts = again.counts


# Changing


def remap(uow: UnitOfWork, actor: Principal, import_id: UUID, mapping: Mapping[str, str | None]) -> None:
    """Give columns their fields by hand; the check runs again, and the next file with these headers starts from here.

    Args:
        uow: the transaction.
        actor: who imports.
        import_id: the import.
        mapping: header to field; None or ``ignore`` leaves the column out. Columns not named stay as they are.

    Raises:
        BadMapping: no such column or field, or a field twice.
        NotReady: it is written already.
    """
    require(actor, Permission.IMPORT_RUN)
    batch = _editable(uow, import_id)
    headers = tuple(batch.dialect["headers"])
    batch.mapping = layouts.remap(headers, batch.mapping, mapping)
    doubtful = set(batch.dialect.get("doubtful", ())) - set(mapping)
    batch.dialect = batch.dialect | {"doubtful": sorted(doubtful)}
    batches.save_mapping(uow, _template_name(headers), list(headers), batch.mapping)
    _enqueue_check(uow, actor, batch)


def set_options(uow: UnitOfWork, actor: Principal, import_id: UUID, options: Options) -> None:
    """Decide list, tags, source, date, update policy and consent; the check runs again.

    Raises:
        NotReady: it is written already.
        Forbidden: asserting consent needs the permission to record it.
    """
    require(actor, Permission.IMPORT_RUN)
    if options.consent is not None:
        require(actor, Permission.CONSENT_RECORD)
    batch = _editable(uow, import_id)
    batch.options = choices.as_document(choices.read_options(choices.as_document(options)))
    _enqueue_check(uow, actor, batch)


def cancel(uow: UnitOfWork, actor: Principal, import_id: UUID) -> None:
    """Give an import up that has written nothing; its staged rows go, the file and the record stay.

    Raises:
        NotReady: it is being written, or has ended.
    """
    require(actor, Permission.IMPORT_RUN)
    batch = _found(uow, import_id, lock=True)
    if batch.state in {ImportState.COMMITTING, ImportState.DONE, ImportState.CANCELLED} or _writing(batch):
        raise NotReady(_REFUSED)
    batch.state = ImportState.CANCELLED
    staging.drop(uow.connection(), Tables(import_id))
    audit.record(uow, actor.user_id, "import.cancelled", "import", import_id)


def _enqueue_check(uow: UnitOfWork, actor: Principal, batch: ImportBatch) -> None:
    batch.state, batch.error, batch.checked_at = ImportState.UPLOADED, None, None
    batch.job_id = jobs.enqueue(
        uow,
        JobKind.IMPORT_CHECK,
        payload={"import_id": str(batch.id)},
        unique_key=str(batch.id),
        actor_id=actor.user_id,
    )


def _template_name(headers: tuple[str, ...]) -> str:
    return hashlib.sha256("\x1f".join(headers).encode()).hexdigest()


# Commit


def commit(uow: UnitOfWork, actor: Principal, import_id: UUID) -> UUID:
    """Set the writing going; also goes on with one that stopped half way.

    Returns:
        The job's id.

    Raises:
        NotReady: it was not checked, or has ended.
    """
    require(actor, Permission.IMPORT_RUN)
    batch = _found(uow, import_id, lock=True)
    stopped = batch.state is ImportState.FAILED and _writing(batch)
    if batch.state is not ImportState.CHECKED and not stopped:
        raise NotReady("This import is not ready to be written: wait for the check, or see what stopped it.")
    if batch.options.get("consent"):
        require(actor, Permission.CONSENT_RECORD)
    batch.state, batch.error = ImportState.COMMITTING, None
    batch.progress = {"done": {}, "at": uow.now().isoformat()} | batch.progress
    batch.job_id = jobs.enqueue(
        uow,
        JobKind.IMPORT_COMMIT,
        payload={"import_id": str(import_id)},
        unique_key=str(import_id),
        actor_id=actor.user_id,
    )
    audit.record(uow, actor.user_id, "import.committed", "import", import_id, {"resumed": stopped})
    return batch.job_id


def run_commit(db: Database, org_id: UUID, import_id: UUID) -> bool:
    """Write an import, step by step; each step commits with its mark, so that a second call goes on after the last one.

    Returns:
        False when this or another import of the organisation is being written: come back.
    """
    with batches.alone(db, f"imports of {org_id}") as free:
        if not free:
            return False
        with db.begin(org_id) as uow:
            batch = _found(uow, import_id)
            if batch.state is not ImportState.COMMITTING:
                return True
        with _failing(db, org_id, import_id):
            _prepare(db, org_id, batch)
            _Commit(db, batch).run()
    return True


def _prepare(db: Database, org_id: UUID, batch: ImportBatch) -> None:
    """Make sure that the plan is there and still true."""
    with db.begin(org_id) as uow:
        connection, tables = uow.connection(), Tables(batch.id)
        begun = bool(batches.steps_done(uow, batch.id))
        there = staging.present(connection, tables)
        stale = not begun and batches.wrote_since(uow, batch.id, batch.checked_at)
    if there and not stale:
        return
    _stage(db, org_id, batch)
    with db.begin(org_id) as uow:
        # The tables of this step are staging tables too.
        batches.forget_done(uow, batch.id, "names.0")
        _plan(uow, batch)


Step = Callable[[UnitOfWork, int], dict[str, int]]


class _Commit:
    """One run of writing."""

    def __init__(self, db: Database, batch: ImportBatch) -> None:
        self.db, self.batch = db, batch
        self.tables = Tables(batch.id)
        self.options = choices.read_options(batch.options)
        self.rows = batch.counts["new"] + batch.counts["update"]
        self.at = datetime.fromisoformat(batch.progress["at"])
        self.as_of = datetime.combine(self.options.as_of, time(), UTC) if self.options.as_of else self.at
        prefer = Prefer.OURS if self.options.policy is UpdatePolicy.FILL else Prefer.THEIRS
        self.origin = Source(batch.id, self.as_of, prefer)
        self.source = self.options.source or telling.title_of(batch.layout) or batch.filename

    def run(self) -> None:
        """Do what is not done yet; steps of one stage side by side."""
        every = merge.PARTITIONS
        stages: tuple[tuple[tuple[str, Step, int], ...], ...] = (
            (("phones", self._phones, every), ("people", self._people, every), ("rows", self._rows, 1)),
            (("links", self._links, every), ("properties", self._properties, every), ("names", self._tables, 1)),
            (("marks", self._marks, 1), ("parties", self._parties, every)),
            (("lists", self._lists, 1), ("statistics", self._statistics, 1)),
            (("leads", self._leads, every),),
        )
        total = sum(parts for stage in stages for _, _, parts in stage)
        with ThreadPoolExecutor(every) as pool:
            for stage in stages:
                units = [(f"{name}.{part}", step, part) for name, step, parts in stage for part in range(parts)]
                for name in pool.map(self._unit, *zip(*units, strict=True)):
                    _say_done(self.db, self.batch, total, name)
        self._finish()

    def _unit(self, name: str, step: Step, part: int) -> str:
        with self.db.begin(self.batch.org_id) as uow:
            if name not in batches.steps_done(uow, self.batch.id):
                merge.tune(uow, self.rows)
                batches.note_done(uow, self.batch.id, name, step(uow, part))
        return name

    def _statistics(self, uow: UnitOfWork, _: int) -> dict[str, int]:
        merge.look_again(uow, self.rows)
        return {}

    def _phones(self, uow: UnitOfWork, part: int) -> dict[str, int]:
        return _told("phones", properties.upsert_phones(uow, merge.phones(self.tables, part), self.origin))

    def _people(self, uow: UnitOfWork, part: int) -> dict[str, int]:
        return _told("people", properties.upsert_people(uow, merge.people(self.tables, part), self.origin))

    def _rows(self, uow: UnitOfWork, _: int) -> dict[str, int]:
        batches.keep_rows(uow, self.tables, self.batch.id)
        return {}

    def _links(self, uow: UnitOfWork, part: int) -> dict[str, int]:
        return {
            "phone_links": properties.join_phones(uow, merge.person_phones(self.tables, part), self.origin),
            "emails": properties.join_emails(uow, merge.emails(self.tables, part), self.origin),
        }

    def _properties(self, uow: UnitOfWork, part: int) -> dict[str, int]:
        source = merge.properties(self.tables, part)
        facts = properties.keep_facts(uow, source, self.origin)
        return _told("properties", properties.upsert_properties(uow, source, self.origin)) | {"facts": facts}

    def _parties(self, uow: UnitOfWork, part: int) -> dict[str, int]:
        return {"parties": properties.join_parties(uow, merge.parties(self.tables, part), self.origin)}

    def _tables(self, uow: UnitOfWork, _: int) -> dict[str, int]:
        merge.make_accept(uow, self.tables, self.options)
        merge.make_suppress(uow, self.tables, self.batch.filename)
        merge.make_scrubs(uow, self.tables, self.source, self.as_of)
        return {}

    def _marks(self, uow: UnitOfWork, _: int) -> dict[str, int]:
        common: dict[str, Any] = {"import_id": self.batch.id, "at": self.at}
        who = self.batch.actor_id
        made = compliance.suppress_staged(uow, self.tables["suppress"], source="import", actor_id=who, **common)
        scrubs = compliance.scrubs_staged(uow, self.tables["scrub"], **common)
        written = {f"suppressions.{kind}": count for kind, count in made.items()} | {"scrubs": scrubs}
        written["suppressions_recalled"] = compliance.recall(uow, import_id=self.batch.id)
        if self.options.consent is not None:
            given = datetime.combine(self.options.consent.given_on, time(), UTC)
            pepper = _configured().pepper
            merge.make_consents(
                uow, self.tables, self.options.consent, given, lambda e164: phone_key(pepper, f"+{e164}")
            )
            written["consents"] = compliance.consents_staged(uow, self.tables["consent"], actor_id=who, **common)
        return written

    def _lists(self, uow: UnitOfWork, _: int) -> dict[str, int]:
        return self._accept(uow, "accept_seed")

    def _leads(self, uow: UnitOfWork, part: int) -> dict[str, int]:
        return self._accept(uow, f"accept_{part}")

    def _accept(self, uow: UnitOfWork, table: str) -> dict[str, int]:
        taken = leads.accept(
            uow, self.tables[table], source=self.source, import_id=self.batch.id, actor_id=self.batch.actor_id,
            at=self.at,
        )  # fmt: skip
        return {"leads": taken.created, "list_entries": taken.listed, "tags": taken.tagged}

    def _finish(self) -> None:
        with self.db.begin(self.batch.org_id) as uow:
            batch = _found(uow, self.batch.id, lock=True)
            written = telling.sum_of(batches.steps_done(uow, batch.id).values())
            batch.counts = batch.counts | {"written": written}
            batch.state, batch.committed_at = ImportState.DONE, uow.now()
            staging.drop(uow.connection(), self.tables)
            # What it brought may have been here under another spelling.
            brought = {"import_id": str(batch.id)}
            jobs.enqueue(uow, JobKind.DUPLICATE_SEARCH, payload=brought, unique_key=f"import:{batch.id}")
            audit.record(uow, batch.actor_id, "import.done", "import", batch.id, {"written": written})


def _told(noun: str, written: Written) -> dict[str, int]:
    return {noun: written.made, f"{noun}_changed": written.changed}


def _say_done(db: Database, batch: ImportBatch, total: int, name: str) -> None:
    with db.begin(batch.org_id) as uow:
        done = len(batches.steps_done(uow, batch.id))
    _say(db, batch, done, total, f"writing {name.partition('.')[0]}")


# Telling


def catalogue() -> tuple[FieldInfo, ...]:
    """List the fields that a column can be mapped to."""
    return fields.catalogue()


def listing(uow: UnitOfWork, actor: Principal, after: str | None = None, limit: int = 50) -> Page[Report]:
    """List imports, newest first."""
    require(actor, Permission.IMPORT_RUN)
    before: tuple[datetime, UUID] | None = None
    if after is not None:
        at, last = paging.decode(after, 2)
        before = (datetime.fromisoformat(at), UUID(last))
    found = batches.listing(uow, before, limit + 1)
    rows = found[:limit]
    following = paging.encode(rows[-1].created_at.isoformat(), str(rows[-1].id)) if len(found) > limit else None
    return Page(tuple(telling.report_of(batch, batches.job_progress(uow, batch.job_id)) for batch in rows), following)


def report(uow: UnitOfWork, actor: Principal, import_id: UUID) -> Report:
    """Show one import.

    Raises:
        NotFound: no such import in this organisation.
    """
    require(actor, Permission.IMPORT_RUN)
    batch = _found(uow, import_id)
    return telling.report_of(batch, batches.job_progress(uow, batch.job_id))


def rows(
    uow: UnitOfWork,
    actor: Principal,
    import_id: UUID,
    verdict: RowVerdict | None = None,
    after: str | None = None,
    limit: int = 50,
) -> Page[RowReport]:
    """List what becomes of each row, in the file's order."""
    require(actor, Permission.IMPORT_RUN)
    batch = _found(uow, import_id)
    start = int(paging.decode(after, 1)[0]) if after is not None else 0
    found = [telling.row_of(row) for row in _read_rows(uow, batch, verdict, start, limit + 1)]
    shown = tuple(found[:limit])
    return Page(shown, paging.encode(shown[-1].row) if len(found) > limit else None, _count_of(batch, verdict))


def rejects_csv(uow: UnitOfWork, actor: Principal, import_id: UUID) -> Iterator[str]:
    """Write the rejected rows as CSV: row number, reason, column, then the row as it stands in the file.

    The first yield is the header, so that the caller can begin to send at once.
    """
    require(actor, Permission.IMPORT_RUN)
    batch = _found(uow, import_id)
    yield sheets.csv_line(["Row", "Reason", "Column", *batch.dialect["headers"]])
    for row in _read_rows(uow, batch, RowVerdict.REJECT, 0, None):
        one = telling.row_of(row)
        yield sheets.csv_line([str(one.row), "; ".join(one.reasons), one.column or "", *(one.raw or ())])


def _read_rows(
    uow: UnitOfWork, batch: ImportBatch, verdict: RowVerdict | None, after: int, limit: int | None
) -> Iterator[dict[str, Any]]:
    word = verdict.value if verdict else None
    tables = Tables(batch.id)
    if batch.state is ImportState.DONE:
        return batches.kept(uow, batch.id, word, after, limit)
    if not batch.counts or not staging.present(uow.connection(), tables):
        return iter(())
    return batches.planned(uow, tables, word, after, limit)


def _count_of(batch: ImportBatch, verdict: RowVerdict | None) -> int | None:
    return batch.counts.get("data_rows" if verdict is None else verdict.value) if batch.counts else None


# The command line


@contextmanager
def dry_run(
    db: Database,
    actor: Principal,
    path: Path,
    mapping: Mapping[str, str | None] | None = None,
    options: Options | None = None,
) -> Generator[tuple[Report, Iterator[RowReport]]]:
    """Say what would become of a file, by the very same code, and leave nothing behind.

    Yields:
        The report, and every row in the file's order.
    """
    import_id = receive(db, actor, path, mapping, options)
    try:
        check(db, actor.org_id, import_id)
        with db.begin(actor.org_id) as uow:
            batch = _found(uow, import_id)
            found = _read_rows(uow, batch, None, 0, None)
            yield telling.report_of(batch, {}), (telling.row_of(row) for row in found)
    finally:
        with db.begin(actor.org_id) as uow:
            batch = _found(uow, import_id)
            staging.drop(uow.connection(), Tables(import_id))
            batches.remove(uow, import_id)
        _forget_file(db, _path(batch))


def receive(
    db: Database,
    actor: Principal,
    path: Path,
    mapping: Mapping[str, str | None] | None = None,
    options: Options | None = None,
) -> UUID:
    """Take a file of this machine, mapped and decided, without setting a job going; the caller checks it himself."""
    import_id = _receive(db, actor, path.name, _chunks(path, 0))
    with db.begin(actor.org_id) as uow:
        batch = _found(uow, import_id)
        if mapping:
            batch.mapping = layouts.remap(tuple(batch.dialect["headers"]), batch.mapping, mapping)
        if options is not None:
            if options.consent is not None:
                require(actor, Permission.CONSENT_RECORD)
            batch.options = choices.as_document(choices.read_options(choices.as_document(options)))
    return import_id


# Inside


def _found(uow: UnitOfWork, import_id: UUID, *, lock: bool = False) -> ImportBatch:
    batch = batches.get(uow, import_id, lock=lock)
    if batch is None:
        raise NotFound
    return batch


def _editable(uow: UnitOfWork, import_id: UUID) -> ImportBatch:
    batch = _found(uow, import_id, lock=True)
    if batch.state not in EDITABLE | {ImportState.FAILED} or _writing(batch):
        raise NotReady(_REFUSED)
    return batch


def _writing(batch: ImportBatch) -> bool:
    """Say whether a commit has begun."""
    return "done" in batch.progress


def _path(batch: ImportBatch) -> Path:
    return _configured().folder / batch.file_key


def _dialect_of(batch: ImportBatch) -> Dialect:
    known = batch.dialect
    return Dialect(
        known["encoding"], known["delimiter"], tuple(known["headers"]), known["data_offset"], bom=known["bom"]
    )


def _reader(batch: ImportBatch, salt: str) -> RowReader:
    return RowReader(batch.dialect["headers"], batch.mapping, _configured().pepper, salt)


def _chunks(path: Path, offset: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(offset)
        while chunk := file.read(CHUNK):
            yield chunk


def _as_utf8(chunks: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    decoder = getincrementaldecoder(encoding)("replace")
    for chunk in chunks:
        yield decoder.decode(chunk).encode()
    yield decoder.decode(b"", final=True).encode()


@contextmanager
def _text(path: Path, dialect: Dialect) -> Generator[io.TextIOWrapper]:
    """Open the rows of a file as text, behind its header; line ends stay as they are."""
    with path.open("rb") as file:
        file.seek(dialect.data_offset)
        yield io.TextIOWrapper(file, dialect.encoding, errors="replace", newline="")
