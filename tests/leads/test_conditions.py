"""What a chip means in SQL is what it means row by row; own fields too; the list, the count and an audience agree."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from psycopg import sql
from psycopg.rows import dict_row

from leadflow.identity.types import Principal
from leadflow.kernel.db import Database, UnitOfWork
from leadflow.kernel.errors import Invalid
from leadflow.leads import filter_types
from leadflow.leads import service as leads
from leadflow.leads.filter_types import FIELDS
from leadflow.leads.rules.contradictions import impossible
from leadflow.leads.types import LeadFilter
from leadflow.leads.view_types import Cell, FieldInput
from models.base import new_id
from models.leads import Lead, LeadListEntry, LeadTag, Tag, Task
from models.vocabulary import FieldKind, LeadStatus, LineType, PersonKind, PhoneStatus, Role
from tests.factories.identity import a_member
from tests.factories.leads import a_lead, a_list
from tests.factories.properties import a_party, a_person, a_person_phone, a_phone, a_property
from tests.leads.asking import Plain, chips, conditions

HOUSES = 60
CITIES, COUNTIES, TYPES = ("Dallas", "El Paso", "Marfa", ""), ("Dallas", "DALLAS", ""), ("Condo", "Single Family", None)
SOURCES = ("", "a.csv", "PropStream 50%_\\")
KNOWN: Mapping[str, st.SearchStrategy[str]] = {
    "street": st.sampled_from(["oak", "Oak St", "9", "%", "\\", "Élan"]),
    "city": st.sampled_from(["Dallas", "dallas", "paso", "Marfa"]),
    "county": st.sampled_from(["Dallas", "dallas", "all"]),
    "state": st.sampled_from(["TX", "FL"]),
    "zip": st.sampled_from(["75201", "77002"]),
    "owner": st.sampled_from(["ann", "Bob Elm", "& zoë", "Trust"]),
    "source": st.sampled_from(["a.csv", "50%_\\", "csv"]),
    "property_type": st.sampled_from(["Condo", "condo", "Single Family"]),
    "list": st.sampled_from(["L0", "L1", "L2", "nowhere"]),
    "list_first": st.sampled_from(["L0", "L1", "nowhere"]),
    "list_last": st.sampled_from(["L0", "L1"]),
    "tag": st.sampled_from(["hot", "cold", "nothing"]),
    "beds": st.sampled_from(["2", "3", "2.5"]),
    "year": st.sampled_from(["1950", "1999", "2020", "1950.5"]),
    "stack": st.sampled_from(["0", "1", "2"]),
}


class Crowd:
    """Leads in the database and the same in memory; no dataclass, so that a failure does not print them all."""

    def __init__(self, me: Principal, rows: list[dict[str, Any]], plain: Plain) -> None:
        self.me, self.rows, self.plain = me, rows, plain


@pytest.fixture
def crowd(db: Database, org: UUID) -> Crowd:
    """Write leads with every kind of value, some missing, some on the very edge of a day."""
    dice = random.Random(11)  # noqa: S311 data, not secrets
    with db.begin(org) as uow:
        me, other = a_member(uow, Role.OWNER), a_member(uow, Role.AGENT)
        lists = [a_list(uow, f"L{n}") for n in range(3)]
        tags = [Tag(org_id=org, name=name) for name in ("hot", "cold")]
        uow.session.add_all(tags)
        uow.session.flush()
        imports = [new_id(), None]
        for _ in range(HOUSES):
            _house(uow, dice, [me.user_id, other.user_id, None], lists, tags, imports)
        uow.session.flush()
        with uow.cursor() as cursor:
            cursor.execute("select id from lead")
            leads.refresh_search(uow, [row[0] for row in cursor.fetchall()])
        rows = _rows(uow)
        names = {"list": {one.name: one.id for one in lists}, "tag": {one.name: one.id for one in tags}}
        assert me.user_id is not None
        return Crowd(me, rows, Plain(uow.now(), "America/New_York", me.user_id, names))


def _house(
    uow: UnitOfWork,
    dice: random.Random,
    people: list[UUID | None],
    lists: list[Any],
    tags: list[Any],
    imports: list[Any],
) -> None:
    now = uow.now()
    moments = [None, now, now - timedelta(days=3), now - timedelta(days=400), now - timedelta(days=30, microseconds=1)]
    house = a_property(
        uow,
        street=dice.choice(["1 Oak St", "9 Élan Way", "50% \\ Lane", None]),
        city=dice.choice(CITIES) or None,
        county=dice.choice(COUNTIES) or None,
        state=dice.choice(["TX", "FL", None]),
        zip5=dice.choice(["75201", "77002", None]),
        property_type=dice.choice(TYPES),
        bedrooms=dice.choice([None, 2.0, 3.0, 2.5]),
        bathrooms=dice.choice([None, 1.5, 2.0]),
        building_sqft=dice.choice([None, 900, 2_100]),
        year_built=dice.choice([None, 1950, 1999, 2020]),
        owner_occupied=dice.choice([None, True, False]),
        estimated_value=dice.choice([None, 0, 20_000_000]),
        estimated_equity=dice.choice([None, 0, 5_000_000]),
    )
    for position in range(dice.randrange(3)):
        person = a_person(uow, name=dice.choice(["Ann Oak", "Bob Elm", "Zoë Fir"]), kind=dice.choice(list(PersonKind)))
        a_party(uow, house.id, person.id, position=position + 1)
        if dice.random() < 0.6:
            phone = a_phone(uow, line_type=dice.choice(list(LineType)), status=dice.choice(list(PhoneStatus)))
            a_person_phone(uow, person.id, phone.id)
    lead = Lead(
        org_id=uow.org(),
        property_id=house.id,
        status=dice.choice(list(LeadStatus)),
        source=dice.choice(SOURCES),
        assignee_id=dice.choice(people),
        last_touch_at=dice.choice(moments),
        import_id=dice.choice(imports),
        created_at=dice.choice([moment for moment in moments if moment]),
    )
    uow.session.add(lead)
    uow.session.flush()
    for one in dice.sample(lists, dice.randrange(4)):
        first = dice.choice([moment for moment in moments if moment])
        entry = LeadListEntry(org_id=uow.org(), list_id=one.id, lead_id=lead.id, first_seen_at=first, last_seen_at=now)
        uow.session.add(entry)
    for one in dice.sample(tags, dice.randrange(3)):
        uow.session.add(LeadTag(org_id=uow.org(), tag_id=one.id, lead_id=lead.id))
    if dice.random() < 0.6:
        due = dice.choice([None, now - timedelta(days=1), now, now + timedelta(days=5)])
        uow.session.add(Task(org_id=uow.org(), lead_id=lead.id, title="Call", due_at=due))


def _rows(uow: UnitOfWork) -> list[dict[str, Any]]:
    with uow.connection().cursor(row_factory=dict_row) as cursor:
        cursor.execute(
            "select s.*, l.import_id from lead_search s join lead l on l.org_id = s.org_id and l.id = s.lead_id"
        )
        rows = cursor.fetchall()
        cursor.execute("select lead_id, list_id, first_seen_at, last_seen_at from lead_list_entry")
        entries = cursor.fetchall()
    for row in rows:
        mine = [entry for entry in entries if entry["lead_id"] == row["lead_id"]]
        row["entries"] = {entry["list_id"]: (entry["first_seen_at"], entry["last_seen_at"]) for entry in mine}
    return rows


def found(uow: UnitOfWork, who: Principal, chosen: LeadFilter) -> set[UUID]:
    return {row.id for row in leads.page(uow, who, chosen, limit=200).rows}


@settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(asked=st.lists(chips(known=KNOWN), min_size=1, max_size=3))
def test_sql_finds_what_reading_row_by_row_finds(
    db: Database, org: UUID, crowd: Crowd, asked: list[filter_types.Chip]
) -> None:
    chosen = LeadFilter(where=tuple(asked))
    wanted = {row["lead_id"] for row in crowd.rows if all(crowd.plain.holds(row, chip) for chip in asked)}
    with db.begin(org) as uow:
        assert found(uow, crowd.me, chosen) == wanted
        assert leads.count(uow, crowd.me, chosen) == len(wanted)


FEW_FIELDS = ("status", "state", "city", "owner_kind", "year", "beds", "value", "occupied", "assignee", "tag", "import")


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(
    asked=st.lists(conditions(FEW_FIELDS, KNOWN).map(lambda one: (one,)), min_size=2, max_size=5),
    plain=st.fixed_dictionaries(
        {},
        optional={
            "status": st.lists(st.sampled_from(LeadStatus), min_size=1, max_size=2).map(tuple),
            "state": st.sampled_from([("TX",), ("FL",)]),
            "tag": st.sampled_from([("hot",), ("cold",)]),
            "min_value": st.sampled_from([0, 1, 20_000_000]),
        },
    ),
)
def test_what_contradicts_itself_is_answered_at_once_as_reading_row_by_row_would(
    db: Database, org: UUID, crowd: Crowd, asked: list[filter_types.Chip], plain: dict[str, Any]
) -> None:
    wanted = set[UUID]()
    alone = LeadFilter(**plain)
    with db.begin(org) as uow:
        of_plain = found(uow, crowd.me, alone)
        wanted = {
            row["lead_id"]
            for row in crowd.rows
            if row["lead_id"] in of_plain and all(crowd.plain.holds(row, chip) for chip in asked)
        }
        chosen = alone.model_copy(update={"where": tuple(asked)})
        event(f"contradicts itself: {impossible(chosen)}")
        assert found(uow, crowd.me, chosen) == wanted
        assert leads.count(uow, crowd.me, chosen) == len(wanted)


@pytest.mark.parametrize(
    ("asked", "contradicts"),
    [
        ({"where": ["state:is:TX", "state:is:WA"]}, True),
        ({"where": ["state:is:TX,WA", "state:is:WA,FL"]}, False),
        ({"where": ["state:is:TX|city:is:Dallas", "state:is:WA"]}, False),
        ({"where": ["city:is:Dallas", "city:is:dallas"]}, False),
        ({"where": ["city:is:Dallas", "city:not:dallas,Austin"]}, True),
        ({"where": ["city:empty", "city:contains:a"]}, True),
        ({"where": ["city:empty", "city:not_contains:a", "city:not:Dallas"]}, False),
        ({"where": ["year:at_least:1990", "year:at_most:1989"]}, True),
        ({"where": ["year:at_least:1990", "year:at_most:1990"]}, False),
        ({"where": ["year:between:1950,1960", "year:is:1961,1970"]}, True),
        ({"where": ["has_phone:yes"], "has_phone": False}, True),
        ({"where": ["value:at_most:100"], "min_value": 200}, True),
        ({"where": ["status:is:new"], "status": ["won"]}, True),
        ({"where": ["tag:none:hot"], "tag": ["hot"]}, True),
        ({"where": ["tag:none:hot"], "tag": ["hot", "cold"]}, False),
        ({"where": ["tag:all:hot,cold", "tag:none:cold"]}, True),
        ({"list": ["L0"], "not_list": ["L0"]}, True),
        ({"where": ["assignee:is:me", "assignee:is:00000000-0000-0000-0000-000000000001"]}, False),
        ({"where": ["assignee:empty", "assignee:is:me"]}, True),
        ({"where": ["next_task:empty", "next_task:overdue"]}, False),
        ({}, False),
    ],
)
def test_only_a_sure_contradiction_asks_no_lead(
    uow: UnitOfWork, manager: Principal, asked: dict[str, Any], *, contradicts: bool
) -> None:
    assert impossible(LeadFilter.read(asked)) is contradicts
    written, _ = leads.audience(uow, manager, asked)
    assert (written.as_string() == "false") is contradicts


def test_what_contradicts_itself_and_makes_no_sense_is_refused_all_the_same(uow: UnitOfWork) -> None:
    me = a_member(uow, Role.OWNER)
    made = leads.make_field(uow, me, FieldInput(name="Rooms", kind=FieldKind.NUMBER))
    with pytest.raises(Invalid, match="cannot be asked 'contains'"):
        leads.count(uow, me, LeadFilter.read({"where": ["state:is:TX", "state:is:WA", f"custom.{made}:contains:x"]}))


def test_each_field_is_asked_everything_that_it_can_be(db: Database, org: UUID, crowd: Crowd) -> None:
    """What the draws above may miss: each question to each field once, alone, where some rows say yes and some no."""
    dice = random.Random(3)  # noqa: S311 data, not secrets
    silent = set[str]()
    with db.begin(org) as uow:
        for name, field in FIELDS.items():
            for op in filter_types.OPS[field.kind]:
                chip = _sample(name, op, dice)
                wanted = {row["lead_id"] for row in crowd.rows if crowd.plain.holds(row, chip)}
                assert found(uow, crowd.me, LeadFilter(where=(chip,))) == wanted, filter_types.write(chip)
                if not wanted:
                    silent.add(f"{name} {op}")
    assert len(silent) < 25, silent


def _sample(name: str, op: filter_types.Op, dice: random.Random) -> filter_types.Chip:
    values = {
        "is": {"value": "20000000", "assignee": "me", "import": str(UUID(int=1)), "status": "new", "state": "TX"},
    }.get(op.value, {})
    words = FIELDS[name].words
    word = values.get(name) or (dice.choice(words) if words else None)
    given = {
        "last": ["10"], "older": ["20"], "next": ["9"], "before": ["2026-11-20"], "after": ["2025-12-01"],
        "between": ["2025-01-01", "2026-12-02"], "at_least": ["2"], "at_most": ["2000"],
    }.get(op.value)  # fmt: skip
    if op.value == "between" and FIELDS[name].kind not in {
        filter_types.Kind.DATE, filter_types.Kind.TASK, filter_types.Kind.SEEN
    }:  # fmt: skip
        given = ["1", "2000"]
    if op.value in {"empty", "given", "yes", "no", "overdue"}:
        given = []
    usual = {"list": "L0", "tag": "hot", "zip": "75201", "property_type": "Condo", "assignee": "me", "state": "TX"}
    usual |= {"street": "Oak", "city": "Dallas", "county": "Dallas", "owner": "Ann", "source": "a.csv"}
    if given is None:
        given = [word or usual.get(name, "2")]
    if FIELDS[name].kind is filter_types.Kind.SEEN:
        given = ["L0", *given]
    return (filter_types.condition(name, op.value, tuple(given)),)


# Own fields

VALUES: dict[FieldKind, tuple[Any, Any, str, str]] = {
    FieldKind.TEXT: ("Slate roof", "Tar", "contains:slate", "is:Tar"),
    FieldKind.NUMBER: (12, 3.5, "at_least:10", "between:3,4"),
    FieldKind.MONEY: (25_000_00, 100, "at_least:2500000", "at_most:100"),
    FieldKind.DATE: ("2026-11-30", "2020-01-31", "last:30", "before:2020-02-01"),
    FieldKind.YES_NO: (True, False, "yes", "no"),
    FieldKind.SELECT: ("Red", "Blue", "is:Red", "not:Red"),
    FieldKind.MULTI_SELECT: (["Red", "Blue"], ["Blue"], "all:Red,Blue", "none:Red"),
    FieldKind.LINK: ("https://a.test/1", "http://b.test", "contains:a.test", "not_contains:a.test"),
}


@pytest.mark.parametrize("kind", list(FieldKind))
def test_an_own_field_narrows_like_any_other(uow: UnitOfWork, kind: FieldKind) -> None:
    me = a_member(uow, Role.OWNER)
    one, two, bare = (a_lead(uow).id for _ in range(3))
    select = kind in {FieldKind.SELECT, FieldKind.MULTI_SELECT}
    made = leads.make_field(uow, me, FieldInput(name="Mine", kind=kind, options=("Red", "Blue") if select else ()))
    field = f"custom.{made}"
    first, second, asks_first, asks_second = VALUES[kind]
    leads.set_cell(uow, me, one, Cell(field, first, None))
    leads.set_cell(uow, me, two, Cell(field, second, None))

    def chip(asked: str) -> set[UUID]:
        return found(uow, me, LeadFilter.read({"where": [f"{field}:{asked}"]}))

    assert chip(asks_first) == {one}
    turned = kind in {FieldKind.SELECT, FieldKind.MULTI_SELECT, FieldKind.LINK}
    assert chip(asks_second) == ({two, bare} if turned else {two})
    if kind is not FieldKind.YES_NO:
        assert (chip("empty"), chip("given")) == ({bare}, {one, two})
    assert found(uow, me, LeadFilter.read({"where": [f"{field}:{asks_first}|{field}:{asks_second}"]})) >= {one, two}


def test_an_own_field_that_is_asked_what_it_is_not_says_so_and_one_that_is_gone_matches_nothing(
    uow: UnitOfWork,
) -> None:
    me, lead = a_member(uow, Role.OWNER), a_lead(uow).id
    made = leads.make_field(uow, me, FieldInput(name="Rooms", kind=FieldKind.NUMBER))
    with pytest.raises(Invalid, match="cannot be asked 'contains'"):
        leads.count(uow, me, LeadFilter.read({"where": [f"custom.{made}:contains:x"]}))
    gone = f"custom.{new_id()}"
    assert leads.count(uow, me, LeadFilter.read({"where": [f"{gone}:is:1"]})) == 0
    assert found(uow, me, LeadFilter.read({"where": [f"{gone}:empty"]})) == {lead}


def test_an_audience_is_the_same_leads(uow: UnitOfWork) -> None:
    me = a_member(uow, Role.OWNER)
    a_lead(uow)
    wanted = a_lead(uow, a_property(uow, city="Marfa", year_built=1950)).id
    given = {"where": ["city:is:Marfa", "year:at_most:1960|last_touch:last:5"]}
    where, params = leads.audience(uow, me, given)
    with uow.cursor() as cursor:
        statement = sql.SQL("select s.lead_id from lead_search s where s.org_id = %(org)s and {}").format(where)
        cursor.execute(statement, {**params, "org": uow.org()})
        assert [row[0] for row in cursor.fetchall()] == [wanted]


def test_days_are_those_of_the_teams_clock(uow: UnitOfWork) -> None:
    """The organisation lives in New York: its second of December began at five in the morning, UTC."""
    me = a_member(uow, Role.OWNER)
    midnight = uow.now().replace(hour=5, minute=0, second=0, microsecond=0)
    day: date = midnight.date()
    late = a_lead(uow, last_touch_at=midnight - timedelta(microseconds=1)).id
    early = a_lead(uow, last_touch_at=midnight).id
    assert found(uow, me, LeadFilter.read({"where": f"last_touch:before:{day}"})) == {late}
    assert found(uow, me, LeadFilter.read({"where": f"last_touch:between:{day},{day}"})) == {early}


def test_what_is_left_out_tells_which_part_removed_the_rows(uow: UnitOfWork) -> None:
    me = a_member(uow, Role.OWNER)
    for city in ("Dallas", "Dallas", "Marfa"):
        a_lead(uow, a_property(uow, city=city))
    chosen = LeadFilter.read({"status": "new", "where": ["city:is:Dallas", "year:at_least:1990"]})
    assert leads.count(uow, me, chosen) == 0
    told = {(one.part, one.chip): one.count for one in leads.without(uow, me, chosen)}
    assert told == {("status", ""): 0, ("where", "city:is:Dallas"): 0, ("where", "year:at_least:1990"): 2}


def test_choices_are_values_that_leads_have_and_an_agent_meets_those_of_assigned_leads_only(uow: UnitOfWork) -> None:
    me, agent = a_member(uow, Role.OWNER), a_member(uow, Role.AGENT)
    for city in ("Dallas", "Marfa", "Dallas", "Austin", None):
        a_lead(uow, a_property(uow, city=city, zip5=None), assignee_id=agent.user_id if city == "Marfa" else None)
    assert leads.choices(uow, me, "city") == ["Austin", "Dallas", "Marfa"]
    assert leads.choices(uow, me, "city", "da") == ["Dallas"]
    assert leads.choices(uow, agent, "city") == ["Marfa"]
    with pytest.raises(Invalid):
        leads.choices(uow, me, "words")
