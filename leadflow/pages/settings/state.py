"""The state of /settings."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

import reflex as rx
from pydantic import ValidationError

from leadflow.identity import service as identity
from leadflow.identity.rules import may
from leadflow.identity.types import OrganizationInput, SessionRow
from leadflow.kernel import outages
from leadflow.kernel.errors import Invalid
from leadflow.pages.settings.outages import ProviderLine, line_of
from leadflow.ui.action import Desk, Page, action, loads
from leadflow.ui.address import word
from leadflow.ui.shell import Shell
from models.vocabulary import Permission


@dataclass(frozen=True)
class OrganizationForm:
    """The organisation's settings, as the form shows them."""

    name: str = ""
    timezone: str = ""
    approval_threshold: str = ""
    price: str = ""
    budget: str = ""
    window: str = ""
    filtered_pct: str = ""
    opted_out_pct: str = ""
    limits: str = ""
    """The three together: another value makes the form anew."""
    link_domain: str = ""


@dataclass(frozen=True)
class SessionView:
    """One place where the user is signed in."""

    id: str
    current: bool
    where: str
    address: str
    created_at: str
    last_used_at: str
    remembered: bool


class Settings(Page, rx.State):
    """What an owner sets, and what everybody may see of it."""

    organization: OrganizationForm = OrganizationForm()
    second_factor_required: bool = False
    remember_days: int = 0
    paused: bool = False
    why: str = ""
    paused_at: str = ""
    providers: list[ProviderLine] = []
    sessions: list[SessionView] = []
    office: bool = False
    """Whether the role may see more than its own sessions."""
    part: str = ""

    @loads(Permission.SESSION_USE)
    async def load(self, desk: Desk) -> None:
        """Read what the role may see."""
        self.failure, self.errors = {}, {}
        self.office = may(desk.actor, Permission.SETTINGS_READ)
        # Whoever does not see the organisation's settings finds the own account first.
        self.part = word(self, "part") or ("" if self.office else "account")
        if self.office:
            await self._organization(desk)
        if self.office and self.part == "providers":
            await self._providers(desk)
        await self._sessions(desk)
        self.loaded = True

    @action(Permission.SETTINGS_READ)
    async def look_at_providers(self, desk: Desk) -> None:
        """See again how providers answer."""
        await self._providers(desk)

    async def _providers(self, desk: Desk) -> None:
        found = await asyncio.to_thread(outages.states, desk.database.clock.now())
        self.providers = [line_of(one) for one in found]

    @action(Permission.SETTINGS_WRITE)
    async def save(self, desk: Desk, form: dict[str, Any]) -> None:
        """Keep the organisation's settings."""
        change = _change(form)
        await desk.do(lambda uow: identity.change_organization(uow, desk.actor, change))
        await self._organization(desk)
        desk.say("Settings kept")

    @action(Permission.SENDING_SWITCH)
    async def pause(self, desk: Desk, form: dict[str, Any]) -> None:
        """Stop all sending at once."""
        await desk.do(lambda uow: identity.set_sending(uow, desk.actor, paused=True, why=str(form.get("why") or "")))
        await self._switched(desk)
        desk.say("Sending is paused", "No text leaves until somebody resumes it.", "warning")

    @action(Permission.SENDING_SWITCH)
    async def resume(self, desk: Desk) -> None:
        """Let texts go out again, each through the gate."""
        await desk.do(lambda uow: identity.set_sending(uow, desk.actor, paused=False, why=""))
        await self._switched(desk)
        desk.say("Sending is on again")

    @action(Permission.SESSION_USE)
    async def end_session(self, desk: Desk, session_id: UUID) -> None:
        """Sign one of one's own sessions out."""
        await asyncio.to_thread(identity.end_session, desk.database, desk.actor, session_id)
        await self._sessions(desk)
        desk.say("Signed out there")

    async def _organization(self, desk: Desk) -> None:
        found = await desk.do(lambda uow: identity.organization(uow, desk.actor))
        self.organization = OrganizationForm(
            found.name,
            found.timezone,
            str(found.approval_threshold),
            _price(found.price_per_segment_cents_x100),
            "" if found.monthly_budget_cents is None else _money(found.monthly_budget_cents),
            str(found.weather_window),
            str(found.weather_filtered_pct),
            str(found.weather_opted_out_pct),
            f"{found.weather_window} {found.weather_filtered_pct} {found.weather_opted_out_pct}",
            link_domain=found.link_domain,
        )
        self.second_factor_required, self.remember_days = found.second_factor_required, found.remember_days
        self.paused, self.why = found.sending_paused, found.sending_paused_why
        self.paused_at = found.sending_paused_at.isoformat() if found.sending_paused_at else ""

    async def _switched(self, desk: Desk) -> None:
        await self._organization(desk)
        shell = await self.get_state(Shell)
        shell.sending, shell.sending_reason = not self.paused, self.why

    async def _sessions(self, desk: Desk) -> None:
        rows = await asyncio.to_thread(identity.sessions, desk.database, desk.actor)
        self.sessions = [_session(row) for row in rows]


def _change(form: dict[str, Any]) -> OrganizationInput:
    price, budget = _decimal(form, "price"), _decimal(form, "budget")
    try:
        return OrganizationInput(
            name=str(form.get("name") or "").strip(),
            timezone=str(form.get("timezone") or "").strip(),
            approval_threshold=_whole(form, "approval_threshold"),
            price_per_segment_cents_x100=None if price is None else int(price * 10_000),
            monthly_budget_cents=None if budget is None else int(budget * 100),
            weather_window=_whole(form, "weather_window"),
            weather_filtered_pct=_whole(form, "weather_filtered_pct"),
            weather_opted_out_pct=_whole(form, "weather_opted_out_pct"),
            link_domain=str(form.get("link_domain") or ""),
        )
    except ValidationError as error:
        first = error.errors()[0]
        name = {"price_per_segment_cents_x100": "price", "monthly_budget_cents": "budget"}.get(
            str(first["loc"][0]), str(first["loc"][0])
        )
        raise Invalid(first["msg"].removeprefix("Value error, ").capitalize() + ".", name) from error


def _decimal(form: dict[str, Any], name: str) -> Decimal | None:
    text = str(form.get(name) or "").replace("$", "").replace(",", "").strip()
    if not text:
        return None
    try:
        return Decimal(text)
    except InvalidOperation as error:
        raise Invalid("That is not an amount.", name) from error


def _whole(form: dict[str, Any], name: str) -> int | None:
    text = str(form.get(name) or "").replace(",", "").strip()
    if text and not text.isdecimal():
        raise Invalid("That is not a whole number.", name)
    return int(text) if text else None


def _price(cents_x100: int) -> str:
    return f"{Decimal(cents_x100) / 10_000:.4f}".rstrip("0").rstrip(".")


def _money(cents: int) -> str:
    return f"{Decimal(cents) / 100:.2f}".removesuffix(".00")


def _session(row: SessionRow) -> SessionView:
    return SessionView(
        str(row.id),
        row.current,
        row.device,
        row.place,
        row.created_at.isoformat(),
        row.last_used_at.isoformat(),
        row.remembered,
    )
