"""Files as people have them: other encodings and delimiters come in whole, and what is no table says so."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from uuid import UUID
from zipfile import ZipFile

import pytest

from leadflow.identity.types import Principal
from leadflow.imports import service as imports
from leadflow.imports.errors import BadMapping, UnreadableFile
from leadflow.imports.service import receiving
from leadflow.imports.types import Report
from leadflow.kernel.db import Database, UnitOfWork
from leadflow.kernel.disk import NoRoom
from leadflow.kernel.errors import Forbidden, Invalid
from models.vocabulary import Role, RowVerdict
from tests.imports.conftest import FIXTURES, Importer

HEAD = "Address,City,State,Zip,Owner,Phone,Notes"
ROW = '12 Cedar Ln,Houston,TX,77084,Renée Muñoz,(281) 555-0111,"two\nlines, one cell"'


def stored(uow: UnitOfWork) -> list[tuple[object, ...]]:
    return uow.connection().execute("select name from person order by name").fetchall()


@pytest.mark.parametrize(
    "content",
    [
        f"{HEAD}\n{ROW}\n".encode(),
        f"{HEAD}\r\n{ROW}\r\n".encode(),
        f"{HEAD}\n{ROW}".encode(),
        b"\xef\xbb\xbf" + f"{HEAD}\n{ROW}\n".encode(),
        f"{HEAD}\n{ROW}\n".encode("cp1252"),
        b"\xff\xfe" + f"{HEAD}\n{ROW}\n".encode("utf-16-le"),
        b"\xfe\xff" + f"{HEAD}\n{ROW}\n".encode("utf-16-be"),
        f"\n\n{HEAD}\n{ROW}\n".encode(),
        f"{HEAD}\r{ROW}\r".encode(),
    ],
    ids=[
        "utf-8",
        "crlf",
        "no last line end",
        "bom",
        "cp1252",
        "utf-16-le",
        "utf-16-be",
        "blank lines first",
        "cr only",
    ],
)
def test_every_way_to_write_the_same_table_gives_the_same_lead(take: Importer, uow: UnitOfWork, content: bytes) -> None:
    report = take(content)
    assert (report.counts["data_rows"], report.counts["new"]) == (1, 1)
    assert stored(uow) == [("Renée Muñoz",)]
    notes = uow.connection().execute("select summary from activity where kind = 'note'").fetchall()
    assert [row[0].replace("\r", "\n") for row in notes] == ["two\nlines, one cell"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_header_decides_the_delimiter_whatever_the_cells_hold(take: Importer, delimiter: str) -> None:
    head = HEAD.replace(",", delimiter)
    cells = [
        "12 Cedar Ln",
        "Houston",
        "TX",
        "77084",
        "\tAda; Quill, | x",
        "(281) 555-0111",
        "['Tax, 2024', 'Vacant; X']",
    ]
    row = delimiter.join(f'"{cell}"' for cell in cells)
    report = take(f"{head}\n{row}\n")
    assert (report.dialect["delimiter"], report.counts["new"]) == (delimiter, 1)


def test_a_first_record_longer_than_any_sample_is_read(take: Importer) -> None:
    report = take(f'{HEAD}\n12 Cedar Ln,Houston,TX,77084,Ada Quill,,"{"legal " * 2000}"\n')
    assert report.counts["new"] == 1


def test_equal_headers_stay_apart_and_every_number_is_reached(take: Importer, uow: UnitOfWork) -> None:
    head = "Address,City,State,Zip,Phone,Phone,Phone 2,phone"
    report = take(f"{head}\n12 Cedar Ln,Houston,TX,77084,2815550101,2815550102,2815550103,2815550104\n")
    assert list(report.mapping)[4:] == ["Phone", "Phone (2)", "Phone 2", "phone (3)"]
    numbers = uow.connection().execute("select e164 from phone order by e164").fetchall()
    assert [row[0] % 10 for row in numbers] == [1, 2, 3, 4]


def test_an_unknown_file_is_mapped_by_hand(take: Importer, uow: UnitOfWork) -> None:
    path = FIXTURES / "unknown_headers.csv"
    report = take(path, write=False)
    assert (report.layout, report.counts["reject"]) == (None, 3)
    mapping: dict[str, str | None] = {
        "Objekt": "street", "Stadt": "city", "Bundesstaat": "state", "PLZ": "zip", "Besitzer": "owner_1_name",
        "Telefon": "phone_1", "Sperre": "phone_1_dnc", "Wert": "estimated_value",
    }  # fmt: skip
    report = take(path, mapping=mapping)
    assert (report.counts["new"], report.counts["reject"]) == (2, 1)
    assert stored(uow) == [("Ada Quill",), ("Ben Quill",)]
    values = uow.connection().execute("select estimated_value from property order by 1").fetchall()
    assert values == [(12000000,), (13000000,)]
    # "ja bitte" is neither yes nor no: not knowing is never permission.
    marks = uow.connection().execute("select kind, e164 from suppression").fetchall()
    assert marks == [("vendor_dnc", 12815550111)]


def test_a_mapping_made_by_hand_is_remembered_for_the_same_headers(
    db: Database, owner: Principal, take: Importer
) -> None:
    path = FIXTURES / "unknown_headers.csv"
    first = take(path, write=False)
    with db.begin(owner.org_id) as uow:
        imports.remap(uow, owner, first.id, {"Objekt": "street", "PLZ": "zip"})
    again = take(path, write=False)
    assert (again.mapping["Objekt"], again.mapping["PLZ"], again.counts["new"]) == ("street", "zip", 2)


@pytest.mark.parametrize(
    ("mapping", "words"),
    [
        ({"Strasse": "street"}, "no column"),
        ({"Objekt": "strasse"}, "no field"),
        ({"Objekt": "street", "Stadt": "street"}, "given to two columns"),
    ],
)
def test_a_wrong_mapping_is_refused_in_words(take: Importer, mapping: dict[str, str | None], words: str) -> None:
    with pytest.raises(BadMapping, match=words):
        take(FIXTURES / "unknown_headers.csv", mapping=mapping)


def workbook() -> bytes:
    out = BytesIO()
    with ZipFile(out, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"\n \n\n", "empty"),
        (workbook(), "workbook"),
        (bytes(range(256)) * 8, "not text"),
        (b"Address\x00,City\nx,y\n", "not text"),
        (",".join(f"c{n}" for n in range(1500)).encode(), "1500 columns"),
        (b"\xef\xbb\xbf", "empty"),
    ],
    ids=["nothing", "blank", "xlsx", "binary", "NULs", "huge header", "only a bom"],
)
def test_what_is_no_table_is_refused_in_words_and_leaves_nothing(
    take: Importer, uow: UnitOfWork, files: Path, content: bytes, words: str
) -> None:
    with pytest.raises(UnreadableFile, match=words):
        take(content)
    assert uow.connection().execute("select count(*) from import_batch").fetchone() == (0,)
    assert list(files.iterdir()) == []


def test_one_column_without_addresses_rejects_every_row_with_its_reason(
    db: Database, owner: Principal, take: Importer
) -> None:
    report = take("Name\nAda Quill\nBen Quill\n")
    assert (report.counts["data_rows"], report.counts["reject"]) == (2, 2)
    assert all("no property identity" in reason for reason in reasons(db, owner, report))


def reasons(db: Database, owner: Principal, report: Report) -> list[str]:
    with db.begin(owner.org_id) as uow:
        page = imports.rows(uow, owner, report.id, RowVerdict.REJECT)
    return ["; ".join(row.reasons) for row in page.rows]


def test_nul_bytes_inside_cells_are_dropped_and_the_row_is_kept(take: Importer, uow: UnitOfWork) -> None:
    padding = "1 Elm St,Houston,TX,77084,Filler Person,,\n" * 40_000
    report = take(f"{HEAD}\n{padding}12 Cedar Ln,Houston,TX,77084,Ada\x00 Quill,(281) 555-0111,\n")
    assert (report.counts["new"], report.counts["duplicate"]) == (2, 39_999)
    assert ("Ada Quill",) in stored(uow)


def test_an_open_quote_spoils_its_own_row_and_no_other(take: Importer, db: Database, owner: Principal) -> None:
    rows = [f"{n} Cedar Ln,Houston,TX,77084,Owner {n},," for n in range(1, 1201)]
    rows[9] = '10 Cedar Ln,Houston,TX,77084,"Owner 10,,'
    rows[19] = '20 Cedar Ln,Houston,TX,77084,Owner 20,,6" pipe'
    report = take(HEAD + "\n" + "\n".join(rows) + "\n")
    assert report.counts["data_rows"] == 1200
    assert report.counts["new"] + report.counts["reject"] == 1200
    assert report.counts["new"] >= 1199
    assert len(reasons(db, owner, report)) == report.counts["reject"]


def test_a_file_over_the_limit_is_refused_before_it_is_kept(
    db: Database, owner: Principal, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receiving, "LARGEST_FILE", 1000)
    with pytest.raises(Invalid, match="larger"):
        imports.upload(db, owner, "big.csv", (b"x" * 100 for _ in range(11)))
    assert list(files.iterdir()) == []


def test_a_full_disk_is_told_and_nothing_is_kept(db: Database, owner: Principal, files: Path) -> None:
    def short_of_room() -> Iterator[bytes]:
        yield b"Address,City\n"
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(NoRoom):
        imports.upload(db, owner, "list.csv", short_of_room())
    assert list(files.iterdir()) == []


def test_an_auditor_may_not_import(db: Database, org: UUID) -> None:
    auditor = Principal(None, org, Role.AUDITOR)
    with pytest.raises(Forbidden):
        imports.upload(db, auditor, "x.csv", [b"Address\n1 Elm St\n"])


def test_a_file_name_loses_its_folders(db: Database, owner: Principal) -> None:
    import_id = imports.upload(db, owner, "../../etc\\passwd.csv", [b"Address\n1 Elm St\n"])
    with db.begin(owner.org_id) as uow:
        assert imports.report(uow, owner, import_id).filename == "passwd.csv"


def test_large_files_are_read_in_helper_processes_with_the_same_result(
    take: Importer, files: Path, uow: UnitOfWork
) -> None:
    imports.configure(imports.Setup(files, b"p" * 32, processes=2))
    filler = "x" * 120
    rows = "".join(
        f'{n} Cedar Ln,Houston,TX,77084,Owner {n},281555{n % 10000:04d},"{filler}\n{n}"\n' for n in range(1, 24_001)
    )
    report = take(f"{HEAD}\n{rows}")
    assert (report.counts["data_rows"], report.counts["new"]) == (24_000, 24_000)
    last = uow.connection().execute(
        "select r.row_number from import_row r join property p on p.id = r.property_id"
        " where p.street = '24000 Cedar Ln'"
    )
    assert last.fetchall() == [(24_000,)]
