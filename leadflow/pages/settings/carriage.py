"""The state of /settings, numbers: who may send, by which registration, in which pools, within which limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

import reflex as rx
from pydantic import BaseModel, ValidationError

from leadflow.identity import service as identity
from leadflow.identity.rules import may
from leadflow.identity.types import OrganizationInput
from leadflow.kernel import phone
from leadflow.kernel.errors import Invalid
from leadflow.messaging import service as messaging
from leadflow.messaging.number_types import (
    BrandInput,
    BrandRow,
    CampaignRegistration,
    CarrierRate,
    PoolInput,
    PoolRow,
    RegisteredRow,
    SenderChange,
    SenderInput,
    SenderRow,
)
from leadflow.ui.action import Desk, Page, action, loads
from leadflow.ui.address import word
from models.vocabulary import Permission, RegistrationState

CARRIERS = ("AT&T", "T-Mobile", "Verizon")
"""Those whose rates the form asks for; others are set by the API."""
MEMBER = "member-"
"""Before the id of a number in the form of a pool."""
Read = TypeVar("Read", bound=BaseModel)


@dataclass(frozen=True)
class Sender:
    """A number that we send from; without an id it is a new one."""

    id: str = ""
    number: str = ""
    label: str = ""
    registration: str = "pending"
    against: str = ""
    """Why it does not send; empty when it may."""
    rests: str = ""
    """Until when it sends no campaign."""
    stopped: bool = False
    binding: str = "pending"
    campaign_id: str = ""
    campaign: str = ""
    brand: str = ""
    per_minute: str = "60"
    per_day: str = ""
    waiting: str = ""
    last_hour: str = ""
    last_day: str = ""
    pools: str = ""


@dataclass(frozen=True)
class Pool:
    """A pool; without an id it is a new one."""

    id: str = ""
    name: str = ""
    numbers: str = ""
    able: str = ""
    short: bool = False
    """Some of its numbers, or all, may not send."""
    sticky: bool = True
    cool_after: str = ""
    cool_minutes: str = "60"


@dataclass(frozen=True)
class Registered:
    """A campaign of the registry; without an id it is a new one."""

    id: str = ""
    brand_id: str = ""
    use_case: str = ""
    registry_id: str = ""
    status: str = "pending"
    rates: str = ""
    numbers: str = ""


@dataclass(frozen=True)
class Brand:
    """A brand of the registry; without an id it is a new one."""

    id: str = ""
    name: str = ""
    ein: str = ""
    registry_id: str = ""
    status: str = "pending"


class Carriage(Page, rx.State):
    """The numbers, their registry and their pools, and the form that is open."""

    senders: list[Sender] = []
    pools: list[Pool] = []
    brands: list[Brand] = []
    registered: list[Registered] = []
    bindings: list[list[str]] = []
    """The registered campaigns, to choose from."""
    brand_choices: list[list[str]] = []
    a_minute: str = ""
    a_day: str = ""
    """What the whole organisation sends at most."""
    open: str = ""
    """Which form: ``number``, ``pool``, ``brand`` or ``campaign``; empty: none."""
    number: Sender = Sender()
    pool: Pool = Pool()
    members: list[list[str]] = []
    """The numbers to choose from for the pool: id, name, and ``1`` where it is in."""
    brand: Brand = Brand()
    campaign: Registered = Registered()
    rates: list[list[str]] = []
    """Of the open campaign: carrier, texts a minute, texts a day."""

    @loads(Permission.SESSION_USE)
    async def load(self, desk: Desk) -> None:
        """Read them, where the address asks for this part and the role may."""
        self.failure, self.errors, self.open = {}, {}, ""
        if word(self, "part") == "numbers" and may(desk.actor, Permission.SETTINGS_READ):
            await self._read(desk)
        self.loaded = True

    async def _read(self, desk: Desk) -> None:
        senders, pools, brands, house = await desk.do(
            lambda uow: (
                messaging.senders(uow, desk.actor),
                messaging.pools(uow, desk.actor),
                messaging.brands(uow, desk.actor),
                identity.organization(uow, desk.actor),
            )
        )
        names = {row.id: shown_number(row) for row in senders}
        self.senders = [_sender(row, pools) for row in senders]
        self.pools = [_pool(row, names) for row in pools]
        self.brands = [_brand(row) for row in brands]
        self.registered = [_registered(one, row.id) for row in brands for one in row.campaigns]
        self.bindings = [
            ["", "None: it sends nothing"],
            *([str(one.id), f"{row.name} · {one.use_case}"] for row in brands for one in row.campaigns),
        ]
        self.brand_choices = [[one.id, one.name] for one in self.brands]
        self.a_minute, self.a_day = _text(house.texts_per_minute), _text(house.texts_per_day)

    @action(Permission.SETTINGS_WRITE)
    async def pick(self, desk: Desk, form: str, key: str) -> None:
        """Open a form, for what has this id or for something new; an empty name closes it."""
        self.errors, self.open = {}, form
        self.number = next((one for one in self.senders if one.id == key), Sender())
        self.brand = next((one for one in self.brands if one.id == key), Brand())
        self.campaign = next((one for one in self.registered if one.id == key), Registered())
        self.pool = next((one for one in self.pools if one.id == key), Pool())
        if form == "pool":
            rows = await desk.do(lambda uow: messaging.pools(uow, desk.actor))
            inside = {str(one) for row in rows if str(row.id) == key for one in row.numbers}
            self.members = [
                [one.id, " · ".join(filter(None, (one.label, one.number))), "1" if one.id in inside else ""]
                for one in self.senders
            ]
        if form == "campaign":
            brands = await desk.do(lambda uow: messaging.brands(uow, desk.actor))
            kept = {str(rate["carrier"]): rate for rate in _rates_of(brands, key)}
            self.rates = [
                [name, *(_text(kept.get(name, {}).get(unit)) for unit in ("per_minute", "per_day"))]
                for name in CARRIERS
            ]

    @action(Permission.SETTINGS_WRITE)
    async def keep_number(self, desk: Desk, form: dict[str, Any]) -> None:
        """Add a number, or change the open one."""
        key = self.number.id
        terms: dict[str, Any] = {
            "label": _said(form, "label"),
            "registration": RegistrationState(_said(form, "binding")),
            "registered_campaign_id": _said(form, "campaign_id") or None,
            "per_minute": _whole(form, "per_minute") or 60,
            "per_day": _whole(form, "per_day"),
        }
        if key:
            change = _valid(SenderChange, terms)
            await desk.do(lambda uow: messaging.change_sender(uow, desk.actor, UUID(key), change))
        else:
            given = _valid(SenderInput, {"e164": phone.parse(_said(form, "number")), **terms})
            await desk.do(lambda uow: messaging.add_sender(uow, desk.actor, given))
        await self._kept(desk, "Number kept" if key else "Number added")

    @action(Permission.SETTINGS_WRITE)
    async def switch_number(self, desk: Desk, sender_id: UUID, on: bool) -> None:  # noqa: FBT001 the page's word
        """Stop a number, or let it send again."""
        change = SenderChange(enabled=on)
        await desk.do(lambda uow: messaging.change_sender(uow, desk.actor, sender_id, change))
        await self._kept(desk, "It sends again" if on else "It sends nothing any more")

    @action(Permission.SETTINGS_WRITE)
    async def keep_pool(self, desk: Desk, form: dict[str, Any]) -> None:
        """Make a pool, or change the open one."""
        key = self.pool.id
        inside = [name.removeprefix(MEMBER) for name, value in form.items() if name.startswith(MEMBER) and value]
        if not inside:
            raise Invalid("Choose at least one number.", "numbers")
        terms: dict[str, Any] = {
            "name": _said(form, "name"),
            "numbers": inside,
            "sticky": bool(form.get("sticky")),
            "cool_after": _whole(form, "cool_after"),
            "cool_minutes": _whole(form, "cool_minutes") or 60,
        }
        given = _valid(PoolInput, terms)
        await desk.do(lambda uow: messaging.keep_pool(uow, desk.actor, given, UUID(key) if key else None))
        await self._kept(desk, "Pool kept" if key else "Pool made")

    @action(Permission.SETTINGS_WRITE)
    async def remove_pool(self, desk: Desk, pool_id: UUID) -> None:
        """Remove a pool that no campaign sends from."""
        await desk.do(lambda uow: messaging.remove_pool(uow, desk.actor, pool_id))
        await self._kept(desk, "Pool removed")

    @action(Permission.SETTINGS_WRITE)
    async def keep_brand(self, desk: Desk, form: dict[str, Any]) -> None:
        """Write a brand down, or what has become of the open one."""
        key = self.brand.id
        terms: dict[str, Any] = {
            "name": _said(form, "name"),
            "ein": _said(form, "ein") or None,
            "registry_id": _said(form, "registry_id") or None,
            "status": RegistrationState(_said(form, "status")),
        }
        given = _valid(BrandInput, terms)
        await desk.do(lambda uow: messaging.keep_brand(uow, desk.actor, given, UUID(key) if key else None))
        await self._kept(desk, "Brand kept")

    @action(Permission.SETTINGS_WRITE)
    async def keep_campaign(self, desk: Desk, form: dict[str, Any]) -> None:
        """Write a registered campaign down, or what has become of the open one."""
        key = self.campaign.id
        brands = await desk.do(lambda uow: messaging.brands(uow, desk.actor))
        kept = [CarrierRate(**rate) for rate in _rates_of(brands, key)]
        rates = [one for one in kept if one.carrier not in CARRIERS]
        source = {one.carrier: one.source for one in kept}
        for place, name in enumerate(CARRIERS):
            found = {unit: _whole(form, f"{unit}_{place}") for unit in ("per_minute", "per_day")}
            if any(found.values()):
                rates.append(_valid(CarrierRate, {"carrier": name, "source": source.get(name, ""), **found}))
        terms: dict[str, Any] = {
            "brand_id": _said(form, "brand_id"),
            "use_case": _said(form, "use_case"),
            "registry_id": _said(form, "registry_id") or None,
            "status": RegistrationState(_said(form, "status")),
            "rates": rates,
        }
        given = _valid(CampaignRegistration, terms)
        await desk.do(lambda uow: messaging.keep_registration(uow, desk.actor, given, UUID(key) if key else None))
        await self._kept(desk, "Registered campaign kept")

    @action(Permission.SETTINGS_WRITE)
    async def keep_limits(self, desk: Desk, form: dict[str, Any]) -> None:
        """Set what the whole organisation sends at most."""
        terms = {name: _whole(form, name) for name in ("texts_per_minute", "texts_per_day")}
        given = _valid(OrganizationInput, terms)
        await desk.do(lambda uow: identity.change_organization(uow, desk.actor, given))
        await self._kept(desk, "Limits kept")

    async def _kept(self, desk: Desk, said: str) -> None:
        self.open, self.errors = "", {}
        await self._read(desk)
        desk.say(said)


def _rates_of(brands: list[BrandRow], registered_id: str) -> list[Mapping[str, Any]]:
    return [rate for row in brands for one in row.campaigns if str(one.id) == registered_id for rate in one.rates]


def _valid(model: type[Read], given: Mapping[str, Any]) -> Read:
    try:
        return model.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        field = str(first["loc"][0])
        raise Invalid(_SAID.get(field, first["msg"] + "."), field) from error


_SAID = {
    "name": "Give it a name of at most 80 letters.",
    "ein": "Nine digits, as 12-3456789, or the last four.",
    "brand_id": "Choose the brand that it belongs to.",
    "use_case": "Say what it sends, as it is registered: at most 80 letters.",
    "per_minute": "A whole number from 1 to 60,000.",
    "per_day": "A whole number from 1 to 1,000,000, or nothing for no limit.",
    "texts_per_minute": "A whole number from 1 to 60,000, or nothing for no limit.",
    "texts_per_day": "A whole number from 1 to 10,000,000, or nothing for no limit.",
    "cool_after": "A whole number from 1 to 100,000, or nothing: it never rests.",
    "cool_minutes": "A whole number from 1 to 10,080: a week.",
}


def _said(form: Mapping[str, Any], name: str) -> str:
    return str(form.get(name) or "").strip()


def _whole(form: Mapping[str, Any], name: str) -> int | None:
    text = _said(form, name).replace(",", "")
    if text and not text.isdecimal():
        raise Invalid("That is not a whole number.", name)
    return int(text) if text else None


def _text(number: int | None) -> str:
    return "" if number is None else str(number)


def shown_number(row: SenderRow) -> str:
    """Write a number as people know it."""
    return row.label or phone.display(row.e164)


def _sender(row: SenderRow, pools: list[PoolRow]) -> Sender:
    return Sender(
        id=str(row.id),
        number=phone.display(row.e164),
        label=row.label,
        registration=row.registration.value,
        against=row.against,
        rests=row.cooling_until.isoformat() if row.cooling_until else "",
        stopped=row.disabled_at is not None,
        binding=row.binding.value,
        campaign_id=str(row.registered_campaign_id or ""),
        campaign=row.campaign,
        brand=row.brand,
        per_minute=str(row.per_minute),
        per_day=_text(row.per_day),
        waiting=f"{row.queued:,}",
        last_hour=f"{row.sent_last_hour:,}",
        last_day=f"{row.sent_last_day:,}",
        pools=", ".join(one.name for one in pools if row.id in one.numbers),
    )


def _pool(row: PoolRow, names: Mapping[UUID, str]) -> Pool:
    return Pool(
        id=str(row.id),
        name=row.name,
        numbers=", ".join(names[one] for one in row.numbers if one in names),
        able=f"{row.able} of {len(row.numbers)}",
        short=row.able < len(row.numbers),
        sticky=row.sticky,
        cool_after=_text(row.cool_after),
        cool_minutes=str(row.cool_minutes),
    )


def _brand(row: BrandRow) -> Brand:
    return Brand(str(row.id), row.name, row.ein_last4 or "", row.registry_id or "", row.status.value)


def _registered(row: RegisteredRow, brand_id: UUID) -> Registered:
    rates = [
        f"{rate['carrier']}: " + ", ".join(f"{rate[unit]:,} {said}" for unit, said in _UNITS if rate.get(unit))
        for rate in row.rates
    ]
    return Registered(
        str(row.id),
        str(brand_id),
        row.use_case,
        row.registry_id or "",
        row.status.value,
        "; ".join(rates),
        f"{row.numbers} number{'' if row.numbers == 1 else 's'}",
    )


_UNITS = (("per_minute", "a minute"), ("per_day", "a day"))
