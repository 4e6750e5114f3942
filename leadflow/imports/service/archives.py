"""Opens archives without believing them: sizes are bounded before anything is unpacked, and no name inside is a path.

A file inside is written under a name of ours next to the archive, never under its own.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path, PurePath
from zipfile import BadZipFile, ZipFile, ZipInfo

from leadflow.imports.errors import UnreadableFile

LARGEST_UNPACKED = 1 << 30
"""Bytes that everything in an archive may be together; the same as one file may be."""
LARGEST_PART = 1 << 28
"""Bytes of a part of a workbook that is held in memory while it is read (its texts, its styles)."""
SUSPECT = 1 << 26
"""Bytes from which on a part that was packed too well is taken for a bomb."""
WORST_RATIO = 200
"""Honest tables pack 5 to 30 times, long runs of one text up to 100; a bomb packs 1,000 times."""
MOST_TABLES = 20
CHUNK = 1 << 20
TABLES = frozenset({".csv", ".tsv", ".txt", ".xlsx", ".xlsm"})
_BOMB = (
    "This archive unpacks to more than it can honestly hold, so nothing was unpacked. Pack the lists again, each below "
    f"{LARGEST_UNPACKED >> 20:,} MB."
)


@dataclass(frozen=True, slots=True)
class Member:
    """A table inside an archive.

    Attributes:
        name: as people know it, without folders.
        key: as the archive calls it.
        path: where it was unpacked to.
    """

    name: str
    key: str
    path: Path


def is_archive(path: Path) -> bool:
    """Say whether a file begins as an archive or a workbook does."""
    with path.open("rb") as file:
        return file.read(4) == b"PK\x03\x04"


def is_old_workbook(path: Path) -> bool:
    """Say whether a file is a workbook of the old kind, or one with a password."""
    with path.open("rb") as file:
        return file.read(4) == b"\xd0\xcf\x11\xe0"


def is_workbook(path: Path) -> bool:
    """Say whether an archive is an XLSX workbook.

    Raises:
        UnreadableFile: the archive is damaged.
    """
    with _opened(path) as archive:
        return "xl/workbook.xml" in archive.namelist()


def refuse_bombs(path: Path) -> None:
    """Look at an archive's sizes.

    Raises:
        UnreadableFile: it is damaged, has a password, or unpacks to more than it honestly can.
    """
    with _opened(path) as archive:
        parts = archive.infolist()
        if sum(part.file_size for part in parts) > LARGEST_UNPACKED or any(map(_is_bomb, parts)):
            raise UnreadableFile(_BOMB)
        for part in parts:
            if part.flag_bits & 1:
                raise UnreadableFile("This archive has a password. Unpack it and import the list inside.")
            held = part.filename.endswith((".xml", ".rels")) and "/worksheets/" not in part.filename
            if held and part.filename.startswith("xl/") and part.file_size > LARGEST_PART:
                raise UnreadableFile("The texts of this workbook are too large to read. Save the sheet as CSV.")


def unpack(path: Path) -> list[Member]:
    """Unpack every table of an archive next to it.

    Raises:
        UnreadableFile: there is none, there are too many, or they are too large.
    """
    refuse_bombs(path)
    with _opened(path) as archive:
        parts = [part for part in archive.infolist() if _is_table(part)]
        if not parts:
            raise UnreadableFile("This archive holds no table: put CSV, TSV, TXT or XLSX files into it.")
        if len(parts) > MOST_TABLES:
            raise UnreadableFile(f"This archive holds {len(parts)} tables; {MOST_TABLES} at once are the most.")
        return [Member(_name(part), part.filename, _unpacked(archive, part, path)) for part in parts]


def member_path(path: Path, member: str) -> Path:
    """Answer where a table of an archive is unpacked to."""
    return path.with_name(f"{path.name}.{hashlib.sha256(member.encode('utf-8', 'replace')).hexdigest()[:16]}")


def _is_table(part: ZipInfo) -> bool:
    name = PurePath(part.filename)
    hidden = part.filename.startswith("__MACOSX/") or name.name.startswith((".", "~$"))
    return not part.is_dir() and not hidden and name.suffix.lower() in TABLES


def _name(part: ZipInfo) -> str:
    return PurePath(part.filename.replace("\\", "/")).name[:255]


def _is_bomb(part: ZipInfo) -> bool:
    return part.file_size > SUSPECT and part.file_size > WORST_RATIO * max(part.compress_size, 1)


def _unpacked(archive: ZipFile, part: ZipInfo, path: Path) -> Path:
    target = member_path(path, part.filename)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix="incoming-")
    try:
        with os.fdopen(handle, "wb") as out, archive.open(part) as inside:
            # The reader itself stops at the size that the directory names, which was looked at before.
            while chunk := inside.read(CHUNK):
                out.write(chunk)
        Path(name).replace(target)
    except (BadZipFile, NotImplementedError, EOFError) as error:
        raise UnreadableFile("This archive is damaged, or packed in a rare way. Pack the lists again.") from error
    finally:
        Path(name).unlink(missing_ok=True)
    return target


def _opened(path: Path) -> ZipFile:
    try:
        return ZipFile(path)
    except (BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise UnreadableFile(
            "This archive or workbook is damaged. Pack or save it again, or import the list as CSV."
        ) from error
