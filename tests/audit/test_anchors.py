"""Copies of the seals outside the database: in a locked bucket, in a folder, in a mail; none of them stops sealing."""

from __future__ import annotations

import json
from collections.abc import Generator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from uuid import UUID

import pytest

from leadflow.audit import service as audit
from leadflow.audit.providers.bucket import Store
from leadflow.audit.service import anchoring
from leadflow.audit.types import Bucket
from leadflow.evidence import service as evidence
from leadflow.kernel.clock import FrozenClock
from leadflow.kernel.db import Database
from leadflow.kernel.errors import Conflict, Transient
from models.vocabulary import MailKind, Role
from tests.audit.bucket import LockedBucket, serving
from tests.identity.people import mails, make_team
from tests.owning import as_owner


def happen(db: Database, org: UUID) -> None:
    with db.begin(org) as uow:
        audit.record(uow, None, "test.happened", "test", None)


@pytest.fixture
def bucket(db: Database, monkeypatch: pytest.MonkeyPatch) -> Generator[LockedBucket]:
    """Give this process a bucket, and no folder."""
    assert db
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setattr(anchoring, "_anchored", {})
    with serving() as served:
        audit.configure(
            replace(audit.sealing(), anchor_dir=None, bucket=Bucket("anchors", served.url, kept=timedelta(days=10)))
        )
        yield served


@pytest.fixture
def cries(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Note what the log cries out about."""
    heard: list[str] = []

    def cry(event: str, *, org_id: str, where: str) -> None:
        assert (event, UUID(org_id).version) == ("audit.anchor_failed", 7)
        heard.append(where)

    monkeypatch.setattr(anchoring, "log", SimpleNamespace(exception=cry))
    return heard


class TestBucket:
    def test_each_seal_is_copied_once_and_locked_for_its_time(
        self, db: Database, org: UUID, bucket: LockedBucket, clock: FrozenClock
    ) -> None:
        for _ in range(3):
            happen(db, org)
            audit.seal(db, org)
            assert audit.anchor_all(db) == 1
        assert audit.anchor_all(db) == 0
        assert sorted(bucket.objects) == [f"/anchors/{org}/{number:012d}.jsonl" for number in (1, 2, 3)]
        until = (clock.now() + timedelta(days=10)).strftime("%Y-%m-%dT%H:%M:%S")
        assert all(said.startswith(until) for said in bucket.until.values())
        report = audit.verify(db, org)
        assert (report.whole, report.anchors) == (True, 3)

    def test_a_new_process_goes_on_where_the_bucket_ends(
        self, db: Database, org: UUID, bucket: LockedBucket, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for _ in range(4):
            happen(db, org)
            audit.seal(db, org)
        assert audit.anchor_all(db) == 4
        monkeypatch.setattr(anchoring, "_anchored", {})
        assert audit.anchor_all(db) == 0
        happen(db, org)
        audit.seal(db, org)
        assert audit.anchor_all(db) == 1
        assert len(bucket.objects) == 2

    def test_a_tail_that_was_cut_is_seen_by_the_bucket(self, db: Database, org: UUID, bucket: LockedBucket) -> None:
        for _ in range(2):
            happen(db, org)
            audit.seal(db, org)
        audit.anchor_all(db)
        with as_owner(db.url) as connection:
            for table in ("audit_event", "audit_leaf", "audit_seal"):
                connection.execute(f"alter table {table} disable trigger user".encode())
            connection.execute(
                "delete from audit_event where id in (select source_id from audit_leaf where position = 2)"
            )
            connection.execute("delete from audit_leaf where position = 2")
            connection.execute("delete from audit_seal where number = 2")
        fault = audit.verify(db, org).fault
        assert fault is not None
        assert (fault.position, fault.what) == (2, "seal 2 is anchored but gone: the tail was cut")
        assert bucket.objects

    def test_a_bucket_that_is_down_stops_nothing_and_is_caught_up(
        self, db: Database, org: UUID, bucket: LockedBucket, cries: list[str]
    ) -> None:
        bucket.down = True
        happen(db, org)
        assert audit.seal(db, org) == 1
        assert audit.anchor_all(db) == 0
        assert cries == ["bucket"]
        with pytest.raises(Transient):
            audit.verify(db, org)
        bucket.down = False
        assert audit.anchor_all(db) == 1
        assert audit.verify(db, org).whole

    def test_an_answer_that_was_lost_is_no_second_anchor(self, db: Database, org: UUID, bucket: LockedBucket) -> None:
        bucket.forgets = True
        happen(db, org)
        audit.seal(db, org)
        assert audit.anchor_all(db) == 1
        assert len(bucket.objects) == 1

    def test_nothing_in_it_can_be_written_over(self, org: UUID, bucket: LockedBucket, clock: FrozenClock) -> None:
        store = Store(Bucket("anchors", bucket.url))
        store.put(org, "000000000001", b"first", clock.now())
        store.put(org, "000000000001", b"first", clock.now())
        with pytest.raises(Conflict):
            store.put(org, "000000000001", b"other", clock.now())
        assert store.get(org, "000000000001") == b"first"

    def test_a_server_that_is_not_there_is_told(self, org: UUID, bucket: LockedBucket) -> None:
        assert bucket
        with pytest.raises(Transient, match="does not answer"):
            list(Store(Bucket("anchors", "http://127.0.0.1:1")).names(org))


def test_a_folder_that_cannot_be_written_stops_no_sealing(
    db: Database, org: UUID, tmp_path: Path, cries: list[str]
) -> None:
    (tmp_path / "file").write_text("in the way")
    audit.configure(replace(audit.sealing(), anchor_dir=tmp_path / "file" / "anchors"))
    happen(db, org)
    assert audit.seal(db, org) == 1
    assert cries == ["folder"]


def test_owners_get_the_head_once_a_day_and_it_serves_as_an_anchor(
    db: Database, clock: FrozenClock, tmp_path: Path
) -> None:
    team = make_team(db)
    audit.seal_all(db)
    assert evidence.mail_heads(db) == 1
    assert evidence.mail_heads(db) == 0
    clock.advance(timedelta(days=1, seconds=1))
    assert evidence.mail_heads(db) == 0, "nothing was added to the record since"
    happen(db, team.org_id)
    audit.seal_all(db)
    assert evidence.mail_heads(db) == 1
    (first, text), (second, _) = mails(db, MailKind.CHAIN_HEAD)
    assert first == second == team.emails[Role.OWNER]
    (line,) = [one for one in text.splitlines() if one.startswith("{")]
    kept = tmp_path / "mailed.jsonl"
    kept.write_text(line + "\n")
    assert json.loads(line)["number"] == 1
    report = audit.verify(db, team.org_id, audit.anchors_in(kept))
    assert (report.whole, report.anchors) == (True, 3)
