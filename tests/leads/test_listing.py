"""The list: filters say what they mean, a walk shows each row once, the count is true, roles see what they may."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from leadflow.identity.types import Principal
from leadflow.kernel.db import Database, UnitOfWork
from leadflow.kernel.errors import Forbidden, Invalid
from leadflow.leads import service as leads
from leadflow.leads.errors import NoSuchLead
from leadflow.leads.queries.filters import patterns
from leadflow.leads.queries.listing import SORTS
from leadflow.leads.types import LeadFilter, LeadRow
from models.leads import Lead, LeadListEntry, Task
from models.vocabulary import LeadStatus, Role
from tests.factories.identity import a_member
from tests.factories.leads import a_lead, a_list, a_tag, an_entry
from tests.factories.properties import a_property, an_owner

HOUSES = 57


@pytest.fixture
def crowd(db: Database, org: UUID) -> list[UUID]:
    """Write leads with many equal and many missing values, so that ties and blanks matter."""
    dice = random.Random(7)  # noqa: S311 data, not secrets
    made: list[UUID] = []
    with db.begin(org) as uow:
        lists = [a_list(uow, f"L{n}") for n in range(3)]
        for _ in range(HOUSES):
            house = a_property(
                uow,
                street=dice.choice(["", "1 Oak St", "2 Oak St", "9 Élan Way"]),
                city=dice.choice([None, "Dallas", "Houston"]),
                estimated_value=dice.choice([None, 0, 100, 20_000_000]),
                estimated_equity=dice.choice([None, -50, 0, 5_000_000]),
            )
            if dice.random() < 0.8:
                an_owner(uow, house, name=dice.choice(["Ann Oak", "Bob Elm", "Zoë Fir"]))
            lead = Lead(
                org_id=org,
                property_id=house.id,
                status=dice.choice(list(LeadStatus)),
                source=dice.choice(["", "a.csv"]),
                last_touch_at=dice.choice([None, uow.now(), uow.now() - timedelta(days=1)]),
                created_at=uow.now() - timedelta(days=dice.randrange(3)),
            )
            uow.session.add(lead)
            uow.session.flush()
            for one in dice.sample(lists, dice.randrange(4)):
                uow.session.add(
                    LeadListEntry(
                        org_id=org, list_id=one.id, lead_id=lead.id, first_seen_at=uow.now(), last_seen_at=uow.now()
                    )
                )
            if dice.random() < 0.5:
                due = dice.choice([None, uow.now(), uow.now() + timedelta(days=1)])
                uow.session.add(Task(org_id=org, lead_id=lead.id, title="Call", due_at=due))
            made.append(lead.id)
        uow.session.flush()
        leads.refresh_search(uow, made)
    return made


def walk(uow: UnitOfWork, actor: Principal, chosen: LeadFilter, sort: str, direction: str, limit: int) -> list[LeadRow]:
    rows: list[LeadRow] = []
    after: str | None = None
    while True:
        page = leads.page(uow, actor, chosen, sort, direction, after, limit)  # pyright: ignore[reportArgumentType] asc or desc
        rows += page.rows
        after = page.next
        if after is None:
            return rows


def test_a_walk_shows_each_row_once_in_the_order_of_one_plain_sort_with_blanks_last(
    uow: UnitOfWork, owner: Principal, crowd: list[UUID]
) -> None:
    for sort in list(SORTS)[:11]:
        for direction in ("asc", "desc"):
            _walks_like_a_plain_sort(uow, owner, crowd, sort, direction)


def _walks_like_a_plain_sort(uow: UnitOfWork, owner: Principal, crowd: list[UUID], sort: str, direction: str) -> None:
    order = SORTS[sort]
    blank = {"null": f"{order.column} is null", "''": f"{order.column} = ''", None: "lead_id is null"}[order.blank]
    with uow.cursor() as cursor:
        cursor.execute(
            f"select lead_id from lead_search order by {blank}, "  # noqa: S608 names of ours
            f"case when {blank} then null else {order.column} end {direction}, lead_id {direction}".encode()
        )
        plain = [row[0] for row in cursor.fetchall()]
    assert sorted(plain) == sorted(crowd)
    for limit in (4, 200):
        assert [row.id for row in walk(uow, owner, LeadFilter(), sort, direction, limit)] == plain


def test_search_finds_rows_that_hold_every_term_and_walks_them_like_any_other(
    uow: UnitOfWork, owner: Principal, crowd: list[UUID]
) -> None:
    with uow.cursor() as cursor:
        cursor.execute("select lead_id, words from lead_search order by added_at, lead_id")
        words = {row[0]: row[1] for row in cursor.fetchall()}
    assert words.keys() == set(crowd)
    for q in ("oak", "ann oak", "o", "9 é", "zoë dallas", "(312) 200", "no such thing", "%", "_", "\\"):
        wanted = [lead for lead, text in words.items() if all(_holds(text, term) for term in patterns(q))]
        assert [row.id for row in walk(uow, owner, LeadFilter(q=q), "added", "asc", 5)] == wanted, q
        assert leads.page(uow, owner, LeadFilter(q=q), limit=1).count == len(wanted), q


def _holds(text: str, pattern: str) -> bool:
    inner = pattern[1:-1]
    return inner.replace("\\%", "%").replace("\\_", "_").replace("\\\\", "\\") in text


def test_a_typed_number_is_its_digits_and_a_short_term_begins_a_word() -> None:
    assert patterns("(312) 200-0001") == ["%3122000001%"]
    assert patterns("Oak st, 9") == ["%oak%", "% st%", "% 9%"]
    assert patterns("50%_\\") == ["%50\\%\\_\\\\%"]
    assert patterns("  ") == []


def test_a_search_wider_than_the_probe_gives_the_same_rows(
    uow: UnitOfWork, owner: Principal, crowd: list[UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert crowd
    walks = [(sort, way) for sort in ("owner", "street", "value", "added") for way in ("asc", "desc")]
    narrow = [[row.id for row in walk(uow, owner, LeadFilter(q="o"), sort, way, 9)] for sort, way in walks]
    monkeypatch.setattr("leadflow.leads.queries.listing.RARE", 3)
    wide = [[row.id for row in walk(uow, owner, LeadFilter(q="o"), sort, way, 9)] for sort, way in walks]
    assert wide == narrow
    assert len(narrow[0]) > 9


def test_each_field_of_the_filter_narrows_by_what_it_names(uow: UnitOfWork) -> None:
    me = a_member(uow, Role.OWNER)
    rich = a_lead(uow, a_property(uow, state="TX", estimated_value=40_000_000, estimated_equity=30_000_000))
    plain = a_lead(uow, source="a.csv", assignee_id=me.user_id)
    one, two = a_list(uow, "Absentee"), a_list(uow, "Vacant")
    an_entry(uow, one.id, rich.id)
    an_entry(uow, two.id, rich.id)
    an_entry(uow, one.id, plain.id)
    hot = a_tag(uow, plain.id, "hot")
    leads.set_status(uow, me, rich.id, LeadStatus.OFFER)
    cases: list[tuple[dict[str, object], set[UUID]]] = [
        ({}, {rich.id, plain.id}),
        ({"status": ["offer", "won"]}, {rich.id}),
        ({"state": "tx"}, {rich.id}),
        ({"list": ["Absentee"]}, {rich.id, plain.id}),
        ({"list": [str(one.id), "Vacant"]}, {rich.id}),
        ({"list": ["Absentee"], "not_list": ["Vacant"]}, {plain.id}),
        ({"list": ["No such list"]}, set()),
        ({"not_list": ["No such list"]}, {rich.id, plain.id}),
        ({"tag": ["hot", "cold"]}, {plain.id}),
        ({"tag": str(hot.id)}, {plain.id}),
        ({"assignee": "me"}, {plain.id}),
        ({"assignee": str(me.user_id)}, {plain.id}),
        ({"assignee": "none"}, {rich.id}),
        ({"min_stack": 2}, {rich.id}),
        ({"min_equity": 75}, {rich.id}),
        ({"min_equity": 75.01}, set()),
        ({"min_value": 20_000_001}, {rich.id}),
        ({"source": "a.csv"}, {plain.id}),
        ({"has_phone": True}, {plain.id}),
        ({"has_phone": "false"}, {rich.id}),
        ({"status": "", "q": "", "min_stack": "", "assignee": ""}, {rich.id, plain.id}),
    ]
    for given, wanted in cases:
        chosen = leads.parse_filter(given)
        assert {row.id for row in walk(uow, me, chosen, "added", "desc", 50)} == wanted, given
        assert leads.count(uow, me, chosen) == len(wanted)
        assert leads.parse_filter(chosen.as_dict()) == chosen
        where, params = leads.audience(uow, me, chosen.as_dict())
        with uow.cursor() as cursor:
            cursor.execute(
                b"select s.lead_id from lead_search s where s.org_id = %(org)s and (" + where.as_bytes(None) + b")",
                {**params, "org": uow.org()},
            )
            assert {row[0] for row in cursor.fetchall()} == wanted, given


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"colour": "red"}, "colour"),
        ({"status": "sleeping"}, "status"),
        ({"state": "Texas"}, "state"),
        ({"min_stack": -1}, "min_stack"),
        ({"assignee": "somebody"}, "assignee"),
        ({"import_id": "7"}, "import_id"),
    ],
)
def test_a_filter_that_makes_no_sense_is_refused_at_its_field(given: dict[str, object], field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        leads.parse_filter(given)
    assert refusal.value.field == field


def test_text_that_postgres_cannot_store_finds_nothing_and_breaks_nothing(uow: UnitOfWork, owner: Principal) -> None:
    for q in ("a\x00b", "\ud800", "'; drop table lead; --", "%s %(org)s"):
        assert leads.page(uow, owner, leads.parse_filter({"q": q, "list": ["x\x00"], "source": "\x00y"})).rows == ()


@pytest.mark.parametrize("cursor", ["", "x", "W10", "WzFd", "bnVsbA"])
def test_an_invented_cursor_is_refused(uow: UnitOfWork, owner: Principal, cursor: str) -> None:
    if cursor:
        with pytest.raises(Invalid):
            leads.page(uow, owner, LeadFilter(), after=cursor)


def test_a_cursor_serves_only_the_sort_and_direction_it_was_made_for(
    uow: UnitOfWork, owner: Principal, crowd: list[UUID]
) -> None:
    assert crowd
    after = leads.page(uow, owner, LeadFilter(), "value", "asc", None, 5).next
    with pytest.raises(Invalid):
        leads.page(uow, owner, LeadFilter(), "value", "desc", after)
    with pytest.raises(Invalid):
        leads.page(uow, owner, LeadFilter(), "owner", "asc", after)
    with pytest.raises(Invalid, match="Sort by one of"):
        leads.page(uow, owner, LeadFilter(), "best_phone")


def test_the_first_page_carries_an_exact_count_or_says_that_there_are_more(
    uow: UnitOfWork, owner: Principal, crowd: list[UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = leads.page(uow, owner, LeadFilter(), limit=5)
    assert (first.count, first.at_least) == (len(crowd), None)
    assert leads.page(uow, owner, LeadFilter(), after=first.next, limit=5).count is None
    monkeypatch.setattr("leadflow.leads.service.looking.COUNT_UP_TO", 20)
    many = leads.page(uow, owner, LeadFilter(), limit=5)
    assert (many.count, many.at_least) == (None, 21)


def test_an_agent_sees_assigned_leads_only_and_nothing_else_moves(uow: UnitOfWork) -> None:
    agent, manager = a_member(uow, Role.AGENT), a_member(uow, Role.MANAGER)
    mine, other = a_lead(uow, assignee_id=agent.user_id), a_lead(uow)
    tagged = a_tag(uow, other.id, "other's")
    assert [row.id for row in walk(uow, agent, LeadFilter(), "added", "asc", 9)] == [mine.id]
    assert walk(uow, agent, LeadFilter(assignee="none"), "added", "asc", 9) == []
    assert leads.count(uow, agent, LeadFilter()) == 1
    assert leads.count(uow, manager, LeadFilter()) == 2
    assert [(row.id, row.count) for row in leads.tags(uow, agent)] == [(tagged.id, 0)]
    nobody = Principal(user_id=None, org_id=uow.org(), role=Role.AGENT)
    assert walk(uow, nobody, LeadFilter(), "added", "asc", 9) == []


def test_an_auditor_sees_masked_numbers(uow: UnitOfWork) -> None:
    house = a_property(uow)
    an_owner(uow, house, number="+13125550142")
    lead = a_lead(uow, house)
    auditor = a_member(uow, Role.AUDITOR)
    row = leads.page(uow, auditor, LeadFilter()).rows[0]
    assert row.phone is not None
    assert row.phone.number == "+1******0142"
    card = leads.detail(uow, auditor, lead.id)
    assert [phone.number for person in card.people for phone in person.phones] == ["+1******0142"]
    with pytest.raises(Forbidden):
        leads.set_status(uow, auditor, lead.id, LeadStatus.DEAD)


def test_a_foreign_organisation_sees_nothing(db: Database, org: UUID, make_org: Callable[[str], UUID]) -> None:
    with db.begin(org) as uow:
        lead = a_lead(uow)
        name = a_list(uow, "Ours").name
        an_entry(uow, leads.lists(uow, a_member(uow))[0].id, lead.id)
    with db.begin(make_org("Other")) as foreign:
        other = a_member(foreign)
        assert leads.page(foreign, other, LeadFilter()).rows == ()
        assert leads.page(foreign, other, LeadFilter(list=(name,))).rows == ()
        assert leads.lists(foreign, other) == []
        with pytest.raises(NoSuchLead):
            leads.detail(foreign, other, lead.id)
        with pytest.raises(NoSuchLead):
            leads.set_status(foreign, other, lead.id, LeadStatus.DEAD)
        leads.refresh_search(foreign, [lead.id])
        leads.touch(foreign, [lead.id], datetime.fromisoformat("2030-01-01T00:00:00+00:00"))
    with db.begin(org) as uow:
        kept = uow.session.get(Lead, (org, lead.id))
        assert kept is not None
        assert (kept.status, kept.last_touch_at) == (LeadStatus.NEW, None)


def test_lists_tags_and_sources_are_told_with_what_the_caller_sees_of_them(uow: UnitOfWork) -> None:
    agent, manager = a_member(uow, Role.AGENT), a_member(uow, Role.MANAGER)
    mine = a_lead(uow, assignee_id=agent.user_id, source="b.csv")
    other, third = a_lead(uow, source="a.csv"), a_lead(uow, source="b.csv")
    group = a_list(uow, "Vacant")
    empty = a_list(uow, "absentee")
    for lead in (mine, other, third):
        an_entry(uow, group.id, lead.id)
    a_tag(uow, mine.id, "hot")
    assert [(row.id, row.count) for row in leads.lists(uow, manager)] == [(empty.id, 0), (group.id, 3)]
    assert [(row.id, row.count) for row in leads.lists(uow, agent)] == [(empty.id, 0), (group.id, 1)]
    assert [(row.name, row.count) for row in leads.tags(uow, agent)] == [("hot", 1)]
    assert leads.sources(uow, manager) == ["a.csv", "b.csv"]
    assert leads.sources(uow, agent) == ["b.csv"]
    assert leads.sources(uow, Principal(user_id=None, org_id=uow.org(), role=Role.AGENT)) == []
