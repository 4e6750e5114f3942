"""Who finds what: in any spelling, exact ones first, and never what they may not open or what is masked for them."""

from __future__ import annotations

from uuid import UUID

import pytest

from leadflow.identity.types import Principal
from leadflow.kernel import paging
from leadflow.kernel.db import Database
from leadflow.kernel.errors import Forbidden, Invalid
from leadflow.leads import service as leads
from leadflow.leads.types import LeadFilter
from leadflow.leads.view_types import Cell, FieldInput, ViewContent
from leadflow.search import service as search
from leadflow.search.types import Answer, Hit
from models.imports import ImportBatch
from models.leads import Lead
from models.vocabulary import FieldKind, ImportState, PartyRole, Permission, Role, SearchKind
from tests.duplicates.world import World
from tests.factories.leads import a_lead, a_list, a_tag, a_task, an_entry
from tests.factories.properties import a_party, a_person, a_property, an_owner

Who = dict[Role, Principal]


def find(db: Database, actor: Principal, q: str, *kinds: SearchKind) -> Answer:
    with db.begin(actor.org_id) as uow:
        return search.search(uow, actor, q, kinds)


def hits(db: Database, actor: Principal, q: str, kind: SearchKind) -> list[Hit]:
    return [hit for group in find(db, actor, q, kind).groups for hit in group.hits]


@pytest.fixture
def house(db: Database, org: UUID, who: Who) -> Lead:
    """A lead with everything that can be searched for; nobody's."""
    with db.begin(org) as uow:
        made = a_property(uow, street="9622 Garland Ct", city="Frisco", state="TX", zip5="75034", apn="R-4410-22")
        an_owner(uow, made, number="+13035550142", name="Wilhelmina Quill")
        heir = a_person(uow, name="Tobias Quill")
        a_party(uow, made.id, heir.id, role=PartyRole.HEIR)
        lead = a_lead(uow, made)
        an_entry(uow, a_list(uow, "Frisco probate").id, lead.id)
        a_tag(uow, lead.id, "vacant-frisco")
        a_task(uow, lead.id, title="Ask Quill about Frisco")
        World(uow).campaign().name = "Frisco heirs"
        uow.session.add(
            ImportBatch(org_id=org, filename="frisco-2026.csv", file_key="k", file_sha256="s", state=ImportState.DONE)
        )
        leads.save_view(uow, who[Role.MANAGER], "Frisco this week", ViewContent())
    return lead


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("9622 garland ct", "Address"),
        ("9622 Garland Court", "Address"),
        ("garland frisco", "Address"),
        ("R-4410-22", "Parcel number"),
        ("r441022", "Parcel number"),
        ("wilhelmina", "Owner"),
        ("tobias", "A person or a detail"),
        ("303-555-0142", "Phone (303) 555-0142"),
        ("+1303 555 0142", "Phone (303) 555-0142"),
        ("5550142", "Phone (303) 555-0142"),
        ("0142", "Phone (303) 555-0142"),
        ("303555", "Phone (303) 555-0142"),
    ],
)
def test_a_lead_is_found_by_whatever_one_knows_of_it(db: Database, who: Who, house: Lead, typed: str, why: str):
    with db.begin(house.org_id) as uow:
        for _ in range(3):
            a_lead(uow)
    found = hits(db, who[Role.OWNER], typed, SearchKind.LEAD)
    assert [(hit.id, hit.why) for hit in found] == [(str(house.id), why)]
    assert found[0].href == f"/leads?lead={house.id}"


@pytest.mark.parametrize(
    ("kind", "typed", "title"),
    [
        (SearchKind.PERSON, "quill tobias", "Tobias Quill"),
        (SearchKind.PHONE, "(303) 555 0142", "(303) 555-0142"),
        (SearchKind.CAMPAIGN, "frisco", "Frisco heirs"),
        (SearchKind.TASK, "ask quill", "Ask Quill about Frisco"),
        (SearchKind.LIST, "FRISCO", "Frisco probate"),
        (SearchKind.TAG, "vacant", "vacant-frisco"),
        (SearchKind.IMPORT, "frisco-2026", "frisco-2026.csv"),
        (SearchKind.VIEW, "frisco week", "Frisco this week"),
        (SearchKind.MEMBER, "agent pers", "Agent Person"),
        (SearchKind.PAGE, "suppr", "Suppressions"),
        (SearchKind.COMMAND, "import file", "Import a file"),
    ],
)
def test_each_kind_is_found_by_its_name(db: Database, who: Who, house: Lead, kind: SearchKind, typed: str, title: str):
    del house
    assert [hit.title for hit in hits(db, who[Role.MANAGER], typed, kind)] == [title]


def test_what_was_typed_comes_first_though_many_hold_it(db: Database, org: UUID, who: Who):
    with db.begin(org) as uow:
        for number in (13, 131, 3, 1):
            a_lead(uow, a_property(uow, street=f"{number} Main St"))
    found = hits(db, who[Role.OWNER], "13 main street", SearchKind.LEAD)
    assert [hit.title for hit in found] == ["13 Main St", "131 Main St"]
    assert hits(db, who[Role.OWNER], "13 main", SearchKind.LEAD)[0].title == "13 Main St"


def test_an_exact_address_is_found_among_more_leads_than_are_ranked(
    db: Database, org: UUID, who: Who, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(search, "FIRST", 2)
    with db.begin(org) as uow:
        for number in range(1, 9):
            a_lead(uow, a_property(uow, street=f"{number}00 Main St"))
    (group,) = find(db, who[Role.OWNER], "800 Main St", SearchKind.LEAD).groups
    assert group.hits[0].title == "800 Main St"
    (group,) = find(db, who[Role.OWNER], "main", SearchKind.LEAD).groups
    assert (group.count, group.at_least) == (None, 3)


def test_an_agent_finds_only_what_hangs_on_assigned_leads(db: Database, who: Who, house: Lead):
    agent = who[Role.AGENT]
    asked = ("garland", "quill", "tobias", "3035550142", "0142", "r441022", "frisco probate", "vacant", "ask quill")
    mine = {SearchKind.LEAD, SearchKind.PERSON, SearchKind.PHONE, SearchKind.TASK, SearchKind.LIST, SearchKind.TAG}
    for typed in asked:
        assert {group.kind for group in find(db, agent, typed).groups} & mine == set(), typed
    with db.begin(house.org_id) as uow:
        leads.assign(uow, who[Role.MANAGER], house.id, agent.user_id)
    for typed in asked:
        assert {group.kind for group in find(db, agent, typed).groups} & mine, typed


def test_an_auditor_finds_nobody_by_masked_digits_nor_in_the_list(db: Database, who: Who, house: Lead):
    auditor = who[Role.AUDITOR]
    for typed in ("3035550142", "303-555-0142", "+13035550142", "5550142", "303555", "50142", "quill 555014"):
        assert find(db, auditor, typed).groups == (), typed
        with db.begin(house.org_id) as uow:
            assert leads.count(uow, auditor, LeadFilter(q=typed)) == 0
            assert leads.count(uow, who[Role.OWNER], LeadFilter(q=typed)) == 1
    with db.begin(house.org_id) as uow:
        own = leads.make_field(uow, who[Role.OWNER], FieldInput(name="Agent", kind=FieldKind.TEXT))
        leads.set_cell(uow, who[Role.OWNER], house.id, Cell(f"custom.{own}", "Kim (214) 555-0177", None))
    for typed in ("214", "214) 555", "kim (21", "555-01"):
        assert find(db, auditor, typed).groups == (), typed
        assert hits(db, who[Role.OWNER], typed, SearchKind.LEAD), typed
    assert hits(db, auditor, "kim", SearchKind.LEAD)
    found = find(db, auditor, "0142")
    assert [(hit.title, hit.why) for group in found.groups for hit in group.hits if group.kind is SearchKind.PHONE] == [
        ("(***) ***-0142", "Ends in 0142")
    ]
    assert "303" not in repr(found)
    assert hits(db, auditor, "9622 garland", SearchKind.LEAD)


def test_a_kind_that_the_caller_may_not_see_is_left_out_and_refused_by_name(db: Database, who: Who, house: Lead):
    auditor, agent = who[Role.AUDITOR], who[Role.AGENT]
    assert SearchKind.IMPORT not in {group.kind for group in find(db, auditor, "frisco").groups}
    assert find(db, agent, "manager person").groups == ()
    with db.begin(house.org_id) as uow:
        for actor, kind in ((auditor, SearchKind.IMPORT), (agent, SearchKind.MEMBER)):
            with pytest.raises(Forbidden):
                search.of_kind(uow, actor, kind, "frisco")
    denied = Principal(
        user_id=who[Role.OWNER].user_id, org_id=house.org_id, role=Role.OWNER, denied=frozenset({Permission.LEAD_READ})
    )
    with pytest.raises(Forbidden):
        find(db, denied, "frisco")
    no_campaigns = Principal(
        user_id=who[Role.OWNER].user_id,
        org_id=house.org_id,
        role=Role.OWNER,
        denied=frozenset({Permission.CAMPAIGN_READ}),
    )
    assert SearchKind.CAMPAIGN not in {group.kind for group in find(db, no_campaigns, "frisco").groups}


def test_pages_and_commands_are_those_that_the_role_may_open(db: Database, who: Who, house: Lead):
    del house
    assert hits(db, who[Role.AUDITOR], "imports", SearchKind.PAGE) == []
    assert [hit.href for hit in hits(db, who[Role.AGENT], "imports", SearchKind.PAGE)] == ["/imports"]
    assert hits(db, who[Role.AGENT], "pause", SearchKind.COMMAND) == []
    assert hits(db, who[Role.OWNER], "pause", SearchKind.COMMAND)


def test_another_team_s_rows_are_never_found(db: Database, who: Who, house: Lead, other_org: UUID):
    del who
    with db.begin(other_org) as uow:
        stranger = Principal(user_id=None, org_id=other_org, role=Role.OWNER)
        for typed in ("garland", "quill", "3035550142", "0142", "r441022", "frisco", "9622 garland ct"):
            assert search.search(uow, stranger, typed).groups == (), typed
    assert hits(db, Principal(user_id=None, org_id=house.org_id, role=Role.OWNER), "garland", SearchKind.LEAD)


def test_a_private_view_is_found_by_its_owner_alone(db: Database, who: Who, house: Lead):
    del house
    assert hits(db, who[Role.OWNER], "frisco week", SearchKind.VIEW) == []


def test_one_kind_is_read_page_by_page_each_hit_once(db: Database, org: UUID, who: Who):
    with db.begin(org) as uow:
        for number in range(7):
            a_lead(uow, a_property(uow, street=f"{number} Elm St"))
        first = search.of_kind(uow, who[Role.OWNER], SearchKind.LEAD, "elm", None, 3)
        assert (first.count, first.at_least) == (7, None)
        found, after = list(first.rows), first.next
        while after:
            page = search.of_kind(uow, who[Role.OWNER], SearchKind.LEAD, "elm", after, 3)
            assert page.count is None
            found, after = found + list(page.rows), page.next
        assert [hit.title for hit in found] == [f"{number} Elm St" for number in range(7)]
        for damaged in ("x", paging.encode("0", 1, None), paging.encode(1, "elm")):
            with pytest.raises(Invalid):
                search.of_kind(uow, who[Role.OWNER], SearchKind.LEAD, "elm", damaged, 3)


@pytest.mark.parametrize("typed", ["%", "__", "\\\\", "' or 1=1 --", "%' and", "a%b_c\\", "{}", "100%", "$1", "''"])
def test_no_sign_means_anything_to_the_database(db: Database, who: Who, house: Lead, typed: str):
    del house
    assert find(db, who[Role.OWNER], typed).groups == ()
