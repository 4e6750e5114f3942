"""A small world in which one text may go out; each test spoils one thing."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from leadflow.compliance import service as compliance
from leadflow.compliance.rules.keys import phone_key
from leadflow.compliance.types import Ask, Cleared, Decision, Later, Recipient, Refused
from leadflow.kernel.clock import FrozenClock
from leadflow.kernel.db import Database, UnitOfWork
from models.base import new_id
from models.campaigns import Campaign
from models.compliance import Consent, ScrubResult, Suppression
from models.compliance import Decision as DecisionTable
from models.identity import User
from models.leads import Lead
from models.messaging import Conversation, InboundMessage, Message, SenderNumber
from models.properties import Person, PersonPhone, Phone, Property, PropertyParty
from models.vocabulary import (
    Basis,
    CampaignState,
    Channel,
    LineType,
    MessageState,
    PartyRole,
    Purpose,
    RegistrationState,
    ReplyLabel,
    ScrubList,
    ScrubVerdict,
    Suppress,
    SuppressionKind,
    Verdict,
)
from tests.configuration import VARIABLES
from tests.owning import as_owner

PEPPER = VARIABLES["LF_PHONE_PEPPER"].encode()
ONLY_GROWS = frozenset({"consent"})
"""Tables whose rows the application may not change: their triggers are put aside; those of others keep what was."""
NUMBER = "+13125550105"
"""Chicago."""


@dataclass
class World:
    """One sendable text of one campaign, at noon in Chicago on a Wednesday."""

    db: Database
    org: UUID
    lead: UUID = field(default_factory=new_id)
    home: UUID = field(default_factory=new_id)
    person: UUID = field(default_factory=new_id)
    phone: UUID = field(default_factory=new_id)
    sender: UUID = field(default_factory=new_id)
    campaign: UUID = field(default_factory=new_id)
    message: UUID = field(default_factory=new_id)
    consent: UUID = field(default_factory=new_id)
    e164: str = NUMBER

    def build(self) -> World:
        """Write the world down."""
        with self.db.begin(self.org) as uow:
            number = f"+1773{self.sender.int % 8_000_000 + 2_000_000}"
            uow.session.add(
                SenderNumber(org_id=self.org, id=self.sender, e164=number, registration=RegistrationState.VERIFIED)
            )
            uow.session.flush()
            uow.session.add(self.a_campaign())
        return self.join()

    def join(self) -> World:
        """Write a lead, its owner and his text into a campaign that there is."""
        with self.db.begin(self.org) as uow:
            add = uow.session.add
            add(Property(org_id=self.org, id=self.home, property_key=str(self.home), state="IL", zip5="60601"))
            add(
                Person(org_id=self.org, id=self.person, person_key=str(self.person), name="Ann Oak", mailing_state="IL")
            )
            add(Phone(org_id=self.org, id=self.phone, e164=self.e164, line_type=LineType.MOBILE))
            uow.session.flush()
            add(PropertyParty(org_id=self.org, property_id=self.home, person_id=self.person, role=PartyRole.OWNER))
            add(PersonPhone(org_id=self.org, person_id=self.person, phone_id=self.phone))
            add(Lead(org_id=self.org, id=self.lead, property_id=self.home))
            uow.session.flush()
            add(self.a_message())
            add(self.a_consent())
            add(self.a_scrub())
        return self

    def a_campaign(self) -> Campaign:
        """Make a running campaign on written consent."""
        return Campaign(
            org_id=self.org,
            id=self.campaign,
            name=f"Campaign {self.campaign}",
            state=CampaignState.RUNNING,
            basis=Basis.WRITTEN_CONSENT,
            sender_number_id=self.sender,
        )

    def a_message(self, **changed: Any) -> Message:
        """Make a queued text of the campaign."""
        values: dict[str, Any] = {
            "org_id": self.org,
            "id": self.message,
            "purpose": Purpose.CAMPAIGN,
            "campaign_id": self.campaign,
            "lead_id": self.lead,
            "property_id": self.home,
            "person_id": self.person,
            "phone_id": self.phone,
            "e164": self.e164,
            "sender_number_id": self.sender,
            "body": "Hello",
            "not_before": self.db.clock.now(),
            "state": MessageState.QUEUED,
        }
        return Message(**(values | changed))

    def sent(self, ago: timedelta, **changed: Any) -> None:
        """Let a text have gone out, with the decision that the database asks for."""
        at = self.db.clock.now() - ago
        decision = DecisionTable(
            org_id=self.org,
            at=at,
            channel=Channel.TEXT,
            purpose=Purpose.CAMPAIGN,
            verdict=Verdict.SENDABLE,
            policy_version="earlier",
            phone_key=b"",
            body=b"{}",
            digest=b"",
        )
        values: dict[str, Any] = {
            "id": new_id(),
            "campaign_id": None,
            "purpose": Purpose.MANUAL_REPLY,
            "submitted_at": at,
            "decision_id": decision.id,
            "state": MessageState.SENT,
        }
        self.add(decision)
        self.add(self.a_message(**(values | changed)))

    def a_consent(self, **changed: Any) -> Consent:
        """Make a written consent of last month."""
        at = self.db.clock.now() - timedelta(days=30)
        values: dict[str, Any] = {
            "org_id": self.org,
            "id": self.consent,
            "e164": self.e164,
            "phone_key": phone_key(PEPPER, self.e164),
            "person_id": self.person,
            "channel": Channel.TEXT,
            "basis": Basis.WRITTEN_CONSENT,
            "purpose": "Offers for the house",
            "shown_text": "I agree to texts.",
            "source": "form",
            "artefact_sha256": "a" * 64,
            "given_at": at,
            "recorded_at": at,
        }
        return Consent(**(values | changed))

    def a_scrub(self, **changed: Any) -> ScrubResult:
        """Make a clean look-up of yesterday."""
        at = self.db.clock.now() - timedelta(days=1)
        values: dict[str, Any] = {
            "org_id": self.org,
            "e164": self.e164,
            "list": ScrubList.NATIONAL_DNC,
            "verdict": ScrubVerdict.CLEAN,
            "provider": "simulated",
            "as_of": at,
            "recorded_at": at,
        }
        return ScrubResult(**(values | changed))

    def a_suppression(self, kind: SuppressionKind, **changed: Any) -> Suppression:
        """Make a suppression of the number, an hour old."""
        values: dict[str, Any] = {
            "org_id": self.org,
            "kind": kind,
            "e164": self.e164,
            "at": self.db.clock.now() - timedelta(hours=1),
            "source": "manual",
        }
        return Suppression(**(values | changed))

    def heard(self, uow: UnitOfWork, ago: timedelta) -> None:
        """Let the person have written to us."""
        at = self.db.clock.now() - ago
        conversation = Conversation(org_id=self.org, sender_number_id=self.sender, e164=self.e164, last_at=at)
        uow.session.add(conversation)
        uow.session.flush()
        uow.session.add(
            InboundMessage(
                org_id=self.org,
                conversation_id=conversation.id,
                carrier_sid=str(new_id()),
                e164=self.e164,
                body="How much?",
                received_at=at,
                label=ReplyLabel.QUESTION,
                suppress=Suppress.NO,
            )
        )

    def recipient(self, **changed: Any) -> Recipient:
        """Name the recipient of the text."""
        return Recipient(self.lead, self.home, self.person, self.phone, None, self.message)._replace(**changed)

    def ask(self, purpose: Purpose = Purpose.CAMPAIGN) -> Ask:
        """Ask on behalf of the campaign, or of a person who answers."""
        if purpose in {Purpose.CAMPAIGN, Purpose.CHECK}:
            return Ask(purpose=purpose, campaign_id=self.campaign)
        return Ask(purpose=purpose, sender_number_id=self.sender)

    def assessed(self, ask: Ask | None = None, **changed: Any) -> Decision:
        """Ask the gate without a trace."""
        with self.db.begin(self.org) as uow:
            return compliance.assess(uow, [self.recipient(**changed)], ask or self.ask(), uow.now())[0]

    def cleared(self, ask: Ask | None = None, **changed: Any) -> Cleared | Later | Refused:
        """Pass the gate for real."""
        with self.db.begin(self.org) as uow:
            return compliance.clear(uow, [self.recipient(**changed)], ask or self.ask(), uow.now())[0]

    def change(self, table: str, **values: Any) -> None:
        """Change columns of every row of a table."""
        self.change_where(table, "true", **values)

    def change_where(self, table: str, where: str, **values: Any) -> None:
        """Change columns of some rows of a table, also of one that the application may only add to."""
        assignments = ", ".join(f'"{name}" = %s' for name in values)
        owner = "id" if table == "organization" else "org_id"
        statement = f"update {table} set {assignments} where {owner} = %s and {where}"  # noqa: S608 names from tests
        if table not in ONLY_GROWS:
            with self.db.begin(self.org) as uow, uow.cursor() as cursor:
                cursor.execute(statement.encode(), [*values.values(), self.org])
            return
        with as_owner(self.db.url) as connection, connection.cursor() as cursor:
            cursor.execute(f"alter table {table} disable trigger user".encode())
            cursor.execute(statement.encode(), [*values.values(), self.org])
            cursor.execute(f"alter table {table} enable trigger user".encode())

    def delete(self, table: str) -> None:
        """Empty a table of this organisation."""
        with self.db.begin(self.org) as uow, uow.cursor() as cursor:
            cursor.execute(f"delete from {table} where org_id = %s".encode(), [self.org])  # noqa: S608 names from tests

    @property
    def clock(self) -> FrozenClock:
        """The clock of the test."""
        assert isinstance(self.db.clock, FrozenClock)
        return self.db.clock

    def add_account(self, user: User) -> None:
        """Write a user, who is of no organisation."""
        with self.db.begin() as uow:
            uow.session.add(user)

    def add(self, *rows: Any) -> None:
        """Write further rows."""
        with self.db.begin(self.org) as uow:
            uow.session.add_all(rows)
