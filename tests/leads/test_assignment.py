"""New leads are given out in turn: evenly, past whoever is away, also by imports at once."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg import sql

from leadflow.bulk import service as bulk
from leadflow.bulk.types import BulkChange, ChosenLeads
from leadflow.identity.types import Principal
from leadflow.kernel.clock import FrozenClock
from leadflow.kernel.db import Database, UnitOfWork
from leadflow.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from leadflow.leads import rules
from leadflow.leads import service as leads
from leadflow.leads.assignment_types import RuleChange, RuleInput, RuleOrder, Turns
from leadflow.leads.types import LeadFilter
from models.base import new_id
from models.vocabulary import Role
from tests.factories.identity import a_member
from tests.factories.leads import a_lead, a_list, an_entry
from tests.factories.properties import a_property, an_owner
from tests.leads.conftest import Sign


def of(*members: Principal) -> tuple[UUID, ...]:
    return tuple(one.user_id for one in members if one.user_id is not None)


def give(uow: UnitOfWork, ids: list[UUID]) -> int:
    given = sql.SQL("select unnest({}::uuid[]) as lead_id").format(sql.Literal(ids))
    return leads.give_in_turn(uow, given, None, None)


def shares(uow: UnitOfWork) -> Counter[UUID | None]:
    rows = uow.connection().execute("select assignee_id from lead where org_id = %s", [uow.org()]).fetchall()
    return Counter(row[0] for row in rows)


def test_leads_go_round_and_the_next_ones_go_on_where_the_last_ended(uow: UnitOfWork, manager: Principal) -> None:
    ann, ben, cid = (a_member(uow, Role.AGENT) for _ in range(3))
    leads.make_rule(uow, manager, RuleInput(name="All", members=of(ann, ben, cid)))
    for _ in range(4):
        assert give(uow, [a_lead(uow).id]) == 1
    assert sorted(shares(uow).values()) == [1, 1, 2]
    assert give(uow, [a_lead(uow).id for _ in range(5)]) == 5
    assert shares(uow) == {ann.user_id: 3, ben.user_id: 3, cid.user_id: 3}
    (rule,) = leads.assignment_rules(uow, manager)
    assert [turn.given for turn in rule.turns] == [3, 3, 3]


def test_turns_pass_by_whoever_is_away_or_has_left(
    db: Database, org: UUID, manager: Principal, clock: FrozenClock
) -> None:
    with db.begin(org) as uow:
        ann, ben, cid = (a_member(uow, Role.AGENT) for _ in range(3))
        leads.make_rule(uow, manager, RuleInput(name="All", members=of(ann, ben, cid)))
        leads.set_away(uow, manager, of(ben)[0], uow.now() + timedelta(days=2))
        uow.connection().execute(
            "update membership set disabled_at = now() where org_id = %s and user_id = %s", [org, cid.user_id]
        )
        give(uow, [a_lead(uow).id for _ in range(3)])
        assert shares(uow) == {ann.user_id: 3}
        (rule,) = leads.assignment_rules(uow, manager)
        assert {turn.user_id for turn in rule.turns if turn.available} == {ann.user_id}
    clock.advance(timedelta(days=2))
    with db.begin(org) as uow:
        give(uow, [a_lead(uow).id for _ in range(2)])
        assert shares(uow) == {ann.user_id: 4, ben.user_id: 1}


def test_nobody_here_leaves_leads_nobodys(uow: UnitOfWork, manager: Principal) -> None:
    ann = a_member(uow, Role.AGENT)
    leads.make_rule(uow, manager, RuleInput(name="All", members=of(ann)))
    leads.set_away(uow, manager, of(ann)[0], uow.now() + timedelta(days=1))
    assert give(uow, [a_lead(uow).id]) == 0
    assert shares(uow) == {None: 1}


def test_a_rule_takes_what_fits_and_the_smaller_place_goes_first(uow: UnitOfWork, manager: Principal) -> None:
    ann, ben, cid = (a_member(uow, Role.AGENT) for _ in range(3))
    leads.make_rule(uow, manager, RuleInput(name="Rest", members=of(cid), position=9))
    leads.make_rule(uow, manager, RuleInput(name="Drive", members=of(ann), source="drive", position=1))
    leads.make_rule(uow, manager, RuleInput(name="Cook", members=of(ben), county="COOK", list_name="vacant"))
    leads.make_rule(uow, manager, RuleInput(name="Off", members=of(manager), active=False))
    house = a_property(uow, county="Cook")
    an_owner(uow, house)
    listed = a_lead(uow, house, source="Drive")
    an_entry(uow, a_list(uow, "Vacant").id, listed.id)
    driven, other, had = a_lead(uow, source="Drive"), a_lead(uow), a_lead(uow, assignee_id=manager.user_id)
    give(uow, [one.id for one in (listed, driven, other, had)])
    found = dict(uow.connection().execute("select id, assignee_id from lead").fetchall())
    assert [found[one.id] for one in (listed, driven, other, had)] == [
        ben.user_id, ann.user_id, cid.user_id, manager.user_id,
    ]  # fmt: skip
    assert leads.timeline(uow, manager, driven.id).rows[0].summary == f"Assigned to {ann.name} in turn: Drive"


def test_shares_stay_even_when_leads_come_in_at_once(db: Database, org: UUID, manager: Principal) -> None:
    with db.begin(org) as uow:
        people = [a_member(uow, Role.AGENT) for _ in range(3)]
        leads.make_rule(uow, manager, RuleInput(name="All", members=of(*people)))
        made = [a_lead(uow).id for _ in range(20)]
    ready = threading.Barrier(4)

    def bring(part: int) -> None:
        ready.wait()
        for lead_id in made[part::4]:
            with db.begin(org) as uow:
                give(uow, [lead_id])

    threads = [threading.Thread(target=bring, args=(part,)) for part in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with db.begin(org) as uow:
        assert sorted(shares(uow).values()) == [6, 7, 7]
        (rule,) = leads.assignment_rules(uow, manager)
        assert sum(turn.given for turn in rule.turns) == 20


def test_rules_are_made_of_members_who_work_on_leads_under_names_of_their_own(
    uow: UnitOfWork, manager: Principal
) -> None:
    agent, auditor = a_member(uow, Role.AGENT), a_member(uow, Role.AUDITOR)
    rule_id = leads.make_rule(uow, manager, RuleInput(name="All", members=of(agent)))
    with pytest.raises(Conflict):
        leads.make_rule(uow, manager, RuleInput(name="all", members=of(agent)))
    for wrong in (auditor.user_id, new_id()):
        with pytest.raises(Invalid):
            leads.make_rule(uow, manager, RuleInput.model_validate({"name": "B", "members": [wrong]}))
    with pytest.raises(NotFound):
        leads.set_away(uow, manager, new_id(), None)
    with pytest.raises(Forbidden):
        leads.assignment_rules(uow, agent)
    leads.change_rule(uow, manager, rule_id, RuleChange(name="All of us", members=of(manager, agent)))
    assert [row.name for row in leads.assignment_rules(uow, manager)] == ["All of us"]
    leads.delete_rule(uow, manager, rule_id)
    with pytest.raises(NotFound):
        leads.delete_rule(uow, manager, rule_id)


def test_members_keep_their_turn_unless_the_order_is_given_anew(uow: UnitOfWork, manager: Principal) -> None:
    ann, ben, cid = (a_member(uow, Role.AGENT) for _ in range(3))
    rule_id = leads.make_rule(uow, manager, RuleInput(name="All", members=of(ann, ben)))
    give(uow, [a_lead(uow).id])

    def queue() -> list[UUID]:
        return [turn.user_id for turn in leads.assignment_rules(uow, manager)[0].turns]

    leads.change_rule(uow, manager, rule_id, RuleChange(name="All", members=of(ann, cid, ben)))
    assert queue() == [*of(ben), *of(ann), *of(cid)], "whoever has had a lead waits, and whoever is new comes last"
    anew = RuleChange(name="All", members=of(cid, ann, ben), turns=Turns.AS_GIVEN)
    leads.change_rule(uow, manager, rule_id, anew)
    assert queue() == [*of(cid), *of(ann), *of(ben)]
    give(uow, [a_lead(uow).id for _ in range(2)])
    assert shares(uow) == {ann.user_id: 2, cid.user_id: 1}
    assert queue() == [*of(ben), *of(cid), *of(ann)], "given order is only where the queue begins"


def test_of_two_who_change_a_rule_the_later_is_told_and_whoever_left_may_stay_in_it(
    db: Database, org: UUID, manager: Principal
) -> None:
    with db.begin(org) as uow:
        ann, ben = a_member(uow, Role.AGENT), a_member(uow, Role.AGENT)
        rule_id = leads.make_rule(uow, manager, RuleInput(name="All", members=of(ann, ben)))
    with db.begin(org) as uow:
        seen = leads.assignment_rules(uow, manager)[0].changed_at
        first = RuleChange(name="Ours", members=of(ann, ben), seen=seen)
        leads.change_rule(uow, manager, rule_id, first)
    with db.begin(org) as uow:
        with pytest.raises(Conflict):
            leads.change_rule(uow, manager, rule_id, RuleChange(name="Mine", members=of(ann), seen=seen))
        uow.connection().execute("update membership set disabled_at = now() where user_id = %s", [ben.user_id])
        leads.change_rule(uow, manager, rule_id, RuleChange(name="Ours", members=of(ann, ben), active=False))
        with pytest.raises(Invalid):
            leads.make_rule(uow, manager, RuleInput(name="New", members=of(ben)))


def test_rules_are_put_in_order_all_of_them(uow: UnitOfWork, manager: Principal) -> None:
    ann = a_member(uow, Role.AGENT)
    made = [leads.make_rule(uow, manager, RuleInput(name=name, members=of(ann))) for name in "abc"]
    wanted = (made[2], made[0], made[1])
    leads.order_rules(uow, manager, RuleOrder(rules=wanted))
    assert tuple(row.id for row in leads.assignment_rules(uow, manager)) == wanted
    for wrong, refusal in ((made[:2], Conflict), ([*made, made[0]], Conflict), ([*made[:2], new_id()], NotFound)):
        with pytest.raises(refusal):
            leads.order_rules(uow, manager, RuleOrder(rules=tuple(wrong)))
    with pytest.raises(Forbidden):
        leads.order_rules(uow, ann, RuleOrder(rules=wanted))


@given(st.lists(st.uuids(), unique=True), st.lists(st.uuids(), unique=True, min_size=1, max_size=9), st.integers(0, 99))
def test_dealing_out_is_even_and_leaves_nobody_out(ids: list[UUID], members: list[UUID], begin: int) -> None:
    dealt = rules.share(ids, members, begin)
    assert sorted(one for of in dealt.values() for one in of) == sorted(ids)
    sizes = [len(of) for of in dealt.values()]
    assert max(sizes) - min(sizes) <= 1


def test_a_selection_is_shared_out_and_given_back(uow: UnitOfWork, manager: Principal) -> None:
    ann, ben = a_member(uow, Role.AGENT), a_member(uow, Role.AGENT)
    made = [a_lead(uow).id for _ in range(5)]
    change = BulkChange(share=of(ann, ben))
    assert bulk.preview(uow, manager, ChosenLeads(ids=tuple(made)), change).change == 5
    edit_id = bulk.start(uow, manager, ChosenLeads(ids=tuple(made)), change)
    assert sorted(shares(uow).values()) == [2, 3]
    assert bulk.get(uow, manager, edit_id).summary == "Share out among 2 members"
    assert leads.count(uow, ann, LeadFilter()) + leads.count(uow, ben, LeadFilter()) == 5
    bulk.undo(uow, manager, edit_id)
    assert shares(uow) == {None: 5}
    with pytest.raises(Forbidden):
        bulk.start(uow, ann, ChosenLeads(ids=tuple(made)), change)


def test_over_http_rules_are_kept_and_members_are_away(db: Database, org: UUID, sign: Sign, manager: Principal) -> None:
    with db.begin(org) as uow:
        ann = a_member(uow, Role.AGENT)
    call, at = sign(manager), "/api/v1/assignment"
    wanted = {"name": "All", "members": [str(ann.user_id)], "county": "Cook"}
    made = call.post(f"{at}/rules", json=wanted)
    assert made.status_code == 201
    path = f"{at}/rules/{made.json()['id']}"
    assert call.put(path, json={**wanted, "active": False}).status_code == 204
    (row,) = call.get(f"{at}/rules").json()
    assert (row["name"], row["county"], row["active"], row["turns"][0]["name"]) == ("All", "Cook", False, ann.name)
    away = f"{at}/members/{ann.user_id}"
    assert call.put(away, json={"away_until": "2020-01-01T00:00:00Z"}).status_code == 422
    with db.begin(org) as uow:
        until = (uow.now() + timedelta(days=1)).isoformat()
    assert call.put(away, json={"away_until": until}).status_code == 204
    assert any(one["away_until"] for one in call.get(f"{at}/members").json())
    assert call.put(away, json={"days": 3}).status_code == 204
    (told,) = (one["away_until"] for one in call.get(f"{at}/members").json() if one["user_id"] == str(ann.user_id))
    with db.begin(org) as uow:
        assert datetime.fromisoformat(told) == uow.now() + timedelta(days=3)
    assert call.put(away, json={"days": 0}).status_code == 422
    assert call.put(away, json={}).status_code == 204
    assert call.delete(path).status_code == 204
    assert call.get(f"{at}/rules").json() == []
