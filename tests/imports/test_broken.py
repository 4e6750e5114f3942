"""A file with ten per cent broken rows comes in with every reject explained and nothing lost."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest

from benchmarks.generate_leads import HEADERS, Wanted, write
from leadflow.identity.types import Principal
from leadflow.imports import service as imports
from leadflow.imports.types import Report, RowReport
from leadflow.kernel.db import Database, UnitOfWork
from models.vocabulary import RowVerdict
from tests.imports.conftest import Importer

ROWS = 1_000
GIVEN = [RowVerdict.NEW, RowVerdict.DUPLICATE]


@pytest.fixture
def made(tmp_path: Path) -> tuple[Path, dict[int, tuple[str, str]]]:
    """A file, and what is known of its rows: the row it repeats, and how it was damaged or rewritten."""
    path, truth = tmp_path / "broken.csv", tmp_path / "truth.csv"
    write(Wanted(ROWS, seed=11, broken=0.1), path, truth)
    with truth.open(newline="") as text:
        return path, {int(row["row"]): (row["dup_of"], row["kind"]) for row in csv.DictReader(text)}


def all_rows(db: Database, owner: Principal, report: Report) -> dict[int, RowReport]:
    with db.begin(owner.org_id) as uow:
        return {row.row: row for row in imports.rows(uow, owner, report.id, limit=ROWS).rows}


def test_nothing_is_lost_and_every_reject_says_why(
    db: Database, owner: Principal, take: Importer, uow: UnitOfWork, made: tuple[Path, dict[int, tuple[str, str]]]
) -> None:
    path, truth = made
    report = take(path)
    rows, counts = all_rows(db, owner, report), report.counts
    assert list(rows) == list(range(1, ROWS + 1))
    assert Counter(row.verdict.value for row in rows.values()) == Counter(
        {name: counts[name] for name in ("new", "duplicate", "reject", "blank", "footer")}
    )
    assert (
        sum(counts[name] for name in ("new", "update", "unchanged", "duplicate", "reject", "blank", "footer")) == ROWS
    )
    for row in rows.values():
        kind = truth.get(row.row, ("", ""))[1]
        match kind:
            case "no_address" | "ragged":
                assert row.verdict is RowVerdict.REJECT
                assert row.reasons
                assert row.raw is not None
                assert len(row.raw) == len(HEADERS) + (2 if kind == "ragged" else 0)
            case "footer" | "blank":
                assert row.verdict.value == kind
            case "bad_phone" | "wrong_zip":
                assert row.verdict in GIVEN
                assert row.warnings
            case _:
                assert row.verdict in GIVEN
    stored = uow.connection().execute("select count(*), count(distinct property_id) from lead").fetchone()
    assert stored == (counts["new"], counts["new"])


def test_every_known_repeat_is_merged_into_the_property_it_repeats(
    db: Database, owner: Principal, take: Importer, made: tuple[Path, dict[int, tuple[str, str]]]
) -> None:
    path, truth = made
    rows = all_rows(db, owner, take(path))
    for number, (repeats, _) in truth.items():
        if repeats:
            assert rows[number].verdict is RowVerdict.DUPLICATE
            first = rows[int(repeats)]
            assert rows[number].same_as_row in {first.row, first.same_as_row}


def test_the_rejects_file_holds_each_rejected_row_as_it_was(
    db: Database, owner: Principal, take: Importer, made: tuple[Path, dict[int, tuple[str, str]]]
) -> None:
    path, _ = made
    report = take(path)
    with path.open(newline="") as text:
        original = list(csv.reader(text))[1:]
    with db.begin(owner.org_id) as uow:
        rejected = list(csv.reader(imports.rejects_csv(uow, owner, report.id)))[1:]
    assert len(rejected) == report.counts["reject"]
    for number, reason, _column, *cells in rejected:
        assert reason
        assert [cell.removeprefix("'") for cell in cells] == original[int(number) - 1]


def test_a_known_mark_against_contact_is_never_missing(
    take: Importer, uow: UnitOfWork, made: tuple[Path, dict[int, tuple[str, str]]]
) -> None:
    path, truth = made
    take(path)
    with path.open(newline="") as text:
        rows = list(csv.DictReader(text))
    wanted = {
        int("1" + "".join(filter(str.isdigit, row[f"Phone {n}"]))[-10:])
        for number, row in enumerate(rows, 1)
        for n in range(1, 6)
        if truth.get(number, ("", ""))[1] not in {"no_address", "ragged", "footer", "blank", "bad_phone"}
        and (row[f"Phone {n} DNC"] == "Yes" or (row["Litigator"] == "Yes" and row[f"Phone {n}"]))
    }
    found = {row[0] for row in uow.connection().execute("select e164 from suppression where e164 is not null")}
    assert wanted <= found
