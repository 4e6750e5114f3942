"""Enter what speaks for a contact: consents and look-ups; and whole tables of marks for an import."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from psycopg import sql

from leadflow.audit import service as audit
from leadflow.compliance.queries import artefacts, marks
from leadflow.compliance.rules.artefacts import LARGEST, media_type
from leadflow.compliance.service.secrets import phone_key
from leadflow.compliance.types import Artefact, Grant, Scrub, ScrubSource
from leadflow.identity.rules import require
from leadflow.identity.types import Principal
from leadflow.jobs import service as jobs
from leadflow.kernel.db import UnitOfWork
from leadflow.kernel.errors import Conflict, Invalid, NotFound
from models.vocabulary import Basis, JobKind, Permission


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
    _shown(uow, given)
    consent_id = marks.grant(uow, given, phone_key(given.e164), now, actor.user_id)
    if consent_id is not None:
        detail = {"basis": given.basis.value, "channel": given.channel.value, "source": given.source}
        audit.record(uow, actor.user_id, "consent.recorded", "consent", consent_id, detail)
    return consent_id


def _shown(uow: UnitOfWork, given: Grant) -> None:
    if given.artefact_sha256 is not None:
        if not artefacts.exists(uow, given.artefact_sha256):
            raise Invalid("No document with this hash is kept. Upload it first.", "artefact_sha256")
    elif given.basis is Basis.WRITTEN_CONSENT and given.import_id is None:
        raise Invalid(
            "A written consent needs the document that shows it: the signed form, a screenshot, the mail. "
            "Upload it and record the consent with it.",
            "artefact_sha256",
        )


def keep_artefact(uow: UnitOfWork, actor: Principal, filename: str, content: bytes) -> Artefact:
    """Keep a document that shows a consent, once by what it holds.

    Args:
        uow: the caller's transaction.
        actor: whoever may record consents.
        filename: as people know it.
        content: at most ``rules.artefacts.LARGEST`` bytes.

    Raises:
        Invalid: it is empty, too large, or nothing that a person could read.
    """
    require(actor, Permission.CONSENT_RECORD)
    if len(content) > LARGEST:
        raise Invalid(f"The document is larger than {LARGEST // 1_000_000} MB. Send the page that matters.", "file")
    kind = media_type(content)
    if kind is None:
        raise Invalid("This is no PDF, PNG, JPEG, mail, web page or text. Save it as one of them.", "file")
    name = "".join(one for one in filename.strip()[-200:] if one.isprintable() and one not in '\\/"') or "document"
    artefact = Artefact(hashlib.sha256(content).hexdigest(), kind, name, content)
    if artefacts.keep(uow, artefact, uow.now(), actor.user_id):
        detail = {"sha256": artefact.sha256, "bytes": len(content), "media_type": kind}
        audit.record(uow, actor.user_id, "consent.artefact_kept", "consent_artefact", None, detail)
    return artefact


def artefact(uow: UnitOfWork, actor: Principal, sha256: str) -> Artefact:
    """Read a document that shows a consent.

    Raises:
        NotFound: this organisation keeps none with this hash.
    """
    require(actor, Permission.CONSENT_READ)
    found = artefacts.read(uow, sha256)
    if found is None:
        raise NotFound
    return found


def revoke(uow: UnitOfWork, actor: Principal, consent_id: UUID, why: str) -> None:
    """Note that a person took a consent back, in whatever words and by whatever way (47 CFR 64.1200(a)(10)).

    The entry stays and says since when it stands no longer. To stop every text, suppress the number too.

    Raises:
        Invalid: it is not said how they took it back.
        NotFound: there is no such entry.
        Conflict: it was revoked already.
    """
    require(actor, Permission.SUPPRESSION_ADD)
    if not why.strip():
        raise Invalid("Say how they took it back: their words, when and by which way.", "why")
    done = marks.revoke_one(uow, consent_id, uow.now())
    if done is None:
        raise NotFound
    if not done:
        raise Conflict("This consent was revoked already.")
    audit.record(uow, actor.user_id, "consent.revoked", "consent", consent_id, {"why": why.strip()})


def record_scrub(uow: UnitOfWork, result: Scrub) -> UUID | None:
    """Note what a list said of a number; None when the same import has noted it before."""
    return marks.scrub(uow, result, uow.now())


def record_scrubs(uow: UnitOfWork, results: Sequence[Scrub]) -> None:
    """Note what lists said of many numbers; what the same run has noted before stays as it is."""
    marks.scrubs(uow, results, uow.now())


def record_registry(uow: UnitOfWork, source: ScrubSource, listed: Mapping[int, bool]) -> None:
    """Note what a list said of many numbers (digits), each listed or clean."""
    marks.registry_answers(uow, source, listed, uow.now())


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
    if made and import_id is not None:
        # The leads of the import itself are yet to be written; others may share its numbers.
        jobs.enqueue(uow, JobKind.LEAD_SEARCH_REFRESH, payload={"marks_of_import": str(import_id)})
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
