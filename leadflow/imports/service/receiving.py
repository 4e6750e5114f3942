"""Takes files in: stores their bytes, finds the tables inside, and recognises who made each.

What is no table leaves nothing behind. A workbook gives one sheet, an archive one import for each table inside.
"""

from __future__ import annotations

import csv
import hashlib
import os
import tempfile
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path, PurePath
from uuid import UUID

from leadflow.audit import service as audit
from leadflow.identity.rules import require
from leadflow.identity.types import Principal
from leadflow.imports.errors import UnreadableFile
from leadflow.imports.queries import batches, staging
from leadflow.imports.queries.staging import Tables
from leadflow.imports.rules import choices, layouts, reading, telling
from leadflow.imports.rules.headers import normalise
from leadflow.imports.service import archives, setup, workbooks
from leadflow.imports.service.checking import check, enqueue_check
from leadflow.imports.service.looking import read_rows
from leadflow.imports.types import Dialect, Given, Options, Reading, Report, RowReport
from leadflow.kernel import disk
from leadflow.kernel.db import Database, UnitOfWork
from leadflow.kernel.errors import Invalid, NotFound
from models.imports import ImportBatch
from models.vocabulary import Permission

LARGEST_FILE = 1 << 30
"""Bytes; 250,000 rows of 70 columns are 114 MB."""
LONGEST_LINE = reading.LARGEST_PIECE
"""Bytes without a line end, after which a file is no table."""
FOUND_OUT = Reading()


@dataclass(frozen=True, slots=True)
class Found:
    """A table of a file that came in.

    Attributes:
        name: of the file, for people.
        dialect: how it is written.
        rows: its first rows, behind the header.
    """

    name: str
    dialect: Dialect
    rows: list[list[str]]


def upload(db: Database, actor: Principal, filename: str, chunks: Iterable[bytes]) -> UUID:
    """Store a file, recognise it and set the check going; of an archive, answers the first import.

    Raises:
        Forbidden: the role may not import.
        Invalid: the file is too large.
        UnreadableFile: the bytes are no table; nothing was kept.
        NoRoom: the disk is full; nothing was kept.
    """
    return uploads(db, actor, filename, chunks)[0]


def uploads(db: Database, actor: Principal, filename: str, chunks: Iterable[bytes]) -> tuple[UUID, ...]:
    """Store a file and set the check of each table inside going; see ``upload``.

    Args:
        db: the database.
        actor: who imports.
        filename: for people; its folders are dropped.
        chunks: the raw bytes, piece by piece.

    Returns:
        The imports: one, or as many as an archive holds tables.
    """
    made = _receive(db, actor, filename, chunks)
    with db.begin(actor.org_id) as uow:
        for import_id in made:
            enqueue_check(uow, actor, setup.found(uow, import_id))
    return made


def _receive(db: Database, actor: Principal, filename: str, chunks: Iterable[bytes]) -> tuple[UUID, ...]:
    require(actor, Permission.IMPORT_RUN)
    with disk.keeping():
        path, size = _store(chunks)
    name = PurePath(filename.replace("\\", "/")).name.replace("\x00", "")[:255] or "import.csv"
    try:
        with disk.keeping():
            found = list(_tables(path, name))
        with db.begin(actor.org_id) as uow:
            made = [_recognise(uow, path, one) for one in found]
            for batch in made:
                batch.size_bytes, batch.actor_id = size, actor.user_id
                uow.session.add(batch)
                detail = {"sha256": path.name, "bytes": size}
                audit.record(uow, actor.user_id, "import.uploaded", "import", batch.id, detail)
            return tuple(batch.id for batch in made)
    except Exception:
        setup.forget_path(db, path)
        raise


def _store(chunks: Iterable[bytes]) -> tuple[Path, int]:
    folder = setup.configured().folder
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    digest, size, line = hashlib.sha256(), 0, 0
    handle, name = tempfile.mkstemp(dir=folder, prefix="incoming-")
    try:
        with os.fdopen(handle, "wb") as file:
            for chunk in chunks:
                size += len(chunk)
                if size > LARGEST_FILE:
                    raise Invalid(f"The file is larger than {LARGEST_FILE >> 20} MB. Split it.", "file")
                line = _line_so_far(chunk, line)
                digest.update(chunk)
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        if not size:
            raise UnreadableFile(
                "This file is empty. Export the list again, and see that it holds rows before you import it."
            )
        path = folder / digest.hexdigest()
        Path(name).replace(path)
    finally:
        Path(name).unlink(missing_ok=True)
    return path, size


def _line_so_far(chunk: bytes, before: int) -> int:
    """Count the bytes since the last line end.

    Raises:
        UnreadableFile: the line is longer than any row of a table.
    """
    end = max(chunk.rfind(b"\n"), chunk.rfind(b"\r"))
    line = before + len(chunk) if end < 0 else len(chunk) - end - 1
    if line > LONGEST_LINE:
        raise UnreadableFile(
            f"This file has a line of more than {LONGEST_LINE >> 20} MB, so it is no table. "
            "Export the list again as CSV, one row a line."
        )
    return line


def _tables(path: Path, name: str) -> Iterator[Found]:
    """Find the tables of a stored file: itself, a sheet of a workbook, or everything inside an archive."""
    if archives.is_old_workbook(path):
        raise UnreadableFile(
            "This is a workbook of the old kind, or one with a password. Save it as XLSX without a password, or as CSV."
        )
    if not archives.is_archive(path) or archives.is_workbook(path):
        yield look(path, name, None)
        return
    for member in archives.unpack(path):
        yield look(member.path, f"{name}: {member.name}"[:255], member.key)


def look(path: Path, name: str, member: str | None, wanted: Reading = FOUND_OUT) -> Found:
    """Look at one table.

    Args:
        path: a text or a workbook.
        name: for people.
        member: its name inside the archive, or None.
        wanted: what the user says of it.

    Raises:
        UnreadableFile: it is none.
    """
    if archives.is_archive(path):
        sheets = workbooks.peek(path)
        sheet = workbooks.chosen(sheets, wanted.sheet, wanted.header_row)
        width = len(sheet.headers)
        rows = [[*row, *[""] * (width - len(row))] for row in sheet.rows[sheet.header + 1 :]]
        return Found(name, workbooks.dialect(sheet, sheets, member), rows[: telling.SAMPLED])
    try:
        return _look_at_text(path, name, member, wanted)
    except csv.Error as error:
        raise UnreadableFile(
            f"A cell of this file is longer than {reading.LARGEST_CELL >> 20} MB, so it is no table. "
            "Export the list again as CSV."
        ) from error


def _look_at_text(path: Path, name: str, member: str | None, wanted: Reading) -> Found:
    with path.open("rb") as file:
        start = file.read(reading.HEADER_BYTES)
    encoding, bom = reading.encoding_of(start, setup.chunks_of(path, 0))
    if wanted.encoding is not None:
        encoding = wanted.encoding
    dialect = reading.dialect_of(start, encoding, bom, delimiter=wanted.delimiter, header_row=wanted.header_row)
    dialect = replace(dialect, member=member)
    return Found(name, dialect, _first_rows(path, dialect))


def _recognise(uow: UnitOfWork, path: Path, one: Found) -> ImportBatch:
    batch = ImportBatch(
        org_id=uow.org(), filename=one.name, file_key=path.name, file_sha256=path.name,
        options=choices.as_document(Options()), created_at=uow.now(),
    )  # fmt: skip
    describe(uow, batch, one)
    return batch


def describe(uow: UnitOfWork, batch: ImportBatch, one: Found) -> None:
    """Note on an import how its table is written, who made it, and which column is which field."""
    headers = one.dialect.headers
    found = layouts.recognise(headers)
    saved = None if found.layout else batches.saved_mapping(uow, list(headers))
    samples = telling.samples(headers, one.rows)
    mapping = dict(saved or found.mapping)
    if saved is None and found.layout is None:
        mapping = layouts.by_samples(mapping, samples)
    batch.layout = found.layout.name if found.layout else None
    batch.confidence = found.confidence
    batch.mapping = mapping
    batch.dialect = asdict(one.dialect) | {
        "doubtful": [] if saved else sorted(found.doubtful),
        "samples": {header: values[: telling.SAMPLES] for header, values in samples.items()},
    }


def _first_rows(path: Path, dialect: Dialect) -> list[list[str]]:
    with setup.text_of(path, dialect) as text:
        rows = csv.reader(text, delimiter=dialect.delimiter)
        return [row for row, _ in zip(rows, range(telling.SAMPLED), strict=False)]


@contextmanager
def dry_run(
    db: Database,
    actor: Principal,
    path: Path,
    given: Given | None = None,
) -> Generator[tuple[Report, Iterator[RowReport]]]:
    """Say what would become of a file, by the very same code, and leave nothing behind.

    Yields:
        The report, and every row in the file's order.
    """
    import_id = receive(db, actor, path, given)
    try:
        check(db, actor.org_id, import_id)
        with db.begin(actor.org_id) as uow:
            batch = setup.found(uow, import_id)
            found = read_rows(uow, batch, None, 0, None)
            yield telling.report_of(batch, {}), (telling.row_of(row) for row in found)
    finally:
        with db.begin(actor.org_id) as uow:
            batch = setup.found(uow, import_id)
            staging.drop(uow.connection(), Tables(import_id))
            batches.remove(uow, import_id)
        setup.forget_file(db, batch.file_key)


def receive(db: Database, actor: Principal, path: Path, given: Given | None = None) -> UUID:
    """Take a file of this machine, mapped and decided, without setting a job going; the caller checks it himself.

    Raises:
        NotFound: there is no template of the given name.
    """
    given = given or Given()
    import_id = _receive(db, actor, path.name, setup.chunks_of(path, 0))[0]
    with db.begin(actor.org_id) as uow:
        batch = setup.found(uow, import_id)
        if given.reading != FOUND_OUT:
            read_again(uow, batch, given.reading)
        headers = tuple(batch.dialect["headers"])
        if given.template is not None:
            batch.mapping = layouts.remap(headers, batch.mapping, by_template(uow, batch, given.template))
        if given.mapping:
            batch.mapping = layouts.remap(headers, batch.mapping, given.mapping)
        if given.options is not None:
            if given.options.consent is not None:
                require(actor, Permission.CONSENT_RECORD)
            batch.options = choices.as_document(choices.read_options(choices.as_document(given.options)))
    return import_id


def read_again(uow: UnitOfWork, batch: ImportBatch, wanted: Reading) -> None:
    """Read an import's file another way; what was mapped by hand is found anew.

    Raises:
        Invalid: there is no such encoding, delimiter or row.
        UnreadableFile: read so, it is no table; or it is not kept any more.
    """
    dialect, wanted = setup.dialect_of(batch), reading.checked(wanted)
    path = setup.source_of(setup.folder() / batch.file_key, dialect)
    if not path.exists():
        raise UnreadableFile("The file of this import is not kept any more. Upload it again.")
    kept = replace(wanted, sheet=wanted.sheet or dialect.sheet)
    describe(uow, batch, look(path, batch.filename, dialect.member, kept))
    batch.progress = {name: value for name, value in batch.progress.items() if name != "mapping"}


def by_template(uow: UnitOfWork, batch: ImportBatch, name: str) -> dict[str, str | None]:
    """Answer which column of an import a template maps to which field; columns of other headers are left out.

    Raises:
        NotFound: there is no such template.
    """
    found = batches.template(uow, " ".join(name.split()))
    if found is None:
        raise NotFound
    have = {normalise(header): header for header in reversed(batch.dialect["headers"])}
    return {have[key]: field for header, field in found.items() if (key := normalise(header)) in have}
