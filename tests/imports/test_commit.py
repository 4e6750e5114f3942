"""Writing an import: once, whole, in steps that survive a kill, and never against an earlier No to contact."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from psycopg import sql

from leadflow.identity.types import Principal
from leadflow.imports import service as imports
from leadflow.imports.errors import NotReady
from leadflow.imports.queries import batches, staging
from leadflow.imports.types import AssertedConsent, Options, Report, UpdatePolicy
from leadflow.kernel.db import Database, UnitOfWork
from leadflow.kernel.errors import Forbidden, Invalid, NotFound
from models.vocabulary import Basis, ImportState, JobKind, Role, RowVerdict
from tests.faults.crew import wait_for
from tests.imports.conftest import FIXTURES, Importer, commit, told
from tests.owning import as_owner

FILE = FIXTURES / "propstream_property.csv"
HEAD = (
    "Address,Unit,City,State,Zip,County,APN,Owner,Mailing Address,Mailing City,Mailing State,Mailing Zip,Phone 1,"
    "Phone 1 DNC,Estimated Value,Bedrooms"
)
TABLES = (
    "property", "person", "property_party", "phone", "person_phone", "email_address", "property_fact", "suppression",
    "scrub_result", "consent", "lead", "lead_list", "lead_list_entry", "tag", "lead_tag", "activity", "lead_search",
)  # fmt: skip


def one(uow: UnitOfWork, statement: str) -> Any:
    found = uow.connection().execute(statement.encode()).fetchone()
    return None if found is None else (found[0] if len(found) == 1 else found)


def everything(db: Database) -> dict[str, list[Any]]:
    """Every row of every table that an import fills, without ids and instants of writing."""
    out: dict[str, list[Any]] = {}
    with as_owner(db.url, autocommit=False) as connection:
        for table in TABLES:
            rows = connection.execute(f'select to_jsonb(t) from "{table}" t').fetchall()  # noqa: S608 names above
            out[table] = [row[0] for row in rows]
    return out


def line(street: str = "12 Cedar Ln", **cells: str) -> str:
    values = {
        "Address": street, "City": "Houston", "State": "TX", "Zip": "77084", "County": "Harris", "Owner": "Ada Quill",
    } | {name.replace("_", " "): cell for name, cell in cells.items()}  # fmt: skip
    return ",".join(values.get(name, "") for name in HEAD.split(","))


def table(*lines: str) -> str:
    return "\n".join((HEAD, *lines, ""))


# Twice


def test_the_same_file_a_second_time_writes_nothing(db: Database, take: Importer) -> None:
    take(FILE)
    before = everything(db)
    again = take(FILE)
    assert everything(db) == before
    assert (again.counts["unchanged"], again.counts["new"], again.counts["update"]) == (23, 0, 0)
    assert sum(again.counts["written"].values()) == 0
    assert again.state is ImportState.DONE


def test_two_imports_of_the_same_file_at_once_make_no_lead_twice(
    db: Database, owner: Principal, uow: UnitOfWork
) -> None:
    ids = [imports.receive(db, owner, FILE) for _ in range(2)]
    for import_id in ids:
        imports.check(db, owner.org_id, import_id)
        with db.begin(owner.org_id) as unit:
            imports.commit(unit, owner, import_id)

    def until_done(import_id: UUID) -> None:
        while not imports.run_commit(db, owner.org_id, import_id):
            pass

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(until_done, ids))
    reports = [told(db, owner, import_id) for import_id in ids]
    assert sorted((report.counts["new"], report.counts["unchanged"]) for report in reports) == [(0, 23), (23, 0)]
    assert one(uow, "select count(*) from lead") == 23


def test_another_organisation_sees_none_of_it_and_gets_its_own(
    db: Database, take: Importer, make_org: Callable[[str], UUID], owner: Principal
) -> None:
    first = take(FILE)
    stranger = Principal(None, make_org("Other Homes"), Role.OWNER)
    with db.begin(stranger.org_id) as uow:
        with pytest.raises(NotFound):
            imports.report(uow, stranger, first.id)
        assert imports.listing(uow, stranger).rows == ()
    import_id = imports.receive(db, stranger, FILE)
    imports.check(db, stranger.org_id, import_id)
    assert told(db, stranger, import_id).counts["new"] == 23
    assert told(db, owner, first.id).counts["new"] == 23


# Killed


class Killed(BaseException):
    """Stands for kill -9 between two transactions."""


STEPS = (
    "contacts.0", "rows.0", "phones.0", "phones.1", "people.1", "links.0", "properties.0", "properties.1", "names.0",
    "marks.0",
    "parties.1", "lists.0", "leads.0", "leads.1", "finish",
)  # fmt: skip


def plain(db: Database) -> dict[str, list[Any]]:
    """What stands in the tables, whoever made it and under which id."""
    hidden = {"id", "org_id", "created_at", "updated_at", "import_id", "evidence", "detail", "source_digest"}
    rows = everything(db)
    names = {row["id"]: str(row.get("property_key") or row.get("person_key") or row.get("e164") or row.get("name"))
             for table in ("property", "person", "phone", "lead_list", "tag") for row in rows[table]}  # fmt: skip
    names |= {row["id"]: f"lead {names[row['property_id']]}" for row in rows["lead"]}

    def known(value: Any) -> Any:
        if isinstance(value, list):
            return sorted((str(known(item)) for item in value), key=str)
        return names.get(value, value) if isinstance(value, str) else value

    return {
        table: sorted(str({key: known(value) for key, value in row.items() if key not in hidden}) for row in found)
        for table, found in rows.items()
    }


@pytest.fixture
def undisturbed(db: Database, take: Importer, known: dict[str, list[Any]] = {}) -> dict[str, list[Any]]:  # noqa: B006 found out once
    """What an import leaves that nobody disturbed; the tables are empty again afterwards."""
    if known:
        return known
    take(FILE, options=Options(list_name="October", tags=("hot",)))
    known |= plain(db)
    with as_owner(db.url) as connection:
        connection.execute(
            "truncate property, person, phone, lead, lead_list, tag, suppression, scrub_result, import_batch cascade"
        )
    return known


@pytest.mark.parametrize("step", STEPS)
def test_a_commit_that_was_killed_at_any_step_goes_on_and_ends_the_same(
    db: Database, owner: Principal, take: Importer, undisturbed: dict[str, list[Any]], step: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    checked = take(FILE, write=False, options=Options(list_name="October", tags=("hot",)))
    with db.begin(owner.org_id) as uow:
        imports.commit(uow, owner, checked.id)
    _kill_at(step, monkeypatch)
    with pytest.raises(Killed):
        imports.run_commit(db, owner.org_id, checked.id)
    monkeypatch.undo()
    assert told(db, owner, checked.id).state is ImportState.COMMITTING
    # The other half of what was killed may still hold the import for a moment: then the job comes back.
    wait_for(lambda: imports.run_commit(db, owner.org_id, checked.id))
    report = told(db, owner, checked.id)
    assert (report.state, report.counts["new"], report.counts["written"]["leads"]) == (ImportState.DONE, 23, 23)
    assert plain(db) == undisturbed


def _kill_at(step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Die after the step did its work and before its transaction commits."""
    note = batches.note_done

    def dying(uow: UnitOfWork, import_id: UUID, name: str, written: dict[str, int]) -> None:
        if name == step:
            raise Killed
        note(uow, import_id, name, written)

    def finishing(*_: object) -> None:
        raise Killed

    monkeypatch.setattr(batches, "note_done", dying)
    if step == "finish":
        monkeypatch.setattr(staging, "drop", finishing)


def test_a_crash_of_postgres_that_empties_the_staging_tables_loses_nothing(
    db: Database, owner: Principal, take: Importer, undisturbed: dict[str, list[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    checked = take(FILE, write=False, options=Options(list_name="October", tags=("hot",)))
    with db.begin(owner.org_id) as uow:
        imports.commit(uow, owner, checked.id)
    _kill_at("marks.0", monkeypatch)
    with pytest.raises(Killed):
        imports.run_commit(db, owner.org_id, checked.id)
    monkeypatch.undo()
    with as_owner(db.url) as connection:
        names = connection.execute("select tablename from pg_tables where schemaname = 'staging'").fetchall()
        assert names
        for (name,) in names:
            connection.execute(sql.SQL("truncate {}").format(sql.Identifier("staging", name)))
    assert imports.run_commit(db, owner.org_id, checked.id)
    assert plain(db) == undisturbed
    assert told(db, owner, checked.id).counts["new"] == 23


def test_a_file_whose_import_was_abandoned_half_way_is_not_taken_for_known(
    db: Database, owner: Principal, take: Importer, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked = take(FILE, write=False)
    with db.begin(owner.org_id) as uow:
        imports.commit(uow, owner, checked.id)
    _kill_at("marks.0", monkeypatch)
    with pytest.raises(Killed):
        imports.run_commit(db, owner.org_id, checked.id)
    monkeypatch.undo()
    again = take(FILE)
    assert again.counts["unchanged"] == 0
    with db.begin(owner.org_id) as uow:
        assert one(uow, "select count(*) from suppression") == 15
        assert one(uow, "select count(*) from lead") == 23


def test_a_finished_import_leaves_no_staging_table(take: Importer, uow: UnitOfWork) -> None:
    take(FILE)
    assert one(uow, "select count(*) from pg_tables where schemaname = 'staging'") == 0


# Against contact


def test_a_later_no_never_undoes_an_earlier_yes(take: Importer, uow: UnitOfWork) -> None:
    take(table(line(Phone_1="2815550111", Phone_1_DNC="Yes")))
    report = take(table(line(Phone_1="2815550111", Phone_1_DNC="No", Bedrooms="3")))
    assert report.counts["update"] == 1
    assert one(uow, "select count(*) from suppression where released_at is null and e164 = 12815550111") == 1


@pytest.mark.parametrize("order", [("Yes", "No"), ("No", "Yes"), ("Yes", "")])
def test_a_yes_anywhere_in_the_file_wins(take: Importer, uow: UnitOfWork, order: tuple[str, str]) -> None:
    take(table(*(line(f"{n} Cedar Ln", Phone_1="2815550111", Phone_1_DNC=word) for n, word in enumerate(order, 1))))
    assert one(uow, "select kind, e164 from suppression") == ("vendor_dnc", 12815550111)
    assert one(uow, "select count(*) from scrub_result") == 0


def test_a_mark_on_a_row_that_repeats_a_property_counts(take: Importer, uow: UnitOfWork) -> None:
    take(table(line(Phone_1="2815550111"), line("12 CEDAR LANE", Phone_1="2815550111", Phone_1_DNC="Yes")))
    evidence = one(uow, "select evidence from suppression")
    assert (evidence["row"], evidence["column"], evidence["cell"]) == (2, "Phone 1 DNC", "Yes")


# Who is who


def test_one_name_and_one_number_on_two_properties_are_one_person(take: Importer, uow: UnitOfWork) -> None:
    mail = {"Mailing_City": "Auburn", "Mailing_State": "CA", "Mailing_Zip": "95603"}
    report = take(
        table(
            line("1 Cedar Ln", Phone_1="2815550111", Mailing_Address="5 Yarrow Ln", **mail),
            line("2 Cedar Ln", Phone_1="281-555-0111", Mailing_Address="9 Foxglove Ct", **mail),
            line("3 Cedar Ln", Phone_1="281-555-0111", Owner="Ben Quill"),
        )
    )
    assert (report.counts["people"], report.counts["phones"], report.counts["phone_links"]) == (2, 1, 2)
    assert one(uow, "select count(*) from person") == 2
    assert one(uow, "select count(*) from property_party") == 3


def test_a_person_is_known_again_by_name_and_number_in_a_later_file(take: Importer, uow: UnitOfWork) -> None:
    take(table(line("1 Cedar Ln", Phone_1="2815550111")))
    take(table(line("2 Cedar Ln", Phone_1="2815550111", Mailing_Address="9 Foxglove Ct", Mailing_Zip="95603")))
    assert (one(uow, "select count(*) from person"), one(uow, "select count(*) from property_party")) == (1, 2)


def test_the_flats_of_a_house_are_leads_of_their_own(take: Importer, uow: UnitOfWork) -> None:
    flats = [line("1200 Main St", Unit=f"Apt {n}", APN=f"1-{n}") for n in range(1, 7)]
    report = take(table(*flats, line("1200 Main St", APN="1-0")))
    assert (report.counts["new"], report.counts["duplicate"]) == (7, 0)
    assert one(uow, "select count(distinct unit) from property") == 6


def test_a_row_without_address_is_merged_by_its_parcel(take: Importer, uow: UnitOfWork) -> None:
    report = take(table(line("0 Cedar Ln", APN="12-3", Bedrooms="4"), line("12 Cedar Ln", APN="12-3")))
    assert (report.counts["new"], report.counts["duplicate"]) == (1, 1)
    assert one(uow, "select street, bedrooms from property") == ("12 Cedar Ln", 4.0)


def test_a_parcel_gets_its_address_from_a_later_file(take: Importer, uow: UnitOfWork) -> None:
    take(table(line("0 Cedar Ln", APN="12-3")))
    before = one(uow, "select id from property")
    report = take(table(line("12 Cedar Ln", APN="12-3")))
    assert report.counts["update"] == 1
    assert one(uow, "select id, street, mailable from property") == (before, "12 Cedar Ln", True)
    again = take(table(line("12 Cedar Lane", APN="12-3")))
    assert (again.counts["update"], again.counts["new"]) == (1, 0)


# Values


def test_a_value_in_the_file_replaces_ours_and_an_empty_cell_never_does(take: Importer, uow: UnitOfWork) -> None:
    take(table(line(Estimated_Value="$100000", Bedrooms="3")))
    take(table(line(Estimated_Value="$120000")))
    assert one(uow, "select estimated_value, bedrooms from property") == (12000000, 3.0)


def test_filling_only_never_replaces_a_value(take: Importer, uow: UnitOfWork) -> None:
    take(table(line(Estimated_Value="$100000")))
    take(table(line(Estimated_Value="$120000", Bedrooms="3")), options=Options(policy=UpdatePolicy.FILL))
    assert one(uow, "select estimated_value, bedrooms from property") == (10000000, 3.0)


# Options


def test_list_tags_and_source_are_put_on_every_lead(take: Importer, uow: UnitOfWork) -> None:
    take(table(line()), options=Options(list_name="October", tags=("hot", "east"), source="Mailer"))
    assert one(uow, "select source from lead") == "Mailer"
    assert one(uow, "select array_agg(name order by name) from tag") == ["east", "hot"]
    assert one(uow, "select name from lead_list") == "October"


def test_a_new_list_name_makes_the_same_file_worth_reading_again(take: Importer, uow: UnitOfWork) -> None:
    take(table(line()))
    report = take(table(line()), options=Options(list_name="November"))
    assert (report.counts["update"], report.counts["written"]["list_entries"]) == (1, 1)
    assert one(uow, "select count(*) from lead") == 1


def test_no_consent_is_made_up(take: Importer, uow: UnitOfWork) -> None:
    take(FILE)
    assert one(uow, "select count(*) from consent") == 0


def test_an_asserted_consent_is_entered_word_for_word_for_each_number(take: Importer, uow: UnitOfWork) -> None:
    asserted = AssertedConsent(
        Basis.WRITTEN_CONSENT, "I agree to get texts from Cedar Homes.", date(2026, 11, 1), "https://cedar.example/form"
    )
    report = take(FILE, options=Options(consent=asserted))
    assert report.counts["written"]["consents"] == 27
    row = one(
        uow,
        "select basis, shown_text, source, row_number, octet_length(phone_key) from consent where e164 = 12815550102",
    )
    assert row == ("written_consent", asserted.shown_text, asserted.source, 22, 32)


def test_a_consent_without_the_words_that_were_shown_is_refused(take: Importer) -> None:
    with pytest.raises(Invalid, match="exactly as"):
        take(FILE, options=Options(consent=AssertedConsent(Basis.INQUIRY, " ", date(2026, 11, 1), "form")))


def test_an_agent_may_not_assert_consent(db: Database, org: UUID) -> None:
    agent = Principal(None, org, Role.AGENT)
    import_id = imports.receive(db, agent, FILE)
    consent = AssertedConsent(Basis.INQUIRY, "words", date(2026, 11, 1), "form")
    with pytest.raises(Forbidden), db.begin(org) as uow:
        imports.set_options(uow, agent, import_id, Options(consent=consent))


# States


def test_an_import_that_was_not_checked_is_not_written(db: Database, owner: Principal) -> None:
    import_id = imports.receive(db, owner, FILE)
    with pytest.raises(NotReady), db.begin(owner.org_id) as uow:
        imports.commit(uow, owner, import_id)


def test_a_cancelled_import_is_over_and_has_written_nothing(
    db: Database, owner: Principal, take: Importer, uow: UnitOfWork
) -> None:
    report = take(FILE, write=False)
    with db.begin(owner.org_id) as unit:
        imports.cancel(unit, owner, report.id)
    assert told(db, owner, report.id).state is ImportState.CANCELLED
    assert one(uow, "select count(*) from lead") == 0
    with pytest.raises(NotReady):
        commit(db, owner, report.id)


def test_changed_options_are_checked_again_without_reading_the_file_again(
    db: Database, owner: Principal, take: Importer, files: Path
) -> None:
    report = take(FILE, write=False)
    with db.begin(owner.org_id) as uow:
        imports.set_options(uow, owner, report.id, Options(list_name="October"))
    for kept in files.iterdir():
        kept.unlink()
    assert told(db, owner, report.id).state is ImportState.UPLOADED
    imports.check(db, owner.org_id, report.id)
    assert told(db, owner, report.id).state is ImportState.CHECKED


def test_the_check_is_renewed_when_another_import_wrote_in_between(
    db: Database, owner: Principal, take: Importer
) -> None:
    waiting = take(FILE, write=False)
    assert waiting.counts["new"] == 23
    take(FILE)
    commit(db, owner, waiting.id)
    assert told(db, owner, waiting.id).counts["unchanged"] == 23


def test_an_upload_sets_its_check_going_and_a_commit_its_writing(
    db: Database, owner: Principal, uow: UnitOfWork
) -> None:
    import_id = imports.upload(db, owner, FILE.name, [FILE.read_bytes()])
    imports.check(db, owner.org_id, import_id)
    with db.begin(owner.org_id) as unit:
        imports.commit(unit, owner, import_id)
    jobs = uow.connection().execute("select kind, payload from job order by created_at").fetchall()
    assert jobs == [
        (kind.value, {"import_id": str(import_id)}) for kind in (JobKind.IMPORT_CHECK, JobKind.IMPORT_COMMIT)
    ]


# Telling


def pages(db: Database, owner: Principal, report: Report, limit: int) -> list[int]:
    seen: list[int] = []
    after: str | None = None
    with db.begin(owner.org_id) as uow:
        while True:
            page = imports.rows(uow, owner, report.id, None, after, limit)
            seen += [row.row for row in page.rows]
            after = page.next
            if after is None:
                return seen


@pytest.mark.parametrize("write", [False, True])
def test_pages_of_rows_cover_the_file_once(db: Database, owner: Principal, take: Importer, write: bool) -> None:  # noqa: FBT001 a case
    assert pages(db, owner, take(FILE, write=write), 5) == list(range(1, 29))


@pytest.mark.parametrize("write", [False, True])
def test_rows_are_the_same_before_and_after_writing(
    db: Database, owner: Principal, take: Importer, *, write: bool
) -> None:
    report = take(FILE, write=write)
    with db.begin(owner.org_id) as uow:
        rows = imports.rows(uow, owner, report.id, limit=100).rows
    verdicts = [(row.row, row.verdict, row.reasons, row.column, row.same_as_row, len(row.warnings)) for row in rows]
    assert verdicts[20:28] == [
        (21, RowVerdict.DUPLICATE, (), None, 4, 0),
        (22, RowVerdict.DUPLICATE, (), None, 1, 0),
        (23, RowVerdict.REJECT, ("no property identity: no street and no APN",), "Address", None, 0),
        (24, RowVerdict.NEW, (), None, None, 1),
        (25, RowVerdict.NEW, (), None, None, 2),
        (26, RowVerdict.BLANK, (), None, None, 0),
        (27, RowVerdict.NEW, (), None, None, 1),
        (28, RowVerdict.REJECT, ("71 cells in a row, header has 69",), None, None, 0),
    ]


def test_rejects_come_back_as_csv_with_their_reason_and_no_formula(
    db: Database, owner: Principal, take: Importer
) -> None:
    report = take(table(line(""), line("", Owner="=HYPERLINK(1)", Estimated_Value="-5")))
    with db.begin(owner.org_id) as uow:
        lines = list(imports.rejects_csv(uow, owner, report.id))
    assert lines[0].startswith("Row,Reason,Column,Address,Unit,")
    assert lines[1].startswith("1,no property identity: no street and no APN,Address,,,Houston")
    assert "'=HYPERLINK(1)" in lines[2]
    assert ",-5," in lines[2]


def test_a_dry_run_says_the_same_and_leaves_nothing(
    db: Database, owner: Principal, uow: UnitOfWork, files: Path
) -> None:
    with imports.dry_run(db, owner, FILE) as (report, rows):
        assert report.counts["new"] == 23
        assert [row.row for row in rows] == list(range(1, 29))
    assert one(uow, "select count(*) from import_batch") == 0
    assert one(uow, "select count(*) from pg_tables where schemaname = 'staging'") == 0
    assert list(files.iterdir()) == []
