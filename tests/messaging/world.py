"""An organisation with a running campaign, a verified number, and people who may all be texted at the test's noon."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from psycopg.rows import namedtuple_row

from leadflow.compliance import service as compliance
from leadflow.compliance.rules.keys import phone_key
from leadflow.identity.types import Principal
from leadflow.kernel.db import Database
from leadflow.messaging import service as messaging
from leadflow.messaging.types import Carriers, Draft
from models.base import new_id
from models.campaigns import Campaign
from models.messaging import SenderNumber
from models.vocabulary import Basis, CampaignState, RegistrationState, Role
from tests.owning import as_owner

PEPPER = b"p" * 32
ACCOUNT = "AC" + "0" * 32
TOKEN = "simulator"  # noqa: S105 it opens nothing but the simulator
PUBLIC = "http://127.0.0.1:9"
SENDER = "+17735550100"

PEOPLE = """
with n as (select i, uuidv7() as lead, uuidv7() as property, uuidv7() as person, uuidv7() as phone
           from generate_series(1, %(count)s) i),
 a as (insert into property (org_id, id, property_key, state, zip5)
       select %(org)s, property, property::text, 'IL', '60601' from n),
 b as (insert into person (org_id, id, person_key, name, mailing_state)
       select %(org)s, person, person::text, 'Person ' || i, 'IL' from n),
 c as (insert into phone (org_id, id, e164, line_type) select %(org)s, phone, %(first)s + i, 'mobile' from n),
 d as (insert into consent (org_id, e164, phone_key, person_id, channel, basis, purpose, shown_text, source, given_at,
                            recorded_at, artefact_sha256)
       select %(org)s, %(first)s + i, %(key)s, person, 'text', 'written_consent', 'offers', 'I agree', 'form',
              %(given)s, %(given)s, 'form' from n)
select lead, property, person, phone, '+' || (%(first)s + i) as e164 from n order by i
"""
LINKS = """
with x as (select * from unnest(%(leads)s::uuid[], %(properties)s::uuid[], %(people)s::uuid[], %(phones)s::uuid[])
                as x (lead, property, person, phone)),
 a as (insert into property_party (org_id, property_id, person_id, role)
       select %(org)s, property, person, 'owner' from x),
 b as (insert into person_phone (org_id, person_id, phone_id) select %(org)s, person, phone from x)
insert into lead (org_id, id, property_id) select %(org)s, lead, property from x
"""


@dataclass(frozen=True)
class Somebody:
    """One person who may be texted."""

    lead: UUID
    property: UUID
    person: UUID
    phone: UUID
    e164: str

    def draft(self, body: str = "Hello, is the house still yours?", **changed: Any) -> Draft:
        """Write a text to this person."""
        return Draft(self.e164, body, self.lead, self.property, self.person, self.phone, **changed)


@dataclass
class World:
    """One organisation, one number, one campaign."""

    db: Database
    org: UUID
    first: int = 13_125_550_000
    per_minute: int = 60_000
    sender_e164: str = SENDER
    sender: UUID = field(default_factory=new_id)
    campaign: UUID = field(default_factory=new_id)
    people: list[Somebody] = field(default_factory=list)

    def build(self, count: int = 0) -> World:
        """Write the world down with some people in it."""
        compliance.configure(PEPPER)
        with self.db.begin(self.org) as uow:
            uow.session.add(
                SenderNumber(
                    org_id=self.org,
                    id=self.sender,
                    e164=self.sender_e164,
                    registration=RegistrationState.VERIFIED,
                    per_minute=self.per_minute,
                )
            )
            uow.session.flush()
        self.add_campaign(self.campaign)
        if count:
            self.add_people(count)
        return self

    def add_campaign(self, campaign_id: UUID | None = None, **changed: Any) -> UUID:
        """Add a running campaign on written consent."""
        key = campaign_id or new_id()
        values: dict[str, Any] = {
            "org_id": self.org,
            "id": key,
            "name": f"Campaign {key}",
            "state": CampaignState.RUNNING,
            "basis": Basis.WRITTEN_CONSENT,
            "sender_number_id": self.sender,
            "per_minute": self.per_minute,
            "send_before": self.db.clock.now() + timedelta(days=7),
        }
        with self.db.begin(self.org) as uow:
            uow.session.add(Campaign(**(values | changed)))
        return key

    def add_people(self, count: int) -> list[Somebody]:
        """Add people with consent, a mobile number and a lead each."""
        given = self.db.clock.now() - timedelta(days=30)
        first = self.first + len(self.people)
        with self.db.begin(self.org) as uow, uow.connection().cursor(row_factory=namedtuple_row) as cursor:
            cursor.execute(
                PEOPLE,
                {
                    "org": self.org,
                    "count": count,
                    "first": first,
                    "key": phone_key(PEPPER, "x"),
                    "given": given,
                },
            )
            added = [Somebody(*row) for row in cursor.fetchall()]
            cursor.execute(
                LINKS,
                {
                    "org": self.org,
                    "leads": [one.lead for one in added],
                    "properties": [one.property for one in added],
                    "people": [one.person for one in added],
                    "phones": [one.phone for one in added],
                },
            )
        self.people += added
        return added

    def queue(self, campaign_id: UUID | None = None, people: list[Somebody] | None = None, **changed: Any) -> int:
        """Queue one text of a campaign to each person."""
        with self.db.begin(self.org) as uow:
            drafts = [one.draft(**changed) for one in (self.people if people is None else people)]
            return messaging.queue_many(uow, campaign_id or self.campaign, 1, drafts)

    def send(self, slice_s: float = 8.0) -> Any:
        """Serve the number."""
        return messaging.send(self.db, self.org, self.sender, slice_s=slice_s)

    def states(self) -> dict[str, int]:
        """Count the texts by state."""
        return dict(self.rows("select state, count(*)::int from message group by 1"))

    def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Read rows with SQL, of every organisation."""
        with as_owner(self.db.url) as connection:
            return connection.execute(statement.encode(), list(values) or None).fetchall()

    def one(self, statement: str, *values: Any) -> Any:
        """Read one value with SQL."""
        return self.rows(statement, *values)[0][0]

    def do(self, statement: str, *values: Any) -> None:
        """Change rows with SQL, of every organisation."""
        with as_owner(self.db.url) as connection:
            connection.execute(statement.encode(), list(values) or None)

    def now(self) -> datetime:
        """Ask the test's clock."""
        return self.db.clock.now()


def use_carrier(api_url: str, public_url: str = PUBLIC) -> None:
    """Point this process at a carrier."""
    messaging.configure(Carriers(api_url, ACCOUNT, TOKEN, public_url))


def owner_of(world: World) -> Principal:
    """Act as an owner of the organisation who has no user row."""
    return Principal(user_id=None, org_id=world.org, role=Role.OWNER, name="Olive Owner")
