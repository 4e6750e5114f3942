"""A person of whom the database holds something in every place: imported, texted, answered, noted, blocked.

``Nobody else`` bears this name, number, e-mail or street, so that every find is a leak.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from psycopg import sql
from sqlmodel import select

from leadflow.compliance import service as compliance
from leadflow.compliance.types import Ask, Grant, Mark, Recipient, Scrub
from leadflow.identity.types import Principal
from leadflow.imports import service as imports
from leadflow.kernel.db import Database
from leadflow.leads import service as leads
from models.base import new_id
from models.campaigns import Campaign
from models.jobs import Job
from models.leads import Lead
from models.messaging import Conversation, InboundMessage, Message, MessageEvent, SenderNumber, WebhookInbox
from models.properties import Person, PersonPhone, Phone
from models.requests import IdempotencyKey
from models.vocabulary import (
    ActivityKind,
    Basis,
    CampaignState,
    Channel,
    JobKind,
    JobState,
    MessageState,
    Purpose,
    RegistrationState,
    ReplyLabel,
    ScrubList,
    ScrubVerdict,
    Suppress,
    SuppressionKind,
)
from tests.owning import as_owner

NAME = "Zebedee Quartermain"
NUMBER = "+12065550142"
EMAIL = "zebedee@quartermain.example"
STREET = "9622 Garland Ct"
HEAD = "Address,City,State,Zip,Owner,Mailing Address,Mailing City,Mailing State,Mailing Zip,Phone 1,Phone 1 DNC,Email 1"
LINE = f"{STREET},Seattle,WA,98101,{NAME},{STREET},Seattle,WA,98101,(206) 555-0142,,{EMAIL}"
OTHER = "77 Birch Rd,Seattle,WA,98101,Ada Quill,77 Birch Rd,Seattle,WA,98101,(206) 555-0177,,ada@quill.example"
BROKEN = f",,,,{NAME},,,,,206.555.0142,,{EMAIL}"
"""A row without an address: it is refused, and its cells are kept."""
MARKS = {
    "number": re.compile(r"206[^0-9]{0,3}555[^0-9]{0,3}0142"),
    "name": re.compile(r"zebedee|quartermain", re.IGNORECASE),
    "street": re.compile(r"9622\s+garland", re.IGNORECASE),
}


@dataclass
class Household:
    """The person and what stands around them."""

    db: Database
    actor: Principal
    person: UUID
    phone: UUID
    lead: UUID
    property: UUID
    campaign: UUID
    sender: UUID
    conversation: UUID
    file: Path


def import_file(db: Database, actor: Principal, folder: Path, *lines: str) -> UUID:
    """Take a file in and write it."""
    path = folder / f"{new_id()}.csv"
    path.write_text("\n".join((HEAD, *lines, "")))
    import_id = imports.receive(db, actor, path)
    assert imports.check(db, actor.org_id, import_id)
    with db.begin(actor.org_id) as uow:
        imports.commit(uow, actor, import_id)
    assert imports.run_commit(db, actor.org_id, import_id)
    return import_id


def settle(db: Database, actor: Principal, folder: Path) -> Household:
    """Write the person down everywhere."""
    org = actor.org_id
    import_id = import_file(db, actor, folder, LINE, OTHER, BROKEN)
    with db.begin(org) as uow:
        person = uow.session.exec(select(Person).where(Person.name == NAME)).one()
        phone = uow.session.exec(select(Phone).where(Phone.e164 == NUMBER)).one()
        joined = uow.session.exec(select(PersonPhone).where(PersonPhone.phone_id == phone.id)).one()
        joined.note = f"ask for {NAME.split(maxsplit=1)[0]}"
        found = uow.connection().execute(
            "select l.id, l.property_id from lead l join property_party pp on pp.org_id = l.org_id"
            " and pp.property_id = l.property_id where pp.person_id = %s",
            [person.id],
        )
        row = found.fetchone()
        assert row is not None
        lead_id, property_id = row
        sender = SenderNumber(org_id=org, e164="+12065550100", registration=RegistrationState.VERIFIED)
        uow.session.add(sender)
        uow.session.flush()
        campaign = Campaign(
            org_id=org,
            name="October",
            state=CampaignState.RUNNING,
            basis=Basis.INQUIRY,
            sender_number_id=sender.id,
            audience_filter={"q": NAME},
        )
        uow.session.add(campaign)
    home = Household(
        db,
        actor,
        person.id,
        phone.id,
        lead_id,
        property_id,
        campaign.id,
        sender.id,
        new_id(),
        _file(db, org, import_id),
    )
    _texts(home)
    _words(home)
    return home


def _file(db: Database, org: UUID, import_id: UUID) -> Path:
    with db.begin(org) as uow, uow.cursor() as cursor:
        cursor.execute("select file_key from import_batch where id = %s", [import_id])
        row = cursor.fetchone()
    assert row is not None
    return imports.folder() / row[0]


def _texts(home: Household) -> None:
    """Let texts have gone both ways, one be refused and one wait."""
    db, org = home.db, home.actor.org_id
    with db.begin(org) as uow:
        now = uow.now()
        uow.session.add(
            Conversation(
                org_id=org,
                id=home.conversation,
                sender_number_id=home.sender,
                e164=NUMBER,
                person_id=home.person,
                lead_id=home.lead,
                last_at=now,
                last_snippet=f"This is {NAME}",
            )
        )
        uow.session.flush()
        uow.session.add(
            InboundMessage(
                org_id=org,
                conversation_id=home.conversation,
                carrier_sid="SM1",
                e164=NUMBER,
                body=f"{NAME} here, call (206) 555-0142",
                received_at=now,
                label=ReplyLabel.INTERESTED,
                suppress=Suppress.NO,
            )
        )
        for number, state in enumerate((MessageState.QUEUED, MessageState.BLOCKED)):
            message = Message(
                org_id=org,
                state=state,
                purpose=Purpose.CAMPAIGN,
                campaign_id=home.campaign,
                step=number + 1,
                conversation_id=home.conversation,
                lead_id=home.lead,
                property_id=home.property,
                person_id=home.person,
                phone_id=home.phone,
                e164=NUMBER,
                sender_number_id=home.sender,
                body=f"Hi {NAME}, about {STREET}",
                not_before=now,
                carrier_sid=f"SMout{number}",
            )
            uow.session.add(message)
            uow.session.flush()
            uow.session.add(
                MessageEvent(org_id=org, message_id=message.id, at=now, state=state, detail={"why": f"to {NUMBER}"})
            )
            recipient = Recipient(home.lead, home.property, home.person, home.phone, None, message.id)
            compliance.clear(uow, [recipient], Ask(purpose=Purpose.CAMPAIGN, campaign_id=home.campaign), now)
        with uow.everywhere():
            uow.session.add(
                WebhookInbox(
                    provider="twilio",
                    sid="SM1",
                    status="inbound",
                    body_hash=b"1",
                    params={"From": NUMBER, "Body": f"{NAME} here"},
                    received_at=now,
                    applied_at=now,
                )
            )
            uow.session.flush()


def _words(home: Household) -> None:
    """Let people have written about the person wherever they can."""
    db, org, actor = home.db, home.actor.org_id, home.actor
    with db.begin(org) as uow:
        now = uow.now()
        leads.add_note(uow, actor, home.lead, f"{NAME} wants a call on 206-555-0142 or {EMAIL}")
        leads.add_task(uow, actor, home.lead, f"Call {NAME}", now + timedelta(days=1))
        leads.record(
            uow, home.lead, ActivityKind.TEXT_IN, f"{NAME} here", detail={"conversation_id": str(home.conversation)}
        )
        taken = {"field": "custom.x", "from": None, "to": f"{NAME}, {EMAIL}"}
        brought = {"changes": [taken], "was": {"at": now.isoformat(), "by": None, "why": f"{NAME} asked"}}
        leads.record(uow, home.lead, ActivityKind.IMPORTED, "Seen again by an import", detail=brought)
        elsewhere = uow.session.exec(select(Lead).where(Lead.id != home.lead)).first()
        assert elsewhere is not None
        leads.add_note(uow, actor, elsewhere.id, f"Neighbour of Quartermain, Zebedee ({STREET}), tel. 1 (206) 555 0142")
        compliance.grant(
            uow,
            actor,
            Grant(
                e164=NUMBER,
                channel=Channel.TEXT,
                basis=Basis.INQUIRY,
                purpose=f"{NAME} asked about selling",
                shown_text="I agree to texts.",
                source="form",
                given_at=now,
                person_id=home.person,
                address="203.0.113.7",
            ),
        )
        evidence = {"file": f"{NAME}.csv", "cell": "2065550142"}
        compliance.suppress(uow, actor, Mark(SuppressionKind.LITIGATOR, "manual", NUMBER, evidence=evidence))
        compliance.record_scrub(uow, Scrub(NUMBER, ScrubList.LITIGATOR, ScrubVerdict.LISTED, "simulated", now))
        uow.session.add(
            IdempotencyKey(
                org_id=org,
                user_id=actor.user_id or new_id(),
                route="GET /api/v1/leads",
                key="k",
                locked_until=now,
                acted_at=now,
                body=f'{{"name": "{NAME}"}}'.encode(),
                expires_at=now,
            )
        )
        uow.session.add(
            Job(
                org_id=org,
                kind=JobKind.IMPORT_CHECK,
                state=JobState.FAILED,
                run_at=now,
                note=f"row of {NAME}",
                error=f"cannot read {NUMBER}",
            )
        )


# The attacker, who has the whole database


def finds(db: Database) -> dict[str, set[str]]:
    """Look for the person in every column of every table, as text; answers marks by ``table.column``."""
    found: dict[str, set[str]] = {}
    with as_owner(db.url) as connection:
        columns = connection.execute(
            "select table_schema, table_name, column_name, data_type from information_schema.columns"
            " where table_schema in ('public', 'staging') order by 1, 2, 3"
        ).fetchall()
        for schema, table, column, kind in columns:
            for value in _values(connection, schema, table, column, kind):
                for mark, pattern in MARKS.items():
                    if pattern.search(value):
                        found.setdefault(f"{table}.{column}", set()).add(mark)
    return found


def _values(connection: Any, schema: str, table: str, column: str, kind: str) -> list[str]:
    shown = sql.SQL("encode({}, 'escape')" if kind == "bytea" else "{}::text").format(sql.Identifier(column))
    statement = sql.SQL("select {} from {}.{} where {} is not null").format(
        shown, sql.Identifier(schema), sql.Identifier(table), sql.Identifier(column)
    )
    return [row[0] for row in connection.execute(statement).fetchall()]
