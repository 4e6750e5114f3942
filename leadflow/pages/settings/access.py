"""What /settings shows of people, keys, providers and mail. Secrets go past it, straight to the API."""

from __future__ import annotations

from dataclasses import dataclass

import reflex as rx

from leadflow.credentials import service as credentials
from leadflow.identity import service as identity
from leadflow.identity.rules import SCOPES, may
from leadflow.identity.types import MemberRow
from leadflow.kernel.errors import LeadFlowError
from leadflow.ui.action import Desk, Page, loads
from leadflow.ui.address import word
from models.vocabulary import Permission


@dataclass(frozen=True)
class Person:
    """One member."""

    id: str
    me: bool
    name: str
    initials: str
    email: str
    role: str
    active: bool
    last_seen_at: str
    second_factor: bool
    denied: list[str]


@dataclass(frozen=True)
class Invited:
    """One invitation."""

    id: str
    name: str
    email: str
    role: str
    state: str
    expires_at: str
    by: str


@dataclass(frozen=True)
class Key:
    """One key of a program."""

    id: str
    name: str
    start: str
    member: str
    scopes: str
    expires_at: str
    expired: bool
    last_used_at: str


@dataclass(frozen=True)
class Account:
    """An organisation's own account at a provider."""

    provider: str
    account: str
    hint: str
    set_at: str


@dataclass(frozen=True)
class Letter:
    """A mail of the local outbox."""

    id: str
    subject: str
    recipient: str
    at: str
    body: str


class Access(Page, rx.State):
    """Who may come in, by which keys, and what is mailed to them."""

    people: list[Person] = []
    invited: list[Invited] = []
    limits: str = ""
    """The member whose limits are being set."""
    limited: list[Person] = []
    keys: list[Key] = []
    scopes: list[str] = []
    """What a key of the caller's may be allowed."""
    accounts: list[Account] = []
    letters: list[Letter] = []
    outbox: str = ""
    """Why there is no outbox; empty where there is one."""

    @loads(Permission.SESSION_USE)
    async def load(self, desk: Desk) -> None:
        """Read the part of the settings that the address names, as far as the caller may see it."""
        self.failure, self.errors, part = {}, {}, word(self, "part")
        if part == "members" and may(desk.actor, Permission.MEMBER_READ):
            await self._people(desk)
        if part == "keys" and may(desk.actor, Permission.API_KEY_WRITE):
            await self._keys(desk)
        if part == "providers" and may(desk.actor, Permission.CREDENTIAL_WRITE):
            rows = await desk.do(lambda uow: credentials.listed(uow, desk.actor))
            self.accounts = [Account(str(r.provider), r.account, r.hint, r.set_at.isoformat()) for r in rows]
        if part == "outbox" and may(desk.actor, Permission.MAIL_READ):
            await self._letters(desk)
        self.loaded = True

    async def _people(self, desk: Desk) -> None:
        members, invited = await desk.do(
            lambda uow: (identity.members(uow, desk.actor), identity.invitations(uow, desk.actor))
        )
        self.people = [_person(row, me=row.id == desk.actor.user_id) for row in members]
        self.limits = word(self, "member")
        self.limited = [one for one in self.people if one.id == self.limits]
        self.invited = [
            Invited(str(r.id), r.name, r.email, str(r.role), str(r.state), r.expires_at.isoformat(), r.invited_by)
            for r in invited
        ]

    async def _keys(self, desk: Desk) -> None:
        rows = await desk.do(lambda uow: identity.api_keys(uow, desk.actor))
        self.scopes = [str(one) for one in Permission if one in SCOPES and may(desk.actor, one)]
        self.keys = [
            Key(
                str(row.id),
                row.name,
                row.start,
                row.member,
                ", ".join(row.scopes),
                row.expires_at.isoformat(),
                row.expired,
                row.last_used_at.isoformat() if row.last_used_at else "",
            )
            for row in rows
        ]

    async def _letters(self, desk: Desk) -> None:
        try:
            rows = await desk.do(lambda uow: identity.outbox(uow, desk.actor))
        except LeadFlowError as refusal:
            self.letters, self.outbox = [], refusal.message
            return
        self.outbox = ""
        self.letters = [
            Letter(str(row.id), row.subject, row.recipient, row.created_at.isoformat(), row.body or "") for row in rows
        ]


def _person(row: MemberRow, *, me: bool) -> Person:
    return Person(
        str(row.id),
        me,
        row.name,
        "".join(part[0] for part in row.name.split()[:2]).upper(),
        row.email,
        str(row.role),
        row.active,
        row.last_seen_at.isoformat() if row.last_seen_at else "",
        row.second_factor,
        [str(one) for one in row.denied],
    )
