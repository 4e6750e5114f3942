"""Put under legal hold what may not go, and lift it again."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from leadflow.audit import service as audit
from leadflow.compliance import service as compliance
from leadflow.identity import service as identity
from leadflow.identity.rules import mask_phone, require
from leadflow.identity.types import Principal
from leadflow.kernel import paging
from leadflow.kernel import phone as phones
from leadflow.kernel.db import UnitOfWork
from leadflow.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from leadflow.kernel.paging import Page
from leadflow.retention.queries import holds
from leadflow.retention.rules.holding import may_lift
from leadflow.retention.types import HoldRow, HoldWish
from models.retention import LegalHold
from models.vocabulary import HoldSubject, Permission


def place(uow: UnitOfWork, actor: Principal, wish: HoldWish) -> UUID:
    """Put a person, a number or a campaign under hold; nothing of it goes until the hold is lifted.

    Raises:
        Invalid: no reason, or not exactly one subject.
        NotFound: there is no such person or campaign.
        Conflict: such a hold stands already.
    """
    require(actor, Permission.HOLD_WRITE)
    if not wish.reason.strip():
        raise Invalid("Say why it has to be kept, such as the matter's number.", "reason")
    key = compliance.phone_key(wish.e164) if wish.e164 else None
    _check_subject(uow, wish)
    if holds.standing_on(uow, wish.subject, wish.person_id, key, wish.campaign_id):
        raise Conflict("This is under hold already.")
    made = LegalHold(
        org_id=uow.org(),
        subject=wish.subject,
        person_id=wish.person_id,
        e164=wish.e164,
        phone_key=key,
        campaign_id=wish.campaign_id,
        reason=wish.reason.strip(),
        placed_at=uow.now(),
        placed_by=actor.user_id,
    )
    uow.session.add(made)
    uow.session.flush()
    detail = {"subject": wish.subject.value}
    audit.record(uow, actor.user_id, "hold.placed", "legal_hold", made.id, detail)
    return made.id


def _check_subject(uow: UnitOfWork, wish: HoldWish) -> None:
    given = {
        HoldSubject.PERSON: wish.person_id,
        HoldSubject.PHONE: wish.e164,
        HoldSubject.CAMPAIGN: wish.campaign_id,
    }
    if given[wish.subject] is None or sum(value is not None for value in given.values()) != 1:
        raise Invalid("Name one person, one number or one campaign to hold.", "subject")
    row_id = wish.person_id or wish.campaign_id
    if row_id is not None and not holds.exists(uow, wish.subject, row_id):
        raise NotFound(f"There is no such {wish.subject.value} here.")


def lift(uow: UnitOfWork, actor: Principal, hold_id: UUID, why: str) -> None:
    """Lift a hold: another member than the one who placed it, or an owner who has typed the password.

    Raises:
        Invalid: no reason.
        NotFound: no such hold.
        Conflict: it was lifted already.
        Forbidden: the caller placed it.
        ConfirmPassword: an owner lifts their own hold and has not typed the password lately.
    """
    require(actor, Permission.HOLD_WRITE)
    if not why.strip():
        raise Invalid("Say why it need not be kept any longer.", "why")
    found = holds.get(uow, hold_id)
    if found is None:
        raise NotFound
    if found.lifted_at is not None:
        raise Conflict("This hold was lifted already.")
    allowed = may_lift(actor.role, own=found.placed_by == actor.user_id)
    if not allowed.allowed:
        raise Forbidden("Another member has to lift a hold that you placed.")
    if allowed.password:
        identity.need_confirmed(uow, actor)
    found.lifted_at, found.lifted_by, found.lifted_why = uow.now(), actor.user_id, why.strip()
    uow.session.flush()
    audit.record(uow, actor.user_id, "hold.lifted", "legal_hold", found.id, {"subject": found.subject.value})


def listed(
    uow: UnitOfWork, actor: Principal, *, standing: bool | None = True, after: str | None = None, limit: int = 100
) -> Page[HoldRow]:
    """List holds, newest first."""
    require(actor, Permission.AUDIT_READ)
    rows = holds.listed(uow, standing=standing, after=paging.instant_and_id(after), limit=limit + 1)
    found = tuple(shown(actor, row) for row in rows[:limit])
    following = paging.encode(found[-1].placed_at.isoformat(), str(found[-1].id)) if len(rows) > limit else None
    return Page(found, following, None if after else holds.count(uow, standing=standing))


def shown(actor: Principal, row: dict[str, Any]) -> HoldRow:
    """Write a hold as the caller may see it."""
    number = phones.display(mask_phone(actor.role, f"+{row['e164']}")) if row["e164"] else "Erased number"
    labels = {
        HoldSubject.PERSON: row["person"] or "",
        HoldSubject.PHONE: number,
        HoldSubject.CAMPAIGN: row["campaign"] or "",
    }
    subject = HoldSubject(row["subject"])
    return HoldRow(
        id=row["id"],
        subject=subject,
        label=labels[subject],
        reason=row["reason"],
        placed_at=row["placed_at"],
        placed_by=row["placed_by"],
        placed_by_name=row["placed_by_name"] or "LeadFlow",
        lifted_at=row["lifted_at"],
        lifted_by_name=row["lifted_by_name"] or "",
        lifted_why=row["lifted_why"],
    )
