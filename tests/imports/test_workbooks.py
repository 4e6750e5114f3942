"""Workbooks and archives: every cell as a person sees it, and files that mean harm end in words and keep nothing."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from leadflow.identity.types import Principal
from leadflow.imports import service as imports
from leadflow.imports.errors import UnreadableFile
from leadflow.imports.types import Reading
from leadflow.kernel.db import Database, UnitOfWork
from leadflow.kernel.errors import Invalid
from tests.imports.conftest import FIXTURES, Importer, told

HEAD = ["Address", "City", "State", "Zip", "APN", "County", "Last Sale Date", "Owner", "Phone", "Notes"]


def workbook(*rows: list[Any], epoch: datetime | None = None, above: int = 0, name: str = "Leads") -> bytes:
    """A workbook whose second sheet holds the rows under a header."""
    book = Workbook()
    book.worksheets[0].title = "Read me"
    book.worksheets[0].append(["Ask Rosalind before you change anything"])
    if epoch is not None:
        book.epoch = epoch
    sheet = book.create_sheet(name)
    for number in range(above):
        sheet.append([f"Title {number}"])
    for row in (HEAD, *rows):
        sheet.append(row)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def packed(*members: tuple[str, bytes]) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return out.getvalue()


def cells(sold: object = None, *, zip_code: object = "77084", apn: object = "", note: object = "") -> list[Any]:
    return ["12 Cedar Ln", "Houston", "TX", zip_code, apn, "Harris", sold, "Ada Quill", None, note]


def sold(uow: UnitOfWork) -> Any:
    return uow.connection().execute("select last_sale_on from property").fetchall()[0][0]


@pytest.mark.parametrize(
    ("written", "epoch"),
    [
        (date(2016, 11, 8), None),
        (datetime(2016, 11, 8, 14, 30), None),  # noqa: DTZ001 a sheet has no zone
        (date(2016, 11, 8), CALENDAR_MAC_1904),
        ("2016-11-08 0:00:00", None),
        ("11/8/2016", None),
        (42682, None),
    ],
    ids=["date", "date and time", "1904", "text with midnight", "American text", "serial"],
)
def test_a_day_is_the_same_however_the_sheet_holds_it(
    take: Importer, uow: UnitOfWork, written: object, epoch: datetime | None
) -> None:
    take(workbook(cells(written), epoch=epoch))
    assert sold(uow) == date(2016, 11, 8)


def test_a_day_that_is_none_is_told_by_row_and_column(take: Importer, db: Database, owner: Principal) -> None:
    report = take(workbook(cells("soon")), write=False)
    with db.begin(owner.org_id) as uow:
        rows = imports.rows(uow, owner, report.id).rows
    assert (rows[0].row, rows[0].warnings) == (1, ('Last Sale Date "soon" cannot be read; left empty',))


@pytest.mark.parametrize("apn", ["0157000500200", "B008030102200", "08901"])
@pytest.mark.parametrize("kind", ["sheet", "csv"])
def test_zeros_in_front_stay_where_they_are_text(take: Importer, uow: UnitOfWork, apn: str, kind: str) -> None:
    row = cells(zip_code="08901", apn=apn)
    row[1:3] = ["New Brunswick", "NJ"]
    text = ",".join(HEAD) + "\n" + ",".join(f'"{cell or ""}"' for cell in row) + "\n"
    take(workbook(row) if kind == "sheet" else text)
    assert uow.connection().execute("select zip5, apn from property").fetchall() == [("08901", apn)]


def test_a_zip_code_that_the_sheet_made_a_number_gets_its_zero_back_and_says_so(
    take: Importer, uow: UnitOfWork, db: Database, owner: Principal
) -> None:
    row = cells(zip_code=8901)
    row[1:3] = ["New Brunswick", "NJ"]
    report = take(workbook(row))
    assert uow.connection().execute("select zip5 from property").fetchall() == [("08901",)]
    with db.begin(owner.org_id) as begun:
        assert "8901 in NJ padded to 08901" in imports.rows(begun, owner, report.id).rows[0].warnings[0]


def test_a_formula_stays_text_and_is_never_run(take: Importer, uow: UnitOfWork) -> None:
    take(workbook(cells(note="=1+1")))
    assert uow.connection().execute("select summary from activity where kind = 'note'").fetchall() == [("=1+1",)]


def test_the_sheet_and_the_header_row_are_found_and_may_be_changed(take: Importer) -> None:
    content = workbook(cells(), above=3)
    found = take(content, write=False)
    assert (found.dialect["sheet"], found.dialect["header_row"], found.counts["new"]) == ("Leads", 4, 1)
    assert found.dialect["sheets"] == ["Read me", "Leads"]
    other = take(content, write=False, reading=Reading(sheet="Read me"))
    assert list(other.mapping) == ["Ask Rosalind before you change anything"]
    lower = take(content, write=False, reading=Reading(header_row=5))
    assert next(iter(lower.mapping)) == "12 Cedar Ln"


def test_an_archive_with_several_tables_makes_an_import_of_each(db: Database, owner: Principal) -> None:
    head = ",".join(HEAD)
    content = packed(
        ("lists/a.csv", f"{head}\n1 Elm St,Houston,TX,77084\n".encode()),
        ("lists/b.xlsx", workbook(cells())),
        ("../../etc/c.csv", f"{head}\n2 Elm St,Houston,TX,77084\n".encode()),
        ("__MACOSX/lists/._a.csv", b"x"),
        ("readme.md", b"x"),
    )
    made = imports.uploads(db, owner, "lists.zip", [content])
    names = [told(db, owner, one).filename for one in made]
    assert names == ["lists.zip: a.csv", "lists.zip: b.xlsx", "lists.zip: c.csv"]
    for one in made:
        assert imports.check(db, owner.org_id, one)
    assert [told(db, owner, one).counts["data_rows"] for one in made] == [1, 1, 1]


def test_a_name_inside_an_archive_is_never_a_path(db: Database, owner: Principal, files: Path) -> None:
    head = ",".join(HEAD)
    imports.uploads(db, owner, "x.zip", [packed(("../../../escaped.csv", f"{head}\n1 Elm St,a,TX,77084\n".encode()))])
    assert {path.parent for path in files.rglob("*")} == {files}
    assert not list(files.parent.parent.rglob("escaped.csv"))


ENTITY = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
    '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">&e;</workbook>'
)
LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha">' + "".join(
        f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(12)
    ) + ']><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1">'
    '<c r="A1" t="inlineStr"><is><t>&m;</t></is></c></row></sheetData></worksheet>'
)  # fmt: skip


def replaced(content: bytes, name: str, part: str | bytes) -> bytes:
    """Change one part of a workbook."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for one in source.namelist():
            archive.writestr(one, part if one == name else source.read(one))
        if name not in source.namelist():
            archive.writestr(name, part)
    return out.getvalue()


def wide() -> bytes:
    columns = "".join(f'<c r="{_letters(n)}1" t="n"><v>1</v></c>' for n in range(1, 3_000))
    sheet = (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        f'<dimension ref="A1:XFD1048576"/><sheetData><row r="1">{columns}</row></sheetData></worksheet>'
    )
    return replaced(workbook(cells()), "xl/worksheets/sheet2.xml", sheet)


def _letters(number: int) -> str:
    text = ""
    while number:
        number, rest = divmod(number - 1, 26)
        text = chr(65 + rest) + text
    return text


HOSTILE = {
    "an external entity": (lambda: replaced(workbook(cells()), "xl/workbook.xml", ENTITY), "cannot be read"),
    "a billion laughs": (lambda: replaced(workbook(cells()), "xl/worksheets/sheet2.xml", LAUGHS), "cannot be read"),
    "a bomb": (lambda: packed(("a.csv", b"\0" * (300 << 20))), "more than it can honestly hold"),
    "a bomb of a workbook": (
        lambda: replaced(workbook(cells()), "xl/sharedStrings.xml", b" " * (300 << 20)), "more than it can honestly",
    ),
    "three thousand columns": (wide, "columns"),
    "no table inside": (lambda: packed(("readme.md", b"x")), "holds no table"),
    "an archive cut short": (lambda: packed(("a.csv", b"Address\n1 Elm St\n"))[:60], "damaged"),
    "an old workbook": (lambda: b"\xd0\xcf\x11\xe0" + b"\0" * 600, "old kind"),
    "NUL bytes": (lambda: b"Address,City\n\0\0,x\n", "not text"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_ends_in_words_and_keeps_nothing(
    db: Database, owner: Principal, files: Path, uow: UnitOfWork, name: str
) -> None:
    make, words = HOSTILE[name]
    with pytest.raises(UnreadableFile, match=words):
        imports.uploads(db, owner, "x.xlsx", [make()])
    assert uow.connection().execute("select count(*) from import_batch").fetchone() == (0,)
    assert list(files.iterdir()) == []


def endless(size: int) -> Iterator[bytes]:
    piece = b"x" * (1 << 20)
    for _ in range(size >> 20):
        yield piece


def test_a_line_of_two_gigabytes_is_refused_long_before_its_end(db: Database, owner: Principal, files: Path) -> None:
    taken = 0

    def counting() -> Iterator[bytes]:
        nonlocal taken
        for piece in endless(2 << 30):
            taken += len(piece)
            yield piece

    with pytest.raises((UnreadableFile, Invalid), match="a line of more than"):
        imports.uploads(db, owner, "x.csv", counting())
    assert taken < 80 << 20
    assert list(files.iterdir()) == []


MEASURED = """
import resource, sys
from pathlib import Path
from leadflow.imports.errors import UnreadableFile
from leadflow.imports.service import archives, receiving, setup, workbooks
folder, path = Path(sys.argv[1]), Path(sys.argv[2])
setup.configure(setup.Setup(folder, b"p" * 32))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    with path.open("rb") as file:
        stored, _ = receiving._store(iter(lambda: file.read(1 << 20), b""))
    found = list(receiving._tables(stored, path.name))
    for one in found:
        if one.dialect.sheet:
            workbooks.unroll(stored, one.dialect, folder / "table")
except UnreadableFile as refused:
    print("refused", file=sys.stderr)
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) >> 10)
"""


@pytest.mark.parametrize("name", ["a bomb", "a bomb of a workbook", "a billion laughs", "three thousand columns"])
def test_a_hostile_file_needs_little_memory(tmp_path: Path, name: str) -> None:
    path = tmp_path / "hostile"
    path.write_bytes(HOSTILE[name][0]())
    assert grown(tmp_path, path) < 64


def test_a_long_workbook_is_read_in_little_memory(tmp_path: Path) -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Leads")
    sheet.append(HEAD)
    for number in range(20_000):
        sheet.append([f"{number} Cedar Ln", "Houston", "TX", "77084", "", "Harris", None, f"Owner {number}", None, ""])
    path = tmp_path / "long.xlsx"
    book.save(path)
    assert grown(tmp_path, path) < 96
    assert (tmp_path / "kept" / "table").read_text().count("\n") == 20_001


def grown(tmp_path: Path, path: Path) -> int:
    """Mebibytes by which a process of its own grows that takes the file in."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, str(tmp_path / "kept"), str(path)], capture_output=True, text=True, check=True
    )
    return int(done.stdout)


def test_the_hand_kept_sheet_is_shown_as_it_was_found(take: Importer) -> None:
    report = take(FIXTURES / "handkept_list.xlsx", write=False)
    assert (report.dialect["sheet"], report.dialect["header_row"]) == ("Leads", 4)
    assert (report.mapping["Owner"], report.mapping["City/St/Zip"]) == ("owner_roll", "city_line")
