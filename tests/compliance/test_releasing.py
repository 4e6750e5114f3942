"""Suppressions are lifted by two people: who asks never grants, through any door, in any order."""

from __future__ import annotations

import threading
from datetime import timedelta
from uuid import UUID

import psycopg
import pytest

from leadflow.api.app import create_app
from leadflow.compliance import service as compliance
from leadflow.compliance.service.releasing import OPEN_FOR
from leadflow.compliance.types import Mark, ReleaseRow
from leadflow.identity.errors import ConfirmPassword
from leadflow.identity.types import Principal
from leadflow.kernel.clock import FrozenClock
from leadflow.kernel.errors import Conflict, Forbidden, Invalid, LeadFlowError, NotFound
from leadflow.settings import Settings
from models.base import new_id
from models.properties import PersonPhone, Phone
from models.vocabulary import LineType, ReleaseState, Role, SuppressionKind, Verdict
from tests.compliance.world import NUMBER, World
from tests.identity.people import make_team, signed_in
from tests.owning import as_owner

WHY, PROOF = "The wrong line of a list", "Her letter of 1 December, scanned"


@pytest.fixture
def agent(world: World) -> Principal:
    """Somebody who may ask."""
    return Principal(user_id=new_id(), org_id=world.org, role=Role.AGENT)


@pytest.fixture
def owner(world: World) -> Principal:
    """Somebody who may grant."""
    return Principal(user_id=new_id(), org_id=world.org, role=Role.OWNER)


def suppressed(world: World, actor: Principal, kind: SuppressionKind = SuppressionKind.INTERNAL_DNC) -> UUID:
    with world.db.begin(world.org) as uow:
        return compliance.suppress(uow, actor, Mark(kind=kind, source="manual", e164=NUMBER))[0]


def ask(world: World, actor: Principal, suppression: UUID, why: str = WHY, evidence: str = PROOF) -> UUID:
    with world.db.begin(world.org) as uow:
        return compliance.ask_release(uow, actor, suppression, why, evidence)


def approve(world: World, actor: Principal, release: UUID) -> int:
    with world.db.begin(world.org) as uow:
        return compliance.approve_release(uow, actor, release)


def listed(world: World, actor: Principal, *, open_only: bool = True) -> list[ReleaseRow]:
    with world.db.begin(world.org) as uow:
        return compliance.releases(uow, actor, open_only=open_only)


def test_a_second_person_lifts_all_that_was_written_together(world: World, agent: Principal, owner: Principal) -> None:
    phone = Phone(org_id=world.org, e164="+13125550106", line_type=LineType.MOBILE)
    world.add(phone)
    world.add(PersonPhone(org_id=world.org, person_id=world.person, phone_id=phone.id))
    made = suppressed(world, agent)
    wish = ask(world, agent, made)
    assert world.assessed().verdict is Verdict.BLOCKED, "asking lifts nothing"
    assert approve(world, owner, wish) == 3
    assert "internal_dnc" not in {*world.assessed().reasons, *world.assessed(phone_id=phone.id).reasons}
    assert world.assessed().reasons == ("basis_unrevoked",), "the consent that it ended stays ended"
    (row,) = listed(world, owner, open_only=False)
    assert (row.state, row.why, row.evidence) == (ReleaseState.APPROVED, WHY, PROOF)


def test_nobody_grants_what_they_asked_for(world: World, owner: Principal) -> None:
    wish = ask(world, owner, suppressed(world, owner))
    again = Principal(user_id=owner.user_id, org_id=world.org, role=Role.OWNER, session_id=new_id())
    by_key = Principal(user_id=owner.user_id, org_id=world.org, role=Role.OWNER, only=frozenset())
    for same in (owner, again, by_key):
        with pytest.raises(Forbidden):
            approve(world, same, wish)
    assert world.assessed().verdict is Verdict.BLOCKED
    assert not listed(world, owner)[0].may_decide


def test_not_even_the_table_takes_one_person_for_two(world: World, owner: Principal) -> None:
    wish = ask(world, owner, suppressed(world, owner))
    with as_owner(world.db.url) as connection, pytest.raises(psycopg.errors.CheckViolation):
        connection.execute(
            "update suppression_release set state = 'approved', decided_by = asked_by where id = %s", [wish]
        )


@pytest.mark.parametrize("role", [Role.MANAGER, Role.AGENT, Role.AUDITOR, Role.SYSTEM])
def test_only_an_owner_grants_or_declines(world: World, agent: Principal, role: Role) -> None:
    wish = ask(world, agent, suppressed(world, agent))
    other = Principal(user_id=new_id(), org_id=world.org, role=role)
    with pytest.raises(Forbidden):
        approve(world, other, wish)
    with world.db.begin(world.org) as uow, pytest.raises(Forbidden):
        compliance.decline_release(uow, other, wish, "No")


def test_a_threat_asks_the_granter_for_the_password(world: World, agent: Principal, owner: Principal) -> None:
    wish = ask(world, agent, suppressed(world, agent, SuppressionKind.LEGAL_THREAT))
    with pytest.raises(ConfirmPassword):
        approve(world, owner, wish)
    assert world.assessed().verdict is Verdict.BLOCKED


@pytest.mark.parametrize(("why", "evidence", "field"), [(" ", PROOF, "why"), (WHY, " ", "evidence")])
def test_it_needs_a_reason_and_evidence(world: World, agent: Principal, why: str, evidence: str, field: str) -> None:
    made = suppressed(world, agent)
    with pytest.raises(Invalid) as refused:
        ask(world, agent, made, why, evidence)
    assert refused.value.field == field


def test_one_wish_waits_at_a_time(world: World, agent: Principal) -> None:
    made = suppressed(world, agent)
    ask(world, agent, made)
    with pytest.raises(Conflict):
        ask(world, agent, made)
    with pytest.raises(NotFound):
        ask(world, agent, new_id())


def test_a_wish_lapses_and_may_be_made_anew(
    world: World, agent: Principal, owner: Principal, clock: FrozenClock
) -> None:
    made = suppressed(world, agent)
    wish = ask(world, agent, made)
    clock.advance(OPEN_FOR)
    with pytest.raises(Conflict):
        approve(world, owner, wish)
    assert listed(world, owner) == []
    assert listed(world, owner, open_only=False)[0].state is ReleaseState.EXPIRED
    clock.advance(timedelta(seconds=1))
    approve(world, owner, ask(world, agent, made))


def test_who_asked_may_take_it_back_and_nobody_else(world: World, agent: Principal, owner: Principal) -> None:
    wish = ask(world, agent, suppressed(world, agent))
    with world.db.begin(world.org) as uow, pytest.raises(Forbidden):
        compliance.withdraw_release(uow, owner, wish)
    with world.db.begin(world.org) as uow:
        compliance.withdraw_release(uow, agent, wish)
    with pytest.raises(Conflict):
        approve(world, owner, wish)


def test_a_refusal_stands_with_its_reason(world: World, agent: Principal, owner: Principal) -> None:
    wish = ask(world, agent, suppressed(world, agent))
    with world.db.begin(world.org) as uow, pytest.raises(Invalid):
        compliance.decline_release(uow, owner, wish, " ")
    with world.db.begin(world.org) as uow:
        compliance.decline_release(uow, owner, wish, "The letter is of somebody else")
    (row,) = listed(world, owner, open_only=False)
    assert (row.state, row.decided_why) == (ReleaseState.DECLINED, "The letter is of somebody else")
    assert world.assessed().verdict is Verdict.BLOCKED


def test_of_two_who_grant_at_once_one_does(world: World, agent: Principal) -> None:
    wish = ask(world, agent, suppressed(world, agent))
    answers: list[object] = []
    gate = threading.Barrier(2)

    def grant() -> None:
        gate.wait()
        try:
            answers.append(approve(world, Principal(user_id=new_id(), org_id=world.org, role=Role.OWNER), wish))
        except LeadFlowError as error:
            answers.append(error)

    threads = [threading.Thread(target=grant) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(type(answer).__name__ for answer in answers) == ["Conflict", "int"]


def test_each_step_is_in_the_record(world: World, agent: Principal, owner: Principal) -> None:
    approve(world, owner, ask(world, agent, suppressed(world, agent)))
    with world.db.begin(world.org) as uow:
        found = uow.connection().execute(
            "select action, actor_id from audit_event where org_id = %s and action like '%%release%%' order by id",
            [world.org],
        )
        assert found.fetchall() == [("release.asked", agent.user_id), ("suppression.released", owner.user_id)]


def test_it_goes_the_whole_way_over_http(world: World, settings: Settings) -> None:
    team = make_team(world.db)
    app = create_app(world.db, settings)
    manager, owner = (signed_in(app, team, role) for role in (Role.MANAGER, Role.OWNER))
    made = manager.post("/api/v1/suppressions", json={"kind": "legal_threat", "phone": NUMBER}).json()["ids"][0]
    asked = {"why": WHY, "evidence": PROOF}
    wish = manager.post(f"/api/v1/suppressions/{made}/releases", json=asked).json()["ids"][0]
    (row,) = owner.get("/api/v1/releases").json()["rows"]
    assert (row["id"], row["may_decide"], row["may_withdraw"]) == (wish, True, False)
    assert manager.post(f"/api/v1/releases/{wish}/approve").status_code == 403
    assert owner.post(f"/api/v1/releases/{wish}/approve").json()["count"] >= 1
    assert owner.get("/api/v1/suppressions", params={"phone": NUMBER}).json()["rows"] == []
    assert owner.post(f"/api/v1/releases/{wish}/decline", json={"why": "late"}).status_code == 409
