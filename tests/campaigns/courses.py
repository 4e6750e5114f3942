"""What the tests of a campaign's course share: its texts, how they end, and that everything adds up."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlmodel import select

from leadflow.campaigns import service as campaigns
from leadflow.compliance import service as compliance
from models.campaigns import AudienceMember
from models.messaging import Message
from tests.campaigns.conftest import TEMPLATE, Office

DAY = 1_440
TWO = [{"template": TEMPLATE}, {"template": "Still thinking, {{ first_name }}?", "wait_minutes": 2 * DAY}]


def texts_of(office: Office, campaign_id: UUID) -> list[Message]:
    """Read the texts of a campaign, by step, attempt and number."""
    with office.db.begin(office.org) as uow:
        found = uow.session.exec(select(Message).where(Message.campaign_id == campaign_id))
        return sorted(found, key=lambda one: (one.step, one.attempt, one.e164))


def members_of(office: Office, campaign_id: UUID) -> list[AudienceMember]:
    """Read the frozen audience."""
    with office.db.begin(office.org) as uow:
        return list(uow.session.exec(select(AudienceMember).where(AudienceMember.campaign_id == campaign_id)))


def end(office: Office, texts: list[Message], state: str, code: int | None = None) -> None:
    """Let texts end as the carrier would report."""
    with office.db.begin(office.org) as uow:
        decision = _decision(office)
        for text in texts:
            with uow.cursor() as cursor:
                cursor.execute(
                    "update message set state = %s, submitted_at = coalesce(submitted_at, %s), decision_id = %s,"
                    " error_code = %s where org_id = %s and id = %s",
                    [state, uow.now(), decision, code, office.org, text.id],
                )


def _decision(office: Office) -> UUID:
    """Find any receipt, or have one made."""
    with office.db.begin(office.org) as uow:
        with uow.cursor() as cursor:
            cursor.execute("select id from decision limit 1")
            if row := cursor.fetchone():
                return row[0]
        from leadflow.compliance.types import Ask, Recipient  # noqa: PLC0415
        from models.vocabulary import Purpose  # noqa: PLC0415

        text = uow.session.exec(select(Message).where(Message.campaign_id != None)).first()  # noqa: E711 SQL
        assert text is not None
        recipient = Recipient(text.lead_id, text.property_id, text.person_id, text.phone_id, message_id=text.id)
        return compliance.clear(
            uow, [recipient], Ask(purpose=Purpose.CAMPAIGN, campaign_id=text.campaign_id), uow.now()
        )[0].decision_id


def progress_of(office: Office, campaign_id: UUID) -> Any:
    """Read where it stands; whatever happened, everything adds up."""
    with office.db.begin(office.org) as uow:
        found = campaigns.progress(uow, office.manager, campaign_id)
    assert sum(found.by_state.values()) == found.audience
    for step in found.steps:
        assert sum(step.by_state.values()) == found.audience
    return found


def rows_of(office: Office, campaign_id: UUID) -> list[tuple[str, tuple[str, ...]]]:
    """Read state and reasons of every recipient."""
    with office.db.begin(office.org) as uow:
        return [(row.state, row.reasons) for row in campaigns.recipients(uow, office.manager, campaign_id)]
