"""A draw is judged by those who had no part in it, signed, and told apart from what was changed afterwards."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import select

from leadflow.audit import service as audit
from leadflow.identity.types import Principal
from leadflow.kernel.db import Database
from leadflow.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from leadflow.reviews import service as reviews
from leadflow.reviews.types import DrawDetail, DrawWish
from models.base import new_id
from models.leads import Task
from models.reviews import Review
from models.vocabulary import Role, SuppressionKind
from tests.compliance.world import World
from tests.identity.people import Team, make_team
from tests.owning import as_owner


@pytest.fixture
def team(db: Database) -> Team:
    """Found an organisation with a member of each role."""
    return make_team(db)


@pytest.fixture
def world(db: Database, team: Team) -> World:
    """Let one text have been cleared and two refused."""
    made = World(db, team.org_id).build()
    made.cleared()
    made.add(made.a_suppression(SuppressionKind.LITIGATOR))
    made.cleared()
    made.cleared()
    return made


@pytest.fixture
def reviewer(db: Database, team: Team) -> Principal:
    """An auditor."""
    return team.principal(db, Role.AUDITOR)


def wish(world: World, **changed: Any) -> DrawWish:
    now = world.clock.now()
    values: dict[str, Any] = {"since": now - timedelta(days=1), "until": now + timedelta(days=1), "size": 10, "seed": 7}
    return DrawWish(**(values | changed))


def drawn(world: World, actor: Principal, **changed: Any) -> UUID:
    with world.db.begin(world.org) as uow:
        return reviews.draw(uow, actor, wish(world, **changed))


def opened(world: World, actor: Principal, draw_id: UUID) -> DrawDetail:
    with world.db.begin(world.org) as uow:
        return reviews.detail(uow, actor, draw_id)


def judge(world: World, actor: Principal, review_id: UUID, *, agrees: bool = True, reason: str = "") -> None:
    with world.db.begin(world.org) as uow:
        reviews.judge(uow, actor, review_id, agrees=agrees, reason=reason)


def signed(world: World, actor: Principal) -> UUID:
    draw_id = drawn(world, actor)
    for one in opened(world, actor, draw_id).reviews:
        judge(world, actor, one.id)
    with world.db.begin(world.org) as uow:
        reviews.sign_off(uow, actor, draw_id)
    return draw_id


def faults(world: World, actor: Principal, draw_id: UUID) -> tuple[str, ...]:
    with world.db.begin(world.org) as uow:
        return reviews.verify(uow, actor, draw_id).faults


def test_a_draw_holds_every_stratum_and_the_seed_draws_it_again(world: World, reviewer: Principal) -> None:
    first, second = (opened(world, reviewer, drawn(world, reviewer, size=2, least=1)) for _ in range(2))
    assert sorted((rate.population, rate.drawn) for rate in first.rates) == [(1, 1), (2, 1)]
    assert "rule:litigator" in {rate.stratum for rate in first.rates}
    assert [one.decision_id for one in first.reviews] == [one.decision_id for one in second.reviews]
    with world.db.begin(world.org) as uow:
        page = reviews.draws(uow, reviewer)
    assert (page.count, page.rows[0].drawn, page.rows[0].judged) == (2, 2, 0)


def test_a_sample_below_its_strata_or_without_decisions_is_refused(world: World, reviewer: Principal) -> None:
    later: datetime = world.clock.now() + timedelta(days=9)
    for changed in ({"size": 1}, {"size": 0}, {"least": 0}, {"since": later, "until": later + timedelta(days=1)},
                    {"since": later}):  # fmt: skip
        with pytest.raises(Invalid):
            drawn(world, reviewer, **changed)


def test_a_disagreement_needs_a_reason_and_opens_one_task(world: World, reviewer: Principal) -> None:
    draw_id = drawn(world, reviewer)
    review = opened(world, reviewer, draw_id).reviews[0]
    with pytest.raises(Invalid, match="what was wrong"):
        judge(world, reviewer, review.id, agrees=False, reason=" ")
    judge(world, reviewer, review.id, agrees=False, reason="The consent is older")
    judge(world, reviewer, review.id, agrees=False, reason="The consent is older than the move")
    with world.db.begin(world.org) as uow:
        task = uow.session.exec(select(Task)).one()
        assert uow.session.exec(select(Review).where(Review.id == review.id)).one().task_id == task.id
    assert task.lead_id == world.lead
    found = opened(world, reviewer, draw_id)
    rate = next(rate for rate in found.rates if rate.stratum == review.stratum)
    assert (rate.judged, rate.agreed, rate.low) == (1, 0, 0.0)
    assert 0 < rate.high < 1
    assert (found.row.judged, found.row.agreed) == (1, 0)


@pytest.mark.parametrize("part", ["created_by", "submitted_by", "launched_by"])
def test_nobody_judges_what_their_campaign_caused(world: World, team: Team, reviewer: Principal, part: str) -> None:
    manager = team.principal(world.db, Role.MANAGER)
    world.change("campaign", **{part: manager.user_id})
    draw_id = drawn(world, manager)
    review = opened(world, manager, draw_id).reviews[0]
    assert "campaign" in review.barred
    with pytest.raises(Forbidden, match="Another reviewer"):
        judge(world, manager, review.id)
    assert opened(world, reviewer, draw_id).reviews[0].barred == ""
    judge(world, reviewer, review.id)


def test_a_sign_off_waits_for_every_judgement_and_ends_them(world: World, reviewer: Principal) -> None:
    draw_id = drawn(world, reviewer)
    listed = opened(world, reviewer, draw_id).reviews
    judge(world, reviewer, listed[0].id)
    with world.db.begin(world.org) as uow, pytest.raises(Conflict, match="not judged"):
        reviews.sign_off(uow, reviewer, draw_id)
    with world.db.begin(world.org) as uow, pytest.raises(Conflict, match="not signed"):
        reviews.verify(uow, reviewer, draw_id)
    for one in listed[1:]:
        judge(world, reviewer, one.id)
    with world.db.begin(world.org) as uow:
        reviews.sign_off(uow, reviewer, draw_id)
    with world.db.begin(world.org) as uow, pytest.raises(Conflict, match="already"):
        reviews.sign_off(uow, reviewer, draw_id)
    with pytest.raises(Conflict, match="signed"):
        judge(world, reviewer, listed[0].id, agrees=False, reason="after all")


def test_a_sign_off_is_chained_and_verifies(world: World, reviewer: Principal) -> None:
    draw_id = signed(world, reviewer)
    with world.db.begin(world.org) as uow:
        before = reviews.verify(uow, reviewer, draw_id)
    audit.seal_all(world.db)
    with world.db.begin(world.org) as uow:
        after = reviews.verify(uow, reviewer, draw_id)
    assert (before.whole, before.chained, after.whole, after.chained) == (True, False, True, True)
    assert (after.counts["decisions"], after.counts["agreed"]) == (3, 3)
    assert audit.verify(world.db, world.org).whole


@pytest.mark.parametrize(
    ("forgery", "told"),
    [
        ("update review set agrees = false, reason = 'no'", "judgements"),
        ("update review_draw set signature = decode(repeat('00', 32), 'hex')", "signature"),
        ("update review_draw set statement = convert_to('{}', 'UTF8')", "statement"),
        ("update review_draw set key_id = 'stolen'", "key"),
        ("update review_draw set seed = seed + 1", "judgements"),
    ],
)
def test_a_changed_sign_off_is_told(world: World, reviewer: Principal, forgery: str, told: str) -> None:
    draw_id = signed(world, reviewer)
    assert faults(world, reviewer, draw_id) == ()
    with as_owner(world.db.url) as connection:
        connection.execute(forgery.encode())
    assert any(told in fault for fault in faults(world, reviewer, draw_id))


def test_only_those_who_may_review_do(world: World, team: Team, reviewer: Principal) -> None:
    agent = team.principal(world.db, Role.AGENT)
    with pytest.raises(Forbidden):
        drawn(world, agent)
    with pytest.raises(NotFound):
        judge(world, reviewer, new_id())
    with pytest.raises(NotFound):
        opened(world, reviewer, new_id())
