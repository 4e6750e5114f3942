"""Erase a removed lead with everybody who stands to no other property: preview by doing it, then for good.

Each of its people goes as by an erasure of their own, tombstone included; then the property and the lead are emptied.
The row of the lead stays, empty, so that receipts still point at something; suppressions stay by keyed hash.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from leadflow.audit import service as audit
from leadflow.identity import service as identity
from leadflow.identity.rules import require
from leadflow.identity.types import Principal
from leadflow.imports import service as imports
from leadflow.kernel.db import Database, UnitOfWork
from leadflow.kernel.errors import Invalid
from leadflow.leads.errors import NoSuchLead
from leadflow.retention.errors import Held, TooSoon, UnderWay
from leadflow.retention.queries import erasing, leaving
from leadflow.retention.rules import leaving as rules
from leadflow.retention.service.erasing import check_reference, entomb, holds_against, subject_of, take_out
from leadflow.retention.types import HoldRow, LeadPreview, LeadSubject, LeadWish, Subject
from models.vocabulary import ErasureRequest, Permission

NOBODY = UUID(int=0)
"""Stands for a person where only a property goes."""


def lead_preview(uow: UnitOfWork, actor: Principal, lead_id: UUID) -> LeadPreview:
    """Tell what would go with a removed lead, who and what would stay and why, and what stands against it.

    Raises:
        NoSuchLead: it is not removed, not there, or was erased already.
    """
    require(actor, Permission.PERSON_ERASE)
    lead = _lead(uow, lead_id)
    against, blocked = _against(uow, actor, lead), ""
    trial = uow.session.begin_nested()
    try:
        goes, _ = _take(uow, lead, uow.now())
    finally:
        trial.rollback()
        uow.session.expire_all()
    if against:
        blocked = "A legal hold stands against it."
    elif _under_way(uow, lead):
        blocked = UnderWay().message
    elif uow.now() < rules.may_go_from(lead.removed_at):
        blocked = TooSoon(rules.may_go_from(lead.removed_at)).message
    leaving_ = tuple(one.name for one in lead.people if one.goes)
    return LeadPreview(lead_id, lead.address, leaving_, goes, rules.stays(lead), against, blocked)


def erase_lead(uow: UnitOfWork, actor: Principal, wish: LeadWish) -> None:
    """Erase a removed lead for good, after the time in which it can only be restored.

    Raises:
        ConfirmPassword: the password was not typed lately.
        TooSoon: it was removed lately.
        Held: a legal hold stands against it.
        UnderWay: a text of it is being submitted.
        Invalid: the reference names somebody.
        NoSuchLead: it is not removed, not there, or was erased already.
    """
    require(actor, Permission.PERSON_ERASE)
    lead = _lead(uow, wish.lead_id)
    identity.need_confirmed(uow, actor)
    _erase(uow, actor, lead, wish.reference)


def erase_lead_with_password(db: Database, actor: Principal, password: str, wish: LeadWish) -> None:
    """Do the same where there is no session to confirm: the password is taken with the act itself."""
    require(actor, Permission.PERSON_ERASE)
    identity.check_own_password(db, actor, password, field="password")
    with db.begin(actor.org_id) as uow:
        _erase(uow, actor, _lead(uow, wish.lead_id), wish.reference)


def _erase(uow: UnitOfWork, actor: Principal, lead: LeadSubject, given: str) -> None:
    now, reference = uow.now(), given.strip()
    if now < rules.may_go_from(lead.removed_at):
        raise TooSoon(rules.may_go_from(lead.removed_at))
    if _against(uow, actor, lead):
        raise Held("A legal hold stands against erasing this lead. It has to be lifted first.")
    going = [subject_of(uow, one.person_id) for one in lead.people if one.goes]
    for subject in going:
        check_reference(subject, reference)
    if lead.street and lead.street.lower() in reference.lower():
        raise Invalid("The reference stays for good, so it must not name the address.", "reference")
    files = {key for subject in (*going, _place(uow, lead)) for key in erasing.files(uow, subject)}
    if _under_way(uow, lead):
        raise UnderWay
    goes, stones = _take(uow, lead, now)
    for person_id, counts in stones.items():
        entomb(uow, actor, person_id, ErasureRequest.ORGANIZATION, reference, counts)
    detail = {"rows": goes, "people": len(stones), "reference": reference}
    audit.record(uow, actor.user_id, "lead.erased", "lead", lead.lead_id, detail)
    for key in sorted(files):
        uow.after_commit(lambda key=key: imports.forget_file(uow.db, key))


def _take(uow: UnitOfWork, lead: LeadSubject, now: datetime) -> tuple[dict[str, int], dict[UUID, dict[str, int]]]:
    """Let people and lead go; answers rows by what they were, all together and of each person."""
    stones: dict[UUID, dict[str, int]] = {}
    for one in lead.people:
        if one.goes:
            # The property goes at the end, with the lead; who else stands to it does not matter any more.
            subject = replace(subject_of(uow, one.person_id), homes=(), lone_leads=())
            stones[one.person_id] = _counted(take_out(uow, subject, now))
    staying = [one.person_id for one in lead.people if not one.goes]
    own = Counter(leaving.empty(uow, lead, staying, now)) + Counter(take_out(uow, _place(uow, lead), now))
    goes = sum((Counter(counts) for counts in stones.values()), own)
    return _counted(dict(goes)), stones


def _counted(done: dict[str, int]) -> dict[str, int]:
    return {name: count for name, count in done.items() if count}


def _place(uow: UnitOfWork, lead: LeadSubject) -> Subject:
    """Say by what the property and its lead are known, once their people have gone."""
    alone = leaving.street_alone(uow, lead.street, lead.property_id)
    return Subject(
        person_id=NOBODY,
        name="",
        names=(),
        own_name=False,
        alone=(),
        shared=(),
        emails=(),
        addresses=(lead.street,) if alone else (),
        homes=(lead.property_id,),
        other_properties=0,
        leads=(lead.lead_id,),
        lone_leads=(lead.lead_id,),
        imports=(lead.import_id,) if lead.import_id else (),
        under_way=0,
    )


def _lead(uow: UnitOfWork, lead_id: UUID) -> LeadSubject:
    lead = leaving.read(uow, lead_id)
    if lead is None:
        raise NoSuchLead
    return lead


def _under_way(uow: UnitOfWork, lead: LeadSubject) -> bool:
    return lead.under_way > 0 or any(subject_of(uow, one.person_id).under_way for one in lead.people if one.goes)


def _against(uow: UnitOfWork, actor: Principal, lead: LeadSubject) -> tuple[HoldRow, ...]:
    """Name the holds on anybody of the lead, whoever stays too: what is held of them stands on its timeline."""
    found = (holds_against(uow, actor, subject_of(uow, one.person_id)) for one in lead.people)
    return tuple({hold.id: hold for holds in found for hold in holds}.values())
