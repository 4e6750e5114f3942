"""The drill: its cases are its own, what ships passes, every loosened provision is caught, and it stands guard."""

from __future__ import annotations

import ast
import copy
import json
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from leadflow.compliance import service as compliance
from leadflow.compliance.rules import drill
from leadflow.compliance.rules.policy import digest, shipped
from leadflow.compliance.service import Proposal
from leadflow.compliance.types import Pack
from leadflow.identity.types import Principal
from leadflow.kernel.errors import Forbidden, NotFound
from models.base import new_id
from models.vocabulary import DrillOutcome, DrillWeight, RegistrationState, Role
from scripts import drill_cases
from tests.compliance.test_packs import MARGIN, owner, text_of
from tests.compliance.world import World

__all__ = ["owner"]

DAYS = ("weekday", "saturday", "sunday")


def _packs(name: str, key: str, fields: dict[str, Any] | None) -> tuple[Pack, ...]:
    """Answer what ships with one provision changed, or without it."""
    found = []
    for pack in shipped():
        content = copy.deepcopy(dict(pack.content))
        if pack.name == name:
            if fields is None:
                content["provisions"] = [one for one in content["provisions"] if one["key"] != key]
            else:
                next(one for one in content["provisions"] if one["key"] == key).update(fields)
        found.append(Pack(pack.name, content, digest(content)))
    return tuple(found)


def _failed(packs: tuple[Pack, ...]) -> list[drill.Graded]:
    return [one for one in drill.run(packs) if one.outcome is DrillOutcome.FAILED]


def test_the_file_of_cases_is_what_the_script_writes():
    rows = [json.loads(line) for line in drill.source().splitlines()]
    assert rows == drill_cases.cases()


def test_the_script_shares_no_code_with_the_engine():
    tree = ast.parse(Path(drill_cases.__file__).read_text())
    modules = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    modules |= {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    assert not [one for one in modules if one.startswith(("leadflow", "models"))]


def test_there_are_five_hundred_cases_and_each_says_why():
    cases = drill.cases()
    assert len(cases) >= 500
    assert len({one.id for one in cases}) == len(cases)
    assert all(one.title and one.why for one in cases)
    assert all(one.rule for one in cases if one.expect == "stop")


def test_what_ships_passes_every_case():
    graded = drill.run(shipped())
    assert [(one.case.title, one.came) for one in graded if one.outcome is not DrillOutcome.PASSED] == []


@pytest.mark.parametrize("case", ["stop", "yes"])
def test_every_case_that_may_go_differs_from_one_that_must_not(case: str):
    counted = Counter(one.expect for one in drill.cases())
    assert counted[case] > 50
    assert counted["go"] > 50


@pytest.mark.parametrize(
    ("name", "key", "fields"),
    [
        ("federal", "us.hours", {"hours": dict.fromkeys(DAYS, "07:00-21:00")}),
        ("federal", "us.hours", {"hours": dict.fromkeys(DAYS, "08:00-22:00")}),
        ("federal", "us.hours", {"effective_from": "2030-01-01"}),
        ("federal", "us.scrub", {"max_age_days": 32}),
        ("federal", "us.basis.inquiry", {"months": 4}),
        ("federal", "us.basis.existing_relationship", {"months": 19}),
        ("federal", "us.keywords", {"words": ["stop"]}),
        ("federal", "us.keywords", None),
        *(("states", f"{state}.hours", None) for state in ("ct", "fl", "ky", "la", "ma", "md", "ms", "nm", "ok", "or")),
        *(("states", f"{state}.hours", None) for state in ("ri", "ut", "wa")),
        ("states", "tx.hours", {"hours": dict.fromkeys(DAYS, "09:00-21:00")}),
        ("states", "ri.hours", {"holidays": ["US"]}),
        ("states", "la.hours", {"holidays": ["US", "US-LA"]}),
        ("states", "ut.hours", {"holidays": ["US"]}),
        ("states", "fl.hours", {"channels": ["call"]}),
        ("states", "me.hours.automated", None),
        ("states", "fl.written-consent", None),
        ("states", "ct.written-consent", {"effective_to": "2026-01-01"}),
        ("organization", "organization.cap.day", {"count": 4}),
        ("organization", "organization.cap.week", None),
        ("organization", "organization.closing-margin", {"minutes": 4}),
        ("organization", "organization.closing-margin", None),
    ],
)  # fmt: skip
def test_each_loosened_provision_is_caught_and_blamed(name: str, key: str, fields: dict[str, Any] | None):
    if key == "tx.hours":
        # Another reading of Texas stands beside it and holds it up; both must be gone to be caught.
        packs = tuple(
            Pack(pack.name, content := _without(pack.content, "tx.hours.central_reading"), digest(content))
            for pack in _packs(name, key, fields)
        )
    else:
        packs = _packs(name, key, fields)
    failed = _failed(packs)
    assert failed, "the score falls below 100 %"
    assert [one for one in failed if one.blame.startswith(f"{key}: ")], {one.blame for one in failed}


def _without(content: Any, key: str) -> dict[str, Any]:
    return {**content, "provisions": [one for one in content["provisions"] if one["key"] != key]}


def test_a_state_cap_is_caught_where_the_own_cap_does_not_stand_before_it():
    packs = tuple(
        Pack(pack.name, content := _without(pack.content, "organization.cap.day"), digest(content))
        for pack in _packs("states", "md.cap", None)
    )
    failed = [one for one in _failed(packs) if one.case.provision == "md.cap"]
    assert failed
    assert {one.case.weight for one in failed} == {DrillWeight.LAW}


def test_a_stricter_configuration_fails_nothing():
    assert _failed(_packs("organization", "organization.closing-margin", {"minutes": 60})) == []
    assert _failed(_packs("states", "tx.hours", {"hours": dict.fromkeys(DAYS, "12:00-13:00")})) == []
    graded = drill.run(_packs("states", "tx.hours", {"hours": dict.fromkeys(DAYS, "none")}))
    assert {one.case.title for one in graded if one.outcome is DrillOutcome.STRICTER} == {"TX on a weekday at 14:00"}


class TestGuard:
    def test_what_ships_counts_as_drilled(self, world: World):
        with world.db.begin(world.org) as uow:
            found = compliance.standing(uow)
        assert found.ready
        assert found.last is None

    def test_an_installation_is_drilled_at_once(self, world: World, owner: Principal):
        with world.db.begin(world.org) as uow:
            made = compliance.install(uow, owner, Proposal(text_of("organization", MARGIN, minutes=0), None, "Test"))
            found = compliance.standing(uow)
        assert made.drill_score < 100
        assert made.drill_unlawful == 0
        assert found.ready, "a caution of one's own is the owner's to drop"
        assert found.last is not None
        assert found.last.why == "installed"
        assert {case["weight"] for case in found.last.results["cases"] if case["outcome"] == "failed"} == {"caution"}

    def test_rules_that_fail_by_law_stand_against_a_launch_until_they_are_mended(self, world: World, owner: Principal):
        text = text_of("states", "ri.hours", holidays=["US"])
        with world.db.begin(world.org) as uow:
            assert compliance.install(uow, owner, Proposal(text, None, "Test")).drill_unlawful > 0
            found = compliance.standing(uow)
            assert not found.ready
            assert "failed" in found.why
            compliance.install(uow, owner, Proposal(compliance.restoring(uow, owner, "states", 1)))
            assert compliance.standing(uow).ready

    def test_rules_that_never_were_drilled_stand_against_it_too(self, world: World, owner: Principal):
        with world.db.begin(world.org) as uow:
            compliance.install(uow, owner, Proposal(text_of("organization", MARGIN, minutes=6)))
        world.change_where("rule_pack", "name = 'federal'", digest="another")
        with world.db.begin(world.org) as uow:
            assert "never" in compliance.standing(uow).why

    def test_both_sets_of_a_later_version_are_drilled(self, world: World, owner: Principal):
        day = world.clock.now().date() + timedelta(days=1) * 10
        with world.db.begin(world.org) as uow:
            compliance.install(uow, owner, Proposal(text_of("organization", MARGIN, minutes=10), day))
            for ahead in (0, 9, 10, 11, 30):
                assert compliance.standing(uow, world.clock.now() + timedelta(days=1) * ahead).ready

    def test_a_run_is_kept_with_author_and_audit_event(self, world: World, owner: Principal):
        manager = Principal(owner.user_id, world.org, Role.MANAGER)
        with world.db.begin(world.org) as uow, uow.cursor() as cursor:
            made = compliance.run_drill(uow, manager)
            listed = compliance.drills(uow, manager)
            opened = compliance.drill_run(uow, manager, made.id)
            cursor.execute(
                "select subject_id, detail from audit_event where org_id = %s and action = 'drill.run'", [world.org]
            )
            event = cursor.fetchone()
        assert (listed.count, listed.rows[0].author, opened.score) == (1, "Olive", 100.0)
        assert event is not None
        assert event[0] == made.id
        assert event[1]["failed"] == 0
        assert sum(group["cases"] for group in opened.results["groups"]) == opened.cases

    @pytest.mark.parametrize("role", [Role.AGENT, Role.AUDITOR])
    def test_only_those_who_launch_run_it(self, world: World, owner: Principal, role: Role):
        with world.db.begin(world.org) as uow:
            with pytest.raises(Forbidden):
                compliance.run_drill(uow, Principal(owner.user_id, world.org, role))
            with pytest.raises(NotFound):
                compliance.drill_run(uow, owner, new_id())

    def test_the_own_numbers_are_part_of_it(self, world: World, owner: Principal):
        world.change("sender_number", registration=RegistrationState.SUSPENDED.value)
        with world.db.begin(world.org) as uow:
            found = compliance.run_drill(uow, owner)
        own = next(group for group in found.results["groups"] if group["group"] == "own numbers")
        assert (own["cases"], own["passed"]) == (1, 1)
