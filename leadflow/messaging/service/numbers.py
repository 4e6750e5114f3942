"""The numbers that we send from."""

from __future__ import annotations

from uuid import UUID

from leadflow.audit import service as audit
from leadflow.identity.rules import require
from leadflow.identity.types import Principal
from leadflow.kernel import phone
from leadflow.kernel.db import UnitOfWork
from leadflow.kernel.errors import Conflict, NotFound
from leadflow.messaging.number_types import SenderChange, SenderInput, SenderRow
from leadflow.messaging.queries import senders as queries
from leadflow.messaging.service.pools import hand_over
from leadflow.messaging.service.queueing import wake
from leadflow.messaging.service.registering import settle_number
from models.messaging import SenderNumber
from models.vocabulary import Permission


def senders(uow: UnitOfWork, actor: Principal, campaign_id: UUID | None = None) -> list[SenderRow]:
    """List the organisation's numbers, or those that a campaign sends from; then only its texts count as waiting."""
    require(actor, Permission.CAMPAIGN_READ)
    return queries.rows(uow, uow.now(), campaign_id)


def add_sender(uow: UnitOfWork, actor: Principal, given: SenderInput) -> UUID:
    """Register a number that we send from. It sends nothing until its 10DLC registration is verified.

    Raises:
        Invalid: it is not a telephone number.
        Conflict: it is registered already, here or elsewhere.
    """
    require(actor, Permission.SETTINGS_WRITE)
    e164 = phone.parse(given.e164)
    if queries.exists(uow, e164):
        raise Conflict("This number is registered already.")
    sender = SenderNumber(
        org_id=uow.org(),
        e164=e164,
        label=given.label.strip(),
        binding=given.registration,
        registered_campaign_id=given.registered_campaign_id,
        per_minute=given.per_minute,
        per_day=given.per_day,
    )
    settle_number(uow, sender)
    uow.session.add(sender)
    uow.session.flush()
    detail = {"registration": given.registration.value, "per_minute": given.per_minute}
    audit.record(uow, actor.user_id, "sender.added", "sender_number", sender.id, detail)
    return sender.id


def change_sender(uow: UnitOfWork, actor: Principal, sender_id: UUID, change: SenderChange) -> None:
    """Change a number's label, rate or registration, or let it send again after it was stopped.

    Raises:
        NotFound: no such number.
    """
    require(actor, Permission.SETTINGS_WRITE)
    sender = uow.session.get(SenderNumber, (uow.org(), sender_id), with_for_update={"key_share": True})
    if sender is None:
        raise NotFound
    given = change.model_dump(exclude_unset=True)
    enabled = given.pop("enabled", None)
    if "registration" in given:
        given["binding"] = given.pop("registration")
    for field, value in given.items():
        setattr(sender, field, value)
    settle_number(uow, sender)
    if enabled is not None:
        sender.cooling_until = sender.cooling_why = None
        sender.disabled_at = None if enabled else sender.disabled_at or uow.now()
        sender.disabled_why = None if enabled else "Stopped by hand."
    uow.session.flush()
    audit.record(
        uow,
        actor.user_id,
        "sender.changed",
        "sender_number",
        sender_id,
        change.model_dump(mode="json", exclude_unset=True),
    )
    hand_over(uow)
    wake(uow, sender_id)
