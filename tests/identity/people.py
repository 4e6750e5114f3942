"""An organisation with a member of each role, and the ways in."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import httpx
from sqlmodel import select

from leadflow.identity import service as identity
from leadflow.identity.rules import PEOPLE
from leadflow.identity.types import Caller, Credentials, Principal, SecondFactorAsked, SignedIn
from leadflow.kernel import vault
from leadflow.kernel.db import Database
from models.mail import Mail
from models.vocabulary import MailKind, Role
from tests.asgi import browser

PASSWORD = "correct horse battery"  # noqa: S105 of people who do not exist
HERE = Caller("192.0.2.1", "tests")


@dataclass(frozen=True)
class Team:
    """One organisation and its members by role."""

    org_id: UUID
    emails: dict[Role, str]
    ids: dict[Role, UUID]

    def principal(self, db: Database, role: Role) -> Principal:
        """Name a member as a caller without a session."""
        with db.begin(self.org_id) as uow:
            return identity.member_principal(uow, self.emails[role])

    def sign_in(self, db: Database, role: Role, caller: Caller = HERE) -> SignedIn:
        """Open a session for a member."""
        return entered(identity.sign_in(db, Credentials(self.emails[role], PASSWORD), caller))

    def present(self, db: Database, role: Role) -> Principal:
        """Name a member who has just typed the password."""
        return self.sign_in(db, role).principal


def entered(answer: SignedIn | SecondFactorAsked) -> SignedIn:
    """Take a sign-in that needs no second factor."""
    assert isinstance(answer, SignedIn)
    return answer


def make_team(db: Database, name: str = "Cedar Homes") -> Team:
    """Found an organisation with a member of each role."""
    word = name.split(maxsplit=1)[0].lower()
    emails = {role: f"{role.value}@{word}.test" for role in PEOPLE}
    with db.begin() as uow:
        org_id = identity.create_organization(uow, name)
        ids = {
            role: identity.add_member(uow, email, f"{role.value.title()} of {name}", PASSWORD, role)
            for role, email in emails.items()
        }
    return Team(org_id, emails, ids)


def signed_in(app: object, team: Team, role: Role) -> httpx.Client:
    """Make a browser in which a member is signed in."""
    client = browser(app)
    answer = client.post("/api/v1/auth/login", json={"email": team.emails[role], "password": PASSWORD})
    assert answer.status_code == 200, answer.text
    return client


def mails(db: Database, kind: MailKind) -> list[tuple[str, str]]:
    """Open the mails of a kind, oldest first: recipient and text, as the worker would send them."""
    with db.begin() as uow:
        rows = list(uow.session.exec(select(Mail).where(Mail.kind == kind).order_by(Mail.id)))  # pyright: ignore[reportArgumentType] a column
    place = [(row, vault.Place("mail", "body", row.id, row.org_id)) for row in rows]
    return [(row.recipient, vault.vault().open(where, row.body or b"").decode()) for row, where in place]


def link_of(db: Database, kind: MailKind) -> str:
    """Read the token out of the last mail of a kind."""
    return mails(db, kind)[-1][1].partition("#")[2].split(maxsplit=1)[0]
