# ruff: noqa: S608 every statement is made of constants of this file
"""S18: whatever an administrator of the database changes, the verifier names the first place, and the command fails.

The record here holds three seals: positions 1 to 6, 7 to 10 and 11 to 12. Acts stand at all of them but 8, where a
decision of the gate stands. Each case names what is done and the first position that does not hold any more.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import typer
from psycopg import sql

from leadflow.audit import service as audit
from leadflow.audit.rules import ZERO, digest_of, link, merkle_root, seal_body, sign
from leadflow.cli import audit as command
from leadflow.cli.desk import Desk
from leadflow.identity.types import Principal
from leadflow.kernel.db import Database
from leadflow.kernel.errors import Invalid
from models.base import new_id
from models.compliance import Decision
from models.vocabulary import Channel, Purpose, Role, Verdict
from tests.configuration import VARIABLES
from tests.owning import as_owner

KEY = json.loads(VARIABLES["LF_AUDIT_SEAL_KEYS"])["test"].encode()
TABLES = ("audit_event", "audit_leaf", "audit_seal", "decision")


def write(db: Database, org: UUID, count: int) -> None:
    with db.begin(org) as uow:
        for number in range(count):
            audit.record(uow, None, "test.happened", "test", None, {"number": number})


def decide(db: Database, org: UUID) -> None:
    body = b'{"verdict":"blocked"}'
    with db.begin(org) as uow:
        uow.session.add(
            Decision(
                org_id=org,
                at=uow.now(),
                channel=Channel.TEXT,
                purpose=Purpose.CAMPAIGN,
                verdict=Verdict.BLOCKED,
                policy_version="x",
                phone_key=b"k" * 32,
                body=body,
                digest=digest_of(body),
            )
        )


@pytest.fixture
def record(db: Database, org: UUID) -> UUID:
    """Write and seal twelve entries."""
    write(db, org, 6)
    audit.seal_all(db)
    write(db, org, 1)
    decide(db, org)
    write(db, org, 2)
    audit.seal_all(db)
    write(db, org, 2)
    audit.seal_all(db)
    report = audit.verify(db, org)
    assert (report.whole, report.leaves, report.seals, report.anchors) == (True, 12, 3, 3)
    return org


@contextmanager
def administrator(db: Database) -> Generator[Any]:
    """Change the record as the owner of the database can: with the triggers off."""
    with as_owner(db.url, autocommit=False) as connection:
        for table in TABLES:
            connection.execute(sql.SQL("alter table {} disable trigger user").format(sql.Identifier(table)))
        yield connection


def at(position: int) -> str:
    return f"(select source_id from audit_leaf where position = {position})"


def flip(table: str, column: str, where: str, byte: int = 5) -> str:
    return f"update {table} set {column} = set_byte({column}, {byte}, get_byte({column}, {byte}) # 1) where {where}"


SWAP = "update {0} set {1} = case {1} when {2} then {3} else {2} end where {1} in ({2}, {3})"
CHANGES: dict[str, tuple[int, tuple[str, ...]]] = {
    # One byte
    "a byte of an act": (4, (flip("audit_event", "body", f"id = {at(4)}"),)),
    "the last byte of an act": (
        4,
        (f"update audit_event set body = set_byte(body, length(body) - 1, 0) where id = {at(4)}",),
    ),
    "a byte of a decision": (8, (flip("decision", "body", f"id = {at(8)}"),)),
    "a byte of an act's digest": (4, (flip("audit_event", "digest", f"id = {at(4)}"),)),
    "a byte of a decision's digest": (8, (flip("decision", "digest", f"id = {at(8)}"),)),
    "an act and its digest": (
        4,
        (
            flip("audit_event", "body", f"id = {at(4)}"),
            f"update audit_event set digest = sha256(body) where id = {at(4)}",
        ),
    ),
    "an act, its digest and its leaf": (
        4,
        (
            flip("audit_event", "body", f"id = {at(4)}"),
            f"update audit_event set digest = sha256(body) where id = {at(4)}",
            "update audit_leaf l set digest = e.digest from audit_event e where e.id = l.source_id",
        ),
    ),
    "a byte of a leaf's digest": (9, (flip("audit_leaf", "digest", "position = 9"),)),
    "a byte of a leaf's chain": (9, (flip("audit_leaf", "chain", "position = 9"),)),
    "a byte of the last leaf's chain": (12, (flip("audit_leaf", "chain", "position = 12"),)),
    "a byte of a seal's root": (7, (flip("audit_seal", "merkle_root", "number = 2"),)),
    "a byte of a seal's head": (7, (flip("audit_seal", "head", "number = 2"),)),
    "a byte of what a seal calls the one before": (7, (flip("audit_seal", "previous", "number = 2"),)),
    "a byte of a seal's signature": (7, (flip("audit_seal", "signature", "number = 2"),)),
    "a byte of the last seal's signature": (11, (flip("audit_seal", "signature", "number = 3"),)),
    "the instant of a seal": (
        7,
        ("update audit_seal set sealed_at = sealed_at + interval '1 microsecond' where number = 2",),
    ),
    "the key's name of a seal": (7, ("update audit_seal set key_id = 'other' where number = 2",)),
    "where a seal begins": (7, ("update audit_seal set first_position = 8 where number = 2",)),
    "where a seal ends, sooner": (7, ("update audit_seal set last_position = 9 where number = 2",)),
    "where a seal ends, before it begins": (7, ("update audit_seal set last_position = 2 where number = 2",)),
    "where a seal ends, later": (7, ("update audit_seal set last_position = 11 where number = 2",)),
    # A row deleted
    "a middle act deleted": (5, (f"delete from audit_event where id = {at(5)}",)),
    "a middle decision deleted": (8, (f"delete from decision where id = {at(8)}",)),
    "a middle leaf deleted": (5, ("delete from audit_leaf where position = 5",)),
    "an act and its leaf deleted": (
        5,
        (f"delete from audit_event where id = {at(5)}", "delete from audit_leaf where position = 5"),
    ),
    "an act and its leaf deleted, the others moved up": (
        5,
        (
            f"delete from audit_event where id = {at(5)}",
            "delete from audit_leaf where position = 5",
            *(f"update audit_leaf set position = {n - 1} where position = {n}" for n in range(6, 13)),
        ),
    ),
    "a middle seal deleted": (7, ("delete from audit_seal where number = 2",)),
    "the first seal deleted": (1, ("delete from audit_seal where number = 1",)),
    "every seal deleted": (1, ("delete from audit_seal",)),
    # The tail
    "the last act deleted": (12, (f"delete from audit_event where id = {at(12)}",)),
    "the last leaf deleted": (12, ("delete from audit_leaf where position = 12",)),
    "the last seal deleted": (11, ("delete from audit_seal where number = 3",)),
    "the tail deleted with its seal": (
        12,
        (
            "delete from audit_event where id in (select source_id from audit_leaf where position > 10)",
            "delete from audit_leaf where position > 10",
            "delete from audit_seal where number = 3",
        ),
    ),
    "everything deleted": (
        6,
        ("delete from audit_event", "delete from decision", "delete from audit_leaf", "delete from audit_seal"),
    ),
    # Two swapped
    "two leaves swapped": (
        3,
        (
            "update audit_leaf set position = 1000 where position = 3",
            "update audit_leaf set position = 3 where position = 6",
            "update audit_leaf set position = 6 where position = 1000",
        ),
    ),
    "what two acts say swapped": (
        3,
        (
            (
                "update audit_event e set body = o.body, digest = o.digest from audit_event o "
                f"where (e.id, o.id) in (({at(3)}, {at(6)}), ({at(6)}, {at(3)}))"
            ),
        ),
    ),
    "two seals swapped": (
        7,
        (
            "update audit_seal set number = 1000 where number = 2",
            "update audit_seal set number = 2 where number = 3",
            "update audit_seal set number = 3 where number = 1000",
        ),
    ),
    # One inserted
    "a leaf inserted at the end": (
        13,
        (
            (
                "insert into audit_leaf (org_id, position, source, source_id, digest, chain) "
                "select org_id, 13, source, uuidv7(), digest, chain from audit_leaf where position = 12"
            ),
        ),
    ),
    # Its own link follows from the one before: the next is the first that does not hold any more.
    "an act inserted in the middle": (
        6,
        (
            *(f"update audit_leaf set position = {n + 1} where position = {n}" for n in range(12, 4, -1)),
            (
                "insert into audit_event (org_id, id, at, action, subject_kind, body, digest, detail) select org_id, "
                f"uuidv7(), at, action, subject_kind, body || ' ', sha256(body || ' '), detail "
                f"from audit_event where id = {at(4)}"
            ),
            (
                "insert into audit_leaf (org_id, position, source, source_id, digest, chain) "
                "select l.org_id, 5, 'event', e.id, e.digest, sha256(l.chain || e.digest) "
                "from audit_leaf l, audit_event e where l.position = 4 "
                "and not exists (select 1 from audit_leaf x where x.source_id = e.id)"
            ),
        ),
    ),
    "a seal inserted": (
        13,
        (
            (
                "insert into audit_seal (org_id, number, first_position, last_position, merkle_root, head, previous, "
                "sealed_at, key_id, signature) "
                "select org_id, 4, 13, 13, merkle_root, head, signature, sealed_at, key_id, signature "
                "from audit_seal where number = 3"
            ),
        ),
    ),
}


@pytest.mark.parametrize(("position", "statements"), CHANGES.values(), ids=list(CHANGES))
def test_the_first_bad_position_is_named_and_the_command_fails(
    db: Database,
    record: UUID,
    position: int,
    statements: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with administrator(db) as connection:
        for statement in statements:
            connection.execute(statement)
    found = verified(db, record, monkeypatch, capsys)
    assert found["whole"] is False
    assert found["fault"]["position"] == position, found["fault"]


def verified(
    db: Database,
    org: UUID,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    anchors: Path | None = None,
) -> dict[str, Any]:
    """Run ``leadflow audit verify --json`` and hold its exit code against what it says."""

    @contextmanager
    def sit_down(_org: str | None = None) -> Generator[Desk]:
        yield Desk(db, Principal(user_id=None, org_id=org, role=Role.OWNER))

    monkeypatch.setattr(command, "desk", sit_down)
    code = 0
    try:
        command.verify(anchors=anchors, as_json=True)
    except typer.Exit as left:
        code = left.exit_code
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert code == (0 if found["whole"] else 1)
    return found


def rebuild(connection: Any, key: bytes, forge: Callable[[bytes], bytes]) -> None:
    """Forge the act at position 4 and compute everything behind it anew, as whoever knows the rules could."""
    org, event, body = connection.execute(f"select org_id, id, body from audit_event where id = {at(4)}").fetchall()[0]
    forged = forge(bytes(body))
    connection.execute(
        "update audit_event set body = %s, digest = %s where id = %s", [forged, digest_of(forged), event]
    )
    connection.execute("update audit_leaf set digest = %s where source_id = %s", [digest_of(forged), event])
    chain, previous = ZERO, ZERO
    seals = connection.execute(
        "select number, first_position, last_position, sealed_at from audit_seal order by number"
    ).fetchall()
    for number, first, last, sealed_at in seals:
        digests = [
            bytes(row[0])
            for row in connection.execute(
                "select digest from audit_leaf where position between %s and %s order by position", [first, last]
            ).fetchall()
        ]
        for position, digest in enumerate(digests, first):
            chain = link(chain, digest)
            connection.execute("update audit_leaf set chain = %s where position = %s", [chain, position])
        root = merkle_root(digests)
        parts: dict[str, Any] = {"number": number, "first": first, "last": last, "root": root, "head": chain}
        signature = sign(key, seal_body(org_id=str(org), **parts, previous=previous, sealed_at=sealed_at))
        connection.execute(
            "update audit_seal set merkle_root = %s, head = %s, previous = %s, signature = %s where number = %s",
            [root, chain, previous, signature, number],
        )
        previous = signature


def forge(body: bytes) -> bytes:
    return body.replace(b'"number":3', b'"number":9')


def test_a_chain_rebuilt_without_the_key_is_named(
    db: Database, record: UUID, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with administrator(db) as connection:
        rebuild(connection, b"a key of the forger's own", forge)
    fault = verified(db, record, monkeypatch, capsys)["fault"]
    assert (fault["position"], fault["what"]) == (1, "seal 1 does not bear its signature")


def test_a_chain_rebuilt_with_the_key_is_seen_by_the_anchors_only(
    db: Database, record: UUID, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = tmp_path / "anchors" / f"{record}.jsonl"
    copy = tmp_path / "kept-elsewhere.jsonl"
    copy.write_bytes(kept.read_bytes())
    with administrator(db) as connection:
        rebuild(connection, KEY, forge)
    fault = verified(db, record, monkeypatch, capsys)["fault"]
    assert (fault["position"], fault["what"]) == (1, "seal 1 differs from its anchor")
    kept.unlink()
    assert verified(db, record, monkeypatch, capsys)["whole"], "who has database, key and anchors can forge"
    fault = verified(db, record, monkeypatch, capsys, anchors=copy)["fault"]
    assert (fault["position"], fault["what"]) == (1, "seal 1 differs from its anchor")


def test_a_cut_tail_is_seen_by_anchors_that_were_kept_elsewhere(
    db: Database, record: UUID, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = tmp_path / "anchors" / f"{record}.jsonl"
    copy = tmp_path / "kept-elsewhere.jsonl"
    copy.write_bytes(kept.read_bytes())
    lines = kept.read_bytes().splitlines(keepends=True)
    kept.write_bytes(b"".join(lines[:2]))
    with administrator(db) as connection:
        for statement in CHANGES["the tail deleted with its seal"][1]:
            connection.execute(statement)
    assert verified(db, record, monkeypatch, capsys)["whole"]
    fault = verified(db, record, monkeypatch, capsys, anchors=copy)["fault"]
    assert (fault["position"], fault["what"]) == (12, "seal 3 is anchored but gone: the tail was cut")


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_changed_anchor_is_named(
    db: Database,
    record: UUID,
    tmp_path: Path,
    number: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    kept = tmp_path / "anchors" / f"{record}.jsonl"
    rows = [json.loads(line) for line in kept.read_text().splitlines()]
    signature = rows[number - 1]["signature"]
    rows[number - 1]["signature"] = ("0" if signature[0] != "0" else "1") + signature[1:]
    kept.write_text("".join(json.dumps(row) + "\n" for row in rows))
    fault = verified(db, record, monkeypatch, capsys)["fault"]
    assert (fault["position"], fault["what"]) == ({1: 1, 2: 7, 3: 11}[number], f"seal {number} differs from its anchor")


def test_a_file_that_holds_no_anchors_is_refused_by_its_line(
    db: Database, record: UUID, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = tmp_path / "bad.jsonl"
    bad.write_text('{"number": 1, "signature": "00"}\n\nnonsense\n')
    with pytest.raises(Invalid, match=r"Line 3 of bad\.jsonl"):
        verified(db, record, monkeypatch, capsys, anchors=bad)


def test_each_seal_is_found_among_its_anchors(db: Database, record: UUID) -> None:
    for _ in range(30):
        write(db, record, 1)
        audit.seal_all(db)
    with db.begin(record) as uow, uow.cursor() as cursor:
        cursor.execute("select source_id from audit_leaf where source = 'event' order by position")
        ids = [row[0] for row in cursor.fetchall()]
        assert all((proof := audit.prove(uow, "event", one)) and proof.anchored and proof.holds for one in ids)
        assert audit.prove(uow, "event", new_id()) is None
