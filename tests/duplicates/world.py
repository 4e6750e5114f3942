"""A small organisation with people and properties on which everything hangs that can."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any
from uuid import UUID

from leadflow.compliance import service as compliance
from leadflow.compliance.types import Ask, Recipient
from leadflow.kernel.db import Database, UnitOfWork
from leadflow.leads import service as leads
from models.base import new_id
from models.calls import PhoneCall
from models.campaigns import AudienceMember, Campaign
from models.compliance import Consent, Decision, Suppression
from models.evidence import EvidencePack
from models.imports import ImportBatch, ImportRow
from models.leads import Lead, LeadList, LeadListEntry, LeadTag, Tag, Task
from models.messaging import Conversation, Message, SenderNumber
from models.properties import EmailAddress, Person, PersonPhone, Phone, Property, PropertyFact, PropertyParty
from models.registry import metadata
from models.retention import LegalHold
from models.vocabulary import (
    ActivityKind,
    Basis,
    CampaignState,
    Channel,
    EvidenceOf,
    HoldSubject,
    LineType,
    MessageState,
    PartyRole,
    Purpose,
    RegistrationState,
    RowVerdict,
    SuppressionKind,
)
from tests.owning import as_owner

_numbers = itertools.count(1)
RECORDED = frozenset(
    {
        *("audit_event", "audit_leaf", "audit_seal", "earlier_state", "record_merge", "merge_change", "job"),
        *("job_attempt", "alembic_version", "decision", "rule_book_entry"),
    }
)
"""Append-only records and the journal itself; everything else is what it was after a merge was taken back."""


def rows(db: Database) -> dict[str, list[str]]:
    """Read every row of every table as JSON, but what is only ever added to."""
    found: dict[str, list[str]] = {}
    with as_owner(db.url) as connection:
        for name in sorted(metadata.tables):
            if name in RECORDED:
                continue
            cursor = connection.execute(f'select to_jsonb(t)::text from "{name}" t order by 1'.encode())  # noqa: S608 our own tables
            found[name] = [row[0] for row in cursor.fetchall()]
    return found


def naming(db: Database, record_id: UUID) -> set[str]:
    """Name the columns of whatever table in which an id stands."""
    found: set[str] = set()
    with as_owner(db.url) as connection:
        for table in metadata.sorted_tables:
            for column in table.columns:
                if column.type.__class__.__name__ != "Uuid":
                    continue
                statement = f'select exists (select 1 from "{table.name}" where "{column.name}" = %s)'  # noqa: S608 our own tables
                row = connection.execute(statement.encode(), [record_id]).fetchone()
                if row and row[0]:
                    found.add(f"{table.name}.{column.name}")
    return found


class World:
    """What the tests build on; every builder writes one thing in the caller's transaction."""

    def __init__(self, uow: UnitOfWork) -> None:
        self.uow, self.org = uow, uow.org()

    @property
    def number(self) -> int:
        """A number that no other row of this test process has."""
        return next(_numbers)

    def _add(self, row: Any) -> Any:
        self.uow.session.add(row)
        self.uow.session.flush()
        return row

    def phone(self, e164: str = "") -> Phone:
        """Write a mobile number."""
        e164 = e164 or f"+1312555{self.number:04d}"
        return self._add(Phone(org_id=self.org, e164=e164, line_type=LineType.MOBILE, created_at=self.uow.now()))

    def person(self, name: str = "John Smith", *numbers: Phone, **given: Any) -> Person:
        """Write a person who is reached at numbers."""
        first, _, last = name.rpartition(" ")
        values: dict[str, Any] = {"person_key": f"{name.upper()}|{self.number} CEDAR ST||60601"}
        values |= {"name": name, "first_name": first, "last_name": last, "mailing_state": "IL"} | given
        made = self._add(Person(org_id=self.org, created_at=self.uow.now(), **values))
        for number in numbers:
            self._add(PersonPhone(org_id=self.org, person_id=made.id, phone_id=number.id))
        return made

    def house(self, street: str = "", *owners: Person, role: PartyRole = PartyRole.OWNER, **given: Any) -> Property:
        """Write a property with its owners."""
        street = street or f"{self.number} Cedar St"
        values: dict[str, Any] = {"city": "Chicago", "state": "IL", "zip5": "60601"} | given
        values.setdefault("property_key", f"{street.upper()}|{values.get('unit') or ''}|{values['zip5']}")
        made = self._add(Property(org_id=self.org, street=street, created_at=self.uow.now(), **values))
        for position, owner in enumerate(owners, 1):
            self._add(
                PropertyParty(org_id=self.org, property_id=made.id, person_id=owner.id, role=role, position=position)
            )
        return made

    def lead(self, house: Property, **given: Any) -> Lead:
        """Write a lead with its flat row."""
        made = self._add(Lead(org_id=self.org, property_id=house.id, created_at=self.uow.now(), **given))
        leads.refresh_search(self.uow, [made.id])
        return made

    def sender(self) -> SenderNumber:
        """Write a number to send from."""
        return self._add(
            SenderNumber(org_id=self.org, e164=f"+1312556{self.number:04d}", registration=RegistrationState.VERIFIED)
        )

    def campaign(self, state: CampaignState = CampaignState.RUNNING, **given: Any) -> Campaign:
        """Write a campaign with a number to send from."""
        return self._add(
            Campaign(
                org_id=self.org,
                name=f"Campaign {self.number}",
                state=state,
                basis=Basis.INQUIRY,
                sender_number_id=self.sender().id,
                launched_at=self.uow.now(),
                **given,
            )
        )

    def member(self, campaign: Campaign, lead: Lead, person: Person, phone: Phone, **given: Any) -> AudienceMember:
        """Put a lead into a campaign's audience."""
        campaign.audience_size = (campaign.audience_size or 0) + 1
        return self._add(
            AudienceMember(
                org_id=self.org,
                campaign_id=campaign.id,
                lead_id=lead.id,
                property_id=lead.property_id,
                person_id=person.id,
                phone_id=phone.id,
                **given,
            )
        )

    def text(
        self,
        campaign: Campaign,
        member: AudienceMember,
        phone: Phone,
        state: MessageState = MessageState.QUEUED,
        **given: Any,
    ) -> Message:
        """Write a text of a campaign to a member; one that went out stands under a receipt."""
        now = self.uow.now()
        values: dict[str, Any] = {"not_before": now, "variant": member.variant, "step": 1} | given
        message = Message(
            org_id=self.org,
            id=new_id(),
            state=MessageState.QUEUED,
            purpose=Purpose.CAMPAIGN,
            campaign_id=campaign.id,
            lead_id=member.lead_id,
            property_id=member.property_id,
            person_id=member.person_id,
            phone_id=phone.id,
            e164=phone.e164,
            sender_number_id=campaign.sender_number_id or new_id(),
            body="Hello",
            **values,
        )
        self._add(message)
        if state is not MessageState.QUEUED:
            message.decision_id = self.decision(member.lead_id, member.person_id, phone, message.id)
            message.state, message.submitted_at = state, message.not_before
            self.uow.session.flush()
        return message

    def decision(self, lead_id: UUID, person_id: UUID | None, phone: Phone, message_id: UUID | None = None) -> UUID:
        """Let the gate write a receipt."""
        found = self.uow.session.get(Lead, (self.org, lead_id))
        assert found is not None
        recipient = Recipient(lead_id, found.property_id, person_id, phone.id, None, message_id or new_id())
        compliance.clear(self.uow, [recipient], Ask(), self.uow.now())
        with self.uow.cursor() as cursor:
            cursor.execute("select id from decision where org_id = %s order by id desc limit 1", [self.org])
            row = cursor.fetchone()
        assert row is not None
        return row[0]

    def suppress(self, kind: SuppressionKind = SuppressionKind.OPT_OUT, **given: Any) -> Suppression:
        """Suppress a number or a person."""
        values: dict[str, Any] = {"at": self.uow.now()} | given
        return self._add(Suppression(org_id=self.org, kind=kind, source="manual", **values))

    def consent(self, person: Person, phone: Phone, **given: Any) -> Consent:
        """Write a consent down."""
        now = self.uow.now()
        values: dict[str, Any] = {"given_at": now - timedelta(days=10), "recorded_at": now} | given
        return self._add(
            Consent(
                org_id=self.org,
                e164=phone.e164,
                phone_key=compliance.phone_key(phone.e164),
                person_id=person.id,
                channel=Channel.TEXT,
                basis=Basis.INQUIRY,
                purpose="selling",
                shown_text="I agree",
                source="form",
                **values,
            )
        )

    def everything(self, lead: Lead, person: Person, phone: Phone) -> None:
        """Hang one of everything on a lead, its property and its person."""
        now, org, add = self.uow.now(), self.org, self._add
        batch = add(ImportBatch(org_id=org, filename="a.csv", file_key="k", file_sha256="s"))
        add(
            ImportRow(
                org_id=org,
                import_id=batch.id,
                row_number=1,
                verdict=RowVerdict.NEW,
                property_id=lead.property_id,
                lead_id=lead.id,
            )
        )
        add(
            PropertyFact(
                org_id=org,
                property_id=lead.property_id,
                field="year_built",
                value="1950",
                source="import",
                source_id=batch.id,
                observed_at=now,
            )
        )
        add(EmailAddress(org_id=org, person_id=person.id, email="john@smith.example"))
        one_list = add(LeadList(org_id=org, name=f"List {self.number}"))
        add(LeadListEntry(org_id=org, list_id=one_list.id, lead_id=lead.id, first_seen_at=now, last_seen_at=now))
        tag = add(Tag(org_id=org, name=f"tag {self.number}"))
        add(LeadTag(org_id=org, tag_id=tag.id, lead_id=lead.id))
        add(Task(org_id=org, lead_id=lead.id, title="Call back", due_at=now))
        leads.record(self.uow, lead.id, ActivityKind.NOTE, "A note")
        campaign = self.campaign(CampaignState.FINISHED)
        member = self.member(campaign, lead, person, phone)
        self.text(campaign, member, phone, MessageState.DELIVERED)
        add(
            Conversation(
                org_id=org,
                sender_number_id=campaign.sender_number_id or new_id(),
                e164=phone.e164,
                person_id=person.id,
                lead_id=lead.id,
                last_at=now,
            )
        )
        add(
            PhoneCall(
                org_id=org,
                at=now,
                e164=phone.e164,
                lead_id=lead.id,
                property_id=lead.property_id,
                person_id=person.id,
                phone_id=phone.id,
                decision_id=self.decision(lead.id, person.id, phone),
            )
        )
        self.consent(person, phone)
        self.suppress(person_id=person.id)
        add(EvidencePack(org_id=org, of=EvidenceOf.PERSON, person_id=person.id, until=now, requested_at=now))
        add(LegalHold(org_id=org, subject=HoldSubject.PERSON, person_id=person.id, reason="suit", placed_at=now))
        leads.refresh_search(self.uow, [lead.id])


def decisions_of(uow: UnitOfWork, person_id: UUID) -> list[Decision]:
    """Read the receipts that name a person, as they stand in the table."""
    with uow.cursor() as cursor:
        cursor.execute("select id from decision where org_id = %s and person_id = %s", [uow.org(), person_id])
        ids = [row[0] for row in cursor.fetchall()]
    return [uow.session.get_one(Decision, (uow.org(), one)) for one in ids]
