"""The record holds, and whoever touches it is named."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from psycopg import errors, sql

from leadflow.audit import queries
from leadflow.audit import service as audit
from leadflow.audit.service import anchoring, sealer
from leadflow.kernel.db import Database
from tests.owning import as_owner


def _write(db: Database, org: UUID, count: int) -> None:
    with db.begin(org) as uow:
        for number in range(count):
            audit.record(uow, None, "test.happened", "test", None, {"number": number})


def _tamper(db: Database, *statements: str) -> None:
    """Change the record as a database administrator could: with the triggers off."""
    with as_owner(db.url) as connection:
        for table in ("audit_event", "audit_leaf", "audit_seal", "decision"):
            connection.execute(sql.SQL("alter table {} disable trigger user").format(sql.Identifier(table)))
        for statement in statements:
            connection.execute(statement.encode())


def test_an_untouched_record_verifies(db: Database, org: UUID) -> None:
    _write(db, org, 7)
    assert audit.seal_all(db) == 7
    _write(db, org, 3)
    report = audit.verify(db, org)
    assert (report.whole, report.leaves, report.seals, report.unsealed, report.anchors) == (True, 7, 1, 3, 1)
    audit.seal_all(db)
    report = audit.verify(db, org)
    assert (report.whole, report.leaves, report.seals, report.unsealed) == (True, 10, 2, 0)


def test_a_record_that_is_sealed_again_and_again_while_it_is_verified_is_whole(
    db: Database, org: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(read: Callable[..., Any]) -> Callable[..., Any]:
        """Have somebody act, and what was done sealed, right before and right after something is read."""

        def reading(*given: object) -> object:
            _write(db, org, 1)
            audit.seal(db, org)
            found = read(*given)
            _write(db, org, 1)
            audit.seal(db, org)
            return found

        return reading

    for where, name in ((queries, "seals"), (queries, "count_unsealed"), (queries, "links"), (anchoring, "kept")):
        monkeypatch.setattr(where, name, busy(getattr(where, name)))
    report = audit.verify(db, org)
    assert report.fault is None
    assert (report.anchors, report.seals, report.leaves) == (1, 2, 2)


def test_a_rolled_back_act_leaves_no_event(db: Database, org: UUID) -> None:
    def act() -> None:
        with db.begin(org) as uow:
            audit.record(uow, None, "test.happened", "test", None)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        act()
    assert audit.seal_all(db) == 0


@pytest.mark.parametrize("table", ["audit_event", "audit_leaf", "audit_seal"])
@pytest.mark.parametrize("change", ["update {} set updated_at = now()", "delete from {}", "truncate {}"])
def test_the_database_refuses_changes(db: Database, org: UUID, table: str, change: str) -> None:
    _write(db, org, 1)
    audit.seal_all(db)
    with as_owner(db.url, autocommit=False) as connection, pytest.raises(errors.RestrictViolation):
        connection.execute(sql.SQL(change).format(sql.Identifier(table)))  # pyright: ignore[reportArgumentType] literals above


FLIP = (
    "update audit_event set body = set_byte(body, 5, 120) where id = "
    "(select source_id from audit_leaf where position = 4)"
)
INSERT = (
    "insert into audit_leaf (org_id, position, source, source_id, digest, chain) "
    "select org_id, 11, source, uuidv7(), digest, chain from audit_leaf where position = 10"
)
CHANGES: dict[str, tuple[tuple[str, ...], int]] = {
    "one byte of a body": (
        (FLIP,),
        4,
    ),
    "a body and its digest": (
        (
            FLIP,
            "update audit_event set digest = sha256(body)",
        ),
        4,
    ),
    "a middle row deleted": (
        ("delete from audit_event where id = (select source_id from audit_leaf where position = 5)",),
        5,
    ),
    "a middle leaf deleted": (("delete from audit_leaf where position = 5",), 5),
    "two leaves swapped": (
        (
            "update audit_leaf set position = 1000 where position = 3",
            "update audit_leaf set position = 3 where position = 6",
            "update audit_leaf set position = 6 where position = 1000",
        ),
        3,
    ),
    "a leaf inserted": (
        (INSERT,),
        11,
    ),
    "the tail deleted with its seal": (
        (
            "delete from audit_leaf where position > 6",
            "delete from audit_seal where number = 2",
            "delete from audit_event where id not in (select source_id from audit_leaf)",
        ),
        10,
    ),
    "a chain rebuilt without the key": (
        ("update audit_seal set signature = sha256('forged'::bytea) where number = 2",),
        7,
    ),
}


@pytest.mark.parametrize(("statements", "position"), CHANGES.values(), ids=list(CHANGES))
def test_the_verifier_names_the_first_bad_position(
    db: Database, org: UUID, statements: tuple[str, ...], position: int
) -> None:
    _write(db, org, 6)
    audit.seal_all(db)
    _write(db, org, 4)
    audit.seal_all(db)
    assert audit.verify(db, org).whole
    _tamper(db, *statements)
    fault = audit.verify(db, org).fault
    assert fault is not None
    assert fault.position == position


def test_without_anchors_a_cut_tail_cannot_be_seen_and_with_them_it_is(db: Database, org: UUID, tmp_path: Path) -> None:
    _write(db, org, 2)
    audit.seal_all(db)
    _write(db, org, 2)
    audit.seal_all(db)
    _tamper(
        db,
        "delete from audit_leaf where position > 2",
        "delete from audit_seal where number = 2",
        "delete from audit_event where id not in (select source_id from audit_leaf)",
    )
    assert audit.verify(db, org).fault is not None
    (tmp_path / "anchors" / f"{org}.jsonl").unlink()
    assert audit.verify(db, org).whole


def test_two_organisations_have_chains_of_their_own(db: Database, org: UUID, make_org: Callable[[str], UUID]) -> None:
    other = make_org("Other")
    _write(db, org, 3)
    _write(db, other, 2)
    audit.seal_all(db)
    assert (audit.verify(db, org).leaves, audit.verify(db, other).leaves) == (3, 2)


def test_an_act_that_commits_late_is_sealed_all_the_same(db: Database, org: UUID) -> None:
    with db.begin(org) as slow:
        audit.record(slow, None, "test.began", "test", None)
        slow.session.flush()
        _write(db, org, 2)
        assert audit.seal(db, org) == 2
        assert audit.seal(db, org) == 0
    assert audit.seal(db, org) == 1
    assert audit.verify(db, org).whole


def test_what_was_passed_is_not_looked_at_again_but_a_new_process_looks_at_everything(
    db: Database, org: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealer, "SKEW", -timedelta(hours=1))
    _write(db, org, 1)
    assert audit.seal(db, org) == 1
    _write(db, org, 1)
    assert audit.seal(db, org) == 0, "ids up to an hour from now count as passed"
    assert audit.verify(db, org).unsealed == 1
    monkeypatch.setattr(sealer, "_passed", {})
    assert audit.seal(db, org) == 1
