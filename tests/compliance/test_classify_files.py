"""Files of replies and hours, and one person's decision, on the command line."""

from __future__ import annotations

import csv
import hashlib
import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from typer.testing import CliRunner

from leadflow.cli.compliance import app
from leadflow.cli.output import explain_failure
from leadflow.compliance import service as compliance
from leadflow.compliance.types import Ask
from leadflow.identity.types import Principal
from leadflow.kernel.errors import Forbidden
from leadflow.settings import Settings
from models.base import new_id
from models.identity import Membership, User
from models.vocabulary import Channel, Purpose, Role, SuppressionKind, Verdict
from tests.compliance.world import NUMBER, World
from tests.configuration import VARIABLES

DATA = Path(__file__).parent / "data"


def _run(*arguments: str) -> Any:
    done = CliRunner().invoke(app, [*arguments, "--json"], catch_exceptions=False)
    assert done.exit_code == 0
    return json.loads(done.stdout)


def _refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, Any]]:
    """Run a command as the program does, failures put into JSON."""
    with pytest.raises(Exception, match="cannot be") as caught:
        CliRunner().invoke(app, [*arguments, "--json"], catch_exceptions=False)
    code = explain_failure(caught.value, [*arguments, "--json"])
    return code, json.loads(capsys.readouterr().out)["error"]


def _table(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


class TestClassify:
    def test_every_phrase_of_the_table_is_answered_in_order(self) -> None:
        found, table = _run("classify", str(DATA / "phrases.csv")), _table("phrases.csv")
        assert [row["text"] for row in found] == [row["text"] for row in table]
        assert [(row["class"], row["suppress"]) for row in found] == [
            (row["expected"], row["suppress"]) for row in table
        ]

    def test_other_columns_and_a_byte_order_mark_do_no_harm(self, tmp_path: Path) -> None:
        file = tmp_path / "replies.csv"
        file.write_bytes('\ufeffid,text\n1,"stop\nsent from my phone"\n2,ok\n'.encode())
        assert [row["suppress"] for row in _run("classify", str(file))] == ["yes", "no"]

    @pytest.mark.parametrize(
        ("content", "reason"),
        [
            (b"", "line 1: the file is empty"),
            (b"body\nSTOP\n", "line 1: no column text"),
            (b"text\nSTOP\nstop, now\n", "line 3: more fields than the header names"),
            (b"id,text\n1,STOP\n2\n", "line 3: fewer fields than the header names"),
            (b"text\nSTOP\n\xff\xfe\n", "line 3: not UTF-8"),
            (b'text\nSTOP\n"stop\n', "line 3: unexpected end of data"),
        ],
    )
    def test_a_bad_file_is_refused_by_line_and_reason(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes, reason: str
    ) -> None:
        file = tmp_path / "replies.csv"
        file.write_bytes(content)
        code, error = _refused(capsys, "classify", str(file))
        assert (code, error["code"]) == (1, "bad_file")
        assert error["reasons"][0].startswith(reason)

    def test_a_file_that_is_not_there_is_named(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        _, error = _refused(capsys, "classify", str(tmp_path / "nowhere.csv"))
        assert error["message"].startswith("nowhere.csv cannot be opened")

    def test_people_see_a_table_and_the_sums(self) -> None:
        done = CliRunner().invoke(app, ["classify", str(DATA / "phrases.csv")], catch_exceptions=False)
        assert "opt_out" in done.stdout
        assert done.stdout.rstrip().endswith("no")


class TestWindows:
    def test_every_row_of_the_table_has_its_answer_and_first_reason(self) -> None:
        found, table = _run("windows", str(DATA / "window_cases.csv")), _table("window_cases.csv")
        assert [(row["case_id"], row["allowed"], row["reason"]) for row in found] == [
            (row["case_id"], row["expected_allowed"] == "true", row["expected_reason"]) for row in table
        ]
        for row, expected in zip(found, table, strict=True):
            assert {one.strip() for one in expected["all_reasons"].split(";") if one.strip()} <= set(row["reasons"])
            assert len(row["citations"]) == len(row["reasons"])

    def test_numbers_and_zip_codes_are_read_as_people_write_them(self, tmp_path: Path) -> None:
        file = tmp_path / "rows.csv"
        rows = ["(212) 555-0101,10001-1234,ny,2026-12-02T08:00:00-05:00", "8005550101,,,2026-12-02T18:00:00Z"]
        file.write_text("\n".join(["phone,property_zip,mailing_state,instant_utc", *rows]))
        first, second = _run("windows", str(file))
        assert (first["phone"], first["property_zip"], first["mailing_state"]) == ("+12125550101", "10001", "NY")
        assert (first["allowed"], first["instant_utc"]) == (True, "2026-12-02T13:00:00Z")
        assert (second["allowed"], second["reasons"]) == (False, ["location_unknown@area_code/800"])

    @pytest.mark.parametrize(
        ("row", "reason"),
        [
            ("abc,10001,NY,2026-12-02T13:00:00Z", "line 3: phone 'abc' is no telephone number"),
            ("2125550101,1000,NY,2026-12-02T13:00:00Z", "line 3: property_zip '1000' is no ZIP code"),
            ("2125550101,10001,New York,2026-12-02T13:00:00Z", "line 3: mailing_state 'New York' is no state"),
            ("2125550101,10001,NY,2026-12-02T13:00:00", "line 3: instant_utc '2026-12-02T13:00:00' is no instant"),
            ("2125550101,10001,NY,0001-01-01T00:00:00Z", "line 3: instant_utc '0001-01-01T00:00:00Z' is no instant"),
            ("2125550101,10001,NY,tomorrow", "line 3: instant_utc 'tomorrow' is no instant"),
        ],
    )
    def test_a_bad_row_refuses_the_file(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str], row: str, reason: str
    ) -> None:
        file = tmp_path / "rows.csv"
        good = "2125550101,10001,NY,2026-12-02T13:00:00Z"
        file.write_text(f"phone,property_zip,mailing_state,instant_utc\n{good}\n{row}")
        code, error = _refused(capsys, "windows", str(file))
        assert code == 1
        assert error["reasons"][0].startswith(reason)

    def test_people_see_how_many_rows_are_allowed(self) -> None:
        done = CliRunner().invoke(app, ["windows", str(DATA / "window_cases.csv")], catch_exceptions=False)
        assert "of 80 rows are allowed" in done.stdout


class TestDecide:
    def _actor(self, world: World, role: Role = Role.OWNER) -> Principal:
        return Principal(user_id=None, org_id=world.org, role=role)

    def test_the_receipt_says_what_the_decision_says(self, world: World) -> None:
        world.add(world.a_suppression(SuppressionKind.OPT_OUT))
        with world.db.begin(world.org) as uow:
            found = compliance.decide(uow, self._actor(world), NUMBER, Ask())
        assert found.decision.verdict is Verdict.BLOCKED
        assert "opted_out" in found.decision.reasons
        assert found.receipt["verdict"] == "blocked"
        assert found.receipt["reasons"] == list(found.decision.reasons)
        assert found.receipt["facts"]["suppressions"] == ["opt_out"]
        assert NUMBER not in json.dumps(dict(found.receipt))
        canonical = orjson.dumps(dict(found.receipt), option=orjson.OPT_SORT_KEYS)
        assert hashlib.sha256(canonical).hexdigest() == found.digest

    def test_it_judges_for_a_campaign_as_the_gate_would(self, world: World) -> None:
        with world.db.begin(world.org) as uow:
            ask = Ask(purpose=Purpose.CHECK, channel=Channel.TEXT, campaign_id=world.campaign)
            found = compliance.decide(uow, self._actor(world), NUMBER, ask)
        assert found.decision.verdict is Verdict.SENDABLE
        assert found.as_json()["allowed"] is True
        assert found.as_json()["recorded"] is False

    def test_nothing_is_recorded(self, world: World) -> None:
        with world.db.begin(world.org) as uow:
            compliance.decide(uow, self._actor(world), NUMBER, Ask())
        with world.db.begin(world.org) as uow, uow.cursor() as cursor:
            cursor.execute("select count(*) from decision where org_id = %s", [world.org])
            assert cursor.fetchone() == (0,)

    def test_a_stranger_and_an_unknown_number_are_decided_too(self, world: World) -> None:
        with world.db.begin(world.org) as uow:
            found = compliance.decide(uow, self._actor(world), "+12125550177", Ask(campaign_id=None))
            assert found.decision.verdict is Verdict.BLOCKED
            with pytest.raises(Forbidden):
                compliance.decide(
                    uow,
                    Principal(user_id=new_id(), org_id=world.org, role=Role.AUDITOR, only=frozenset()),
                    NUMBER,
                    Ask(),
                )


def test_the_program_decides_for_one_person_with_the_whole_receipt(world: World, settings: Settings) -> None:
    user = User(email=f"{new_id()}@example.com", name="Olive", password_hash="")
    world.add_account(user)
    world.add(Membership(org_id=world.org, user_id=user.id, role=Role.OWNER))
    world.add(world.a_suppression(SuppressionKind.LITIGATOR))
    environment = VARIABLES | {
        "DATABASE_URL": world.db.url,
        "LF_DATA_DIR": str(settings.data_dir),
        "LF_ANCHOR_DIR": str(settings.anchor_dir),
    }
    at = (world.clock.now() + timedelta(minutes=1)).isoformat()
    command = [sys.executable, "-m", "leadflow.cli.main", "compliance", "decide", "(312) 555-0105"]
    command += ["--at", at, "--org", str(world.org), "--json"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    found = json.loads(done.stdout)
    assert done.returncode == 0, found
    assert (found["phone"], found["verdict"]) == (NUMBER, "blocked")
    assert "litigator" in found["reasons"]
    assert found["receipt"]["reasons"]
    assert found["recorded"] is False
