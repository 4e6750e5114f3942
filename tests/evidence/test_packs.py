"""A pack holds what was asked for and nothing else, opens anywhere, checks itself, and names whatever was changed."""

from __future__ import annotations

import ast
import csv
import hashlib
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from html.parser import HTMLParser
from importlib.resources import files as resources
from pathlib import Path
from typing import Any

import pytest

from leadflow.audit import service as audit
from leadflow.evidence import service as evidence
from leadflow.evidence.rules.files import cell
from leadflow.evidence.rules.printed import drawable
from leadflow.evidence.types import KEPT, Wanted
from leadflow.identity.types import Principal
from leadflow.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from models.base import new_id
from models.vocabulary import EvidenceOf, EvidenceState, Role
from tests.compliance.world import NUMBER, World
from tests.configuration import VARIABLES
from tests.evidence.conftest import STRANGER, STRANGERS_NAME, STRANGERS_WORDS, Case, an_owner
from tests.owning import as_owner

VERIFIER = resources("leadflow.audit.standalone").joinpath("verify.py")
SEAL_KEYS = VARIABLES["LF_AUDIT_SEAL_KEYS"]


@pytest.fixture
def unpacked(case: Case, tmp_path: Path) -> Path:
    """Unpack a pack about the number into an empty folder."""
    return unpack(case.pack(tmp_path / "pack.zip"), tmp_path / "unpacked")


def unpack(pack: Path, folder: Path) -> Path:
    with zipfile.ZipFile(pack) as archive:
        assert archive.testzip() is None
        archive.extractall(folder)
    return folder


def run_verifier(folder: Path, *arguments: str) -> tuple[int, dict[str, Any]]:
    """Run the verifier of a pack as a stranger would: no site packages, no surroundings, in its folder."""
    command = [sys.executable, "-I", "-S", "verify.py", "--json", *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, check=False, env={})
    return done.returncode, json.loads(done.stdout) if done.stdout else {"stderr": done.stderr}


def lines(path: Path) -> Iterator[dict[str, Any]]:
    return map(json.loads, path.read_text("utf-8").splitlines())


class TestWhole:
    def test_an_unpacked_pack_holds(self, unpacked: Path) -> None:
        code, found = run_verifier(unpacked)
        assert (code, found["faults"]) == (0, [])
        assert found["checked"]["receipts"] == 2
        assert found["checked"]["anchors"] == found["checked"]["seals"] > 0
        assert found["checked"]["events"] > 0
        assert "the seals' signatures were not checked (no key given)" in found["notes"]

    def test_with_the_key_the_signatures_are_checked(self, unpacked: Path, tmp_path: Path) -> None:
        ring, bare, other = tmp_path / "ring.json", tmp_path / "key.txt", tmp_path / "other.txt"
        ring.write_text(SEAL_KEYS)
        bare.write_text(json.loads(SEAL_KEYS)["test"] + "\n")
        other.write_text("another key")
        assert run_verifier(unpacked, "--key-file", str(ring)) == run_verifier(unpacked, "--key-file", str(bare))
        code, found = run_verifier(unpacked, "--key-file", str(ring))
        assert code == 0
        assert not [note for note in found["notes"] if "signature" in note]
        code, found = run_verifier(unpacked, "--key-file", str(other))
        assert code == 1
        assert "signature" in found["faults"][0]["what"]

    def test_it_holds_the_story(self, case: Case, unpacked: Path) -> None:
        receipts = [json.loads(row["body"]) for row in lines(unpacked / "record/receipts.jsonl")]
        assert [one["verdict"] for one in receipts] == ["sendable", "blocked"]
        assert [row["body"] for row in lines(unpacked / "messages/outbound.jsonl")] == ["Hello"]
        assert [row["state"] for row in lines(unpacked / "messages/deliveries.jsonl")] == ["delivered"]
        assert [row["body"] for row in lines(unpacked / "messages/inbound.jsonl")] == ["How much?"]
        assert [row["id"] for row in lines(unpacked / "ledger/consents.jsonl")] == [str(case.world.consent)]
        assert {row["kind"] for row in lines(unpacked / "ledger/suppressions.jsonl")} == {"opt_out"}
        assert [row["verdict"] for row in lines(unpacked / "ledger/scrubs.jsonl")] == ["clean"]
        acts = {json.loads(row["body"])["action"] for row in lines(unpacked / "record/events.jsonl")}
        assert "suppression.added" in acts

    def test_it_holds_the_rule_texts_that_the_receipts_name(self, unpacked: Path) -> None:
        receipts = [json.loads(row["body"]) for row in lines(unpacked / "record/receipts.jsonl")]
        policies = {path.stem: json.loads(path.read_text()) for path in (unpacked / "rules/policies").iterdir()}
        assert set(policies) == {one["policy"] for one in receipts}
        packs, books = (
            {path.stem: path.read_bytes() for path in (unpacked / "rules" / kind).iterdir()}
            for kind in ("packs", "books")
        )
        assert set(packs) == {digest for one in policies.values() for digest in one["packs"].values()}
        assert set(books) == {one["book"] for one in receipts}
        assert all(hashlib.sha256(text).hexdigest() == digest for digest, text in (packs | books).items())
        assert json.loads((unpacked / "manifest.json").read_text())["absent_rule_texts"] == []

    def test_the_manifest_names_the_query_and_the_head(self, case: Case, unpacked: Path) -> None:
        manifest = json.loads((unpacked / "manifest.json").read_text())
        assert manifest["query"]["phone"] == NUMBER
        assert manifest["query"]["until"] == case.world.clock.now().isoformat()
        with case.db.begin(case.org) as uow, uow.cursor() as cursor:
            cursor.execute("select max(last_position) from audit_seal where org_id = %s", [case.org])
            assert cursor.fetchall() == [(manifest["head"]["last"],)]
        assert manifest["asked_by"]["name"] == "Olive Owner"

    def test_the_same_state_gives_the_same_bytes(self, case: Case) -> None:
        first = case.ask()
        assert evidence.make(case.db, case.org, first)
        with as_owner(case.db.url) as connection:
            connection.execute("delete from evidence_chunk")
            connection.execute("update evidence_pack set made_at = null")
            kept = connection.execute("select sha256 from evidence_pack").fetchall()
            # What the making itself has recorded stands behind the pack's head.
            head = connection.execute("select (head->>'number')::int from evidence_pack").fetchall()[0][0]
            connection.execute("alter table audit_leaf disable trigger user")
            connection.execute("alter table audit_event disable trigger user")
            connection.execute("alter table audit_seal disable trigger user")
            connection.execute("delete from audit_event where action = 'evidence.made'")
            connection.execute(
                "delete from audit_leaf where position > (select last_position from audit_seal where number = %s)",
                [head],
            )
            connection.execute("delete from audit_seal where number > %s", [head])
        assert evidence.make(case.db, case.org, first)
        with as_owner(case.db.url) as connection:
            assert connection.execute("select sha256 from evidence_pack").fetchall() == kept

    def test_the_zip_is_what_the_list_and_the_record_say(self, case: Case, tmp_path: Path) -> None:
        pack = case.pack(tmp_path / "pack.zip")
        digest = hashlib.sha256(pack.read_bytes()).hexdigest()
        assert pack.stat().st_mode & 0o777 == 0o600
        with case.db.begin(case.org) as uow:
            row = evidence.listing(uow, case.owner).rows[0]
            acts = {event.action: event.detail for event in audit.events(uow, action="evidence.").rows}
        assert (row.sha256, row.size_bytes, row.state) == (digest, pack.stat().st_size, EvidenceState.READY)
        assert set(acts) == {"evidence.asked", "evidence.made", "evidence.downloaded"}
        assert acts["evidence.made"]["sha256"] == acts["evidence.downloaded"]["sha256"] == digest

    def test_a_person_and_a_campaign_have_packs_that_hold(self, case: Case, tmp_path: Path) -> None:
        person = Wanted(EvidenceOf.PERSON, e164=NUMBER)
        campaign = Wanted(EvidenceOf.CAMPAIGN, campaign_id=case.world.campaign)
        for name, wanted, receipts in (("person", person, 2), ("campaign", campaign, 3)):
            folder = unpack(case.pack(tmp_path / f"{name}.zip", wanted), tmp_path / name)
            code, found = run_verifier(folder)
            assert (code, found["checked"]["receipts"]) == (0, receipts), found

    def test_a_range_of_days_is_by_the_organisations_calendar(self, case: Case, tmp_path: Path) -> None:
        today = date(2026, 12, 2)
        wanted = Wanted(EvidenceOf.PHONE, e164=NUMBER, since=today, until=today)
        folder = unpack(case.pack(tmp_path / "today.zip", wanted), tmp_path / "today")
        assert len(list(lines(folder / "record/receipts.jsonl"))) == 2
        yesterday = Wanted(EvidenceOf.PHONE, e164=NUMBER, until=today - timedelta(days=1))
        folder = unpack(case.pack(tmp_path / "yesterday.zip", yesterday), tmp_path / "yesterday")
        code, found = run_verifier(folder)
        assert (code, found["checked"].get("receipts")) == (0, None)

    def test_a_pack_about_nobody_is_a_pack(self, case: Case, tmp_path: Path) -> None:
        wanted = Wanted(EvidenceOf.PHONE, e164="+12065550142")
        folder = unpack(case.pack(tmp_path / "none.zip", wanted), tmp_path / "none")
        assert run_verifier(folder)[0] == 0
        assert "None." in (folder / "summary.html").read_text()


class TestNothingElse:
    def test_nothing_of_another_person(self, unpacked: Path) -> None:
        held = everything(unpacked)
        for word in (STRANGER, STRANGER[1:], STRANGERS_NAME, STRANGERS_WORDS):
            assert word.encode() not in held

    def test_nothing_of_another_organisation(self, another: World, unpacked: Path) -> None:
        held = everything(unpacked)
        for word in (str(another.org), str(another.message), str(another.person), "Rival Estates", "A rival's words"):
            assert word.encode() not in held

    def test_the_campaign_pack_holds_everybody_whom_it_texted(self, case: Case, tmp_path: Path) -> None:
        wanted = Wanted(EvidenceOf.CAMPAIGN, campaign_id=case.world.campaign)
        held = everything(unpack(case.pack(tmp_path / "c.zip", wanted), tmp_path / "c"))
        assert STRANGERS_WORDS.encode() in held
        assert b"Hello" in held

    def test_nobody_takes_a_pack_of_another_organisation(self, another: World, case: Case, tmp_path: Path) -> None:
        pack_id = case.ask()
        evidence.make(case.db, case.org, pack_id)
        rival = an_owner(another)
        with pytest.raises(NotFound):
            evidence.save(case.db, rival, pack_id, tmp_path / "stolen.zip")
        with case.db.begin(another.org) as uow:
            assert evidence.listing(uow, rival).rows == ()
        assert list(tmp_path.glob("stolen*")) == []


def everything(folder: Path) -> bytes:
    return b"\n".join(
        path.read_bytes() for path in sorted(folder.rglob("*")) if path.suffix != ".pdf" and path.is_file()
    )


class TestTampering:
    def test_one_byte_anywhere_is_named(self, unpacked: Path) -> None:
        names = sorted(path.relative_to(unpacked).as_posix() for path in unpacked.rglob("*") if path.is_file())
        assert len(names) > 20
        for name in names:
            path = unpacked / name
            whole = path.read_bytes()
            for at in {0, len(whole) // 2, len(whole) - 1} if whole else set():
                path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
                # The verifier itself may not run any more; then one that came another way names it.
                code, found = run_other_verifier(unpacked) if name == "verify.py" else run_verifier(unpacked)
                said = {fault["file"] for fault in found["faults"]}
                assert code == 1, (name, at)
                assert name in said or (name == "manifest.sha256" and "manifest.json" in said), (name, at, said)
            path.write_bytes(whole)
        assert run_verifier(unpacked)[0] == 0

    def test_a_file_more_or_less_is_named(self, unpacked: Path) -> None:
        (unpacked / "more.txt").write_text("more")
        (unpacked / "README.txt").unlink()
        code, found = run_verifier(unpacked)
        assert code == 1
        assert {(fault["file"], fault["what"]) for fault in found["faults"]} == {
            ("more.txt", "is not in the manifest"),
            ("README.txt", "is missing"),
        }

    def test_a_forger_who_writes_the_manifest_anew_is_caught_by_the_record(self, unpacked: Path) -> None:
        """Whoever changes a receipt can rewrite digest and manifest; the path to the signed root he cannot."""
        rows = list(lines(unpacked / "record/receipts.jsonl"))
        forged = rows[1]["body"].replace('"blocked"', '"sendable"')
        rows[1] |= {"body": forged, "digest": hashlib.sha256(forged.encode()).hexdigest()}
        rewrite(unpacked, "record/receipts.jsonl", rows)
        code, found = run_verifier(unpacked)
        fault = found["faults"][0]
        assert (code, fault["file"], fault["line"]) == (1, "record/receipts.jsonl", 2)
        assert fault["position"] == rows[1]["position"]
        assert "Merkle root" in fault["what"]

    @pytest.mark.parametrize(
        ("change", "what"),
        [
            (lambda rows: rows[0].update(root="00" * 32), "Merkle root"),
            (lambda rows: rows[-1].update(previous="11" * 32), "signature of the seal before"),
            (lambda rows: rows.pop(), "chain head"),
            (lambda rows: rows[-1].update(signature="22" * 32), "chain head"),
        ],
        ids=["root", "previous", "tail", "signature"],
    )
    def test_a_forged_seal_is_named(
        self, case: Case, tmp_path: Path, change: Callable[[list[dict[str, Any]]], object], what: str
    ) -> None:
        with case.db.begin(case.org) as uow:
            audit.record(uow, None, "test.happened", "test", None)
        folder = unpack(case.pack(tmp_path / "p.zip"), tmp_path / "p")
        rows = list(lines(folder / "record/seals.jsonl"))
        assert len(rows) > 1
        change(rows)
        rewrite(folder, "record/seals.jsonl", rows)
        code, found = run_verifier(folder)
        assert code == 1
        assert any(what in fault["what"] for fault in found["faults"]), found

    def test_an_anchor_that_differs_is_named(self, unpacked: Path, tmp_path: Path) -> None:
        rows = list(lines(unpacked / "record/anchors.jsonl"))
        rows[0]["signature"] = "00" * 32
        elsewhere = tmp_path / "kept-elsewhere.jsonl"
        elsewhere.write_text("".join(json.dumps(row) + "\n" for row in rows))
        code, found = run_verifier(unpacked, "--anchors", str(elsewhere))
        assert code == 1
        assert (found["faults"][0]["file"], found["faults"][0]["line"]) == ("kept-elsewhere.jsonl", 1)

    def test_a_receipt_that_somebody_changed_in_the_database_is_named(self, case: Case, tmp_path: Path) -> None:
        with as_owner(case.db.url) as connection:
            connection.execute("alter table decision disable trigger user")
            connection.execute(
                "update decision set body = set_byte(body, 9, 255) where verdict = 'blocked' and e164 = %s",
                [int(NUMBER[1:])],
            )
        code, found = run_verifier(unpack(case.pack(tmp_path / "p.zip"), tmp_path / "p"))
        assert code == 1
        assert "was changed" in found["faults"][0]["what"]


def run_other_verifier(folder: Path) -> tuple[int, dict[str, Any]]:
    command = [sys.executable, "-I", "-S", str(VERIFIER), str(folder), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env={})
    return done.returncode, json.loads(done.stdout)


def rewrite(folder: Path, name: str, rows: list[dict[str, Any]]) -> None:
    """Forge a file and everything that names it, as whoever holds the pack could."""
    content = "".join(json.dumps(row) + "\n" for row in rows).encode()
    (folder / name).write_bytes(content)
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"][name] = {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
    raw = json.dumps(manifest).encode()
    (folder / "manifest.json").write_bytes(raw)
    (folder / "manifest.sha256").write_text(hashlib.sha256(raw).hexdigest() + "\n")


NASTY = '<script>alert(1)</script><img src=x onerror=alert(2)> =HYPERLINK("http://x","y") \N{GRINNING FACE} ŻÓŁW'


class Reader(HTMLParser):
    """Lists the elements of a page, and where they would lead."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.leading: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.leading += [f"{tag} {name}" for name, _ in attrs if name in {"src", "href"} or name.startswith("on")]


class TestHarmless:
    def test_what_people_wrote_runs_nowhere(self, case: Case, tmp_path: Path) -> None:
        case.world.change("message", body=f"={NASTY}")
        case.world.change("consent", shown_text=NASTY, source="=cmd|' /C calc'!A0")
        case.world.change("inbound_message", body="@SUM(1+1)")
        with case.db.begin(case.org) as uow, uow.cursor() as cursor:
            cursor.execute("update organization set name = %s where id = %s", [NASTY, case.org])
            cursor.execute("update campaign set name = %s where org_id = %s", [NASTY, case.org])
        folder = unpack(case.pack(tmp_path / "p.zip"), tmp_path / "p")
        page = Reader()
        page.feed((folder / "summary.html").read_text("utf-8"))
        assert not page.tags & {"script", "img", "a", "iframe", "link", "object", "form"}
        assert page.leading == []
        assert "&lt;script&gt;" in (folder / "summary.html").read_text("utf-8")
        for table in (folder / "tables").iterdir():
            with table.open(encoding="utf-8-sig", newline="") as file:
                cells = [one for row in csv.reader(file) for one in row]
            assert not [one for one in cells if one.startswith(("=", "+", "-", "@", "\t", "\r"))], table
        assert run_verifier(folder)[0] == 0

    def test_the_pdf_is_one_and_names_what_it_cannot_draw(self, unpacked: Path) -> None:
        assert (unpacked / "summary.pdf").read_bytes().startswith(b"%PDF-")
        assert drawable("Ann \N{GRINNING FACE} ok\x07") == "Ann [U+1F600] ok[U+0007]"

    @pytest.mark.parametrize("text", ["=1+1", "+1312", "-1", "@x", "\tx", "\rx", "\nx"])
    def test_a_cell_that_could_run_begins_with_a_quote(self, text: str) -> None:
        assert cell(text) == f"'{text}"

    def test_file_names_are_ours(self, case: Case, tmp_path: Path) -> None:
        with zipfile.ZipFile(case.pack(tmp_path / "p.zip")) as archive:
            for name in archive.namelist():
                assert not name.startswith("/")
                assert ".." not in name
                assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789_./READMEDF-")

    def test_the_verifier_runs_on_old_pythons_and_imports_the_standard_library_only(self) -> None:
        tree = ast.parse(VERIFIER.read_text(), feature_version=(3, 8))
        imported = {
            name.name.partition(".")[0] if isinstance(node, ast.Import) else (node.module or "").partition(".")[0]
            for node in ast.walk(tree)
            if isinstance(node, (ast.Import, ast.ImportFrom))
            for name in node.names
        }
        assert imported <= {"__future__", *sys.stdlib_module_names}
        later = {"removeprefix", "removesuffix", "is_relative_to", "file_digest", "hexdigest_of"}
        assert not later & {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}


class TestAsking:
    @pytest.mark.parametrize("role", [Role.AGENT, Role.AUDITOR, Role.SYSTEM])
    def test_only_owners_and_managers_make_and_take_packs(self, case: Case, tmp_path: Path, role: Role) -> None:
        actor = Principal(user_id=new_id(), org_id=case.org, role=role)
        pack_id = case.ask()
        evidence.make(case.db, case.org, pack_id)
        with case.db.begin(case.org) as uow:
            with pytest.raises(Forbidden):
                evidence.ask(uow, actor, Wanted(EvidenceOf.PHONE, e164=NUMBER))
            with pytest.raises(Forbidden):
                evidence.unlock(uow, actor, pack_id)
        with pytest.raises(Forbidden):
            evidence.save(case.db, actor, pack_id, tmp_path / "x.zip")
        with pytest.raises(Forbidden):
            evidence.open_pack(case.db, actor, pack_id)

    def test_an_auditor_sees_the_list_with_masked_numbers(self, case: Case) -> None:
        case.ask()
        auditor = Principal(user_id=new_id(), org_id=case.org, role=Role.AUDITOR)
        with case.db.begin(case.org) as uow:
            found = evidence.listing(uow, auditor)
        assert [row.about for row in found.rows] == ["+1******0105"]
        assert found.count == 1

    def test_what_names_nobody_or_no_time_is_refused(self, case: Case) -> None:
        tomorrow = date(2026, 12, 3)
        for wanted in (
            Wanted(EvidenceOf.PHONE),
            Wanted(EvidenceOf.PERSON),
            Wanted(EvidenceOf.PERSON, person_id=new_id()),
            Wanted(EvidenceOf.PERSON, e164="+12065550142"),
            Wanted(EvidenceOf.CAMPAIGN),
            Wanted(EvidenceOf.CAMPAIGN, campaign_id=new_id()),
            Wanted(EvidenceOf.PHONE, e164=NUMBER, since=tomorrow),
            Wanted(EvidenceOf.PHONE, e164=NUMBER, since=date(2026, 3, 2), until=date(2026, 3, 1)),
        ):
            with pytest.raises(Invalid):
                case.ask(wanted)

    def test_the_list_is_walked_once(self, case: Case) -> None:
        made = [case.ask() for _ in range(5)]
        seen: list[Any] = []
        after: str | None = None
        with case.db.begin(case.org) as uow:
            while True:
                page = evidence.listing(uow, case.owner, after, 2)
                seen += [row.id for row in page.rows]
                after = page.next
                if after is None:
                    break
        assert seen == made[::-1]

    def test_a_pack_that_is_not_made_is_not_handed_over(self, case: Case, tmp_path: Path) -> None:
        with pytest.raises(Conflict):
            evidence.save(case.db, case.owner, case.ask(), tmp_path / "x.zip")


class TestKeeping:
    def test_it_goes_after_thirty_days_by_the_clock_and_the_record_says_so(self, case: Case, tmp_path: Path) -> None:
        case.pack(tmp_path / "p.zip")
        case.world.clock.advance(KEPT)
        assert evidence.sweep(case.db) == 0
        case.world.clock.advance(timedelta(seconds=1))
        assert evidence.sweep(case.db) == 1
        with as_owner(case.db.url) as connection:
            assert connection.execute("select count(*) from evidence_chunk").fetchall() == [(0,)]
        with case.db.begin(case.org) as uow:
            assert evidence.listing(uow, case.owner).rows == ()
            assert [event.action for event in audit.events(uow, action="evidence.removed").rows] == ["evidence.removed"]

    def test_a_pack_is_made_once_whoever_makes_it(self, case: Case) -> None:
        pack_id = case.ask()
        assert evidence.make(case.db, case.org, pack_id)
        assert evidence.make(case.db, case.org, pack_id)
        with case.db.begin(case.org) as uow:
            assert len(audit.events(uow, action="evidence.made").rows) == 1

    def test_a_making_that_dies_leaves_nothing_and_is_made_again(
        self, case: Case, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from leadflow.evidence.service import making  # noqa: PLC0415 only here

        def die(*_: object, **__: object) -> None:
            raise ZeroDivisionError

        pack_id = case.ask()
        with monkeypatch.context() as patch:
            patch.setattr(making.audit, "record", die)
            with pytest.raises(ZeroDivisionError):
                evidence.make(case.db, case.org, pack_id)
        with as_owner(case.db.url) as connection:
            assert connection.execute("select count(*) from evidence_chunk").fetchall() == [(0,)]
        assert evidence.make(case.db, case.org, pack_id)

    def test_it_waits_for_a_receipt_that_another_is_sealing_but_not_for_ever(self, case: Case) -> None:
        case.world.cleared()
        case.world.clock.advance(timedelta(seconds=1))
        pack_id = case.ask()
        with case.db.begin(case.org) as uow, uow.cursor() as cursor:
            cursor.execute("select pg_advisory_xact_lock(7203002)")
            assert not evidence.make(case.db, case.org, pack_id)
            case.world.clock.advance(timedelta(minutes=2))
            assert evidence.make(case.db, case.org, pack_id)
        with case.db.begin(case.org) as uow:
            assert evidence.listing(uow, case.owner).rows[0].counts["receipts"] == 2
