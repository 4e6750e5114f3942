"""The gate's answers over HTTP and on the command line."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from leadflow.api.app import create_app
from leadflow.audit import service as audit
from leadflow.compliance import service as compliance
from leadflow.identity.types import Principal
from leadflow.jobs.types import Claim
from leadflow.settings import Settings
from models.base import new_id
from models.identity import Membership, User
from models.vocabulary import JobKind, MessageState, Purpose, Role, SuppressionKind
from tests.asgi import program
from tests.compliance.world import NUMBER, World
from tests.configuration import VARIABLES
from tests.owning import as_owner
from workers.compliance import fan_out

Sign = Callable[[Role], httpx.Client]


@pytest.fixture
def sign(world: World, settings: Settings, token_of: Callable[[Principal], str]) -> Sign:
    """Call in a role; who that is was settled at the door."""

    def of(role: Role) -> httpx.Client:
        who = Principal(user_id=None, org_id=world.org, role=role)
        return program(create_app(world.db, settings), token_of(who))

    return of


class TestHttp:
    def test_a_decision_is_listed_and_opens(self, world: World, sign: Sign) -> None:
        world.add(world.a_suppression(SuppressionKind.OPT_OUT))
        world.cleared()
        call = sign(Role.OWNER)
        page = call.get("/api/v1/decisions", params={"verdict": "blocked", "phone": "(312) 555-0105"}).json()
        assert [row["reasons"] for row in page["rows"]] == [["opted_out"]]
        found = call.get(f"/api/v1/decisions/{page['rows'][0]['id']}").json()
        assert {rule["rule"]: rule["outcome"] for rule in found["rules"]}["opted_out"] == "fail"
        assert found["body"]["facts"]["suppressions"] == ["opt_out"]
        assert found["sealed"] is False

    def test_an_explanation_is_one_document(self, world: World, sign: Sign) -> None:
        world.add(world.a_suppression(SuppressionKind.LITIGATOR))
        found = sign(Role.AUDITOR).get("/api/v1/explain", params={"phone": NUMBER}).json()
        assert found["phone"] == "+1******0105"
        assert (found["verdict"], found["reasons"]) == ("blocked", ["litigator"])
        assert found["sentence"].startswith("A text may not go out now. The number belongs to a known litigator.")

    def test_an_instant_without_an_offset_is_refused(self, sign: Sign) -> None:
        answer = sign(Role.OWNER).get("/api/v1/explain", params={"phone": NUMBER, "at": "2026-12-02T18:00:00"})
        assert answer.status_code == 422

    def test_a_suppression_is_added_and_listed(self, world: World, sign: Sign) -> None:
        call = sign(Role.OWNER)
        made = call.post("/api/v1/suppressions", json={"kind": "internal_dnc", "phone": NUMBER, "note": "She rang."})
        assert made.status_code == 201
        assert "internal_dnc" in world.assessed().reasons
        rows = call.get("/api/v1/suppressions", params={"phone": NUMBER}).json()["rows"]
        assert {row["kind"] for row in rows} == {"internal_dnc"}

    def test_a_suppression_names_somebody(self, sign: Sign) -> None:
        answer = sign(Role.OWNER).post("/api/v1/suppressions", json={"kind": "internal_dnc"})
        assert answer.status_code == 422

    def test_a_consent_is_recorded_and_listed(self, world: World, sign: Sign) -> None:
        call = sign(Role.OWNER)
        headers = {"Content-Type": "application/octet-stream", "X-Filename": "form%20of%20Ann.txt"}
        kept = call.post("/api/v1/consents/artefacts", content=b"I agree. Ann Oak", headers=headers).json()
        given = {
            "artefact_sha256": kept["sha256"],
            "phone": NUMBER,
            "basis": "written_consent",
            "purpose": "offers",
            "shown_text": "I agree.",
            "source": "paper form",
            "given_at": (world.clock.now() - timedelta(days=1)).isoformat(),
        }
        assert call.post("/api/v1/consents", json=given).status_code == 201
        rows = call.get("/api/v1/consents", params={"phone": NUMBER}).json()["rows"]
        assert [row["source"] for row in rows] == ["paper form", "form"]
        assert [row["state"] for row in rows] == ["standing", "standing"]
        handed = call.get(f"/api/v1/consents/artefacts/{kept['sha256']}")
        assert handed.content == b"I agree. Ann Oak"
        assert handed.headers["content-disposition"] == "attachment; filename*=UTF-8''form%20of%20Ann.txt"
        assert handed.headers["x-content-type-options"] == "nosniff"
        assert (
            call.post(f"/api/v1/consents/{rows[0]['id']}/revoke", json={"why": "Said so on the phone"}).status_code
            == 204
        )
        assert call.post(f"/api/v1/consents/{rows[0]['id']}/revoke", json={"why": "Again"}).status_code == 409
        revoked = call.get("/api/v1/consents", params={"phone": NUMBER, "state": "revoked"}).json()["rows"]
        assert [row["id"] for row in revoked] == [rows[0]["id"]]

    def test_rules_and_overview_answer(self, world: World, sign: Sign) -> None:
        world.cleared()
        call = sign(Role.AUDITOR)
        assert len(call.get("/api/v1/compliance/rules").json()["rules"]) > 30
        assert call.get("/api/v1/compliance/overview").json()["by_verdict"] == {"sendable": 1}

    def test_the_record_is_verified(self, world: World, sign: Sign) -> None:
        world.cleared()
        audit.seal(world.db, world.org)
        found = sign(Role.AUDITOR).get("/api/v1/audit/verify").json()
        assert found["whole"] is True
        assert found["leaves"] == 2, "the decision, and the book of rules it was made under"
        assert sign(Role.AGENT).get("/api/v1/audit/verify").status_code == 403


def test_an_opt_out_takes_back_what_is_queued_and_is_noted_on_the_lead(world: World) -> None:
    with world.db.begin(world.org) as uow:
        found = compliance.opt_out(uow, NUMBER, source="inbound", evidence={}, now=uow.now())
    with world.db.begin() as uow, uow.cursor() as cursor:
        cursor.execute("select payload from job where id = %s", [found.job_id])
        row = cursor.fetchone()
    assert row is not None
    claim = Claim(found.job_id, world.org, JobKind.OPT_OUT_FANOUT, row[0], 1, 1, 5, None)
    fan_out(world.db, claim)
    with world.db.begin(world.org) as uow, uow.cursor() as cursor:
        cursor.execute("select state from message where org_id = %s and id = %s", [world.org, world.message])
        assert cursor.fetchall() == [(MessageState.WITHDRAWN.value,)]
        cursor.execute("select kind, summary from activity where org_id = %s and lead_id = %s", [world.org, world.lead])
        assert cursor.fetchall() == [("opt_out", "Opted out; 1 number is closed.")]


class TestCommandLine:
    @pytest.fixture
    def owned(self, world: World) -> World:
        """Give the organisation an owner, as whom the command line acts."""
        user = User(email=f"{new_id()}@example.com", name="Olive", password_hash="")
        world.add_account(user)
        world.add(Membership(org_id=world.org, user_id=user.id, role=Role.OWNER))
        return world

    def _run(self, world: World, settings: Settings, *arguments: str) -> tuple[int, Any]:
        environment = VARIABLES | {
            "DATABASE_URL": world.db.url,
            "LF_DATA_DIR": str(settings.data_dir),
            "LF_ANCHOR_DIR": str(settings.anchor_dir),
        }
        command = [sys.executable, "-m", "leadflow.cli.main", *arguments, "--org", str(world.org), "--json"]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
        return done.returncode, json.loads(done.stdout)

    def test_it_enters_lists_and_revokes_a_consent(self, owned: World, settings: Settings, tmp_path: Path) -> None:
        form = tmp_path / "form.txt"
        form.write_text("I agree to texts. Ann Oak")
        # The command has the real clock.
        given = "2026-11-02T12:00:00Z"
        said = ("--shown", "I agree to texts.", "--source", "paper form", "--given-at", given)
        consent = ("compliance", "consent")
        code, refused = self._run(owned, settings, *consent, "add", NUMBER, *said)
        assert (code, refused["error"]["field"]) == (1, "artefact_sha256")
        code, made = self._run(owned, settings, *consent, "add", NUMBER, *said, "--artefact", str(form))
        assert code == 0
        code, _ = self._run(owned, settings, *consent, "revoke", made["id"], "--why", "Said so on the phone")
        assert code == 0
        _, rows = self._run(owned, settings, *consent, "list", NUMBER, "--state", "revoked")
        assert [row["id"] for row in rows] == [made["id"]]

    def test_it_explains_a_number(self, owned: World, settings: Settings) -> None:
        owned.add(owned.a_suppression(SuppressionKind.OPT_OUT))
        at = (owned.clock.now() + timedelta(minutes=1)).isoformat()
        code, found = self._run(owned, settings, "explain", "(312) 555-0105", "--at", at)
        assert code == 0
        assert found["phone"] == NUMBER
        assert "opted_out" in found["reasons"]

    def test_it_tells_a_past_decision_by_its_receipt(self, owned: World, settings: Settings) -> None:
        owned.add(owned.a_suppression(SuppressionKind.OPT_OUT))
        owned.clock.set(datetime(2026, 3, 12, 17, 2, tzinfo=UTC))
        owned.cleared()
        code, found = self._run(owned, settings, "explain", "(312) 555-0105", "--at", "2026-03-12T10:02:00-07:00")
        assert (code, found["answered_from"], found["verdict"]) == (0, "receipt", "blocked")
        assert found["sentence"].startswith("A text was refused at 12 Mar 2026 17:02:00 UTC.")
        assert found["receipt"]["facts"]["line_type"] == "mobile"
        assert len(found["receipt_digest"]) == 64

    def test_it_refuses_what_is_no_number_in_one_document(self, owned: World, settings: Settings) -> None:
        code, found = self._run(owned, settings, "explain", "123")
        assert code == 1
        assert found["error"]["code"] == "invalid"

    def test_it_verifies_the_record_and_names_the_first_bad_position(self, owned: World, settings: Settings) -> None:
        for _ in range(3):
            owned.cleared(owned.ask(Purpose.MANUAL_REPLY))
        audit.seal(owned.db, owned.org)
        code, found = self._run(owned, settings, "audit", "verify")
        assert (code, found["whole"], found["leaves"]) == (0, True, 4)
        with as_owner(owned.db.url) as connection:
            connection.execute("alter table decision disable trigger user")
            connection.execute(
                "update decision set body = set_byte(body, 9, 0) where org_id = %s and id = "
                "(select source_id from audit_leaf where org_id = %s and source = 'decision' "
                "order by position limit 1)",
                [owned.org, owned.org],
            )
            connection.execute("alter table decision enable trigger user")
        code, found = self._run(owned, settings, "audit", "verify")
        assert (code, found["whole"]) == (1, False)
        assert found["fault"]["position"] == 1 + found["leaves"]
