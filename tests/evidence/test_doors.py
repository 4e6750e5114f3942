"""Evidence over HTTP, by its job, and on the command line."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from leadflow.api.app import create_app
from leadflow.audit import service as audit
from leadflow.compliance import service as compliance
from leadflow.kernel.clock import FrozenClock
from leadflow.kernel.db import Database
from leadflow.kernel.errors import Conflict, NotFound
from leadflow.settings import Settings
from models.base import new_id
from models.compliance import ConsentArtefact
from models.vocabulary import JobKind, Role
from tests.compliance.world import NUMBER, World
from tests.configuration import VARIABLES
from tests.evidence.conftest import Case, an_owner, tell_the_story
from tests.evidence.test_packs import VERIFIER, run_verifier, unpack
from tests.identity.people import Team, make_team, signed_in
from tests.owning import as_owner
from workers import evidence as _handlers  # noqa: F401 registers the job
from workers.job import run


@pytest.fixture
def team(db: Database) -> Team:
    """Found an organisation whose record tells the story."""
    team = make_team(db)
    tell_the_story(World(db, team.org_id).build())
    return team


@pytest.fixture
def owner(db: Database, team: Team, settings: Settings) -> httpx.Client:
    """Sign its owner in."""
    return signed_in(create_app(db, settings), team, Role.OWNER)


def run_job(db: Database) -> None:
    with as_owner(db.url) as connection:
        ((job_id,),) = connection.execute(
            "select id from job where kind = %s and state = 'waiting'", [JobKind.EVIDENCE_MAKE.value]
        ).fetchall()
    assert run(db, job_id)


class TestHttp:
    def test_a_pack_is_asked_for_made_and_taken(
        self, db: Database, team: Team, owner: httpx.Client, clock: FrozenClock, tmp_path: Path
    ) -> None:
        clock.advance(timedelta(minutes=1))
        made = owner.post("/api/v1/evidence", json={"of": "phone", "phone": "(312) 555-0105", "since": "", "until": ""})
        assert made.status_code == 201, made.text
        address = f"/api/v1/evidence/{made.json()['id']}"
        (row,) = owner.get("/api/v1/evidence").json()["rows"]
        assert (row["state"], row["about"], row["sha256"]) == ("making", "(312) 555-0105", None)
        assert owner.get(f"{address}/file").status_code == 409
        run_job(db)
        (row,) = owner.get("/api/v1/evidence").json()["rows"]
        assert (row["state"], row["counts"]["receipts"]) == ("ready", 2)
        assert owner.post(f"{address}/unlock", json={}).status_code == 204
        answer = owner.get(f"{address}/file")
        assert hashlib.sha256(answer.content).hexdigest() == row["sha256"] == answer.headers["x-content-sha256"]
        assert answer.headers["content-type"] == "application/zip"
        assert answer.headers["content-disposition"].startswith('attachment; filename="evidence-phone-2026-12-02-')
        (tmp_path / "pack.zip").write_bytes(answer.content)
        code, found = run_verifier(unpack(tmp_path / "pack.zip", tmp_path / "unpacked"))
        assert (code, found["checked"]["receipts"]) == (0, 2)
        with db.begin(team.org_id) as uow:
            acts = [(event.action, event.actor_id) for event in audit.events(uow, action="evidence.").rows]
        assert acts == [(f"evidence.{act}", team.ids[Role.OWNER]) for act in ("downloaded", "made", "asked")]

    def test_the_password_is_asked_for_once_more(self, db: Database, owner: httpx.Client, clock: FrozenClock) -> None:
        pack_id = owner.post("/api/v1/evidence", json={"of": "phone", "phone": NUMBER}).json()["id"]
        run_job(db)
        clock.advance(timedelta(minutes=11))
        owner.post("/api/v1/auth/refresh")
        for answer in (
            owner.post("/api/v1/evidence", json={"of": "phone", "phone": NUMBER}),
            owner.post(f"/api/v1/evidence/{pack_id}/unlock", json={}),
            owner.get(f"/api/v1/evidence/{pack_id}/file"),
        ):
            assert (answer.status_code, answer.json()["error"]["code"]) == (403, "confirm_password")
        assert owner.post("/api/v1/me/confirm", json={"password": "correct horse battery"}).status_code < 300
        assert owner.get(f"/api/v1/evidence/{pack_id}/file").status_code == 200

    @pytest.mark.parametrize(
        ("given", "field"),
        [
            ({"of": "phone"}, "phone"),
            ({"of": "phone", "phone": "12"}, "phone"),
            ({"of": "campaign", "campaign_id": str(new_id())}, "campaign_id"),
            ({"of": "phone", "phone": NUMBER, "since": "2027-01-01"}, "since"),
            ({"of": "phone", "phone": NUMBER, "since": "2026-12-01T10:00:00"}, "since"),
        ],
    )
    def test_what_cannot_be_asked_is_refused_at_its_field(
        self, owner: httpx.Client, given: dict[str, str], field: str
    ) -> None:
        answer = owner.post("/api/v1/evidence", json=given)
        assert answer.status_code == 422
        assert str(answer.json()["error"]["field"]).startswith(field)

    def test_a_decision_is_proved(self, db: Database, team: Team, owner: httpx.Client) -> None:
        audit.seal(db, team.org_id)
        row = owner.get("/api/v1/decisions").json()["rows"][0]
        found = owner.get(f"/api/v1/decisions/{row['id']}/proof").json()
        assert found["holds"] is True
        assert found["anchored"] is True
        assert found["digest"] == row["digest"] == hashlib.sha256(found["body"].encode()).hexdigest()


class TestProof:
    def test_it_waits_for_the_seal_and_does_not_hold_for_what_was_changed(self, case: Case) -> None:
        case.world.cleared()
        with case.db.begin(case.org) as uow:
            row = compliance.decisions(uow, case.owner, _everything(), None, 1).rows[0]
            with pytest.raises(Conflict):
                compliance.prove(uow, case.owner, row.id)
            with pytest.raises(NotFound):
                compliance.prove(uow, case.owner, new_id())
        audit.seal(case.db, case.org)
        with case.db.begin(case.org) as uow:
            assert compliance.prove(uow, case.owner, row.id).holds
        with as_owner(case.db.url) as connection:
            connection.execute("alter table decision disable trigger user")
            connection.execute("update decision set body = set_byte(body, 9, 1) where id = %s", [row.id])
        with case.db.begin(case.org) as uow:
            assert not compliance.prove(uow, case.owner, row.id).holds

    def test_the_stand_alone_verifier_follows_the_same_path(self, case: Case) -> None:
        standalone: dict[str, Any] = {"__name__": "verify", "__file__": str(VERIFIER)}
        exec(compile(VERIFIER.read_text(), "verify.py", "exec"), standalone)  # noqa: S102 our own file, as a pack ships it
        with case.db.begin(case.org) as uow:
            row = compliance.decisions(uow, case.owner, _everything(), None, 1).rows[0]
            proof = compliance.prove(uow, case.owner, row.id)
        path = [bytes.fromhex(one) for one in proof.path]
        root = standalone["root_from"](bytes.fromhex(proof.digest), proof.index, proof.size, path)
        assert root.hex() == proof.merkle_root
        assert standalone["root_from"](bytes.fromhex(proof.digest), proof.index, proof.size, path[:-1]) is None

    def test_it_reads_receipts_of_the_first_format(self) -> None:
        standalone: dict[str, Any] = {"__name__": "verify", "__file__": str(VERIFIER)}
        exec(compile(VERIFIER.read_text(), "verify.py", "exec"), standalone)  # noqa: S102 our own file, as a pack ships it
        fault = standalone["verdict_fault"]
        rules = {"pass": ["a"], "fail": ["b"], "unknown": ["c"]}
        assert fault({"verdict": "blocked", "rules": rules, "reasons": ["c", "b"]}) is None
        assert fault({"verdict": "sendable", "rules": rules, "reasons": ["c", "b"]}) is not None
        assert fault({"verdict": "blocked", "rules": rules, "reasons": ["b"]}) is not None
        assert fault({"verdict": "later", "rules": rules, "reasons": ["b", "c"]}) is not None
        assert fault({"verdict": "sendable", "rules": {**rules, "fail": [], "unknown": []}, "reasons": []}) is None


def _everything() -> Any:
    from leadflow.compliance.types import DecisionFilter  # noqa: PLC0415 only here

    return DecisionFilter()


class TestCommandLine:
    def _run(self, case: Case, settings: Settings, *arguments: str) -> tuple[int, Any]:
        environment = VARIABLES | {
            "DATABASE_URL": case.db.url,
            "LF_DATA_DIR": str(settings.data_dir),
            "LF_ANCHOR_DIR": str(settings.anchor_dir),
        }
        command = [sys.executable, "-m", "leadflow.cli.main", *arguments, "--org", str(case.org), "--json"]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
        return done.returncode, json.loads(done.stdout)

    def test_it_writes_a_pack_that_holds(self, case: Case, settings: Settings, tmp_path: Path) -> None:
        out = tmp_path / "pack.zip"
        # The command's clock is the machine's own: the story lies in its future, so it asks for a range by instants.
        span = ("--from", "2020-01-01", "--to", "2036-12-31")
        code, found = self._run(case, settings, "compliance", "evidence", "--phone", NUMBER, *span, "--out", str(out))
        assert code == 0, found
        assert found["sha256"] == hashlib.sha256(out.read_bytes()).hexdigest()
        assert run_verifier(unpack(out, tmp_path / "unpacked"))[0] == 0
        code, found = self._run(case, settings, "compliance", "evidence", "--phone", NUMBER, "--out", str(out))
        assert (code, found["error"]["field"]) == (1, "out")

    def test_it_wants_one_subject(self, case: Case, settings: Settings, tmp_path: Path) -> None:
        code, found = self._run(case, settings, "compliance", "evidence", "--out", str(tmp_path / "x.zip"))
        assert (code, found["error"]["code"]) == (1, "invalid")


def test_an_owner_of_another_house_proves_nothing_of_ours(case: Case, another: World) -> None:
    rival = an_owner(another)
    with case.db.begin(case.org) as uow:
        row = compliance.decisions(uow, case.owner, _everything(), None, 1).rows[0]
    with case.db.begin(another.org) as uow, pytest.raises(NotFound):
        compliance.prove(uow, rival, row.id)


def test_a_pack_holds_the_document_that_a_consent_rests_on(case: Case, tmp_path: Path) -> None:
    content = b"%PDF-1.7 I agree to texts. Ann Oak"
    sha256 = hashlib.sha256(content).hexdigest()
    case.world.add(
        ConsentArtefact(
            org_id=case.org,
            sha256=sha256,
            media_type="application/pdf",
            filename="../../evil.pdf",
            size=len(content),
            content=content,
            added_at=case.world.clock.now(),
        )
    )
    with as_owner(case.db.url) as connection:
        connection.execute("alter table consent disable trigger user")
        connection.execute("update consent set artefact_sha256 = %s where id = %s", [sha256, case.world.consent])
    folder = unpack(case.pack(tmp_path / "p.zip"), tmp_path / "p")
    assert (folder / f"ledger/artefacts/{sha256}.pdf").read_bytes() == content
    code, found = run_verifier(folder)
    assert (code, found["checked"]["artefacts"]) == (0, 1)
