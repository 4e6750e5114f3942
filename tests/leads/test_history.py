"""The history of a lead, field by field: who changed what from what to what, when, and where it came from."""

from __future__ import annotations

from typing import Any

import pytest

from leadflow.identity.types import Principal
from leadflow.kernel.db import UnitOfWork
from leadflow.leads import service as leads
from leadflow.leads.errors import NoSuchLead
from leadflow.leads.types import Change
from leadflow.leads.view_types import Cell, FieldInput
from leadflow.leads.work_types import PARTS, ChangedBy, HistoryEntry, TimelinePart
from leadflow.properties.types import Loss
from models.base import new_id
from models.imports import ImportBatch, ImportChange, ImportRow
from models.leads import Lead
from models.properties import Property
from models.vocabulary import ActivityKind, FieldKind, ImportState, LeadStatus, PhoneStatus, Role, RowVerdict
from tests.factories.identity import a_member
from tests.factories.leads import a_lead
from tests.factories.properties import a_property, an_owner


@pytest.fixture
def manager(uow: UnitOfWork) -> Principal:
    """Act as a manager."""
    return a_member(uow, Role.MANAGER, "Mara")


@pytest.fixture
def house(uow: UnitOfWork) -> Property:
    """Write a house whose owner has a number."""
    house = a_property(uow)
    an_owner(uow, house, number="+13125550142")
    return house


@pytest.fixture
def lead(uow: UnitOfWork, house: Property) -> Lead:
    """Write its lead."""
    return a_lead(uow, house)


def told(uow: UnitOfWork, who: Principal, lead: Lead) -> list[HistoryEntry]:
    """Read the history, oldest first."""
    return list(leads.history(uow, who, lead.id).rows[::-1])


def fields(entries: list[HistoryEntry]) -> list[tuple[str, str, str]]:
    return [(one.label, one.before, one.after) for entry in entries for one in entry.changes]


def test_every_edit_tells_what_was_there_before(uow: UnitOfWork, manager: Principal, lead: Lead) -> None:
    own = leads.make_field(uow, manager, FieldInput(name="Roof", kind=FieldKind.TEXT))
    leads.set_status(uow, manager, lead.id, LeadStatus.FOLLOW_UP)
    leads.assign(uow, manager, lead.id, manager.user_id)
    leads.tag(uow, manager, lead.id, "hot")
    leads.untag(uow, manager, lead.id, "hot")
    leads.put_on_list(uow, manager, lead.id, "Vacant")
    leads.set_cell(uow, manager, lead.id, Cell("value", 21_000_000, 20_000_000))
    leads.set_cell(uow, manager, lead.id, Cell(f"custom.{own}", "Slate", None))
    leads.mark_phone(uow, manager, lead.id, "+13125550142", PhoneStatus.DEAD)
    person = leads.detail(uow, manager, lead.id).people[0]
    leads.note_billing(uow, manager, lead.id, person.id, "NY")
    leads.note_loss(uow, manager, lead.id, Loss(died_on=uow.now().date(), surviving_spouse_id=person.id))
    leads.add_note(uow, manager, lead.id, "Not a field")
    found = told(uow, manager, lead)
    today = f"{uow.now():%b} {uow.now().day}, {uow.now().year}"
    assert fields(found) == [
        ("Status", "New", "Follow up"),
        ("Assigned to", "", "Mara"),
        ("Tag", "", "hot"),
        ("Tag", "hot", ""),
        ("List", "", "Vacant"),
        ("Est. value", "$200,000", "$210,000"),
        ("Roof", "", "Slate"),
        ("Number ending 0142", "unverified", "dead"),
        ("Billed in", "", "NY"),
        ("Owner died on", "", today),
        ("Surviving spouse", "", person.name),
    ]
    assert {(entry.by, entry.actor.name if entry.actor else "") for entry in found} == {(ChangedBy.EDIT, "Mara")}


def test_an_edit_of_many_and_its_undo_name_themselves(uow: UnitOfWork, manager: Principal, lead: Lead) -> None:
    edit_id = str(new_id())
    held = leads.hold(uow, [lead.id], None)
    done = leads.edit(uow, manager, held, Change(status=LeadStatus.CONTACTED, add_tag="hot"), {"bulk_edit_id": edit_id})
    assert all("bulk_edit_id" not in moment.detail for moment in done)
    leads.undo(uow, manager, done, {"bulk_edit_id": edit_id})
    found = told(uow, manager, lead)
    assert [entry.by for entry in found] == [ChangedBy.BULK, ChangedBy.BULK, ChangedBy.UNDO, ChangedBy.UNDO]
    assert sorted(fields(found[:2])) == [("Status", "New", "Contacted"), ("Tag", "", "hot")]
    assert sorted(fields(found[2:])) == [("Status", "Contacted", "New"), ("Tag", "hot", "")]


def imported(uow: UnitOfWork, house: Property, lead: Lead) -> ImportBatch:
    """Write what an import of a file replaced."""
    batch = ImportBatch(
        org_id=uow.org(),
        filename="county.csv",
        file_key="k",
        file_sha256="s",
        state=ImportState.DONE,
        committed_at=uow.now(),
    )
    uow.session.add(batch)
    uow.session.flush()
    key: dict[str, Any] = {"org_id": uow.org(), "import_id": batch.id}
    uow.session.add(ImportRow(**key, row_number=812, verdict=RowVerdict.UPDATE, property_id=house.id, lead_id=lead.id))
    uow.session.add(
        ImportChange(
            **key,
            property_id=house.id,
            before={"bedrooms": None, "estimated_value": 100_00, "source_digest": "a", "extra": {}},
            after={
                "bedrooms": 3.0,
                "estimated_value": 200_00,
                "source_digest": "b",
                "extra": {"Cell 2": "(312) 555-0177", "Roof": "Tar"},
            },
        )
    )
    uow.session.flush()
    return batch


def test_an_import_tells_its_file_its_row_and_every_field_that_it_replaced(
    uow: UnitOfWork, manager: Principal, house: Property, lead: Lead
) -> None:
    batch = imported(uow, house, lead)
    (entry,) = told(uow, manager, lead)
    assert (entry.by, entry.source, entry.href) == (
        ChangedBy.IMPORT,
        "county.csv, row 812",
        f"/imports/{batch.id}",
    )
    assert fields([entry]) == [
        ("Est. value", "$100", "$200"),
        ("Bedrooms", "", "3"),
        ("Roof", "", "Tar"),
        ("Cell 2", "", "(312) 555-0177"),
    ]


def test_the_import_that_made_a_lead_tells_what_it_set_whatever_was_changed_since(
    uow: UnitOfWork, manager: Principal, house: Property, lead: Lead
) -> None:
    batch = imported(uow, house, lead)
    house.import_id, house.bedrooms, house.estimated_value = batch.id, 3.0, 200_00
    uow.session.flush()
    uow.connection().execute("delete from import_change")
    leads.refresh_search(uow, [lead.id])
    leads.record(uow, lead.id, ActivityKind.CREATED, "Added by an import", detail={"import_id": str(batch.id)})
    leads.set_cell(uow, manager, lead.id, Cell("value", 300_00, 200_00))
    leads.note_loss(uow, manager, lead.id, Loss(died_on=uow.now().date()))
    made = fields(told(uow, manager, lead)[:1])
    assert made[0] == ("Lead", "", "Added")
    assert ("Est. value", "", "$200") in made
    assert ("Bedrooms", "", "3") in made
    assert "Owner died on" not in {label for label, _, _ in made}


def test_an_auditor_reads_no_number_in_an_own_field(uow: UnitOfWork, manager: Principal, lead: Lead) -> None:
    own = leads.make_field(uow, manager, FieldInput(name="Agent", kind=FieldKind.TEXT))
    leads.set_cell(uow, manager, lead.id, Cell(f"custom.{own}", "Kim, 312-555-0142", None))
    assert fields(told(uow, manager, lead)) == [("Agent", "", "Kim, 312-555-0142")]
    ((label, before, after),) = fields(told(uow, a_member(uow, Role.AUDITOR), lead))
    assert (label, before, after.endswith("0142"), "312" in after) == ("Agent", "", True, False)


def test_an_auditor_reads_no_number_in_a_column_without_a_field(uow: UnitOfWork, house: Property, lead: Lead) -> None:
    imported(uow, house, lead)
    (entry,) = told(uow, a_member(uow, Role.AUDITOR), lead)
    said = {label: after for label, _, after in fields([entry])}
    assert "555-01" not in said["Cell 2"]
    assert said["Cell 2"].endswith("0177")
    assert said["Roof"] == "Tar"


def test_the_pages_of_history_and_timeline_miss_nothing_and_repeat_nothing(
    uow: UnitOfWork, manager: Principal, house: Property, lead: Lead
) -> None:
    imported(uow, house, lead)
    for name in ("a", "b", "c", "d", "e"):
        leads.tag(uow, manager, lead.id, name)
    whole = leads.history(uow, manager, lead.id)
    assert (whole.count, len(whole.rows)) == (6, 6)
    seen, after = [], None
    while True:
        page = leads.history(uow, manager, lead.id, after, 2)
        seen += [entry.id for entry in page.rows]
        if page.next is None:
            break
        after = page.next
    assert seen == [entry.id for entry in whole.rows]


def test_a_lead_that_is_not_seen_has_no_history(uow: UnitOfWork, lead: Lead) -> None:
    agent = a_member(uow, Role.AGENT)
    with pytest.raises(NoSuchLead):
        leads.history(uow, agent, lead.id)
    with pytest.raises(NoSuchLead):
        leads.timeline(uow, agent, lead.id, part=TimelinePart.NOTES)


def test_each_kind_of_entry_belongs_to_one_part_and_a_part_shows_no_other(
    uow: UnitOfWork, manager: Principal, lead: Lead
) -> None:
    kinds = [kind for part in PARTS.values() for kind in part]
    assert sorted(kinds) == sorted(ActivityKind)
    for kind in ActivityKind:
        leads.record(uow, lead.id, kind, kind.value)
    for part, wanted in PARTS.items():
        page = leads.timeline(uow, manager, lead.id, part=part)
        assert sorted(entry.kind for entry in page.rows) == sorted(wanted)
        assert page.count == len(wanted)


def test_an_entry_names_the_file_that_it_comes_from(
    uow: UnitOfWork, manager: Principal, house: Property, lead: Lead
) -> None:
    batch = imported(uow, house, lead)
    leads.record(uow, lead.id, ActivityKind.IMPORTED, "Seen again", detail={"import_id": str(batch.id)})
    leads.record(uow, lead.id, ActivityKind.TEXT_IN, "Hello", detail={"conversation_id": "c"})
    texts, seen = leads.timeline(uow, manager, lead.id).rows
    assert (texts.source, texts.href) == ("Inbox", "/inbox?conversation=c")
    assert (seen.source, seen.href) == ("county.csv", f"/imports/{batch.id}")
