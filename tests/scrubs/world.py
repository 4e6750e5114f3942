"""An organisation with leads on a list, and a worker that carries its runs out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from leadflow.identity.types import Principal
from leadflow.jobs import service as jobs
from leadflow.kernel.clock import FrozenClock
from leadflow.kernel.db import Database
from leadflow.leads import service as leads
from leadflow.scrubs import service as scrubs
from leadflow.scrubs.providers.caller import Caller
from leadflow.scrubs.service.lines import Opens
from leadflow.scrubs.types import Order, Providers, Quote, RunRow
from models.base import new_id
from models.compliance import Consent
from models.leads import Lead
from models.properties import Person, PersonPhone, Phone, Property, PropertyParty
from models.vocabulary import Basis, Channel, LineType, LookupService, PartyRole, Role
from tests.identity.people import Team
from tests.lookups import LOGIN, Registries
from workers import job as worker
from workers.main import load_handlers

PRICES = {LookupService.DNC: 50, LookupService.REASSIGNED: 200}
LIST = "Due for a scrub"


def providers(url: str) -> Providers:
    """Point both services at a simulator."""
    return Providers(url, url, LOGIN, PRICES)


def quick(waits: list[float] | None = None, total_s: float = 5.0) -> Opens:
    """Make callers that note how long they would wait, and do not."""

    async def note(seconds: float) -> None:
        if waits is not None:
            waits.append(seconds)

    return lambda url, login, circuit: Caller(url, login, circuit, total_s=total_s, sleep=note)


class Died(BaseException):
    """A worker process that is gone: no handler hears of it."""


def dying(after: int) -> Opens:
    """Make callers whose process dies once ``after`` calls were answered, before anything is written down."""
    calls = 0

    class Mortal(Caller):
        def call(self, call: Any) -> Any:
            nonlocal calls
            found = super().call(call)
            calls += 1
            if calls >= after:
                raise Died
            return found

    return Mortal


def number(place: int) -> str:
    """Write a number of Chicago."""
    return f"+1312555{place:04d}"


@dataclass
class House:
    """One organisation, and the registries that it asks."""

    db: Database
    team: Team
    registries: Registries

    @property
    def org(self) -> UUID:
        return self.team.org_id

    @property
    def clock(self) -> FrozenClock:
        assert isinstance(self.db.clock, FrozenClock)
        return self.db.clock

    def as_(self, role: Role) -> Principal:
        return self.team.principal(self.db, role)

    def people(self, count: int, *, first: int = 1000, listed: str = LIST) -> list[str]:
        """Write leads with one owner and one mobile of an unknown line each, and put them on a list."""
        made: list[UUID] = []
        with self.db.begin(self.org) as uow:
            for place in range(first, first + count):
                home, person, phone, lead = (new_id() for _ in range(4))
                uow.session.add_all(
                    [
                        Property(org_id=self.org, id=home, property_key=str(home), state="IL", zip5="60601"),
                        Person(org_id=self.org, id=person, person_key=str(person), name=f"Ann {place}"),
                        Phone(org_id=self.org, id=phone, e164=number(place), line_type=LineType.UNKNOWN),
                    ]
                )
                uow.session.flush()
                uow.session.add_all(
                    [
                        PropertyParty(org_id=self.org, property_id=home, person_id=person, role=PartyRole.OWNER),
                        PersonPhone(org_id=self.org, person_id=person, phone_id=phone),
                        Lead(org_id=self.org, id=lead, property_id=home),
                    ]
                )
                made.append(lead)
            uow.session.flush()
            leads.refresh_search(uow, made)
        owner = self.as_(Role.OWNER)
        with self.db.begin(self.org) as uow:
            for lead in made:
                leads.put_on_list(uow, owner, lead, listed)
            leads.refresh_search(uow, made)
        return [number(place) for place in range(first, first + count)]

    def consents(self, numbers: list[str], given_at: datetime, basis: Basis = Basis.WRITTEN_CONSENT) -> None:
        """Write a consent of each number."""
        with self.db.begin(self.org) as uow:
            uow.session.add_all(
                Consent(
                    org_id=self.org,
                    e164=e164,
                    phone_key=b"",
                    channel=Channel.TEXT,
                    basis=basis,
                    purpose="Offers",
                    shown_text="I agree.",
                    source="form",
                    artefact_sha256="a" * 64,
                    given_at=given_at,
                    recorded_at=given_at,
                )
                for e164 in numbers
            )

    def budget(self, cents: int | None) -> None:
        self.sql("update organization set monthly_budget_cents = %s where id = %s", cents, self.org)

    def order(self, service: LookupService = LookupService.DNC, **fields: Any) -> Order:
        chosen: dict[str, Any] = {"leads_filter": {"list": LIST}} | fields
        return scrubs.read_order(service, **chosen)

    def quote(self, order: Order | None = None, role: Role = Role.MANAGER) -> Quote:
        actor = self.as_(role)
        with self.db.begin(self.org) as uow:
            return scrubs.quote(uow, actor, order or self.order())

    def start(self, order: Order | None = None, role: Role = Role.MANAGER) -> UUID:
        actor = self.as_(role)
        with self.db.begin(self.org) as uow:
            return scrubs.start(uow, actor, order or self.order())

    def cancel(self, run_id: UUID) -> None:
        actor = self.as_(Role.MANAGER)
        with self.db.begin(self.org) as uow:
            scrubs.cancel(uow, actor, run_id)

    def run(self, run_id: UUID) -> RunRow:
        actor = self.as_(Role.AUDITOR)
        with self.db.begin(self.org) as uow:
            return scrubs.run(uow, actor, run_id)

    def work(self) -> int:
        """Do every job of look-ups that is due, as a worker would; answers how many."""
        load_handlers()
        due = self.sql("select id from job where kind = 'scrub.run' and state = 'waiting' and run_at <= %s", self.now)
        return sum(worker.run(self.db, row[0]) for row in due)

    def bought(self, order: Order | None = None) -> RunRow:
        """Start a run and carry it out."""
        run_id = self.start(order)
        self.work()
        return self.run(run_id)

    def sweep(self) -> None:
        """Let the lease of a dead worker run out."""
        self.clock.set(self.now + timedelta(minutes=2))
        jobs.sweep(self.db)

    @property
    def now(self) -> datetime:
        return self.clock.now()

    def sql(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        with self.db.begin(self.org) as uow, uow.cursor() as cursor:
            cursor.execute(statement.encode(), values)
            return cursor.fetchall() if cursor.description else []

    def results(self, which: str = "national_dnc") -> dict[str, str]:
        """The verdict of each number on a list."""
        rows = self.sql("select e164, verdict from scrub_result where list = %s order by recorded_at", which)
        return {f"+{row[0]}": row[1] for row in rows}

    def money(self) -> tuple[int, int]:
        """What is reserved and spent of the month."""
        rows = self.sql("select sum(reserved)::int, sum(spent)::int from budget where subject = 'organization'")
        return (rows[0][0] or 0, rows[0][1] or 0)
