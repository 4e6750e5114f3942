"""Versions of packs on a real database: previews, installation, dates, the texts they touch, and the doors."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from leadflow.compliance import service as compliance
from leadflow.compliance.errors import BadPack, BelowLaw, NeedsReason, Overtaken
from leadflow.compliance.queries import packs as kept
from leadflow.compliance.rules import packtext
from leadflow.compliance.rules.policy import digest, shipped
from leadflow.compliance.service import Installed, Preview, Proposal
from leadflow.compliance.types import Pack
from leadflow.identity.errors import ConfirmPassword
from leadflow.identity.types import Principal
from leadflow.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from models.base import new_id
from models.identity import AuthSession, Membership, User
from models.vocabulary import CampaignState, Leaning, Role, Suppress, SuppressionKind, Verdict
from tests.compliance.world import World

CONTENT = {pack.name: pack.content for pack in shipped()}


def text_of(name: str, key: str, /, **fields: Any) -> str:
    """Write a pack that ships with some fields of one provision changed."""
    content = copy.deepcopy(dict(CONTENT[name]))
    next(one for one in content["provisions"] if one["key"] == key).update(fields)
    return packtext.write(content)


MARGIN = "organization.closing-margin"


@pytest.fixture
def owner(world: World) -> Principal:
    """Sign an owner in who has just typed the password."""
    user = User(email=f"{new_id()}@example.com", name="Olive", password_hash="")
    world.add_account(user)
    now = world.clock.now()
    session = AuthSession(
        user_id=user.id,
        org_id=world.org,
        sid_hash=new_id().bytes,
        last_used_at=now,
        idle_at=now + timedelta(days=1),
        absolute_at=now + timedelta(days=1),
        confirmed_at=now,
    )
    with world.db.begin() as uow:
        uow.session.add(session)
    with world.db.begin(world.org) as uow:
        uow.session.add(Membership(org_id=world.org, user_id=user.id, role=Role.OWNER))
        compliance.install_packs(uow)
    return Principal(user.id, world.org, Role.OWNER, session.id, "Olive")


def _preview(world: World, actor: Principal, text: str, starts: date | None = None) -> Preview:
    with world.db.begin(world.org) as uow:
        return compliance.preview(uow, actor, Proposal(text, starts))


def _install(world: World, actor: Principal, text: str, starts: date | None = None, **more: Any) -> Installed:
    given: dict[str, Any] = {"reason": "A test."} | more
    with world.db.begin(world.org) as uow:
        return compliance.install(uow, actor, Proposal(text, starts, **given))


def _margin(world: World, at: Any = None) -> set[int]:
    with world.db.begin(world.org) as uow:
        return {window.margin_s // 60 for window in compliance.policy(uow, at=at).federal}


class TestInstalling:
    def test_a_stricter_version_counts_at_once_and_is_on_record(self, world: World, owner: Principal):
        made = _install(world, owner, text_of("organization", MARGIN, minutes=30), reason="Slow carrier")
        assert (made.version, made.leaning) == (2, Leaning.STRICTER)
        assert _margin(world) == {30}
        with world.db.begin(world.org) as uow, uow.cursor() as cursor:
            row = compliance.version(uow, owner, "organization")
            cursor.execute(
                "select detail from audit_event where org_id = %s and action = 'rule_pack.installed'"
                " order by at desc, id desc limit 1",
                [world.org],
            )
            found = cursor.fetchone()
        assert (row.version, row.reason, row.author) == (2, "Slow carrier", "Olive")
        assert found is not None
        assert found[0]["reason"] == "Slow carrier"
        assert found[0]["policy"] == made.policy_version
        assert found[0]["changes"] == [f"changed {MARGIN} (stricter)"]

    def test_a_looser_one_needs_a_reason_and_the_password(self, world: World, owner: Principal):
        text = text_of("organization", MARGIN, minutes=0)
        with pytest.raises(NeedsReason):
            _install(world, owner, text, reason="  ")
        world.clock.advance(timedelta(minutes=11))
        with pytest.raises(ConfirmPassword):
            _install(world, owner, text)
        assert _margin(world) == {5}
        # A stricter one asks for neither.
        _install(world, owner, text_of("organization", MARGIN, minutes=10), reason="")
        assert _margin(world) == {10}

    def test_whoever_runs_commands_on_the_machine_has_no_password_to_type(self, world: World, owner: Principal):
        console = Principal(owner.user_id, world.org, Role.OWNER)
        with world.db.begin(world.org) as uow:
            compliance.install_from_console(
                uow, console, Proposal(text_of("organization", MARGIN, minutes=0), None, "x")
            )
        assert _margin(world) == {0}

    @pytest.mark.parametrize("role", [Role.MANAGER, Role.AGENT, Role.AUDITOR, Role.SYSTEM])
    def test_only_owners_edit_the_law(self, world: World, owner: Principal, role: Role):
        other = Principal(owner.user_id, world.org, role, owner.session_id)
        with pytest.raises(Forbidden):
            _install(world, other, text_of("organization", MARGIN, minutes=10))
        with pytest.raises(Forbidden):
            _preview(world, other, text_of("organization", MARGIN, minutes=10))

    def test_nothing_goes_below_federal_law_whoever_asks(self, world: World, owner: Principal):
        with pytest.raises(BelowLaw, match=r"us\.scrub: a look-up of 60 days") as caught:
            _install(world, owner, text_of("federal", "us.scrub", max_age_days=60))
        assert caught.value.field == "yaml"
        assert _versions(world, owner, "federal") == [1]

    def test_a_text_with_a_fault_leaves_nothing_behind(self, world: World, owner: Principal):
        text = text_of("states", "tx.hours", jurisdiction="Texas")
        with pytest.raises(BadPack) as caught:
            _install(world, owner, text)
        assert text.splitlines()[(caught.value.line or 0) - 1].strip() == "jurisdiction: Texas"
        assert _versions(world, owner, "states") == [1]

    def test_the_same_again_is_no_version(self, world: World, owner: Principal):
        with pytest.raises(Conflict, match="already"):
            _install(world, owner, packtext.write(CONTENT["organization"]))

    def test_two_authors_do_not_overwrite_each_other_unseen(self, world: World, owner: Principal):
        _install(world, owner, text_of("organization", MARGIN, minutes=10), seen=1)
        with pytest.raises(Overtaken):
            _install(world, owner, text_of("organization", MARGIN, minutes=20), seen=1)
        assert _margin(world) == {10}

    def test_an_organisation_without_any_version_keeps_the_rest_of_the_law(self, db: Any, org: Any, owner: Principal):
        bare = World(db, org)
        with db.begin(org) as uow, uow.cursor() as cursor:
            cursor.execute("delete from rule_pack where org_id = %s", [org])
        made = _install(bare, owner, text_of("organization", MARGIN, minutes=10))
        assert made.version == 2
        assert _margin(bare) == {10}
        with db.begin(org) as uow:
            assert [row.name for row in compliance.versions(uow, owner).rows] == [
                "federal",
                "organization",
                "organization",
                "states",
            ]

    def test_one_provision_is_changed_and_the_others_stay(self, world: World, owner: Principal):
        with world.db.begin(world.org) as uow:
            text = compliance.with_provision(uow, owner, "states", "tx.hours", {"reviewed_by": "A. Counsel"})
            made = compliance.install(uow, owner, Proposal(text))
            changes = compliance.compare(uow, owner, "states", 1)
            with pytest.raises(NotFound):
                compliance.with_provision(uow, owner, "states", "tx.nothing", {})
        assert made.leaning is Leaning.WORDING
        assert [(one.key, [field.field for field in one.fields]) for one in changes] == [("tx.hours", ["reviewed_by"])]

    def test_an_old_version_comes_back_as_the_next(self, world: World, owner: Principal):
        _install(world, owner, text_of("organization", MARGIN, minutes=30))
        with world.db.begin(world.org) as uow:
            text = compliance.restoring(uow, owner, "organization", 1)
        made = _install(world, owner, text)
        assert (made.version, made.leaning) == (3, Leaning.LOOSER)
        assert _margin(world) == {5}
        with world.db.begin(world.org) as uow:
            assert compliance.compare(uow, owner, "organization", 1, 3) == ()


class TestDates:
    def test_a_later_version_waits_for_its_day_and_the_earlier_one_holds_until_then(
        self, world: World, owner: Principal
    ):
        now = world.clock.now()
        day = now.date() + timedelta(days=10)
        _install(world, owner, text_of("organization", MARGIN, minutes=30), day)
        assert _margin(world) == {5}
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=10)
        assert _margin(world, midnight - timedelta(microseconds=1)) == {5}
        assert _margin(world, midnight) == {30}
        assert _margin(world, midnight + timedelta(days=30)) == {30}
        # The past does not change.
        assert _margin(world, now) == {5}

    def test_on_the_day_of_the_change_the_stricter_of_both_wins(self, world: World, owner: Principal):
        day = world.clock.now().date() + timedelta(days=10)
        _install(world, owner, text_of("organization", MARGIN, minutes=0), day)
        midnight = world.clock.now().replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=10)
        assert _margin(world, midnight) == {5}
        assert _margin(world, midnight + timedelta(hours=23, minutes=59)) == {5}
        assert _margin(world, midnight + timedelta(days=1)) == {0}
        with world.db.begin(world.org) as uow, uow.cursor() as cursor:
            cursor.execute("set local time zone 'Pacific/Auckland'")
            assert {window.margin_s for window in compliance.policy(uow, at=midnight + timedelta(days=1)).federal} == {
                0
            }
            assert {window.margin_s for window in compliance.policy(uow, at=midnight).federal} == {300}

    def test_the_gate_decides_by_the_packs_of_the_instant(self, world: World, owner: Principal):
        _install(
            world,
            owner,
            text_of("states", "il.hours", hours=dict.fromkeys(("weekday", "saturday", "sunday"), "09:00-10:00")),
            world.clock.now().date() + timedelta(days=1),
        )
        assert world.assessed().verdict is Verdict.SENDABLE
        world.clock.advance(timedelta(days=1))
        assert world.assessed().reasons == ("quiet_hours",)

    def test_a_version_at_once_withdraws_what_was_to_come(self, world: World, owner: Principal):
        day = world.clock.now().date() + timedelta(days=10)
        _install(world, owner, text_of("organization", MARGIN, minutes=30), day)
        text = text_of("organization", MARGIN, minutes=20)
        found = _preview(world, owner, text)
        assert found.withdrawn == (2,)
        assert found.leaning is Leaning.LOOSER, "thirty minutes were to come, and would not"
        _install(world, owner, text)
        later = world.clock.now() + timedelta(days=11)
        assert _margin(world, later) == {20}

    def test_an_earlier_beginning_goes_before_a_later_one(self, world: World, owner: Principal):
        today = world.clock.now().date()
        _install(world, owner, text_of("organization", MARGIN, minutes=10), today + timedelta(days=5))
        _install(world, owner, text_of("organization", MARGIN, minutes=20), today + timedelta(days=10))
        at = world.clock.now()
        assert [_margin(world, at + timedelta(days=days)) for days in (1, 6, 11)] == [{5}, {10}, {20}]
        _install(world, owner, text_of("organization", MARGIN, minutes=15), today + timedelta(days=7))
        assert [_margin(world, at + timedelta(days=days)) for days in (1, 6, 8, 11)] == [{5}, {10}, {15}, {15}]

    def test_a_day_too_far_away_is_refused(self, world: World, owner: Principal):
        with pytest.raises(Invalid):
            _install(world, owner, text_of("organization", MARGIN, minutes=10), date(2099, 1, 1))


class TestPreview:
    def test_it_installs_nothing(self, world: World, owner: Principal):
        found = _preview(world, owner, text_of("organization", MARGIN, minutes=30))
        assert (found.present, found.last, found.needs_reason) == (1, 1, False)
        assert found.policy_before != found.policy_after
        assert _versions(world, owner, "organization") == [1]

    def test_it_names_the_texts_that_would_fare_otherwise(self, world: World, owner: Principal):
        closed = dict.fromkeys(("weekday", "saturday", "sunday"), "09:00-10:00")
        found = _preview(world, owner, text_of("states", "il.hours", hours=closed)).effect
        assert (found.waiting, found.changed, found.held, found.freed) == (1, 1, 1, 0)
        assert found.by_rule == {"quiet_hours": 1}
        assert [(one.message_id, one.before, one.after) for one in found.touched] == [
            (world.message, Verdict.SENDABLE, Verdict.LATER)
        ]
        assert found.touched[0].person == "Ann Oak"

    def test_a_text_that_would_be_let_go_is_counted_as_freed(self, world: World, owner: Principal):
        _install(world, owner, text_of("states", "la.emergency", jurisdiction="IL", declared=True))
        assert world.assessed().reasons == ("emergency",)
        found = _preview(world, owner, text_of("states", "la.emergency")).effect
        assert (found.changed, found.freed, found.by_rule) == (1, 1, {"emergency": 1})

    def test_a_conflict_that_would_be_new_is_shown(self, world: World, owner: Principal):
        closed = dict.fromkeys(("weekday", "saturday", "sunday"), "10:00-20:00")
        found = _preview(world, owner, text_of("states", "il.hours", hours=closed))
        assert [(one.kind, one.jurisdiction) for one in found.conflicts] == [("hours", "IL")]

    def test_members_of_a_running_campaign_without_a_text_are_judged_too(self, world: World, owner: Principal):
        with world.db.begin(world.org) as uow, uow.cursor() as cursor:
            cursor.execute("delete from message where org_id = %s", [world.org])
            cursor.execute(
                "insert into audience_member (org_id, campaign_id, lead_id, property_id, person_id, phone_id)"
                " values (%s, %s, %s, %s, %s, %s)",
                [world.org, world.campaign, world.lead, world.home, world.person, world.phone],
            )
        closed = text_of("states", "il.hours", hours=dict.fromkeys(("weekday", "saturday", "sunday"), "09:00-10:00"))
        found = _preview(world, owner, closed).effect
        assert (found.waiting, found.held, found.touched[0].message_id) == (1, 1, None)
        world.change("campaign", state=CampaignState.PAUSED.value)
        assert _preview(world, owner, closed).effect.waiting == 0

    @pytest.mark.parametrize(
        "change",
        [
            ("organization", MARGIN, {"minutes": 120}),
            ("states", "il.hours", {"hours": dict.fromkeys(("weekday", "saturday", "sunday"), "13:00-14:00")}),
            ("states", "la.emergency", {"jurisdiction": "IL", "declared": True}),
            ("federal", "us.scrub", {"max_age_days": 1, "waived_by": None}),
            ("organization", "organization.cap.day", {"count": 1}),
            ("organization", "organization.cap.week", {"count": 1, "hours": 8_000}),
        ],
    )
    def test_the_touched_are_those_of_asking_each_text_before_and_after(
        self, world: World, owner: Principal, change: tuple[str, str, dict[str, Any]]
    ):
        crowd = [world, *(_another(world, number, spoil) for number, spoil in enumerate(_SPOILS, 6))]
        name, key, fields = change
        text = text_of(name, key, **fields)
        seen = _preview(world, owner, text).effect
        before = {one.message: one.assessed(e164=one.e164) for one in crowd}
        _install(world, owner, text)
        after = {one.message: one.assessed(e164=one.e164) for one in crowd}
        changed = {message for message in before if before[message].verdict is not after[message].verdict}
        assert seen.waiting == len(crowd)
        assert {one.message_id for one in seen.touched if one.before is not one.after} == changed
        assert seen.changed == len(changed)
        assert seen.held == sum(before[one].verdict is Verdict.SENDABLE for one in changed)
        for one in seen.touched:
            assert one.message_id is not None
            assert (one.reasons_before, one.reasons_after) == (
                before[one.message_id].reasons,
                after[one.message_id].reasons,
            )


def _another(world: World, number: int, spoil: Callable[[World], None]) -> World:
    other = World(
        world.db, world.org, sender=world.sender, campaign=world.campaign, e164=f"+1312555{number + 100:04}"
    ).join()
    spoil(other)
    return other


_SPOILS: tuple[Callable[[World], None], ...] = (
    lambda _: None,
    lambda w: w.add(w.a_suppression(SuppressionKind.LITIGATOR)),
    lambda w: w.sent(timedelta(hours=3)),
    lambda w: w.sent(timedelta(hours=200)),
    lambda w: w.change_where("scrub_result", f"e164 = {int(w.e164[1:])}", as_of=w.clock.now() - timedelta(days=9)),
    lambda w: w.change_where("property", f"id = '{w.home}'", state="TX", zip5="75201"),
)


def _versions(world: World, actor: Principal, name: str) -> list[int]:
    with world.db.begin(world.org) as uow:
        return [row.version for row in compliance.versions(uow, actor, name).rows]


def test_versions_are_listed_by_pages_with_their_number(world: World, owner: Principal):
    for minutes in (10, 20, 30):
        _install(world, owner, text_of("organization", MARGIN, minutes=minutes))
    with world.db.begin(world.org) as uow:
        first = compliance.versions(uow, owner, None, None, 4)
        second = compliance.versions(uow, owner, None, first.next, 4)
    listed = [(row.name, row.version) for row in (*first.rows, *second.rows)]
    assert first.count == 6
    assert listed == [
        ("federal", 1),
        ("organization", 4),
        ("organization", 3),
        ("organization", 2),
        ("organization", 1),
        ("states", 1),
    ]
    assert second.next is None


def test_a_keyword_that_a_pack_adds_ends_all_texts(world: World) -> None:
    with world.db.begin(world.org) as uow:
        assert compliance.understand(uow, "Pineapple!").suppress is not Suppress.YES
    packs = {pack.name: pack for pack in shipped()}
    content = copy.deepcopy(dict(packs["federal"].content))
    next(one for one in content["provisions"] if one["kind"] == "keywords")["words"].append("pineapple")
    with world.db.begin(world.org) as uow:
        kept.install(uow, kept.Installing(Pack("federal", content, digest(content)), uow.now(), None, "A test"))
    world.clock.advance(timedelta(days=1))
    with world.db.begin(world.org) as uow:
        assert compliance.understand(uow, "Pineapple!").suppress is Suppress.YES
        assert compliance.understand(uow, "I like pineapple").suppress is not Suppress.YES
