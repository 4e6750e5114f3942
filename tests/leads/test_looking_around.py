"""Views, steps from lead to lead, own fields and cells: who may, what is told, and what is put back."""

from __future__ import annotations

import threading
from datetime import timedelta
from uuid import UUID

import pytest
from pydantic import ValidationError

from leadflow.identity.types import Principal
from leadflow.jobs.types import Claim
from leadflow.kernel.db import Database, UnitOfWork
from leadflow.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from leadflow.leads import service as leads
from leadflow.leads.errors import ChangedMeanwhile, NoSuchLead
from leadflow.leads.types import LeadFilter
from leadflow.leads.view_types import Cell, FieldChange, FieldInput, ViewContent
from models.base import new_id
from models.vocabulary import ActivityKind, FieldKind, JobKind, LeadStatus, Role
from tests.factories.identity import a_member
from tests.factories.leads import a_lead
from tests.factories.properties import a_property
from workers.leads import fill_field


@pytest.fixture
def me(uow: UnitOfWork) -> Principal:
    """Act as a manager."""
    return a_member(uow, Role.MANAGER, "Mara")


HOT = ViewContent(filter={"tag": "hot", "where": ["city:is:Dallas"]}, sort="value", dir="asc")


# Views


def test_a_view_keeps_filter_order_columns_and_height(uow: UnitOfWork, me: Principal) -> None:
    columns = [{"id": "street", "width": 300}, {"id": "tags", "hide": True}]
    content = ViewContent.model_validate({"filter": {"min_stack": "3"}, "columns": columns, "density": "compact"})
    made = leads.save_view(uow, me, "Dallas", content)
    (row,) = leads.views(uow, me)
    assert (row.id, row.name, row.shared, row.pinned, row.may_change) == (made, "Dallas", False, False, True)
    assert ViewContent.model_validate(row.content) == content
    assert row.content["filter"] == {"min_stack": 3}


def test_a_view_of_a_filter_that_makes_no_sense_is_refused() -> None:
    with pytest.raises(Invalid):
        ViewContent.model_validate({"filter": {"where": ["moon:is:full"]}})
    with pytest.raises(ValidationError):
        ViewContent.model_validate({"density": "tiny"})


def test_a_private_view_is_nobody_elses(uow: UnitOfWork, me: Principal) -> None:
    other = a_member(uow, Role.OWNER)
    made = leads.save_view(uow, me, "Mine", HOT)
    assert leads.views(uow, other) == []
    with pytest.raises(NotFound):
        leads.change_view(uow, other, made, name="Theirs")
    with pytest.raises(NotFound):
        leads.choose_view(uow, other, made, pinned=True)


def test_a_shared_view_is_changed_only_by_who_may_share(uow: UnitOfWork, me: Principal) -> None:
    agent, manager = a_member(uow, Role.AGENT), a_member(uow, Role.MANAGER)
    made = leads.save_view(uow, me, "Ours", HOT)
    leads.change_view(uow, me, made, shared=True)
    assert [(row.name, row.may_change, row.owner) for row in leads.views(uow, agent)] == [("Ours", False, "Mara")]
    for act in (
        lambda: leads.change_view(uow, agent, made, name="x"),
        lambda: leads.change_view(uow, agent, made, content=ViewContent()),
        lambda: leads.change_view(uow, agent, made, shared=False),
        lambda: leads.delete_view(uow, agent, made),
    ):
        with pytest.raises(Forbidden, match="Mara shares this view"):
            act()
    leads.change_view(uow, manager, made, name="The team's")
    assert [row.name for row in leads.views(uow, agent)] == ["The team's"]
    own = leads.save_view(uow, agent, "Ours", HOT)
    with pytest.raises(Forbidden):
        leads.change_view(uow, agent, own, shared=True)


def test_a_deleted_view_can_be_brought_back_unless_its_name_was_taken(uow: UnitOfWork, me: Principal) -> None:
    made = leads.save_view(uow, me, "Dallas", HOT)
    leads.choose_view(uow, me, made, pinned=True)
    leads.delete_view(uow, me, made)
    assert leads.views(uow, me) == leads.pinned_views(uow, me) == []
    leads.restore_view(uow, me, made)
    assert [(row.id, row.pinned) for row in leads.views(uow, me)] == [(made, True)]
    leads.delete_view(uow, me, made)
    leads.save_view(uow, me, "dallas", HOT)
    with pytest.raises(Conflict, match="already"):
        leads.restore_view(uow, me, made)


def test_names_are_taken_once_a_person(uow: UnitOfWork, me: Principal) -> None:
    leads.save_view(uow, me, "Dallas", HOT)
    with pytest.raises(Conflict):
        leads.save_view(uow, me, "DALLAS", HOT)
    leads.save_view(uow, a_member(uow, Role.AGENT), "Dallas", HOT)


def test_one_view_at_most_opens_first_and_pins_are_each_persons_own(uow: UnitOfWork, me: Principal) -> None:
    one, two = (leads.save_view(uow, me, name, HOT) for name in ("a", "b"))
    agent = a_member(uow, Role.AGENT)
    leads.change_view(uow, me, one, shared=True)
    leads.choose_view(uow, me, one, opens_first=True, pinned=True)
    leads.choose_view(uow, me, two, opens_first=True)
    leads.choose_view(uow, agent, one, opens_first=True)
    assert [(row.name, row.opens_first, row.pinned) for row in leads.views(uow, me)] == [
        ("a", False, True),
        ("b", True, False),
    ]
    assert [(row.name, row.opens_first, row.pinned) for row in leads.views(uow, agent)] == [("a", True, False)]


def test_a_pinned_view_counts_what_its_reader_may_see(uow: UnitOfWork, me: Principal) -> None:
    agent = a_member(uow, Role.AGENT)
    made = leads.save_view(uow, me, "New", ViewContent(filter={"status": "new"}))
    leads.change_view(uow, me, made, shared=True)
    a_lead(uow)
    a_lead(uow, assignee_id=agent.user_id)
    a_lead(uow, status=LeadStatus.WON)
    for who, count in ((me, 2), (agent, 1)):
        leads.choose_view(uow, who, made, pinned=True)
        assert [(view.name, view.count) for view in leads.pinned_views(uow, who)] == [("New", count)]


def test_a_program_has_no_views(uow: UnitOfWork) -> None:
    with pytest.raises(Forbidden):
        leads.views(uow, Principal.system(uow.org()))


# Steps


@pytest.mark.parametrize("sort", ["value", "street", "added", "stack"])
@pytest.mark.parametrize("direction", ["asc", "desc"])
def test_steps_walk_the_very_order_of_the_list_both_ways(
    uow: UnitOfWork, me: Principal, sort: str, direction: str
) -> None:
    for value, street in ((None, "b"), (5, ""), (5, "a"), (None, ""), (1, "a"), (9, None)):
        a_lead(uow, a_property(uow, estimated_value=value, street=street))
    chosen, way = LeadFilter(), "asc" if direction == "asc" else "desc"
    order = [row.id for row in leads.page(uow, me, chosen, sort, way).rows]
    walked, here, mark = [order[0]], order[0], None
    while (found := leads.steps(uow, me, chosen, sort, way, here, mark)).next is not None:
        here, mark = found.next.id, found.next.mark
        walked.append(here)
    assert walked == order
    back = [here]
    while (found := leads.steps(uow, me, chosen, sort, way, here, mark)).previous is not None:
        here, mark = found.previous.id, found.previous.mark
        back.append(here)
    assert back == order[::-1]


def test_steps_go_on_from_where_a_lead_stood_though_a_change_took_it_out_of_the_list(
    uow: UnitOfWork, me: Principal
) -> None:
    for minutes in range(3):
        a_lead(uow, last_touch_at=uow.now() - timedelta(minutes=minutes))
    chosen = LeadFilter(status=(LeadStatus.NEW,))
    first, second, third = (row.id for row in leads.page(uow, me, chosen, "last_touch", "desc").rows)
    opened = leads.steps(uow, me, chosen, "last_touch", "desc", second)
    leads.set_status(uow, me, second, LeadStatus.DEAD)
    leads.touch(uow, [second], uow.now() + timedelta(hours=1))
    after = leads.steps(uow, me, chosen, "last_touch", "desc", second, opened.here)
    assert (after.previous and after.previous.id, after.next and after.next.id) == (first, third)
    ends = leads.steps(uow, me, chosen, "last_touch", "desc", third)
    assert (ends.next, ends.previous and ends.previous.id) == (None, first)


def test_an_agent_steps_over_what_is_not_assigned(uow: UnitOfWork, me: Principal) -> None:
    agent = a_member(uow, Role.AGENT)
    mine = [a_lead(uow, assignee_id=agent.user_id).id for _ in range(2)]
    other = a_lead(uow).id
    found = leads.steps(uow, agent, LeadFilter(), "street", "asc", mine[1])
    assert (found.previous and found.previous.id, found.next) == (mine[0], None)
    with pytest.raises(NoSuchLead):
        leads.steps(uow, agent, LeadFilter(), "street", "asc", other)
    with pytest.raises(Invalid):
        leads.steps(uow, me, LeadFilter(), "street", "asc", other, "nonsense")


# Own fields


def test_fields_are_made_renamed_ordered_archived_and_revived(uow: UnitOfWork, me: Principal) -> None:
    roof = leads.make_field(uow, me, FieldInput(name="Roof", kind=FieldKind.SELECT, options=("Tar", "Slate", "Tar")))
    rooms = leads.make_field(uow, me, FieldInput(name="Rooms", kind=FieldKind.NUMBER))
    assert [(row.name, row.options, row.used) for row in leads.custom_fields(uow, me)] == [
        ("Roof", ["Tar", "Slate"], False),
        ("Rooms", [], False),
    ]
    leads.change_field(uow, me, rooms, FieldChange(name="How many rooms", position=0))
    lead = a_lead(uow).id
    leads.set_cell(uow, me, lead, Cell(f"custom.{roof}", "slate", None))
    leads.archive_field(uow, me, roof)
    names = [(row.name, row.archived_at is None) for row in leads.custom_fields(uow, me)]
    assert names == [("How many rooms", True), ("Roof", False)]
    assert leads.page(uow, me, LeadFilter()).rows[0].fields == {}
    with pytest.raises(Invalid, match="archived"):
        leads.set_cell(uow, me, lead, Cell(f"custom.{roof}", "Tar", None))
    leads.revive_field(uow, me, roof)
    assert leads.page(uow, me, LeadFilter()).rows[0].fields == {str(roof): "Slate"}


def test_fields_have_names_of_their_own_and_selects_have_words(uow: UnitOfWork, me: Principal) -> None:
    made = leads.make_field(uow, me, FieldInput(name="Roof", kind=FieldKind.TEXT))
    with pytest.raises(Conflict):
        leads.make_field(uow, me, FieldInput(name="ROOF", kind=FieldKind.TEXT))
    with pytest.raises(Invalid, match="words to choose"):
        leads.make_field(uow, me, FieldInput(name="Color", kind=FieldKind.SELECT))
    with pytest.raises(Invalid, match="Only a select"):
        leads.change_field(uow, me, made, FieldChange(options=("a",)))
    with pytest.raises(NotFound):
        leads.change_field(uow, me, new_id(), FieldChange(name="x"))


def test_an_agent_fills_fields_and_makes_none(uow: UnitOfWork, me: Principal) -> None:
    agent = a_member(uow, Role.AGENT)
    made = leads.make_field(uow, me, FieldInput(name="Roof", kind=FieldKind.TEXT))
    mine, other = a_lead(uow, assignee_id=agent.user_id).id, a_lead(uow).id
    leads.set_cell(uow, agent, mine, Cell(f"custom.{made}", "Slate", None))
    with pytest.raises(NoSuchLead):
        leads.set_cell(uow, agent, other, Cell(f"custom.{made}", "Slate", None))
    for act in (
        lambda: leads.make_field(uow, agent, FieldInput(name="x", kind=FieldKind.TEXT)),
        lambda: leads.change_field(uow, agent, made, FieldChange(name="x")),
        lambda: leads.archive_field(uow, agent, made),
        lambda: leads.unclaimed_headers(uow, agent),
    ):
        with pytest.raises(Forbidden):
            act()


@pytest.mark.parametrize(
    ("kind", "given", "why"),
    [
        (FieldKind.NUMBER, "many", "Write a number"),
        (FieldKind.MONEY, "1e99", "too large"),
        (FieldKind.DATE, "soon", "not a day"),
        (FieldKind.YES_NO, "perhaps", "Say yes or no"),
        (FieldKind.SELECT, "Green", "Choose one of Red"),
        (FieldKind.MULTI_SELECT, {"a": 1}, "Choose among"),
        (FieldKind.LINK, "javascript:alert(1)", "begins with https"),
        (FieldKind.TEXT, "x" * 501, "longer than 500"),
        (FieldKind.TEXT, {"a": 1}, "cannot stand"),
    ],
)
def test_what_does_not_fit_a_field_is_refused(
    uow: UnitOfWork, me: Principal, kind: FieldKind, given: object, why: str
) -> None:
    options = ("Red",) if kind in {FieldKind.SELECT, FieldKind.MULTI_SELECT} else ()
    made = leads.make_field(uow, me, FieldInput(name="Mine", kind=kind, options=options))
    with pytest.raises(Invalid, match=why):
        leads.set_cell(uow, me, a_lead(uow).id, Cell(f"custom.{made}", given, None))


def test_a_field_takes_over_what_files_brought_and_never_what_a_person_wrote(db: Database, org: UUID) -> None:
    with db.begin(org) as uow:
        me = a_member(uow, Role.MANAGER)
        said = ["1,200", "$950.50", "unknown", None]
        ids = [a_lead(uow, a_property(uow, extra={"HOA Fee": text} if text else {})).id for text in said]
        assert leads.unclaimed_headers(uow, me) == [("HOA Fee", 3)]
        typed = leads.make_field(uow, me, FieldInput(name="HOA", kind=FieldKind.MONEY))
        leads.set_cell(uow, me, ids[0], Cell(f"custom.{typed}", 5, None))
        leads.change_field(uow, me, typed, FieldChange(header="HOA Fee"))
        with uow.cursor() as cursor:
            cursor.execute("select payload from job where kind = %s", [JobKind.FIELD_FILL])
            assert cursor.fetchall() == [({"field_id": str(typed)},)]
        assert leads.unclaimed_headers(uow, me) == []
    fill_field(db, Claim(new_id(), org, JobKind.FIELD_FILL, {"field_id": str(typed)}, 1, 1, 5, None))
    with db.begin(org) as uow:
        held = {row.id: row.fields.get(str(typed)) for row in leads.page(uow, me, LeadFilter()).rows}
        assert [held[lead] for lead in ids] == [5, 95050, None, None]
    assert leads.fill_field(db, org, typed) == 0


def test_words_of_own_fields_are_found_by_the_search(uow: UnitOfWork, me: Principal) -> None:
    made = leads.make_field(uow, me, FieldInput(name="Roof", kind=FieldKind.TEXT))
    lead = a_lead(uow).id
    a_lead(uow)
    leads.set_cell(uow, me, lead, Cell(f"custom.{made}", "Mossy slate", None))
    assert [row.id for row in leads.page(uow, me, LeadFilter(q="mossy")).rows] == [lead]


# Cells


def test_a_cell_is_changed_told_and_answered_as_it_is_then(uow: UnitOfWork, me: Principal) -> None:
    lead = a_lead(uow).id
    field = f"custom.{leads.make_field(uow, me, FieldInput(name='Roof', kind=FieldKind.DATE))}"
    assert leads.set_cell(uow, me, lead, Cell("status", "contacted", "new")).status is LeadStatus.CONTACTED
    assert leads.set_cell(uow, me, lead, Cell("tags", ["b", "a"], [])).tags == ("a", "b")
    assert leads.set_cell(uow, me, lead, Cell("tags", ["b"], ["b", "a"])).tags == ("b",)
    row = leads.set_cell(uow, me, lead, Cell("assignee", str(me.user_id), None))
    assert row.assignee is not None
    assert row.assignee.name == "Mara"
    assert leads.set_cell(uow, me, lead, Cell("value", 30_000_000, 20_000_000)).estimated_value == 30_000_000
    assert leads.set_cell(uow, me, lead, Cell(field, "11/30/2026", None)).fields == {field[7:]: "2026-11-30"}
    assert leads.set_cell(uow, me, lead, Cell(field, "", "2026-11-30")).fields == {}
    told = [entry.summary for entry in leads.detail(uow, me, lead).timeline if entry.kind is ActivityKind.EDITED]
    assert told == [
        "Roof: 2026-11-30 → nothing",
        "Roof: nothing → 2026-11-30",
        "Est. value: $200,000 → $300,000",
        "Assigned to Mara",
        "Tag taken away: a",
        "Tagged a",
        "Tagged b",
    ]


def test_who_did_not_see_the_last_change_is_told_and_changes_nothing(uow: UnitOfWork, me: Principal) -> None:
    lead = a_lead(uow).id
    leads.set_cell(uow, me, lead, Cell("status", "dead", "new"))
    with pytest.raises(ChangedMeanwhile, match="it is Dead now"):
        leads.set_cell(uow, me, lead, Cell("status", "contacted", "new"))
    with pytest.raises(ChangedMeanwhile, match=r"it is \$200,000 now"):
        leads.set_cell(uow, me, lead, Cell("value", 1, 2))
    assert leads.set_cell(uow, me, lead, Cell("status", "dead", "new")).status is LeadStatus.DEAD, "both want the same"


def test_of_two_at_once_one_is_saved_and_the_other_told(db: Database, org: UUID) -> None:
    with db.begin(org) as uow:
        me, lead = a_member(uow, Role.MANAGER), a_lead(uow).id
    told: list[str] = []
    start = threading.Barrier(2)

    def write(status: str) -> None:
        start.wait()
        try:
            with db.begin(org) as uow:
                leads.set_cell(uow, me, lead, Cell("status", status, "new"))
            told.append("saved")
        except ChangedMeanwhile:
            told.append("told")

    both = [threading.Thread(target=write, args=[status]) for status in ("contacted", "dead")]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert sorted(told) == ["saved", "told"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("status", "gone"),
        ("assignee", "bob"),
        ("tags", "hot"),
        ("value", "much"),
        ("value", -1),
        ("street", "x"),
        ("custom.x", 1),
    ],
)
def test_a_cell_refuses_what_does_not_fit(uow: UnitOfWork, me: Principal, name: str, value: object) -> None:
    seen = {"status": "new", "value": 20_000_000}.get(name)
    with pytest.raises(Invalid):
        leads.set_cell(uow, me, a_lead(uow).id, Cell(name, value, seen))


def test_an_agent_does_not_assign_and_an_auditor_changes_nothing(uow: UnitOfWork) -> None:
    agent, auditor = a_member(uow, Role.AGENT), a_member(uow, Role.AUDITOR)
    lead = a_lead(uow, assignee_id=agent.user_id).id
    with pytest.raises(Forbidden):
        leads.set_cell(uow, agent, lead, Cell("assignee", None, str(agent.user_id)))
    with pytest.raises(Forbidden):
        leads.set_cell(uow, auditor, lead, Cell("status", "dead", "new"))


def test_an_auditor_reads_no_number_in_free_fields_of_the_list_and_the_card(uow: UnitOfWork, me: Principal) -> None:
    lead = a_lead(uow, a_property(uow, extra={"Cell 2": "(312) 555-0177", "Roof": "Tar"}))
    own = leads.make_field(uow, me, FieldInput(name="Agent", kind=FieldKind.TEXT))
    leads.set_cell(uow, me, lead.id, Cell(f"custom.{own}", "Kim, 312-555-0142", None))
    for who, agent, cell in (
        (me, "Kim, 312-555-0142", "(312) 555-0177"),
        (a_member(uow, Role.AUDITOR), "Kim, ********0142", "(*********0177"),
    ):
        (row,) = leads.page(uow, who, LeadFilter()).rows
        card = leads.detail(uow, who, lead.id)
        assert list(row.fields.values()) == [agent]
        assert list(card.row.fields.values()) == list(row.fields.values())
        assert card.extra == {"Cell 2": cell, "Roof": "Tar"}


@pytest.mark.parametrize(
    "spelt", ["312-555-0142", "(312) 555 0142", "+1 312.555.0142", "13125550142", "312\u00a0555\u00a00142"]
)
def test_an_auditor_finds_out_no_digit_of_a_number_in_an_own_field(uow: UnitOfWork, me: Principal, spelt: str) -> None:
    # Its house and parcel hold no digit that is asked for.
    lead, auditor = a_lead(uow, a_property(uow, street="1 Cedar St", apn="14-1")), a_member(uow, Role.AUDITOR)
    own = leads.make_field(uow, me, FieldInput(name="Agent", kind=FieldKind.TEXT))
    leads.set_cell(uow, me, lead.id, Cell(f"custom.{own}", f"Kim, {spelt}", None))

    def finds(who: Principal, **asked: object) -> bool:
        return leads.count(uow, who, LeadFilter.read(asked)) == 1

    for part in ("312", "3", "555", f"Kim, {spelt}"[:-4], spelt):
        escaped = part.replace(",", "\\,")
        for test in (f"custom.{own}:contains:{escaped}", f"custom.{own}:contains:{escaped}|stack:at_least:9"):
            assert finds(me, where=[test]), test
            assert not finds(auditor, where=[test]), test
        assert finds(auditor, where=[f"custom.{own}:not_contains:{escaped}"])
        assert not finds(me, where=[f"custom.{own}:not_contains:{escaped}"])
        assert not finds(auditor, q=part)
    assert not finds(auditor, where=[f"custom.{own}:is:Kim\\, {spelt}"])
    for shown in ("kim", "0142"):
        assert finds(auditor, where=[f"custom.{own}:contains:{shown}"]), "what they see, they may ask for"
    assert finds(auditor, q="kim")
    assert finds(auditor, where=[f"custom.{own}:given"])


def test_an_auditor_counts_no_number_in_with_a_figure(uow: UnitOfWork, me: Principal) -> None:
    phone, roof = a_lead(uow), a_lead(uow)
    auditor = a_member(uow, Role.AUDITOR)
    own = leads.make_field(uow, me, FieldInput(name="Figure", kind=FieldKind.NUMBER))
    for lead, figure in ((phone, 3125550142), (roof, 40)):
        leads.set_cell(uow, me, lead.id, Cell(f"custom.{own}", figure, None))
    for test, found in (("at_least:40", 2), ("is:3125550142", 1), ("at_most:9000000000", 2)):
        chosen = LeadFilter.read({"where": [f"custom.{own}:{test}"]})
        assert leads.count(uow, me, chosen) == found
        assert leads.count(uow, auditor, chosen) == found - 1
