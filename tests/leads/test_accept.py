"""An import brings properties: each becomes one lead, with lists, tags and a timeline, however often it is tried."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from psycopg import sql

from leadflow.identity.types import Principal
from leadflow.kernel.db import Database, UnitOfWork
from leadflow.leads import service as leads
from leadflow.leads.types import Accepted, LeadFilter
from models.base import new_id
from tests.factories.properties import a_property, an_owner

STAGE = sql.Identifier("stage")
Staged = tuple[UUID, list[str], list[str], str]
TABLES = ("lead", "lead_list", "lead_list_entry", "tag", "lead_tag", "activity", "lead_search")


def accept(uow: UnitOfWork, rows: list[Staged], import_id: UUID, at: datetime | None = None) -> Accepted:
    with uow.cursor() as cursor:
        cursor.execute("drop table if exists stage")
        cursor.execute("create temp table stage (property_id uuid, lists text[], tags text[], note text)")
        cursor.executemany("insert into stage values (%s, %s, %s, %s)", rows)
    return leads.accept(uow, STAGE, source="PropStream", import_id=import_id, actor_id=None, at=at or uow.now())


def snapshot(uow: UnitOfWork) -> dict[str, list[Any]]:
    """Read every row of every table of ours."""
    taken: dict[str, list[Any]] = {}
    with uow.cursor() as cursor:
        for table in TABLES:
            cursor.execute(sql.SQL("select t::text, t.xmin::text from {} t order by 1").format(sql.Identifier(table)))
            taken[table] = cursor.fetchall()
    return taken


def test_each_property_becomes_one_lead_with_lists_tags_and_a_timeline(uow: UnitOfWork, owner: Principal) -> None:
    one, two = a_property(uow), a_property(uow)
    an_owner(uow, one, name="Ann Oak")
    import_id = new_id()
    found = accept(
        uow,
        [
            (one.id, ["Absentee", "Vacant"], ["hot"], "Gate code 7"),
            (two.id, ["Absentee", ""], [], ""),
            (two.id, ["Absentee"], ["cold"], ""),
        ],
        import_id,
    )
    assert found == Accepted(created=2, listed=3, tagged=2)
    rows = {row.street: row for row in leads.page(uow, owner, LeadFilter()).rows}
    first, second = rows[str(one.street)], rows[str(two.street)]
    assert ([named.name for named in first.lists], first.tags, first.stack) == (["Absentee", "Vacant"], ("hot",), 2)
    assert ([named.name for named in second.lists], second.tags, second.stack) == (["Absentee"], ("cold",), 1)
    assert (first.owner, first.source, first.phone_count) == ("Ann Oak", "PropStream", 1)
    assert second.contactable.reasons == ("no_phone",)
    told = leads.detail(uow, owner, first.id).timeline
    assert sorted(entry.kind.value for entry in told) == ["created", "note"]
    assert {str(entry.detail["import_id"]) for entry in told} == {str(import_id)}
    assert leads.count(uow, owner, LeadFilter(import_id=import_id)) == 2


def test_a_second_try_of_the_same_import_writes_nothing(db: Database, org: UUID) -> None:
    with db.begin(org) as uow:
        houses = [a_property(uow).id for _ in range(3)]
    import_id, rows = new_id(), [(house, ["A"], ["t"], "note") for house in houses]
    with db.begin(org) as uow:
        at = uow.now()
        accept(uow, rows, import_id, at)
    with db.begin(org) as uow:
        before = snapshot(uow)
    with db.begin(org) as uow:
        assert accept(uow, rows, import_id, at) == Accepted(0, 0, 0)
    with db.begin(org) as uow:
        # The lock on the lead leaves its mark in xmax, never in xmin: no row was written again.
        assert snapshot(uow) == before


def test_a_later_import_moves_only_what_it_saw(uow: UnitOfWork, owner: Principal) -> None:
    house = a_property(uow)
    first, second, day = new_id(), new_id(), timedelta(days=1)
    at = uow.now()
    accept(uow, [(house.id, ["A", "B"], [], "")], first, at)
    found = accept(uow, [(house.id, ["A", "C"], ["new"], "")], second, at + day)
    assert (found.created, found.tagged) == (0, 1)
    row = leads.page(uow, owner, LeadFilter()).rows[0]
    seen = {item.name: (item.first_seen_at, item.last_seen_at) for item in leads.detail(uow, owner, row.id).lists}
    assert seen == {"A": (at, at + day), "B": (at, at), "C": (at + day, at + day)}
    assert row.stack == 3
    assert [e.kind.value for e in leads.detail(uow, owner, row.id).timeline] == ["imported", "created"]
    assert leads.count(uow, owner, LeadFilter(import_id=second)) == 0, "an import shows the leads that it made"


def test_two_imports_that_meet_make_one_lead(db: Database, org: UUID, owner: Principal) -> None:
    with db.begin(org) as uow:
        house = a_property(uow).id
    with db.begin(org) as uow:
        accept(uow, [(house, ["A"], [], "")], new_id())
        accept(uow, [(house, ["B"], [], "")], new_id())
    with db.begin(org) as uow:
        (row,) = leads.page(uow, owner, LeadFilter()).rows
        assert row.stack == 2
