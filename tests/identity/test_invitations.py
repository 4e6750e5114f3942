"""Asked to join, and joining."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from fastapi import FastAPI
from pyotp.totp import TOTP
from sqlmodel import select

from leadflow.identity import rules
from leadflow.identity import service as identity
from leadflow.identity.errors import CodeNeeded, ConfirmPassword, LinkEnded, SlowDown, WeakPassword, WrongCode
from leadflow.identity.service import inviting
from leadflow.identity.types import InvitationInput, InvitationState, Joining, MemberChange, Principal
from leadflow.kernel.clock import FrozenClock
from leadflow.kernel.db import Database
from leadflow.kernel.errors import Conflict, Forbidden, Invalid, LeadFlowError, NotFound, TooMany
from models.audit import AuditEvent
from models.identity import Invitation, User
from models.vocabulary import MailKind, Permission, Role
from tests.asgi import browser
from tests.identity.people import HERE, PASSWORD, Team, link_of, mails, make_team, signed_in

NEW = "newcomer@example.test"
CHOSEN = "seven quiet orchards"


def somebody(role: Role = Role.AGENT, email: str = NEW) -> InvitationInput:
    return InvitationInput(email=email, name="New Comer", role=role)


def invite(db: Database, team: Team, given: InvitationInput | None = None, by: Principal | None = None) -> str:
    with db.begin(team.org_id) as uow:
        identity.invite(uow, by or team.present(db, Role.OWNER), given or somebody())
    return link_of(db, MailKind.INVITATION)


def listed(db: Database, team: Team) -> list[InvitationState]:
    with db.begin(team.org_id) as uow:
        return [row.state for row in identity.invitations(uow, team.principal(db, Role.MANAGER))]


def acts(db: Database, team: Team) -> list[str]:
    with db.begin(team.org_id) as uow:
        return list(uow.session.exec(select(AuditEvent.action).where(AuditEvent.org_id == team.org_id)))


def with_second_factor(db: Database, team: Team, role: Role, clock: FrozenClock) -> str:
    actor = team.present(db, role)
    secret = identity.begin_second_factor(db, actor).secret
    identity.confirm_second_factor(db, actor, TOTP(secret).at(clock.now()))
    clock.advance(timedelta(seconds=60))
    return secret


def test_a_newcomer_chooses_a_password_and_is_in(db: Database, team: Team) -> None:
    token = invite(db, team, by=team.principal(db, Role.MANAGER))
    ((to, text),) = mails(db, MailKind.INVITATION)
    assert (to, "Manager of Cedar Homes invites you to join Cedar Homes" in text) == (NEW, True)
    look = identity.look_at_invitation(db, token)
    assert (look.organization, look.email, look.role, look.has_account) == ("Cedar Homes", NEW, Role.AGENT, False)
    opened = identity.join(db, Joining(token, CHOSEN), HERE)
    assert (opened.principal.org_id, opened.principal.role, opened.principal.name) == (
        team.org_id,
        Role.AGENT,
        "New Comer",
    )
    assert listed(db, team) == [InvitationState.ACCEPTED]
    assert {"invitation.sent", "member.joined", "session.opened"} <= set(acts(db, team))


def test_somebody_with_an_account_shows_its_password_and_keeps_it(db: Database, team: Team) -> None:
    other = make_team(db, "Birch Partners")
    token = invite(db, team, somebody(email=other.emails[Role.AGENT]))
    assert identity.look_at_invitation(db, token).has_account
    with pytest.raises(Invalid) as refusal:
        identity.join(db, Joining(token, CHOSEN), HERE)
    assert refusal.value.field == "password"
    opened = identity.join(db, Joining(token, PASSWORD, name="Somebody Else"), HERE)
    assert (opened.principal.org_id, opened.principal.user_id) == (team.org_id, other.ids[Role.AGENT])
    assert opened.principal.name == "Agent of Birch Partners"
    assert other.sign_in(db, Role.AGENT).principal.org_id == other.org_id


def test_an_account_with_a_second_factor_shows_it_too(db: Database, team: Team, clock: FrozenClock) -> None:
    other = make_team(db, "Birch Partners")
    secret = with_second_factor(db, other, Role.AGENT, clock)
    token = invite(db, team, somebody(email=other.emails[Role.AGENT]))
    with pytest.raises(CodeNeeded):
        identity.join(db, Joining(token, PASSWORD), HERE)
    with pytest.raises(WrongCode):
        identity.join(db, Joining(token, PASSWORD, code="000000"), HERE)
    assert listed(db, team) == [InvitationState.OPEN]
    assert identity.join(db, Joining(token, PASSWORD, code=TOTP(secret).at(clock.now())), HERE)


def test_the_inviter_learns_nothing_about_accounts(db: Database, api: FastAPI, team: Team) -> None:
    other = make_team(db, "Birch Partners")
    client = signed_in(api, team, Role.MANAGER)
    answers = [
        client.post("/api/v1/invitations", json={"email": email, "name": "N", "role": "agent"})
        for email in (other.emails[Role.OWNER], NEW)
    ]
    assert [(one.status_code, set(one.json())) for one in answers] == [(201, {"id"}), (201, {"id"})]
    shown = client.get("/api/v1/invitations").json()
    assert [set(row) for row in shown] == [set(shown[0])] * 2
    assert [row["state"] for row in shown] == ["open", "open"]


def test_guessing_the_password_of_an_account_through_an_invitation_is_slowed(db: Database, team: Team) -> None:
    other = make_team(db, "Birch Partners")
    token = invite(db, team, somebody(email=other.emails[Role.OWNER]))
    for _ in range(rules.FREE):
        with pytest.raises(Invalid):
            identity.join(db, Joining(token, "a wrong guess of it"), HERE)
    with pytest.raises(SlowDown):
        identity.join(db, Joining(token, PASSWORD), HERE)


def test_a_weak_password_leaves_the_invitation(db: Database, team: Team) -> None:
    token = invite(db, team)
    with pytest.raises(WeakPassword):
        identity.join(db, Joining(token, "short"), HERE)
    assert identity.join(db, Joining(token, CHOSEN), HERE)


def test_a_link_works_once_also_for_four_at_once(db: Database, team: Team) -> None:
    token, start, outcomes = invite(db, team), threading.Barrier(4), []

    def use() -> None:
        start.wait()
        try:
            identity.join(db, Joining(token, CHOSEN), HERE)
            outcomes.append("in")
        except LeadFlowError as refusal:
            outcomes.append(refusal.code)

    threads = [threading.Thread(target=use) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count("in") == 1
    with db.begin() as uow:
        assert len(list(uow.session.exec(select(User.id).where(User.email == NEW)))) == 1
    with pytest.raises(LinkEnded):
        identity.join(db, Joining(token, CHOSEN), HERE)


def test_two_organisations_may_ask_the_same_newcomer(db: Database, team: Team) -> None:
    other = make_team(db, "Birch Partners")
    first, second = invite(db, team), invite(db, other)
    identity.join(db, Joining(first, CHOSEN), HERE)
    assert identity.look_at_invitation(db, second).has_account
    assert identity.join(db, Joining(second, CHOSEN), HERE).principal.org_id == other.org_id


def test_it_ends_after_seven_days_and_may_be_sent_again(db: Database, team: Team, clock: FrozenClock) -> None:
    token = invite(db, team)
    clock.advance(inviting.OPEN_FOR)
    assert listed(db, team) == [InvitationState.EXPIRED]
    with pytest.raises(LinkEnded):
        identity.look_at_invitation(db, token)
    with db.begin(team.org_id) as uow:
        (row,) = identity.invitations(uow, team.principal(db, Role.OWNER))
        identity.resend(uow, team.principal(db, Role.OWNER), row.id)
    newer = link_of(db, MailKind.INVITATION)
    with pytest.raises(LinkEnded):
        identity.join(db, Joining(token, CHOSEN), HERE)
    assert identity.join(db, Joining(newer, CHOSEN), HERE)
    assert "invitation.sent_again" in acts(db, team)


def test_an_expired_one_makes_room_for_another(db: Database, team: Team, clock: FrozenClock) -> None:
    invite(db, team)
    with pytest.raises(Conflict):
        invite(db, team)
    clock.advance(inviting.OPEN_FOR)
    assert identity.join(db, Joining(invite(db, team), CHOSEN), HERE)
    assert listed(db, team) == [InvitationState.ACCEPTED, InvitationState.WITHDRAWN]


def test_what_was_withdrawn_is_over(db: Database, team: Team) -> None:
    token = invite(db, team)
    with db.begin(team.org_id) as uow:
        (row,) = identity.invitations(uow, team.principal(db, Role.OWNER))
        identity.withdraw(uow, team.principal(db, Role.OWNER), row.id)
        for act in (identity.withdraw, identity.resend):
            with pytest.raises(Conflict):
                act(uow, team.principal(db, Role.OWNER), row.id)
    with pytest.raises(LinkEnded):
        identity.join(db, Joining(token, CHOSEN), HERE)


def test_a_member_is_not_invited_again_even_when_shut_out(db: Database, team: Team) -> None:
    with db.begin(team.org_id) as uow:
        identity.change_member(uow, team.present(db, Role.OWNER), team.ids[Role.AGENT], MemberChange(active=False))
    with pytest.raises(Conflict):
        invite(db, team, somebody(email=team.emails[Role.AGENT]))


# Who may invite whom


@pytest.mark.parametrize("role", [Role.AGENT, Role.AUDITOR])
def test_others_invite_nobody(db: Database, team: Team, role: Role) -> None:
    with db.begin(team.org_id) as uow:
        actor = team.principal(db, role)
        with pytest.raises(Forbidden):
            identity.invite(uow, actor, somebody())


@pytest.mark.parametrize("role", [Role.OWNER, Role.SYSTEM])
def test_a_manager_invites_nobody_above(db: Database, team: Team, role: Role) -> None:
    actor = team.present(db, Role.MANAGER)
    with db.begin(team.org_id) as uow, pytest.raises(Forbidden):
        identity.invite(uow, actor, somebody(role))


def test_a_manager_does_not_touch_the_invitation_of_an_owner(db: Database, team: Team) -> None:
    invite(db, team, somebody(Role.OWNER))
    actor = team.present(db, Role.MANAGER)
    with db.begin(team.org_id) as uow:
        (row,) = identity.invitations(uow, actor)
        for act in (identity.resend, identity.withdraw):
            with pytest.raises(Forbidden):
                act(uow, actor, row.id)


def test_to_invite_an_owner_asks_for_the_password(db: Database, team: Team, clock: FrozenClock) -> None:
    actor = team.present(db, Role.OWNER)
    clock.advance(rules.CONFIRMED_FOR + timedelta(seconds=1))
    with db.begin(team.org_id) as uow, pytest.raises(ConfirmPassword):
        identity.invite(uow, actor, somebody(Role.OWNER))


@pytest.mark.parametrize(
    "change",
    [MemberChange(active=False), MemberChange(role=Role.AGENT), MemberChange(denied=[Permission.MEMBER_WRITE])],
)
def test_an_invitation_is_worth_what_its_inviter_may_do_today(db: Database, team: Team, change: MemberChange) -> None:
    token = invite(db, team, by=team.principal(db, Role.MANAGER))
    with db.begin(team.org_id) as uow:
        identity.change_member(uow, team.present(db, Role.OWNER), team.ids[Role.MANAGER], change)
    with pytest.raises(LinkEnded):
        identity.join(db, Joining(token, CHOSEN), HERE)


def test_another_organisation_finds_nothing(db: Database, team: Team) -> None:
    invite(db, team)
    other = make_team(db, "Birch Partners")
    with db.begin() as uow:
        found = uow.session.exec(select(Invitation.id)).one()
    actor = other.present(db, Role.OWNER)
    with db.begin(other.org_id) as uow:
        assert identity.invitations(uow, actor) == ()
        for act in (identity.resend, identity.withdraw):
            with pytest.raises(NotFound):
                act(uow, actor, found)


def test_nobody_writes_to_strangers_through_us(
    db: Database, team: Team, monkeypatch: pytest.MonkeyPatch, clock: FrozenClock
) -> None:
    monkeypatch.setattr(inviting, "A_DAY", 3)
    for number in range(3):
        invite(db, team, somebody(email=f"stranger{number}@example.test"))
    with pytest.raises(TooMany):
        invite(db, team)
    clock.advance(timedelta(days=1, seconds=1))
    assert invite(db, team)


# Over HTTP


def test_the_whole_way_in_a_browser(db: Database, api: FastAPI, team: Team) -> None:
    owner = signed_in(api, team, Role.OWNER)
    made = owner.post("/api/v1/invitations", json={"email": NEW, "name": "New Comer", "role": "agent"})
    assert made.status_code == 201
    first = link_of(db, MailKind.INVITATION)
    assert owner.post(f"/api/v1/invitations/{made.json()['id']}/resend").status_code == 204
    token, guest = link_of(db, MailKind.INVITATION), browser(api)
    gone = guest.post("/api/v1/auth/join/look", json={"token": first})
    assert (gone.status_code, gone.json()["error"]["code"]) == (409, "link_ended")
    assert guest.post("/api/v1/auth/join/look", json={"token": token}).json() == {
        "organization": "Cedar Homes",
        "email": NEW,
        "name": "New Comer",
        "role": "agent",
        "has_account": False,
    }
    joined = guest.post("/api/v1/auth/join", json={"token": token, "name": "Nell Comer", "password": CHOSEN})
    assert (joined.status_code, joined.json()["access_token"]) == (200, None)
    assert guest.get("/api/v1/me").json()["name"] == "Nell Comer"
    assert owner.delete(f"/api/v1/invitations/{made.json()['id']}").status_code == 409


def test_members_are_not_made_with_a_password_any_more(api: FastAPI, team: Team) -> None:
    given = {"email": NEW, "name": "N", "password": PASSWORD, "role": "agent"}
    assert signed_in(api, team, Role.OWNER).post("/api/v1/members", json=given).status_code == 405
