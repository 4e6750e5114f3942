"""What every errand of imports needs: the file folder, the pepper, the import itself."""

from __future__ import annotations

import hashlib
import io
from codecs import getincrementaldecoder
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import orjson

from leadflow.imports.errors import NotReady
from leadflow.imports.queries import batches
from leadflow.imports.rules import choices, layouts
from leadflow.imports.rules.rows import RowReader
from leadflow.imports.service import archives, workbooks
from leadflow.imports.types import Dialect, Options
from leadflow.kernel import disk
from leadflow.kernel.db import Database, UnitOfWork
from leadflow.kernel.errors import NotFound
from models.imports import ImportBatch
from models.vocabulary import ImportState

CHUNK = 1 << 20
EDITABLE = frozenset({ImportState.UPLOADED, ImportState.CHECKED})
REFUSED = "This import cannot be changed any more: it is being written, or has ended."


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


def configure(given: Setup) -> None:
    """Give this process its file folder and pepper; called once at start."""
    global _setup  # noqa: PLW0603 one folder a process, read from the settings at start
    _setup = given


def configured() -> Setup:
    """Answer what this process imports with."""
    if _setup is None:
        msg = "imports.service.configure was not called"
        raise RuntimeError(msg)
    return _setup


def folder() -> Path:
    """Answer where this process keeps the files."""
    return configured().folder


def forget_file(db: Database, file_key: str) -> None:
    """Delete a stored file that no import of any organisation refers to any more."""
    forget_path(db, configured().folder / file_key)


def forget_path(db: Database, path: Path) -> None:
    """Delete a stored file, and what was unpacked from it, by its path."""
    with db.begin() as uow:
        if not batches.file_in_use(uow, path.name):
            for one in [path, *path.parent.glob(f"{path.name}.*")]:
                one.unlink(missing_ok=True)


def found(uow: UnitOfWork, import_id: UUID, *, lock: bool = False) -> ImportBatch:
    """Read an import.

    Raises:
        NotFound: there is none in this organisation.
    """
    batch = batches.get(uow, import_id, lock=lock)
    if batch is None:
        raise NotFound
    return batch


def editable(uow: UnitOfWork, import_id: UUID) -> ImportBatch:
    """Read an import that may still be changed, and hold it.

    Raises:
        NotReady: it is written, or being written.
    """
    batch = found(uow, import_id, lock=True)
    if batch.state not in EDITABLE | {ImportState.FAILED} or writing(batch):
        raise NotReady(REFUSED)
    return batch


def writing(batch: ImportBatch) -> bool:
    """Say whether a commit has begun."""
    return "done" in batch.progress


def source_of(base: Path, dialect: Dialect) -> Path:
    """Answer the file that holds the table: the stored one, or what was unpacked from it."""
    return base if dialect.member is None else archives.member_path(base, dialect.member)


def table_of(base: Path, dialect: Dialect) -> Path:
    """Answer the text that is read: the file itself, or what a workbook's sheet was written out to."""
    source = source_of(base, dialect)
    if dialect.sheet is None:
        return source
    sheet = hashlib.sha256(f"{dialect.sheet}\x1f{dialect.header_row}".encode("utf-8", "replace")).hexdigest()[:16]
    return source.with_name(f"{source.name}.{sheet}")


def path_of(batch: ImportBatch) -> Path:
    """Answer the text that an import reads; a workbook's sheet is written out first, where it is not."""
    base, dialect = configured().folder / batch.file_key, dialect_of(batch)
    path = table_of(base, dialect)
    if not path.exists():
        if dialect.member is not None and not source_of(base, dialect).exists():
            archives.unpack(base)
        if dialect.sheet is not None:
            with disk.keeping():
                workbooks.unroll(source_of(base, dialect), dialect, path)
    return path


def dialect_of(batch: ImportBatch) -> Dialect:
    """Answer how the file of an import is written."""
    known = batch.dialect
    return Dialect(
        known["encoding"], known["delimiter"], tuple(known["headers"]), known["data_offset"], known["bom"],
        known.get("header_row", 1), known.get("sheet"), tuple(known.get("sheets", ())), known.get("member"),
    )  # fmt: skip


def fixed_of(batch: ImportBatch) -> dict[str, str]:
    """Answer what stands for every row of an import where its cell is empty: by its layout, and by the user's word."""
    layout = layouts.layout_named(batch.layout)
    fixed = dict(layout.fixed) if layout else {}
    state = batch.options.get("state")
    return {"state": state} | fixed if state else fixed


def reading_salt(batch: ImportBatch) -> str:
    """Make a text that changes with everything that decides how a row is read."""
    salt = choices.mapping_salt(batch.mapping)
    fixed = fixed_of(batch)
    return f"{salt}|{orjson.dumps(fixed, option=orjson.OPT_SORT_KEYS).decode()}" if fixed else salt


def staging_mark(batch: ImportBatch) -> str:
    """Make a text that changes with all on which staged rows depend: other keys begin from the file again."""
    keys = choices.read_options(batch.options).keys
    return reading_salt(batch) + ("" if keys == Options().keys else f"|keys {' '.join(sorted(keys))}")


def reader_of(batch: ImportBatch, salt: str) -> RowReader:
    """Make the reader of an import's rows."""
    layout = layouts.layout_named(batch.layout)
    return RowReader(
        batch.dialect["headers"], batch.mapping, configured().pepper, salt,
        fixed=fixed_of(batch), nominal=layout.nominal if layout else 0,
    )  # fmt: skip


def chunks_of(path: Path, offset: int) -> Iterator[bytes]:
    """Read a file piece by piece, from a byte on."""
    with path.open("rb") as file:
        file.seek(offset)
        while chunk := file.read(CHUNK):
            yield chunk


def as_utf8(chunks: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    """Write pieces of another encoding in UTF-8."""
    decoder = getincrementaldecoder(encoding)("replace")
    for chunk in chunks:
        yield decoder.decode(chunk).encode()
    yield decoder.decode(b"", final=True).encode()


@contextmanager
def text_of(path: Path, dialect: Dialect) -> Generator[io.TextIOWrapper]:
    """Open the rows of a file as text, behind its header; line ends stay as they are."""
    with path.open("rb") as file:
        file.seek(dialect.data_offset)
        yield io.TextIOWrapper(file, dialect.encoding, errors="replace", newline="")
