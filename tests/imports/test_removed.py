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
from models.vocabulary import LeadStatus, RowVerdict
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
