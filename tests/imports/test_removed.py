"""A file that names a lead which was removed: the dry run offers three ways, and nothing happens in silence."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from leadflow.identity.types import Principal
from leadflow.imports import service as imports
from leadflow.imports.types import MatchKey, Options, RemovedPolicy, Report, UpdatePolicy
from leadflow.kernel.db import Database
from leadflow.kernel.errors import Invalid
from leadflow.leads import service as leads
from leadflow.leads.types import LeadFilter
from leadflow.leads.view_types import Cell, FieldInput
from models.vocabulary import FieldKind, LeadStatus, Role, RowVerdict
from tests.factories.identity import a_member
from tests.imports.conftest import Importer, commit, told
from tests.imports.test_undo import HEAD, row, undo


def the_lead(db: Database, owner: Principal) -> UUID:
    with db.begin(owner.org_id) as uow:
        return uow.connection().execute("select id from lead order by id").fetchall()[0][0]


def removed(db: Database, owner: Principal, take: Importer) -> UUID:
    """Import one lead, work on it, and remove it."""
    take(HEAD + row(1, "100000"))
    lead_id = the_lead(db, owner)
    with db.begin(owner.org_id) as uow:
        leads.set_status(uow, owner, lead_id, LeadStatus.INTERESTED)
        leads.tag(uow, owner, lead_id, "Hot")
        leads.remove(uow, owner, lead_id, "sold")
    return lead_id


def standing(db: Database, owner: Principal) -> list[tuple[str, int | None, tuple[str, ...]]]:
    with db.begin(owner.org_id) as uow:
        rows = leads.page(uow, owner, LeadFilter()).rows
        return [(one.status.value, one.estimated_value, one.tags) for one in rows]


def verdicts(db: Database, owner: Principal, report: Report) -> list[tuple[str, str]]:
    with db.begin(owner.org_id) as uow:
        rows = imports.rows(uow, owner, report.id).rows
        return [(str(one.verdict), " ".join(one.warnings)) for one in rows]


@pytest.mark.parametrize(
    ("choice", "verdict", "says", "after"),
    [
        (RemovedPolicy.KEEP, "removed", "it stays so", []),
        (RemovedPolicy.RESTORE, "restored", "comes back as it was", [("interested", 20_000_000, ("Hot",))]),
        (RemovedPolicy.REPLACE, "replaced", "as a new one", [("new", 20_000_000, ())]),
    ],
)
def test_r17_a_removed_lead_is_offered_three_ways(
    db: Database, owner: Principal, take: Importer, choice: RemovedPolicy, verdict: str, says: str, after: list[Any]
) -> None:
    lead_id = removed(db, owner, take)
    report = take(HEAD + row(1, "200000") + row(2, "1"), write=False, options=Options(removed=choice))
    ((word, warned), (other, _)) = verdicts(db, owner, report)
    assert (word, other) == (verdict, "new")
    assert "removed on" in warned
    assert "sold" in warned
    assert says in warned
    assert report.counts[verdict] == report.counts["new"] == 1
    assert standing(db, owner) == []
    commit(db, owner, report.id)
    assert [one for one in standing(db, owner) if one[1] != 100] == after
    with db.begin(owner.org_id) as uow:
        assert bool(leads.removed(uow, owner).rows) is (choice is RemovedPolicy.KEEP)
        if after:
            summaries = [entry.summary for entry in leads.timeline(uow, owner, lead_id).rows]
            assert any(text.startswith("Restored by an import") for text in summaries)
            assert "Removed: sold" in summaries


def test_a_replaced_lead_takes_the_files_values_whatever_the_policy(
    db: Database, owner: Principal, take: Importer
) -> None:
    removed(db, owner, take)
    options = Options(removed=RemovedPolicy.REPLACE, policy=UpdatePolicy.FILL)
    take(HEAD + row(1, "200000"), options=options)
    assert standing(db, owner) == [("new", 20_000_000, ())]


def test_a_mark_against_contact_of_a_removed_leads_row_is_kept(db: Database, owner: Principal, take: Importer) -> None:
    removed(db, owner, take)
    report = take(HEAD + row(1, dnc="Yes"))
    assert report.counts["removed"] == 1
    assert report.counts["written"]["suppressions"] == 1
    assert standing(db, owner) == []


def test_a_lead_that_is_removed_between_check_and_writing_stays_removed(
    db: Database, owner: Principal, take: Importer
) -> None:
    take(HEAD + row(1))
    report = take(HEAD + row(1, "300000"), write=False)
    assert report.counts["update"] == 1
    with db.begin(owner.org_id) as uow:
        leads.remove(uow, owner, the_lead(db, owner), "sold meanwhile")
    commit(db, owner, report.id)
    assert standing(db, owner) == []
    assert told(db, owner, report.id).counts["removed"] == 1


def board(db: Database, owner: Principal) -> list[tuple[Any, ...]]:
    """Read everything of leads that a removal and its undo may touch, but the timeline."""
    with db.begin(owner.org_id) as uow:
        found = list[tuple[Any, ...]]()
        for statement in (
            "select id, status, assignee_id, removed_at, removed_by, removed_why from lead order by id",
            "select list_id, lead_id, first_seen_at, last_seen_at, import_id from lead_list_entry order by 1, 2",
            "select tag_id, lead_id from lead_tag order by 1, 2",
            "select field_id, lead_id, place, text, number, day, imported from custom_value order by 1, 2, 3",
            "select id, lead_id, title, state, due_at from task order by id",
            "select lead_id from lead_search order by 1",
            "select id, estimated_value from property order by id",
        ):
            found += uow.connection().execute(statement).fetchall()
        return found


@pytest.mark.parametrize("choice", [RemovedPolicy.RESTORE, RemovedPolicy.REPLACE])
def test_an_undo_removes_a_lead_again_that_the_import_brought_back(
    db: Database, owner: Principal, take: Importer, choice: RemovedPolicy
) -> None:
    lead_id = worked_on_and_removed(db, owner, take)
    before = board(db, owner)
    report = take(HEAD + row(1, "200000", name="November") + row(2), options=Options(removed=choice))
    assert len(standing(db, owner)) == 2
    with db.begin(owner.org_id) as uow:
        preview = imports.undo_preview(uow, owner, report.id)
    assert (preview.leads, preview.again, preview.kept) == (1, 1, {})
    undone = undo(db, owner, report.id).counts["undone"]
    assert (undone["removed"]["leads"], undone["removed"]["again"], undone["kept"]) == (1, 1, {})
    assert board(db, owner) == before
    with db.begin(owner.org_id) as uow:
        (shown,) = leads.removed(uow, owner).rows
        assert (shown.id, shown.why) == (lead_id, "sold")
        leads.restore(uow, owner, lead_id)
        summaries = [entry.summary for entry in leads.timeline(uow, owner, lead_id).rows]
    assert "Removed again: the import that brought it back was undone" in summaries
    assert [tags for _, _, tags in standing(db, owner)] == [("Hot",)]


def worked_on_and_removed(db: Database, owner: Principal, take: Importer) -> UUID:
    """Import one lead, give it everything that a team can give, and remove it."""
    take(HEAD + row(1, "100000"))
    lead_id = the_lead(db, owner)
    with db.begin(owner.org_id) as uow:
        me = a_member(uow, Role.OWNER)
        roof = leads.make_field(uow, owner, FieldInput(name="Roof", kind=FieldKind.TEXT))
        leads.set_status(uow, owner, lead_id, LeadStatus.INTERESTED)
        leads.assign(uow, owner, lead_id, me.user_id)
        leads.tag(uow, owner, lead_id, "Hot")
        leads.put_on_list(uow, owner, lead_id, "Mine")
        leads.set_cell(uow, owner, lead_id, Cell(f"custom.{roof}", "Slate", None))
        leads.add_task(uow, owner, lead_id, "Call back")
        leads.remove(uow, owner, lead_id, "sold")
    return lead_id


def test_a_lead_that_was_brought_back_and_worked_on_since_stays_and_says_why(
    db: Database, owner: Principal, take: Importer
) -> None:
    lead_id = removed(db, owner, take)
    report = take(HEAD + row(1, "200000"), options=Options(removed=RemovedPolicy.RESTORE))
    with db.begin(owner.org_id) as uow:
        leads.add_note(uow, owner, lead_id, "Called back")
        assert imports.undo_preview(uow, owner, report.id).kept == {"somebody worked on it": 1}
    undone = undo(db, owner, report.id).counts["undone"]
    assert (undone["removed"]["again"], undone["kept"]) == (0, {"somebody worked on it": 1})
    assert standing(db, owner) == [("interested", 10_000_000, ("Hot",))]


def test_a_lead_that_was_removed_by_hand_once_more_stays_as_it_was_removed_last(
    db: Database, owner: Principal, take: Importer
) -> None:
    lead_id = removed(db, owner, take)
    report = take(HEAD + row(1), options=Options(removed=RemovedPolicy.RESTORE))
    with db.begin(owner.org_id) as uow:
        leads.remove(uow, owner, lead_id, "a mistake")
    assert undo(db, owner, report.id).counts["undone"]["removed"]["again"] == 0
    with db.begin(owner.org_id) as uow:
        assert [one.why for one in leads.removed(uow, owner).rows] == ["a mistake"]


def test_a_plan_that_was_made_before_an_undo_is_made_anew(db: Database, owner: Principal, take: Importer) -> None:
    first = take(HEAD + row(1))
    second = take(HEAD + row(1, "200000"), write=False)
    assert second.counts["update"] == 1
    undo(db, owner, first.id)
    commit(db, owner, second.id)
    assert told(db, owner, second.id).counts["new"] == 1
    assert standing(db, owner) == [("new", 20_000_000, ())]


def test_an_undo_keeps_a_lead_that_was_removed_by_hand_and_shows_where_the_others_were(
    db: Database, owner: Principal, take: Importer
) -> None:
    first = take(HEAD + row(1) + row(2))
    with db.begin(owner.org_id) as uow:
        leads.remove(uow, owner, the_lead(db, owner), "sold")
    after = undo(db, owner, first.id)
    assert after.counts["undone"]["kept"] == {"it was removed by hand, and can be restored": 1}
    with db.begin(owner.org_id) as uow:
        shown = imports.rows(uow, owner, first.id).rows
    assert [(one.values or {}).get("street") for one in shown] == ["1 Cedar Ln", "2 Cedar Ln"]


APN = "Address,City,State,Zip,County,APN,Owner,Phone 1\n"


def parcel(street: str, apn: str = "123-456", phone: str = "2815550001", name: str = "Ann Quill") -> str:
    return f"{street},Houston,TX,77084,Harris,{apn},{name},{phone}\n"


def known(db: Database, owner: Principal, report: Report) -> list[tuple[str, str | None]]:
    with db.begin(owner.org_id) as uow:
        return [(str(one.verdict), one.matched_by) for one in imports.rows(uow, owner, report.id).rows]


@pytest.mark.parametrize(
    ("keys", "street", "apn", "found"),
    [
        ((MatchKey.ADDRESS, MatchKey.PARCEL), "1 Cedar Ln", "123-456", ("update", "address")),
        ((MatchKey.ADDRESS, MatchKey.PARCEL), "9 Other Rd", "123-456", ("new", None)),
        ((MatchKey.ADDRESS, MatchKey.PARCEL), "", "123-456", ("update", "parcel")),
        ((MatchKey.ADDRESS,), "", "123-456", ("new", None)),
        ((MatchKey.PARCEL,), "9 Other Rd", "123-456", ("update", "parcel")),
        ((MatchKey.PARCEL,), "1 Cedar Ln", "999-999", ("unchanged", "address, which is no key here")),
        ((MatchKey.ADDRESS, MatchKey.PHONE), "9 Other Rd", "777-777", ("update", "phone")),
    ],
)
def test_a_row_is_known_by_the_keys_that_were_chosen_and_says_by_which(
    db: Database,
    owner: Principal,
    take: Importer,
    keys: tuple[MatchKey, ...],
    street: str,
    apn: str,
    found: tuple[str, str | None],
) -> None:
    take(APN + parcel("1 Cedar Ln"))
    report = take(APN + parcel(street, apn, name="Ann Quill Jr"), write=False, options=Options(keys=keys))
    assert known(db, owner, report) == [found]
    commit(db, owner, report.id)
    assert known(db, owner, told(db, owner, report.id)) == [found]
    with db.begin(owner.org_id) as uow:
        streets = sorted(one.street for one in leads.page(uow, owner, LeadFilter()).rows)
    assert streets == sorted({"1 Cedar Ln", street} if found[0] == "new" else {"1 Cedar Ln"})


def test_a_parcel_alone_makes_one_lead_of_its_rows_under_two_addresses(
    db: Database, owner: Principal, take: Importer
) -> None:
    report = take(APN + parcel("1 Cedar Ln") + parcel("9 Other Rd"), options=Options(keys=(MatchKey.PARCEL,)))
    assert known(db, owner, report) == [("new", None), ("duplicate", None)]


def test_a_phone_of_two_leads_tells_neither(db: Database, owner: Principal, take: Importer) -> None:
    take(APN + parcel("1 Cedar Ln", "1-1") + parcel("2 Cedar Ln", "2-2"))
    options = Options(keys=(MatchKey.ADDRESS, MatchKey.PHONE))
    assert known(db, owner, take(APN + parcel("9 Other Rd", "7-7"), options=options)) == [("new", None)]


def test_a_phone_alone_is_no_key(take: Importer) -> None:
    with pytest.raises(Invalid):
        take(APN + parcel("1 Cedar Ln"), options=Options(keys=(MatchKey.PHONE,)))


def test_every_verdict_adds_up(db: Database, owner: Principal, take: Importer) -> None:
    removed(db, owner, take)
    report = take(HEAD + row(1) + row(1) + row(3), write=False)
    assert report.counts["data_rows"] == 3
    assert (report.counts[RowVerdict.REMOVED], report.counts["duplicate"], report.counts["new"]) == (1, 1, 1)
