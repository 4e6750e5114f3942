"""The 10DLC registry as we know it: brands, their campaigns, and the numbers bound to them."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import col, select

from leadflow.audit import service as audit
from leadflow.identity.rules import require
from leadflow.identity.types import Principal
from leadflow.kernel.db import UnitOfWork
from leadflow.kernel.errors import Conflict, Invalid, NotFound
from leadflow.messaging.number_types import BrandInput, BrandRow, CampaignRegistration, RegisteredRow
from leadflow.messaging.rules.registration import effective
from leadflow.messaging.service.pools import hand_over
from models.messaging import Brand, RegisteredCampaign, SenderNumber
from models.vocabulary import Permission


def brands(uow: UnitOfWork, actor: Principal) -> list[BrandRow]:
    """List brands with their registered campaigns."""
    require(actor, Permission.CAMPAIGN_READ)
    registered = uow.session.exec(select(RegisteredCampaign).order_by(col(RegisteredCampaign.created_at))).all()
    numbers = uow.session.exec(select(SenderNumber.registered_campaign_id)).all()
    return [
        BrandRow(
            id=one.id,
            name=one.name,
            ein_last4=one.ein_last4,
            registry_id=one.registry_id,
            status=one.status,
            campaigns=tuple(
                RegisteredRow(c.id, c.use_case, c.registry_id, c.status, tuple(c.rates), numbers.count(c.id))
                for c in registered
                if c.brand_id == one.id
            ),
        )
        for one in uow.session.exec(select(Brand).order_by(col(Brand.name)))
    ]


def keep_brand(uow: UnitOfWork, actor: Principal, given: BrandInput, brand_id: UUID | None = None) -> UUID:
    """Write down a brand, or what has become of one; its numbers follow.

    Of the tax number only the last four digits are kept.

    Raises:
        NotFound: no such brand.
        Conflict: another brand has the name.
    """
    require(actor, Permission.SETTINGS_WRITE)
    numbers = _held(uow)
    brand = (
        Brand(org_id=uow.org(), name=given.name) if brand_id is None else uow.session.get(Brand, (uow.org(), brand_id))
    )
    if brand is None:
        raise NotFound
    other = select(Brand.id).where(Brand.name == given.name, Brand.id != brand_id)
    if uow.session.exec(other).first() is not None:
        raise Conflict("Another brand has this name.")
    brand.name, brand.registry_id, brand.status = given.name, given.registry_id, given.status
    if given.ein is not None:
        brand.ein_last4 = given.ein[-4:]
    uow.session.add(brand)
    uow.session.flush()
    _settle(uow, numbers)
    detail = {"name": brand.name, "status": brand.status.value, "registry_id": brand.registry_id}
    audit.record(uow, actor.user_id, "brand.kept", "brand", brand.id, detail)
    return brand.id


def keep_registration(
    uow: UnitOfWork, actor: Principal, given: CampaignRegistration, registered_id: UUID | None = None
) -> UUID:
    """Write down a registered campaign, or what has become of one; its numbers follow.

    Raises:
        NotFound: no such registered campaign.
        Invalid: no such brand.
    """
    require(actor, Permission.SETTINGS_WRITE)
    numbers = _held(uow)
    found = (
        RegisteredCampaign(org_id=uow.org(), brand_id=given.brand_id)
        if registered_id is None
        else uow.session.get(RegisteredCampaign, (uow.org(), registered_id))
    )
    if found is None:
        raise NotFound
    if uow.session.get(Brand, (uow.org(), given.brand_id)) is None:
        raise Invalid("There is no such brand.", "brand_id")
    found.brand_id, found.use_case, found.status = given.brand_id, given.use_case, given.status
    found.registry_id = given.registry_id
    found.rates = [one.model_dump() for one in given.rates]
    uow.session.add(found)
    uow.session.flush()
    _settle(uow, numbers)
    detail = given.model_dump(mode="json")
    audit.record(uow, actor.user_id, "registration.kept", "registered_campaign", found.id, detail)
    return found.id


def _held(uow: UnitOfWork) -> Sequence[SenderNumber]:
    """Hold all bound numbers, before their brand, as a batch does."""
    statement = select(SenderNumber).where(col(SenderNumber.registered_campaign_id).is_not(None))
    return uow.session.exec(statement.order_by(col(SenderNumber.id)).with_for_update(key_share=True)).all()


def _settle(uow: UnitOfWork, numbers: Sequence[SenderNumber]) -> None:
    for sender in numbers:
        settle_number(uow, sender)
    uow.session.flush()
    hand_over(uow)


def settle_number(uow: UnitOfWork, sender: SenderNumber) -> None:
    """Let a number's registration be the worst of its brand, its campaign and what binds it.

    Raises:
        Invalid: it is bound to a campaign that the organisation has not.
    """
    campaign = brand = None
    if sender.registered_campaign_id is not None:
        campaign = uow.session.get(RegisteredCampaign, (uow.org(), sender.registered_campaign_id))
        if campaign is None:
            raise Invalid("There is no such registered campaign.", "registered_campaign_id")
        brand = uow.session.get(Brand, (uow.org(), campaign.brand_id))
    sender.registration = effective(brand and brand.status, campaign and campaign.status, sender.binding)
