"""What the gate tells afterwards: at an instant, in a list, to whom."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from leadflow.compliance import service as compliance
from leadflow.compliance.rules.policy import shipped
from leadflow.compliance.service import Explanation
from leadflow.compliance.types import ConsentFilter, DecisionFilter, Refused
from leadflow.identity.types import Principal
from leadflow.kernel.errors import Invalid
from models.base import new_id
from models.vocabulary import Role, SuppressionKind, Verdict
from tests.compliance.world import NUMBER, World


@pytest.fixture
def auditor(world: World) -> Principal:
    return Principal(user_id=new_id(), org_id=world.org, role=Role.AUDITOR)


def _explain(world: World, actor: Principal, at: datetime | None = None, e164: str = NUMBER) -> Explanation:
    with world.db.begin(world.org) as uow:
        return compliance.explain(uow, actor, e164, at)


class TestExplain:
    def test_it_says_that_a_text_may_go_out(self, world: World, owner: Principal) -> None:
        found = _explain(world, owner)
        assert found.decision.verdict is Verdict.SENDABLE
        assert found.sentence == "A text may go out now: no rule stands against it."
        assert ("area_code", "IL", "America/Chicago", "Wed 2026-12-02 12:00:00") in found.places

    def test_it_says_the_same_as_the_gate_at_that_instant(self, world: World, owner: Principal) -> None:
        world.add(world.a_suppression(SuppressionKind.LITIGATOR))
        answer = world.cleared()
        assert isinstance(answer, Refused)
        at = world.clock.now()
        world.clock.advance(timedelta(days=2))
        found = _explain(world, owner, at)
        assert found.decision.reasons == answer.reasons
        assert found.around[0].id == answer.decision_id
        assert (
            found.sentence == "A text was refused at 02 Dec 2026 18:00:00 UTC. The number belongs to a known litigator."
        )

    def test_it_knows_what_stood_then_and_not_what_came_later(self, world: World, owner: Principal) -> None:
        before = world.clock.now()
        world.clock.advance(timedelta(hours=1))
        with world.db.begin(world.org) as uow:
            compliance.opt_out(uow, NUMBER, source="inbound", evidence={}, now=uow.now())
        world.clock.advance(timedelta(hours=1))
        during = world.clock.now()
        world.clock.advance(timedelta(hours=1))
        with world.db.begin(world.org) as uow:
            compliance.start_again(uow, NUMBER, now=uow.now())
        assert _explain(world, owner, before).decision.reasons == ()
        assert "opted_out" in _explain(world, owner, during).decision.reasons
        assert "opted_out" not in _explain(world, owner).decision.reasons

    def test_a_past_instant_without_a_decision_says_so(self, world: World, owner: Principal) -> None:
        at = world.clock.now() + timedelta(hours=10)
        world.clock.advance(timedelta(hours=20))
        found = _explain(world, owner, at)
        assert found.decision.verdict is Verdict.LATER
        assert found.sentence.startswith(
            "Nothing was decided for it at this instant. A text could not have gone out, but at 03 Dec 14:00 UTC."
        )
        assert any("America/Chicago has closed" in words for words in found.closed)

    def test_sending_was_paused_then_even_if_it_is_not_now(self, world: World, owner: Principal) -> None:
        from leadflow.audit import service as audit  # noqa: PLC0415 stands for identity's own record

        with world.db.begin(world.org) as uow:
            audit.record(uow, None, "sending.paused", "organization", world.org)
        at = world.clock.now()
        world.clock.advance(timedelta(minutes=5))
        assert "kill_switch" in _explain(world, owner, at).decision.reasons
        assert "kill_switch" not in _explain(world, owner).decision.reasons

    def test_a_number_that_nobody_knows_is_answered_honestly(self, world: World, owner: Principal) -> None:
        found = _explain(world, owner, e164="+13125550888")
        assert found.sentence.startswith("No lead or person has this number. A text may not go out now.")

    def test_the_packs_of_that_day_count(self, world: World, owner: Principal) -> None:
        with world.db.begin(world.org) as uow:
            compliance.install_packs(uow)
        first = _explain(world, owner).decision.policy_version
        at = world.clock.now()
        world.clock.advance(timedelta(hours=1))
        world.change_where("rule_pack", "name = 'organization'", retired_at=world.clock.now())
        world.clock.advance(timedelta(hours=1))
        assert _explain(world, owner, at).decision.policy_version == first
        assert _explain(world, owner).decision.policy_version != first

    def test_an_auditor_sees_a_masked_number(self, world: World, auditor: Principal) -> None:
        world.cleared()
        found = _explain(world, auditor)
        assert found.e164 == "+1******0105"
        assert {row.e164 for row in found.around} == {"+1******0105"}
        assert NUMBER[1:] not in str(found.as_json())


class TestLists:
    def test_decisions_are_filtered_and_paged(self, world: World, owner: Principal) -> None:
        world.cleared()
        world.add(world.a_suppression(SuppressionKind.LITIGATOR))
        for _ in range(3):
            world.clock.advance(timedelta(minutes=1))
            world.cleared()
        with world.db.begin(world.org) as uow:
            first = compliance.decisions(uow, owner, DecisionFilter(), None, 3)
            rest = compliance.decisions(uow, owner, DecisionFilter(), first.next, 3)
            blocked = compliance.decisions(uow, owner, DecisionFilter(verdict=Verdict.BLOCKED), None, 10)
            by_rule = compliance.decisions(uow, owner, DecisionFilter(rule="litigator", e164=NUMBER), None, 10)
            none = compliance.decisions(uow, owner, DecisionFilter(campaign_id=new_id()), None, 10)
        assert [len(first.rows), len(rest.rows), len(blocked.rows), len(by_rule.rows), len(none.rows)] == [
            3,
            1,
            3,
            3,
            0,
        ]
        assert rest.next is None
        assert first.rows[0].at > rest.rows[0].at
        assert first.rows[0].person_name == "Ann Oak"

    def test_a_made_up_page_marker_is_refused(self, world: World, owner: Principal) -> None:
        with world.db.begin(world.org) as uow, pytest.raises(Invalid):
            compliance.decisions(uow, owner, DecisionFilter(), "bm9ucw", 3)

    def test_an_agent_sees_the_decisions_about_their_own_leads(self, world: World) -> None:
        from models.identity import User  # noqa: PLC0415 only here

        user = User(email=f"{new_id()}@example.com", name="Al", password_hash="")
        world.add_account(user)
        agent = Principal(user_id=user.id, org_id=world.org, role=Role.AGENT)
        world.cleared()
        with world.db.begin(world.org) as uow:
            assert compliance.decisions(uow, agent, DecisionFilter(), None, 10).rows == ()
        world.change("lead", assignee_id=user.id)
        with world.db.begin(world.org) as uow:
            assert len(compliance.decisions(uow, agent, DecisionFilter(), None, 10).rows) == 1

    def test_suppressions_are_found_by_any_number_of_the_person(self, world: World, auditor: Principal) -> None:
        with world.db.begin(world.org) as uow:
            compliance.opt_out(uow, NUMBER, source="inbound", evidence={"inbound": "SM1"}, now=uow.now())
            found = compliance.suppressions(uow, auditor, e164=NUMBER)
            other = compliance.suppressions(uow, auditor, kind=SuppressionKind.LITIGATOR)
        assert len(found.rows) == 2
        assert {row.e164 for row in found.rows} == {None, "+1******0105"}
        assert other.rows == ()

    def test_the_ledger_is_listed(self, world: World, owner: Principal) -> None:
        with world.db.begin(world.org) as uow:
            found = compliance.consents(uow, owner, ConsentFilter(e164=NUMBER))
        assert [row.id for row in found.rows] == [world.consent]
        assert found.rows[0].shown_text == "I agree to texts."

    def test_the_overview_counts_by_verdict_rule_and_day(self, world: World, owner: Principal) -> None:
        world.cleared()
        world.clock.advance(timedelta(days=1))
        world.add(world.a_suppression(SuppressionKind.LITIGATOR))
        world.cleared()
        with world.db.begin(world.org) as uow:
            found = compliance.overview(uow, owner)
        assert found.by_verdict == {"sendable": 1, "blocked": 1}
        assert found.by_rule == {"litigator": 1}
        assert [counts for _, counts in found.by_day] == [{"sendable": 1}, {"blocked": 1}]
        assert found.suppressions == {"litigator": 1}
        assert found.consents == 1


class TestPacks:
    def test_they_are_installed_once_and_named_by_what_they_hold(self, world: World, owner: Principal) -> None:
        with world.db.begin(world.org) as uow:
            before = compliance.policy(uow)
            assert compliance.install_packs(uow) == len(shipped())
            assert compliance.install_packs(uow) == 0
            after = compliance.policy(uow)
            book = compliance.rules(uow, owner)
        assert before.version == after.version, "what ships counts until something else is installed"
        assert [pack.version for pack in book.packs] == [1, 1, 1]
        assert len(book.rules) > 30

    def test_an_older_pack_is_replaced_by_the_next_version(self, world: World) -> None:
        with world.db.begin(world.org) as uow:
            compliance.install_packs(uow)
        world.change_where("rule_pack", "name = 'states'", digest="older")
        with world.db.begin(world.org) as uow, uow.cursor() as cursor:
            assert compliance.install_packs(uow) == 1
            cursor.execute(
                "select version, retired_at is null from rule_pack where org_id = %s and name = 'states' "
                "order by version",
                [world.org],
            )
            assert cursor.fetchall() == [(1, False), (2, True)]


def test_equal_packs_are_compiled_once(world: World) -> None:
    with world.db.begin(world.org) as uow:
        assert compliance.policy(uow) is compliance.policy(uow)


@pytest.mark.parametrize("role", [Role.SYSTEM, Role.OWNER, Role.MANAGER, Role.AGENT, Role.AUDITOR])
def test_everybody_in_the_organisation_may_ask_why(world: World, role: Role) -> None:
    found = _explain(world, Principal(user_id=new_id(), org_id=world.org, role=role))
    assert found.decision.verdict is Verdict.SENDABLE
