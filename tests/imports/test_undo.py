"""Taking a written import back: what nobody touched goes, what somebody touched stays and says why."""

from __future__ import annotations

from contextlib import closing
from datetime import date
from typing import Any
from uuid import UUID

import psycopg
import pytest

from leadflow.identity.types import Principal
from leadflow.imports import service as imports
from leadflow.imports.errors import NotReady
from leadflow.imports.queries import batches
from leadflow.imports.types import Options, Report, UpdatePolicy
from leadflow.kernel.db import Database, UnitOfWork
from leadflow.kernel.errors import Forbidden
from leadflow.leads import service as leads
from leadflow.leads.assignment_types import RuleInput
from leadflow.leads.types import LeadFilter
from leadflow.leads.view_types import FieldInput
from models.vocabulary import FieldKind, ImportState, LeadStatus, Role
from tests.factories.identity import a_member
from tests.imports.conftest import FIXTURES, Importer, told

HEAD = "Address,City,State,Zip,Owner,Phone 1,Phone 1 DNC,Estimated Value,List\n"
TABLES = (
    "lead", "property", "person", "phone", "person_phone", "property_party", "lead_list_entry", "lead_search",
    "property_fact",
)  # fmt: skip


def row(number: int, value: str = "", dnc: str = "", name: str = "October") -> str:
    return f"{number} Cedar Ln,Houston,TX,77084,Owner {number} Quill,281555{number:04d},{dnc},{value},{name}\n"


def counted(db: Database, owner: Principal) -> dict[str, int]:
    with db.begin(owner.org_id) as uow:
        return {
            table: uow.connection().execute(f"select count(*) from {table}").fetchall()[0][0]  # noqa: S608 names above
            for table in TABLES
        }


def one(uow: UnitOfWork, statement: str) -> Any:
    found = uow.connection().execute(statement.encode()).fetchone()
    return found[0] if found else None


def undo(db: Database, owner: Principal, import_id: UUID) -> Report:
    with db.begin(owner.org_id) as uow:
        imports.undo(uow, owner, import_id)
    assert imports.run_undo(db, owner.org_id, import_id)
    return told(db, owner, import_id)


def test_an_import_that_nobody_touched_leaves_nothing_but_what_stands_against_contact(
    db: Database, owner: Principal, take: Importer, uow: UnitOfWork
) -> None:
    before = counted(db, owner)
    report = take(FIXTURES / "propstream_property.csv")
    with db.begin(owner.org_id) as begun:
        preview = imports.undo_preview(begun, owner, report.id)
    assert (preview.leads, preview.kept, preview.suppressions) == (23, {}, 15)
    after = undo(db, owner, report.id)
    assert after.state is ImportState.UNDONE
    assert counted(db, owner) == before
    assert after.counts["undone"]["removed"]["leads"] == 23
    assert one(uow, "select count(*) from suppression") == after.counts["undone"]["suppressions_kept"] == 15
    assert one(uow, "select count(*) from audit_event where action = 'import.undone'") == 1


def test_the_same_file_comes_in_whole_after_an_undo(db: Database, owner: Principal, take: Importer) -> None:
    first = take(HEAD + row(1) + row(2))
    undo(db, owner, first.id)
    again = take(HEAD + row(1) + row(2))
    assert (again.counts["new"], again.counts["written"]["leads"]) == (2, 2)


def test_a_lead_that_was_worked_on_stays_whole_and_says_why(
    db: Database, owner: Principal, take: Importer, uow: UnitOfWork
) -> None:
    report = take(HEAD + row(1) + row(2) + row(3))
    with db.begin(owner.org_id) as begun:
        ids = [r[0] for r in begun.connection().execute("select id from lead order by id").fetchall()]
        leads.set_status(begun, owner, ids[0], LeadStatus.CONTACTED)
        leads.add_note(begun, owner, ids[1], "Called back")
    after = undo(db, owner, report.id).counts["undone"]
    assert after["removed"]["leads"] == 1
    assert after["kept"] == {"its status was changed": 1, "somebody worked on it": 1}
    assert one(uow, "select count(*) from lead") == 2
    assert one(uow, "select count(*) from person_phone") == 2


def test_a_value_that_was_replaced_comes_back_unless_it_was_changed_since(
    db: Database, owner: Principal, take: Importer, uow: UnitOfWork
) -> None:
    first = take(HEAD + row(1, "100000") + row(2, "100000"))
    second = take(HEAD + row(1, "200000", name="November") + row(2, "200000") + row(3, "1"))
    uow.connection().execute("update property set estimated_value = 77 where street = '2 Cedar Ln'")
    uow.session.commit()
    after = undo(db, owner, second.id).counts["undone"]
    with db.begin(owner.org_id) as begun:
        values = begun.connection().execute("select street, estimated_value from property order by 1").fetchall()
        stacked = one(begun, "select max(stack) from lead_search")
    assert values == [("1 Cedar Ln", 10_000_000), ("2 Cedar Ln", 77)]
    assert (after["changed_since"], after["removed"]["leads"]) == (1, 1)
    assert stacked == 1
    assert told(db, owner, first.id).state is ImportState.DONE


def test_own_fields_tell_what_files_wrote_into_them_and_an_undo_takes_it_back(
    db: Database, owner: Principal, take: Importer
) -> None:
    head = "Address,City,State,Zip,Owner,Roof\n"
    line = "{} Cedar Ln,Houston,TX,77084,Owner {} Quill,{}\n"

    def told_of(number: int) -> list[tuple[str, str, str, str]]:
        with db.begin(owner.org_id) as uow:
            lead_id = one(uow, f"select lead_id from lead_search where street = '{number} Cedar Ln'")  # noqa: S608
            rows = leads.history(uow, owner, lead_id).rows[::-1]
        return [
            (said.before, said.after, str(entry.by), entry.source)
            for entry in rows
            for said in entry.changes
            if said.label == "Roof" and said.field.startswith("custom.")
        ]

    def held() -> list[str]:
        with db.begin(owner.org_id) as uow:
            return [str(r[0]) for r in uow.connection().execute("select text from custom_value order by 1").fetchall()]

    take(head + line.format(1, 1, "Tar"))
    with db.begin(owner.org_id) as uow:
        field = leads.make_field(uow, owner, FieldInput(name="Roof", kind=FieldKind.TEXT, header="Roof"))
    assert leads.fill_field(db, owner.org_id, field, owner.user_id) == 1
    second = take(head + line.format(1, 1, "Slate") + line.format(2, 2, "Tile"))
    taken_over, replaced = ("", "Tar", "import", "Column “Roof” of its file"), ("Tar", "Slate", "import")
    assert told_of(1)[0] == taken_over
    assert told_of(1)[1][:3] == replaced
    assert told_of(2) == [("", "Tile", "import", "given.csv, row 2")]
    assert held() == ["Slate", "Tile"]
    after = undo(db, owner, second.id).counts["undone"]
    assert (after["removed"]["leads"], after["kept"]) == (1, {})
    assert held() == ["Tar"]
    assert told_of(1)[1][3] == "given.csv, row 1 (taken back since)"


def test_a_lead_that_another_file_brought_too_stays(db: Database, owner: Principal, take: Importer) -> None:
    first = take(HEAD + row(1))
    take(HEAD + row(1, "5"))
    after = undo(db, owner, first.id).counts["undone"]
    assert (after["removed"]["leads"], after["kept"]) == (0, {"it came in with another file too": 1})


def test_an_import_is_undone_once_and_only_after_it_was_written(db: Database, owner: Principal, take: Importer) -> None:
    checked = take(HEAD + row(1), write=False)
    with db.begin(owner.org_id) as uow, pytest.raises(NotReady):
        imports.undo(uow, owner, checked.id)
    written = take(HEAD + row(2))
    undo(db, owner, written.id)
    with db.begin(owner.org_id) as uow, pytest.raises(NotReady):
        imports.undo(uow, owner, written.id)


def test_an_auditor_may_not_undo(db: Database, owner: Principal, take: Importer) -> None:
    report = take(HEAD + row(1))
    with db.begin(owner.org_id) as uow, pytest.raises(Forbidden):
        imports.undo(uow, Principal(None, owner.org_id, Role.AUDITOR), report.id)


@pytest.mark.parametrize(
    ("policy", "as_of", "value", "verdict"),
    [
        (UpdatePolicy.OVERWRITE, "2026-01-01", 20_000_000, "update"),
        (UpdatePolicy.FILL, "2026-12-01", 10_000_000, "update"),
        (UpdatePolicy.MERGE, "2026-12-01", 20_000_000, "update"),
        (UpdatePolicy.MERGE, "2026-01-01", 10_000_000, "update"),
        (UpdatePolicy.SKIP, "2026-12-01", 10_000_000, "unchanged"),
    ],
)
def test_the_policy_decides_whose_value_stands(
    take: Importer, uow: UnitOfWork, policy: UpdatePolicy, as_of: str, value: int, verdict: str
) -> None:
    take(HEAD + row(1, "100000"), options=Options(as_of=date(2026, 6, 1)))
    again = take(
        HEAD + row(1, "200000", dnc="Yes", name="November"),
        options=Options(policy=policy, as_of=date.fromisoformat(as_of)),
    )
    assert again.counts[verdict] == 1
    assert one(uow, "select estimated_value from property") == value
    # Whatever the policy, a No to contact is taken.
    assert one(uow, "select count(*) from suppression where kind = 'vendor_dnc'") == 1
    assert one(uow, "select count(*) from lead_list_entry") == (1 if policy is UpdatePolicy.SKIP else 2)


def test_leads_that_the_imports_own_rule_gave_away_are_taken_back_all_the_same(
    db: Database, owner: Principal, take: Importer
) -> None:
    with db.begin(owner.org_id) as uow:
        ann = a_member(uow, Role.AGENT)
        assert ann.user_id is not None
        leads.make_rule(uow, owner, RuleInput(name="All", members=(ann.user_id,)))
    report = take(HEAD + row(1) + row(2))
    with db.begin(owner.org_id) as uow:
        assert leads.count(uow, ann, LeadFilter()) == 2
        lead_id = uow.connection().execute("select id from lead order by id").fetchall()[0][0]
        leads.assign(uow, owner, lead_id, None)
    after = undo(db, owner, report.id)
    assert after.counts["undone"]["removed"]["leads"] == 1
    assert after.counts["undone"]["kept"] == {"somebody worked on it": 1}


def test_whoever_comes_right_after_another_import_need_not_come_back(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lock is given back before the door closes, so it matters not how late Postgres hears of that."""
    monkeypatch.setattr(psycopg.Connection, "__exit__", lambda *_: None)
    with closing(psycopg.connect(db.url)) as unheard:
        monkeypatch.setattr(psycopg, "connect", lambda *_, **__: unheard)
        for _ in range(2):
            with batches.alone(db, "imports of a team") as free:
                assert free
            held = "select count(*) from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()"
            assert unheard.execute(held).fetchone() == (0,)
