"""What the tests of campaigns share: a team, a verified number, and people with every fate."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import pytest

from leadflow.campaigns import service as campaigns
from leadflow.campaigns.types import CampaignInput
from leadflow.compliance import service as compliance
from leadflow.compliance.types import Grant, Mark
from leadflow.identity.types import Principal
from leadflow.kernel.db import Database, UnitOfWork
from models.campaigns import Campaign
from models.identity import Organization
from models.leads import Lead
from models.messaging import SenderNumber
from models.properties import Phone
from models.vocabulary import Basis, Channel, RegistrationState, Role, SuppressionKind
from tests.factories.identity import a_member
from tests.factories.leads import a_lead
from tests.factories.properties import a_party as a_party_of
from tests.factories.properties import a_person, a_person_phone, a_phone, a_property, an_owner

TEMPLATE = "Hi {{ first_name | default: 'there' }}, {{ our_name }} here about {{ street }}. Reply STOP to end."


@dataclass
class Office:
    """A team that runs campaigns."""

    db: Database
    org: UUID
    author: Principal
    manager: Principal
    agent: Principal
    auditor: Principal
    sender: UUID

    def draft(self, name: str = "Spring", **given: object) -> UUID:
        """Begin a complete campaign on written consent."""
        change: dict[str, object] = {
            "basis": Basis.WRITTEN_CONSENT,
            **({} if "steps" in given else {"template": TEMPLATE}),
            "sender_number_id": self.sender,
            "per_minute": 60,
        }
        with self.db.begin(self.org) as uow:
            made = campaigns.draft(uow, self.author, name)
            campaigns.edit(uow, self.author, made.id, CampaignInput.model_validate(change | given))
        return made.id

    def ready(self, name: str = "Spring", **given: object) -> UUID:
        """Make one that may be launched."""
        campaign_id = self.draft(name, **given)
        with self.db.begin(self.org) as uow:
            campaigns.submit(uow, self.author, campaign_id)
        return campaign_id

    def launched(self, name: str = "Spring", **given: object) -> UUID:
        """Make one that runs, its texts written."""
        campaign_id = self.ready(name, **given)
        with self.db.begin(self.org) as uow:
            campaigns.launch(uow, self.manager, campaign_id, name)
        assert campaigns.plan(self.db, self.org, campaign_id)
        return campaign_id

    def get(self, campaign_id: UUID) -> Campaign:
        """Read the row."""
        with self.db.begin(self.org) as uow:
            found = uow.session.get(Campaign, (self.org, campaign_id))
            assert found is not None
            return found

    def people(self, count: int, *, consent: bool = True) -> list[Lead]:
        """Make people who may be texted at noon, if they consented."""
        with self.db.begin(self.org) as uow:
            return [self.person(uow, consent=consent) for _ in range(count)]

    def person(self, uow: UnitOfWork, *, consent: bool = True, stopped: bool = False) -> Lead:
        """Make one person with a house and a mobile number."""
        house = a_property(uow)
        _, phone = an_owner(uow, house, first_name="Ann", last_name="Oak")
        if consent:
            self.consents(uow, phone)
        if stopped:
            compliance.suppress_system(uow, Mark(SuppressionKind.OPT_OUT, "inbound", e164=phone.e164))
        return a_lead(uow, house)

    def consents(self, uow: UnitOfWork, phone: Phone) -> None:
        """Write a consent of last month into the ledger."""
        form = compliance.keep_artefact(uow, self.manager, "form.txt", b"I agree to texts.")
        compliance.grant(
            uow,
            self.manager,
            Grant(
                e164=phone.e164,
                channel=Channel.TEXT,
                basis=Basis.WRITTEN_CONSENT,
                purpose="offers",
                shown_text="I agree to texts.",
                source="form",
                artefact_sha256=form.sha256,
                given_at=uow.now() - timedelta(days=30),
            ),
        )

    def shared_number(self, uow: UnitOfWork) -> tuple[Lead, Lead]:
        """Make two houses of two people who are reached at one number."""
        first, second = a_property(uow), a_property(uow)
        _, phone = an_owner(uow, first)
        other = a_person(uow)
        a_party_of(uow, second.id, other.id)
        a_person_phone(uow, other.id, phone.id)
        self.consents(uow, phone)
        return a_lead(uow, first), a_lead(uow, second)

    def two_houses(self, uow: UnitOfWork) -> tuple[Lead, Lead]:
        """Make two houses of one person."""
        first, second = a_property(uow), a_property(uow)
        person, phone = an_owner(uow, first)
        a_party_of(uow, second.id, person.id)
        self.consents(uow, phone)
        return a_lead(uow, first), a_lead(uow, second)

    def without_number(self, uow: UnitOfWork) -> Lead:
        """Make a house whose owner has no number."""
        house = a_property(uow)
        a_party_of(uow, house.id, a_person(uow).id)
        return a_lead(uow, house)

    def landline(self, uow: UnitOfWork) -> Lead:
        """Make a person with a landline."""
        house = a_property(uow)
        person = a_person(uow)
        a_party_of(uow, house.id, person.id)
        phone = a_phone(uow, line_type="landline")
        a_person_phone(uow, person.id, phone.id)
        self.consents(uow, phone)
        return a_lead(uow, house)


@pytest.fixture
def office(db: Database, org: UUID) -> Office:
    """Make the team; up to ten people may be addressed without a second person."""
    with db.begin(org) as uow:
        author, manager = a_member(uow, Role.MANAGER, "Author"), a_member(uow, Role.MANAGER, "Manager")
        agent, auditor = a_member(uow, Role.AGENT, "Agent"), a_member(uow, Role.AUDITOR, "Auditor")
        compliance.install_packs(uow)
        sender = SenderNumber(
            org_id=org, e164="+17735550100", label="Main", registration=RegistrationState.VERIFIED, per_minute=600
        )
        uow.session.add(sender)
        found = uow.session.get(Organization, org)
        assert found is not None
        found.approval_threshold = 10
    return Office(db, org, author, manager, agent, auditor, sender.id)
