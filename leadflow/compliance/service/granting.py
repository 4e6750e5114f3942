"""Enter what speaks for a contact: consents and look-ups; and whole tables of marks for an import."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from psycopg import sql

from leadflow.audit import service as audit
from leadflow.compliance.queries import marks
from leadflow.compliance.service.secrets import phone_key
from leadflow.compliance.types import Grant, Scrub
from leadflow.identity.rules import require
from leadflow.identity.types import Principal
from leadflow.kernel.db import UnitOfWork
from leadflow.kernel.errors import Invalid, NotFound
from models.vocabulary import Permission


def grant(uow: UnitOfWork, actor: Principal, given: Grant) -> UUID | None:
    """Enter a consent into the ledger; None when the same import has entered it before.

    A suppression that stands is not lifted by it.

    Raises:
        Invalid: a field that the record must have is empty, or the consent lies in the future.
        NotFound: the organisation knows no such person. A consent outlives its person, so no foreign key would say so.
    """
    require(actor, Permission.CONSENT_RECORD)
    if given.person_id is not None and not marks.has_person(uow, given.person_id):
        raise NotFound
    now = uow.now()
    for field in ("purpose", "shown_text", "source"):
        if not getattr(given, field).strip():
            raise Invalid("A consent record needs what the person was shown, for what, and where.", field)
    if given.given_at > now:
        raise Invalid("A consent cannot be given in the future.", "given_at")
    consent_id = marks.grant(uow, given, phone_key(given.e164), now, actor.user_id)
    if consent_id is not None:
        detail = {"basis": given.basis.value, "channel": given.channel.value, "source": given.source}
        audit.record(uow, actor.user_id, "consent.recorded", "consent", consent_id, detail)
    return consent_id


def record_scrub(uow: UnitOfWork, result: Scrub) -> UUID | None:
    """Note what a list said of a number; None when the same import has noted it before."""
    return marks.scrub(uow, result, uow.now())


def suppress_staged(
    uow: UnitOfWork,
    table: sql.Identifier,
    *,
    source: str,
    import_id: UUID | None,
    actor_id: UUID | None,
    at: datetime,
) -> dict[str, int]:
    """Note a whole table of reasons: kind, e164, phone_key, person_id, address_key, evidence.

    Returns:
        New rows by kind; what stands already is left as it is.
    """
    made = marks.suppress_staged(uow, table, source=source, import_id=import_id, actor_id=actor_id, at=at)
    if made:
        audit.record(uow, actor_id, "suppression.imported", "import", import_id, {"rows": made})
    return made


def scrubs_staged(uow: UnitOfWork, table: sql.Identifier, *, import_id: UUID | None, at: datetime) -> int:
    """Note a whole table of look-ups: e164, list, verdict, provider, as_of. Answers the new rows."""
    return marks.scrubs_staged(uow, table, import_id=import_id, at=at)


def consents_staged(
    uow: UnitOfWork, table: sql.Identifier, *, import_id: UUID | None, actor_id: UUID | None, at: datetime
) -> int:
    """Enter a whole table of consents; answers the new rows.

    Its columns: e164, phone_key, person_id, channel, basis, purpose, shown_text, source, given_at, row_number.
    """
    made = marks.consents_staged(uow, table, import_id=import_id, actor_id=actor_id, at=at)
    if made:
        audit.record(uow, actor_id, "consent.imported", "import", import_id, {"rows": made})
    return made
