"""What is asked, what a provider answers, what it costs, and what is shown of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from models.vocabulary import LineType, LookupService, LookupState, Provider, ScrubList, ScrubRunState, ScrubVerdict


@dataclass(frozen=True, slots=True)
class Providers:
    """How this installation reaches providers, and what a number costs; an organisation may have its own login.

    Attributes:
        api_url: DNCScrub's scrub interface.
        data_url: its reassigned-number interface.
        login_id: the installation's; empty where organisations bring their own.
        prices: hundredths of a cent a number, by service.
    """

    api_url: str
    data_url: str
    login_id: str = field(repr=False)
    prices: Mapping[LookupService, int]


@dataclass(frozen=True, slots=True)
class Asked:
    """One number to look up."""

    e164: str
    consent_date: date | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a provider clearly said of one number."""

    e164: str
    verdicts: Mapping[ScrubList, ScrubVerdict]
    line_type: LineType | None = None

    @property
    def listed(self) -> bool:
        """On any of the lists."""
        return ScrubVerdict.LISTED in self.verdicts.values()


@dataclass(frozen=True, slots=True)
class Answered:
    """The provider answered; a number that is not among the answers is unknown."""

    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class NotAsked:
    """Nothing was looked up, for certain; may work later."""

    after: timedelta
    why: str


@dataclass(frozen=True, slots=True)
class Doubt:
    """The numbers may have been looked up and charged, and the answer is lost."""

    why: str


@dataclass(frozen=True, slots=True)
class Denied:
    """The provider refuses us; asking again is of no use."""

    why: str


Outcome = Answered | NotAsked | Doubt | Denied


@dataclass(frozen=True, slots=True)
class Order:
    """Which numbers to look up, in what.

    Attributes:
        service: registries or reassigned numbers.
        leads: a filter of leads; also used for a list.
        numbers: E.164 numbers instead of a filter.
        renew_days: also look up anew what runs out within so many days.
    """

    service: LookupService = LookupService.DNC
    leads: Mapping[str, Any] = field(default_factory=dict[str, Any])
    numbers: tuple[str, ...] = ()
    renew_days: int = 0


@dataclass(frozen=True, slots=True)
class Quote:
    """What a run would cost. Money in hundredths of a cent."""

    service: LookupService
    provider: Provider
    numbers: int
    fresh: int
    """Looked up lately enough: nothing to buy."""
    undated: int
    """Without a consent on record, so that there is no day to ask about."""
    busy: int
    """In another run that has not ended."""
    to_buy: int
    price: int
    cost: int
    budget_left: int | None
    """None: no budget is set."""
    ready: str
    """Empty, or why the provider cannot be asked."""

    @property
    def affordable(self) -> bool:
        """The budget bears it."""
        return self.budget_left is None or self.cost <= self.budget_left


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run as people see it. Money in hundredths of a cent."""

    id: UUID
    service: LookupService
    provider: Provider
    state: ScrubRunState
    audience: Mapping[str, Any]
    actor_name: str | None
    numbers: int
    fresh: int
    undated: int
    bought: int
    price: int
    reserved: int
    spent: int
    answered: int
    listed: int
    missing: int
    doubtful: int
    cancel_requested: bool
    error: str | None
    started_at: datetime
    finished_at: datetime | None

    @property
    def done(self) -> int:
        """Numbers that are settled, one way or the other."""
        return self.answered + self.missing + self.doubtful


@dataclass(frozen=True, slots=True)
class Coverage:
    """How well the numbers of leads are looked up in one service. The first four add up to ``numbers``."""

    service: LookupService
    numbers: int
    fresh: int
    """Clean, lately enough."""
    stale: int
    never: int
    """Never looked up, or without a clear answer."""
    listed: int
    expiring: int
    """Of the fresh: too old within seven days."""
    max_age_days: int


@dataclass(frozen=True, slots=True)
class ProviderState:
    """Whether a provider can be asked."""

    provider: Provider
    own: bool
    """The organisation has set its own login."""
    ready: str
    """Empty, or what is missing."""
    prices: Mapping[LookupService, int]
    last_error: str | None
    last_error_at: datetime | None


@dataclass(frozen=True, slots=True)
class Overview:
    """What the page of look-ups stands on."""

    coverage: tuple[Coverage, ...]
    provider: ProviderState
    budget_left: int | None

    def as_json(self) -> dict[str, Any]:
        """Write it as every door gives it."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Batch:
    """Numbers of a run in somebody's hands."""

    run_id: UUID
    fence: int
    """Of the hold of the job."""
    asked: tuple[Asked, ...]


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of one number of a batch, and where it stood before."""

    e164: int
    before: LookupState
