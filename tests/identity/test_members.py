"""Members, the organisation's settings and the switch."""

from __future__ import annotations

import threading
from uuid import uuid4

import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from sqlmodel import select

from leadflow.identity import service as identity
from leadflow.identity.errors import LastOwner, WeakPassword
from leadflow.identity.rules import PEOPLE, ROLES, may
from leadflow.identity.types import MemberChange, OrganizationInput, Principal
from leadflow.kernel.db import Database
from leadflow.kernel.errors import Conflict, Forbidden, Invalid, LeadFlowError, NotFound
from models.audit import AuditEvent
from models.vocabulary import Permission, Role
from tests.identity.people import PASSWORD, Team, make_team, signed_in


def acts(db: Database, team: Team) -> list[str]:
    with db.begin(team.org_id) as uow:
        return list(uow.session.exec(select(AuditEvent.action).where(AuditEvent.org_id == team.org_id)))


def test_the_first_password_is_held_to_the_rules(db: Database, team: Team) -> None:
    with db.begin(team.org_id) as uow, pytest.raises(WeakPassword):
        identity.add_member(uow, "new@cedar.test", "New", "short", Role.AGENT)


def test_nobody_takes_over_an_account_by_adding_it(db: Database, team: Team) -> None:
    other = make_team(db, "Birch Partners")
    with db.begin(team.org_id) as uow, pytest.raises(Conflict):
        identity.add_member(uow, other.emails[Role.OWNER], "New", PASSWORD, Role.AGENT)
    assert other.sign_in(db, Role.OWNER)


def test_a_manager_cannot_change_an_owner(db: Database, team: Team) -> None:
    manager = team.principal(db, Role.MANAGER)
    for change in (MemberChange(role=Role.AGENT), MemberChange(active=False)):
        with db.begin(team.org_id) as uow, pytest.raises(Forbidden):
            identity.change_member(uow, manager, team.ids[Role.OWNER], change)
    with db.begin(team.org_id) as uow, pytest.raises(Forbidden):
        identity.end_sessions_of(uow, manager, team.ids[Role.OWNER])


def test_a_manager_cannot_become_an_owner(db: Database, team: Team) -> None:
    with db.begin(team.org_id) as uow, pytest.raises(Forbidden):
        identity.change_member(
            uow, team.principal(db, Role.MANAGER), team.ids[Role.MANAGER], MemberChange(role=Role.OWNER)
        )


@pytest.mark.parametrize("change", [MemberChange(role=Role.MANAGER), MemberChange(active=False)])
def test_the_last_owner_can_neither_step_down_nor_be_shut_out(db: Database, team: Team, change: MemberChange) -> None:
    with db.begin(team.org_id) as uow, pytest.raises(LastOwner):
        identity.change_member(uow, team.principal(db, Role.OWNER), team.ids[Role.OWNER], change)


def test_two_owners_who_step_down_at_once_leave_one(db: Database, team: Team) -> None:
    owner = team.present(db, Role.OWNER)
    with db.begin(team.org_id) as uow:
        identity.change_member(uow, owner, team.ids[Role.MANAGER], MemberChange(role=Role.OWNER))
    outcomes: list[str] = []
    start = threading.Barrier(2)

    def step_down(user: Role) -> None:
        start.wait()
        try:
            with db.begin(team.org_id) as uow:
                identity.change_member(uow, owner, team.ids[user], MemberChange(role=Role.AGENT))
            outcomes.append("done")
        except LeadFlowError as refusal:
            outcomes.append(refusal.code)

    threads = [threading.Thread(target=step_down, args=(role,)) for role in (Role.OWNER, Role.MANAGER)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["done", "last_owner"]


def test_a_member_of_another_organisation_is_not_found(db: Database, team: Team) -> None:
    other = make_team(db, "Birch Partners")
    owner = team.principal(db, Role.OWNER)
    with db.begin(team.org_id) as uow:
        with pytest.raises(NotFound):
            identity.change_member(uow, owner, other.ids[Role.AGENT], MemberChange(role=Role.AUDITOR))
        with pytest.raises(NotFound):
            identity.end_sessions_of(uow, owner, other.ids[Role.AGENT])
        assert identity.names_of(uow, [other.ids[Role.AGENT], team.ids[Role.AGENT]]) == {
            team.ids[Role.AGENT]: "Agent of Cedar Homes"
        }


# What is taken from a member


def deny(db: Database, team: Team, *permissions: Permission, role: Role = Role.MANAGER) -> None:
    with db.begin(team.org_id) as uow:
        change = MemberChange(denied=list(permissions))
        identity.change_member(uow, team.principal(db, Role.OWNER), team.ids[role], change)


def test_what_is_taken_is_gone_at_once_whatever_the_role_allows(db: Database, api: FastAPI, team: Team) -> None:
    client = signed_in(api, team, Role.MANAGER)
    assert client.get("/api/v1/leads").status_code == 200
    deny(db, team, Permission.LEAD_READ)
    assert client.get("/api/v1/leads").status_code == 403
    assert "lead.read" not in client.get("/api/v1/me").json()["permissions"]
    deny(db, team)
    assert client.get("/api/v1/leads").status_code == 200


@given(
    role=st.sampled_from(PEOPLE),
    denied=st.frozensets(st.sampled_from(Permission)),
    only=st.none() | st.frozensets(st.sampled_from(Permission)),
    permission=st.sampled_from(Permission),
)
def test_deny_wins_and_scopes_only_narrow(
    role: Role, denied: frozenset[Permission], only: frozenset[Permission] | None, permission: Permission
) -> None:
    actor = Principal(uuid4(), uuid4(), role, denied=denied, only=only)
    expected = permission in ROLES[role] and permission not in denied and (only is None or permission in only)
    assert may(actor, permission) is expected


def test_nobody_gives_what_was_taken_from_them(db: Database, team: Team) -> None:
    deny(db, team, Permission.CAMPAIGN_LAUNCH)
    deny(db, team, Permission.CAMPAIGN_LAUNCH, Permission.LEAD_WRITE, role=Role.AGENT)
    manager = team.present(db, Role.MANAGER)
    refused = [
        (team.ids[Role.MANAGER], MemberChange(denied=[])),
        (team.ids[Role.AGENT], MemberChange(role=Role.MANAGER, denied=[])),
        (team.ids[Role.AUDITOR], MemberChange(role=Role.MANAGER)),
    ]
    for user_id, change in refused:
        with db.begin(team.org_id) as uow, pytest.raises(Forbidden):
            identity.change_member(uow, manager, user_id, change)
    with db.begin(team.org_id) as uow:
        identity.change_member(uow, manager, team.ids[Role.AGENT], MemberChange(denied=[Permission.CAMPAIGN_LAUNCH]))
        found = {row.id: row for row in identity.members(uow, manager)}
    assert found[team.ids[Role.AGENT]].denied == (Permission.CAMPAIGN_LAUNCH,)


@pytest.mark.parametrize(("role", "denied"), [(Role.OWNER, Permission.LEAD_READ), (Role.AGENT, Permission.SESSION_USE)])
def test_some_things_cannot_be_taken(db: Database, team: Team, role: Role, denied: Permission) -> None:
    with pytest.raises(Invalid):
        deny(db, team, denied, role=role)


def test_who_becomes_an_owner_gets_everything_back(db: Database, team: Team) -> None:
    deny(db, team, Permission.LEAD_READ)
    owner = team.present(db, Role.OWNER)
    with db.begin(team.org_id) as uow:
        identity.change_member(uow, owner, team.ids[Role.MANAGER], MemberChange(role=Role.OWNER))
        found = {row.id: row for row in identity.members(uow, owner)}
    assert found[team.ids[Role.MANAGER]].denied == ()


# Settings


def test_an_owner_changes_what_is_given_and_nothing_else(db: Database, team: Team) -> None:
    owner = team.principal(db, Role.OWNER)
    with db.begin(team.org_id) as uow:
        before = identity.organization(uow, owner)
        change = OrganizationInput(approval_threshold=25, monthly_budget_cents=50_000)
        after = identity.change_organization(uow, owner, change)
    assert (after.approval_threshold, after.monthly_budget_cents) == (25, 50_000)
    assert (after.name, after.timezone) == (before.name, before.timezone)
    with db.begin(team.org_id) as uow:
        change = OrganizationInput.model_validate({"monthly_budget_cents": None})
        assert identity.change_organization(uow, owner, change).monthly_budget_cents is None
    assert "organization.changed" in acts(db, team)


@pytest.mark.parametrize("role", [Role.MANAGER, Role.AGENT, Role.AUDITOR])
def test_nobody_else_changes_settings(db: Database, team: Team, role: Role) -> None:
    with db.begin(team.org_id) as uow, pytest.raises(Forbidden):
        identity.change_organization(uow, team.principal(db, role), OrganizationInput(approval_threshold=1_000_000))


@pytest.mark.parametrize("wanted", [{"timezone": "Mars/Olympus"}, {"approval_threshold": 0}, {"sending_paused": False}])
def test_settings_that_make_no_sense_are_refused(wanted: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        OrganizationInput.model_validate(wanted)


def test_the_switch_says_who_and_why(db: Database, team: Team) -> None:
    manager = team.principal(db, Role.MANAGER)
    with db.begin(team.org_id) as uow:
        with pytest.raises(Invalid):
            identity.set_sending(uow, manager, paused=True, why=" ")
        identity.set_sending(uow, manager, paused=True, why="Carrier complaint")
        found = identity.organization(uow, manager)
        assert (found.sending_paused, found.sending_paused_why) == (True, "Carrier complaint")
        assert found.sending_paused_at is not None
        identity.set_sending(uow, manager, paused=False, why="")
        assert identity.organization(uow, manager).sending_paused_why == ""
    assert {"sending.paused", "sending.resumed"} <= set(acts(db, team))


@pytest.mark.parametrize("role", [Role.AGENT, Role.AUDITOR])
def test_others_do_not_touch_the_switch(db: Database, team: Team, role: Role) -> None:
    with db.begin(team.org_id) as uow, pytest.raises(Forbidden):
        identity.set_sending(uow, team.principal(db, role), paused=True, why="no")


def test_a_refused_change_leaves_no_trace(db: Database, team: Team) -> None:
    before = acts(db, team)
    with pytest.raises(LastOwner), db.begin(team.org_id) as uow:
        identity.change_member(uow, team.principal(db, Role.OWNER), team.ids[Role.OWNER], MemberChange(active=False))
    assert acts(db, team) == before


def test_the_frame_shows_who_is_here(db: Database, team: Team) -> None:
    with db.begin(team.org_id) as uow:
        found = identity.frame(uow, team.principal(db, Role.AGENT))
    assert (found.organization, found.email, found.waiting) == ("Cedar Homes", team.emails[Role.AGENT], 0)
