"""What the doors hand in and out about numbers: their registration, their limits, their pools."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from models.vocabulary import RegistrationState

Registry = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64)]


class BrandInput(BaseModel):
    """A brand as the carriers' registry knows it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
    ein: Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^(\d{2}-?\d{7}|\d{4})$")] | None = None
    """The tax number, or its last four digits; no more is kept."""
    registry_id: Registry | None = None
    status: RegistrationState = RegistrationState.PENDING


class CarrierRate(BaseModel):
    """What one carrier takes, and where that stands."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    carrier: Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=40)]
    per_minute: int | None = Field(default=None, ge=1, le=1_000_000)
    """Of this registered campaign."""
    per_day: int | None = Field(default=None, ge=1, le=10_000_000)
    """Of the whole brand, in any 24 hours."""
    source: str = Field(default="", max_length=200)


class CampaignRegistration(BaseModel):
    """A campaign as the carriers' registry knows it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    brand_id: UUID
    use_case: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
    registry_id: Registry | None = None
    status: RegistrationState = RegistrationState.PENDING
    rates: list[CarrierRate] = Field(default_factory=list[CarrierRate], max_length=20)


@dataclass(frozen=True, slots=True)
class RegisteredRow:
    """A registered campaign, for people."""

    id: UUID
    use_case: str
    registry_id: str | None
    status: RegistrationState
    rates: tuple[Mapping[str, Any], ...]
    numbers: int
    """How many are bound to it."""


@dataclass(frozen=True, slots=True)
class BrandRow:
    """A brand with its registered campaigns."""

    id: UUID
    name: str
    ein_last4: str | None
    registry_id: str | None
    status: RegistrationState
    campaigns: tuple[RegisteredRow, ...]


class PoolInput(BaseModel):
    """A pool of numbers, whole."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
    numbers: list[UUID] = Field(min_length=1, max_length=200)
    sticky: bool = True
    cool_after: int | None = Field(default=None, ge=1, le=100_000)
    """Campaign texts of one number within an hour after which it rests."""
    cool_minutes: int = Field(default=60, ge=1, le=10_080)


@dataclass(frozen=True, slots=True)
class PoolRow:
    """A pool, for people."""

    id: UUID
    name: str
    sticky: bool
    cool_after: int | None
    cool_minutes: int
    numbers: tuple[UUID, ...]
    able: int
    """How many of its numbers may send now."""


class SenderInput(BaseModel):
    """A number on its way in."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    e164: str
    label: str = Field(default="", max_length=100)
    registration: RegistrationState = RegistrationState.PENDING
    """Of the number's binding to its 10DLC campaign."""
    registered_campaign_id: UUID | None = None
    per_minute: int = Field(default=60, ge=1, le=60_000)
    per_day: int | None = Field(default=None, ge=1, le=1_000_000)


class SenderChange(BaseModel):
    """What shall change on a number; what is not given stays."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    label: str = Field(default="", max_length=100)
    registration: RegistrationState = RegistrationState.PENDING
    registered_campaign_id: UUID | None = None
    per_minute: int = Field(default=60, ge=1, le=60_000)
    per_day: int | None = Field(default=None, ge=1, le=1_000_000)
    enabled: bool = True
    """False stops it; True lets it send again after the carrier or somebody has stopped it."""


@dataclass(frozen=True, slots=True)
class SenderRow:
    """A number that we send from, with what it did today."""

    id: UUID
    e164: str
    label: str
    registration: RegistrationState
    per_minute: int
    disabled_at: datetime | None
    disabled_why: str | None
    queued: int
    sent_last_hour: int
    per_day: int | None = None
    sent_last_day: int = 0
    cooling_until: datetime | None = None
    cooling_why: str | None = None
    binding: RegistrationState = RegistrationState.PENDING
    registered_campaign_id: UUID | None = None
    campaign: str = ""
    """The 10DLC campaign, by its use case or its registry's id."""
    brand: str = ""
    to_do: str = ""
    """What has to be done before it is registered; empty when nothing."""

    @property
    def against(self) -> str:
        """Say why it sends nothing, or no campaign, and what to do; empty when it may send."""
        if self.disabled_at is not None:
            return f"Stopped: {self.disabled_why or 'by hand'}"
        if self.registration is not RegistrationState.VERIFIED:
            return self.to_do or "Its 10DLC registration is not verified."
        return (self.cooling_why or "It rests.") if self.cooling_until else ""
