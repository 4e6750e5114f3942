"""Keys by which programs act."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from fastapi import FastAPI
from pydantic import ValidationError
from sqlmodel import select

from leadflow.api.app import declared, routes
from leadflow.identity import rules
from leadflow.identity import service as identity
from leadflow.identity.errors import ConfirmPassword, KeyRefused, SlowDown
from leadflow.identity.types import ApiKeyInput, MadeKey, MemberChange, OrganizationInput
from leadflow.kernel.clock import FrozenClock
from leadflow.kernel.db import Database
from leadflow.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from models.audit import AuditEvent
from models.identity import ApiKey
from models.vocabulary import MailKind, Permission, Role
from tests.asgi import browser
from tests.identity.people import PASSWORD, Team, mails, make_team, signed_in
from tests.identity.test_second_factor import set_up

READ = [Permission.LEAD_READ]


def make(db: Database, team: Team, *scopes: Permission, days: int = 30) -> MadeKey:
    actor = team.present(db, Role.OWNER)
    with db.begin(team.org_id) as uow:
        given = ApiKeyInput(name="Nightly export", scopes=list(scopes) or READ, days=days)
        return identity.make_api_key(uow, actor, given)


def acts(db: Database, team: Team) -> list[str]:
    with db.begin(team.org_id) as uow:
        return list(uow.session.exec(select(AuditEvent.action).where(AuditEvent.org_id == team.org_id)))


def test_a_key_is_shown_once_and_kept_as_a_hash(db: Database, team: Team) -> None:
    made = make(db, team)
    assert made.key.startswith("lfk_")
    with db.begin(team.org_id) as uow:
        kept = uow.session.exec(select(ApiKey)).one()
        (row,) = identity.api_keys(uow, team.principal(db, Role.OWNER))
    assert kept.key_hash == rules.hashed(made.key)
    assert made.key not in repr((kept, row, made))
    assert (row.start, row.member, row.scopes) == (made.key[:12], "Owner of Cedar Homes", (Permission.LEAD_READ,))
    ((to, text),) = mails(db, MailKind.API_KEY_MADE)
    assert (to, made.key in text, made.key[:12] in text) == (team.emails[Role.OWNER], False, True)
    assert "api_key.made" in acts(db, team)


def test_it_may_do_its_scopes_and_nothing_else(db: Database, team: Team) -> None:
    actor = identity.by_key(db, make(db, team).key, "192.0.2.1")
    assert (actor.user_id, actor.org_id, actor.session_id) == (team.ids[Role.OWNER], team.org_id, None)
    assert [permission for permission in Permission if rules.may(actor, permission)] == READ


def test_no_key_gets_what_a_person_must_answer_for(db: Database, team: Team) -> None:
    actor = team.present(db, Role.OWNER)
    for scope in frozenset(Permission) - rules.SCOPES:
        given = ApiKeyInput(name="Too much", scopes=[Permission.LEAD_READ, scope], days=1)
        with db.begin(team.org_id) as uow, pytest.raises(Invalid):
            identity.make_api_key(uow, actor, given)
    # Even a row that somebody wrote into the database gets no more.
    made = make(db, team)
    with db.begin() as uow, uow.cursor() as cursor:
        cursor.execute("update api_key set scopes = %s", [[permission.value for permission in Permission]])
    found = identity.by_key(db, made.key, "192.0.2.1")
    assert found.only == rules.SCOPES


def test_every_route_that_a_person_must_answer_for_refuses_a_key_with_all_scopes(
    db: Database, api: FastAPI, team: Team
) -> None:
    key = make(db, team, *rules.SCOPES).key
    client = browser(api)
    guarded = {
        (method, route.path)
        for route in routes()
        for method in route.methods or ()
        if declared(route) in {permission.value for permission in Permission if permission not in rules.SCOPES}
    }
    assert {("PUT", "/api/v1/me/password"), ("POST", "/api/v1/api-keys"), ("POST", "/api/v1/me/confirm")} <= guarded
    for method, path in guarded:
        address = path.replace("{", "").replace("}", "")
        for name in ("user_id", "session_id", "key_id", "invitation_id", "campaign_id", "suppression_id"):
            address = address.replace(name, str(uuid4()))
        answer = client.request(method, address, headers={"Authorization": f"Bearer {key}"}, json={})
        assert answer.status_code in {403, 404, 422}, f"{method} {path}: {answer.text}"
        assert answer.status_code == 403 or "not_found" in answer.text or "invalid" in answer.text


def test_a_key_opens_no_account(db: Database, team: Team) -> None:
    actor = identity.by_key(db, make(db, team, *rules.SCOPES).key, "192.0.2.1")
    for act in (
        lambda: identity.change_password(db, actor, PASSWORD, "another good password"),
        lambda: identity.confirm(db, actor, PASSWORD),
        lambda: identity.begin_second_factor(db, actor),
        lambda: identity.sessions(db, actor),
        lambda: identity.sign_out_everywhere(db, actor),
        lambda: identity.organizations(db, actor),
    ):
        with pytest.raises(Forbidden):
            act()


def test_a_key_makes_no_key(db: Database, team: Team) -> None:
    actor = identity.by_key(db, make(db, team, *rules.SCOPES).key, "192.0.2.1")
    with db.begin(team.org_id) as uow, pytest.raises(Forbidden):
        identity.make_api_key(uow, actor, ApiKeyInput(name="Child", scopes=READ, days=1))


def test_it_expires_and_it_ends(db: Database, team: Team, clock: FrozenClock) -> None:
    short, ended = make(db, team, days=1), make(db, team, days=2)
    clock.advance(timedelta(days=1))
    with pytest.raises(KeyRefused):
        identity.by_key(db, short.key, "192.0.2.1")
    assert identity.by_key(db, ended.key, "192.0.2.1")
    with db.begin(team.org_id) as uow:
        identity.end_api_key(uow, team.principal(db, Role.OWNER), ended.id)
        with pytest.raises(NotFound):
            identity.end_api_key(uow, team.principal(db, Role.OWNER), ended.id)
        assert [row.expired for row in identity.api_keys(uow, team.principal(db, Role.OWNER))] == [True]
    with pytest.raises(KeyRefused):
        identity.by_key(db, ended.key, "192.0.2.1")
    assert "api_key.ended" in acts(db, team)


def test_it_never_does_more_than_its_member_may_today(db: Database, team: Team) -> None:
    key = make(db, team, Permission.LEAD_READ, Permission.CONSENT_RECORD).key
    with db.begin(team.org_id) as uow:
        owner = team.present(db, Role.OWNER)
        identity.change_member(uow, owner, team.ids[Role.MANAGER], MemberChange(role=Role.OWNER))
    with db.begin(team.org_id) as uow:
        second = team.principal(db, Role.MANAGER)
        identity.change_member(
            uow, second, team.ids[Role.OWNER], MemberChange(role=Role.MANAGER, denied=[Permission.LEAD_READ])
        )
    actor = identity.by_key(db, key, "192.0.2.1")
    assert [permission for permission in Permission if rules.may(actor, permission)] == [Permission.CONSENT_RECORD]
    with db.begin(team.org_id) as uow:
        identity.change_member(uow, second, team.ids[Role.OWNER], MemberChange(active=False))
    with pytest.raises(KeyRefused):
        identity.by_key(db, key, "192.0.2.1")


def test_where_a_second_factor_is_required_a_key_of_one_without_does_nothing(
    db: Database, team: Team, clock: FrozenClock
) -> None:
    owner, _, _ = set_up(db, team, Role.OWNER, clock)
    with db.begin(team.org_id) as uow:
        given = ApiKeyInput(name="Export", scopes=READ, days=9)
        key = identity.make_api_key(uow, owner, given).key
        identity.change_organization(uow, owner, OrganizationInput(second_factor_required=True))
    assert identity.by_key(db, key, "192.0.2.1").only == frozenset(READ)
    with db.begin() as uow, uow.cursor() as cursor:
        cursor.execute('update "user" set totp_confirmed_at = null')
    assert identity.by_key(db, key, "192.0.2.1").only == frozenset()


def test_its_use_is_noted_at_most_each_minute(db: Database, team: Team, clock: FrozenClock) -> None:
    key, seen = make(db, team).key, []
    for seconds in (0, 30, 31):
        clock.advance(timedelta(seconds=seconds))
        identity.by_key(db, key, "192.0.2.1")
        with db.begin(team.org_id) as uow:
            seen.append(uow.session.exec(select(ApiKey.last_used_at)).one())
    assert seen[0] == seen[1]
    assert seen[2] == clock.now()


def test_unknown_keys_are_slowed_by_address_and_right_ones_are_not(db: Database, team: Team) -> None:
    key = make(db, team).key
    for number in range(rules.MOST["key"]):
        with pytest.raises(KeyRefused):
            identity.by_key(db, f"lfk_{number}", "203.0.113.7")
    with pytest.raises(SlowDown):
        identity.by_key(db, "lfk_more", "203.0.113.7")
    with pytest.raises(KeyRefused):
        identity.by_key(db, "lfk_more", "192.0.2.1")
    assert identity.by_key(db, key, "203.0.113.7")


def test_to_make_one_asks_for_the_password(db: Database, team: Team, clock: FrozenClock) -> None:
    actor = team.present(db, Role.OWNER)
    clock.advance(rules.CONFIRMED_FOR + timedelta(seconds=1))
    with db.begin(team.org_id) as uow, pytest.raises(ConfirmPassword):
        identity.make_api_key(uow, actor, ApiKeyInput(name="Export", scopes=READ, days=1))


@pytest.mark.parametrize("role", [Role.MANAGER, Role.AGENT, Role.AUDITOR])
def test_only_owners_make_see_and_end_keys(db: Database, team: Team, role: Role) -> None:
    made, actor = make(db, team), team.present(db, role)
    with db.begin(team.org_id) as uow:
        with pytest.raises(Forbidden):
            identity.make_api_key(uow, actor, ApiKeyInput(name="Export", scopes=READ, days=1))
        with pytest.raises(Forbidden):
            identity.api_keys(uow, actor)
        with pytest.raises(Forbidden):
            identity.end_api_key(uow, actor, made.id)


def test_twenty_are_enough(db: Database, team: Team) -> None:
    for _ in range(20):
        make(db, team)
    with pytest.raises(Conflict):
        make(db, team)


def test_another_organisation_finds_none(db: Database, team: Team) -> None:
    made, other = make(db, team), make_team(db, "Birch Partners")
    actor = other.present(db, Role.OWNER)
    with db.begin(other.org_id) as uow:
        assert identity.api_keys(uow, actor) == ()
        with pytest.raises(NotFound):
            identity.end_api_key(uow, actor, made.id)


@pytest.mark.parametrize("given", [{"days": 0}, {"days": 366}, {"scopes": []}, {"scopes": ["everything"]}])
def test_what_makes_no_sense_is_refused(given: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        ApiKeyInput.model_validate({"name": "Export", "scopes": ["lead.read"], "days": 1} | given)


def test_the_whole_way_over_http(api: FastAPI, team: Team) -> None:
    owner = signed_in(api, team, Role.OWNER)
    given = {"name": "Export", "scopes": ["lead.read"], "days": 30}
    made = owner.post("/api/v1/api-keys", json=given)
    assert made.status_code == 201
    bearer, program = {"Authorization": f"Bearer {made.json()['key']}"}, browser(api)
    assert program.get("/api/v1/leads", headers=bearer).status_code == 200
    assert program.get("/api/v1/campaigns", headers=bearer).status_code == 403
    assert program.get("/api/v1/me", headers=bearer).status_code == 403
    assert owner.get("/api/v1/api-keys").json()[0]["last_used_at"] is not None
    assert owner.delete(f"/api/v1/api-keys/{made.json()['id']}").status_code == 204
    gone = program.get("/api/v1/leads", headers=bearer)
    assert (gone.status_code, gone.json()["error"]["code"]) == (401, "key_refused")
