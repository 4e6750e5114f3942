"""Take a "no": opt-outs, suppressions, and what lifts them again."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from leadflow.audit import service as audit
from leadflow.compliance.queries import marks
from leadflow.compliance.rules.suppressionfile import lines
from leadflow.compliance.service.secrets import phone_key
from leadflow.compliance.types import Closure, Mark, OptOut
from leadflow.identity.rules import require
from leadflow.identity.types import Principal
from leadflow.jobs import service as jobs
from leadflow.kernel.db import UnitOfWork
from leadflow.kernel.errors import Invalid, NotFound
from models.base import new_id
from models.vocabulary import JobKind, Permission, SuppressionKind

PERSON_WIDE = frozenset(
    {
        SuppressionKind.OPT_OUT,
        SuppressionKind.CARRIER_OPT_OUT,
        SuppressionKind.INTERNAL_DNC,
        SuppressionKind.LEGAL_THREAT,
        SuppressionKind.DECEASED,
        SuppressionKind.REVIEW,
    }
)
"""Said of a person, whatever number it came from. A wrong number or a listed one is said of the number alone."""
REVOKING = frozenset({SuppressionKind.OPT_OUT, SuppressionKind.CARRIER_OPT_OUT, SuppressionKind.INTERNAL_DNC})
"""47 CFR 64.1200(a)(10) and (d)(3): a wish to stop ends the consent."""


def opt_out(
    uow: UnitOfWork,
    e164: str,
    *,
    source: str,
    evidence: Mapping[str, Any],
    now: datetime,
    kind: SuppressionKind = SuppressionKind.OPT_OUT,
    actor_id: UUID | None = None,
) -> OptOut:
    """Take a person's "no" for every number of everybody who is reached at ``e164``.

    After the caller's commit no text to any of them can enter ``submitting``; a job then takes back what is queued and
    writes the timeline.

    Args:
        uow: the caller's transaction.
        e164: the number it came from or is about.
        source: ``inbound``, ``carrier``, ``manual`` or ``import``.
        evidence: where it stands, such as the inbound message's id.
        now: when it arrived.
        kind: ``OPT_OUT``, or another that is said of a person.
        actor_id: the user who noted it.
    """
    closed = _close(uow, Mark(kind=kind, source=source, e164=e164, evidence=evidence), now, actor_id)
    job_id = _fan_out(uow, closed.suppression_ids)
    return OptOut(e164, closed.person_ids, tuple(f"+{number}" for number in closed.numbers), job_id)


@dataclass(frozen=True, slots=True)
class _Closed:
    suppression_ids: tuple[UUID, ...]
    person_ids: tuple[UUID, ...]
    numbers: tuple[int, ...]


def _close(uow: UnitOfWork, mark: Mark, now: datetime, actor_id: UUID | None) -> _Closed:
    """Write one mark as far as it reaches, under the gates of every number that it reaches."""
    number = None if mark.e164 is None else int(mark.e164[1:])
    reach = _reach(uow, mark, number)
    marks.lock_gates(uow, reach.numbers)
    evidence = {**mark.evidence, "cause": str(new_id())}
    if mark.e164 is not None:
        evidence["via"] = phone_key(mark.e164).hex()
    ids = marks.suppress(uow, mark, _subjects(mark, reach), evidence, now, actor_id)
    if mark.kind in REVOKING:
        marks.close_gates(uow, reach.numbers, now)
        marks.revoke_consents(uow, reach.numbers, reach.person_ids, now)
    detail = {"kind": mark.kind.value, "source": mark.source, "rows": len(ids), "cause": evidence["cause"]}
    audit.record(uow, actor_id, "suppression.added", "suppression", ids[0] if ids else None, detail)
    return _Closed(tuple(ids), reach.person_ids, reach.numbers)


def _reach(uow: UnitOfWork, mark: Mark, number: int | None) -> marks.Reach:
    if mark.kind in PERSON_WIDE:
        return marks.reach(uow, number, mark.person_id)
    return marks.Reach(() if mark.person_id is None else (mark.person_id,), () if number is None else (number,))


def _subjects(mark: Mark, reach: marks.Reach) -> list[marks.Subject]:
    by_number = [marks.Subject(number=digits, phone_key=phone_key(f"+{digits}")) for digits in reach.numbers]
    by_person = [marks.Subject(person_id=person) for person in reach.person_ids]
    by_mail = [marks.Subject(address_key=mark.address_key)] if mark.address_key else []
    return [*by_number, *by_person, *by_mail]


def _fan_out(uow: UnitOfWork, suppression_ids: Sequence[UUID]) -> UUID:
    payload = {"suppressions": [str(one) for one in suppression_ids]}
    return jobs.enqueue(uow, JobKind.OPT_OUT_FANOUT, payload=payload)


def closure(uow: UnitOfWork, suppression_ids: Sequence[UUID]) -> Closure | None:
    """Read back what an opt-out closed, for the job that takes texts back; None when it is gone."""
    found = marks.closed(uow, suppression_ids)
    if found is None:
        return None
    phones = tuple(f"+{number}" for number in found.numbers)
    return Closure(found.kind, found.source, found.at, found.actor_id, phones, found.lead_ids)


def start_again(uow: UnitOfWork, e164: str, *, now: datetime, evidence: Mapping[str, Any] | None = None) -> int:
    """Undo what this number's own STOP did, and nothing else: an import's or a colleague's "no" stays.

    Consents that the STOP ended stay ended: a new one must be given (carrier words are no consent).

    Returns:
        How many suppressions were lifted.
    """
    number = int(e164[1:])
    marks.lock_gates(uow, marks.reach(uow, number, None).numbers)
    lifted = marks.release(
        uow,
        marks.BY_NUMBER_AND_SOURCE,
        {
            "at": now,
            "actor": None,
            "why": "The person asked to hear from us again.",
            "kinds": [SuppressionKind.OPT_OUT.value, SuppressionKind.CARRIER_OPT_OUT.value],
            "sources": ["inbound", "carrier"],
            "via": phone_key(e164).hex(),
        },
    )
    reopen(uow, lifted)
    if lifted:
        tell_leads(uow, lifted)
        detail = {"rows": len(lifted), **(evidence or {})}
        audit.record(uow, None, "suppression.start_again", "suppression", lifted[0].id, detail)
    return len(lifted)


def reopen(uow: UnitOfWork, lifted: Sequence[marks.Released]) -> None:
    """Open the gates of numbers whose suppression was just lifted."""
    marks.close_gates(uow, [one.number for one in lifted if one.number is not None], None)


def tell_leads(uow: UnitOfWork, lifted: Sequence[marks.Released]) -> None:
    """Have the leads of suppressions that were just lifted renewed: marks count in their scores."""
    payload = {
        "phones": [f"+{one.number}" for one in lifted if one.number is not None],
        "person_ids": [str(one.person_id) for one in lifted if one.person_id is not None],
    }
    jobs.enqueue(uow, JobKind.LEAD_SEARCH_REFRESH, payload=payload)


def suppress(uow: UnitOfWork, actor: Principal, mark: Mark) -> tuple[UUID, ...]:
    """Note a reason not to contact somebody, as a user.

    Returns:
        The ids of the rows that now stand.

    Raises:
        NotFound: the organisation knows no such person. A mark outlives its person, so no foreign key would say so.
    """
    require(actor, Permission.SUPPRESSION_ADD)
    if mark.person_id is not None and not marks.has_person(uow, mark.person_id):
        raise NotFound
    return _note(uow, mark, actor.user_id)


def suppress_file(uow: UnitOfWork, actor: Principal, filename: str, content: bytes, default: SuppressionKind) -> int:
    """Note every number of a file, in whole or not at all.

    Returns:
        How many rows it had. Who stands suppressed already stays so.

    Raises:
        Invalid: a line is wrong; see ``rules.suppressionfile``.
    """
    require(actor, Permission.SUPPRESSION_ADD)
    found = lines(content, default)
    digest, now = hashlib.sha256(content).hexdigest(), uow.now()
    marks.lock_gates(uow, [int(line.e164[1:]) for line in found])
    ids: list[UUID] = []
    for line in found:
        evidence = {"file": filename[-200:], "sha256": digest, "line": line.number, "note": line.note[:1_000]}
        mark = Mark(kind=line.kind, source="import", e164=line.e164, evidence=evidence)
        ids += _close(uow, mark, now, actor.user_id).suppression_ids
    for start in range(0, len(ids), AT_ONCE):
        _fan_out(uow, ids[start : start + AT_ONCE])
    detail = {"rows": len(found), "sha256": digest}
    audit.record(uow, actor.user_id, "suppression.file", "suppression", None, detail)
    return len(found)


AT_ONCE = 500
"""Suppressions that one job takes texts back for. Own choice."""


def suppress_system(uow: UnitOfWork, mark: Mark) -> tuple[UUID, ...]:
    """Note a reason not to contact somebody, as the system: a reply's meaning, a carrier's word."""
    return _note(uow, mark, None)


def _note(uow: UnitOfWork, mark: Mark, actor_id: UUID | None) -> tuple[UUID, ...]:
    if mark.e164 is None and mark.person_id is None and mark.address_key is None:
        raise Invalid("Name a number, a person or an address.", "e164")
    ids = _close(uow, mark, uow.now(), actor_id).suppression_ids
    if mark.kind is not SuppressionKind.REVIEW:
        # What is only held for a person's eye may still go out.
        _fan_out(uow, ids)
    return ids


def settle_review(uow: UnitOfWork, actor: Principal, e164: str) -> int:
    """Note that a person has read the unclear reply of this number: sending is held no longer.

    Returns:
        How many suppressions were lifted; 0 when nothing was held.
    """
    require(actor, Permission.INBOX_REPLY)
    reach = marks.reach(uow, int(e164[1:]), None)
    marks.lock_gates(uow, reach.numbers)
    values = {
        "numbers": list(reach.numbers),
        "people": list(reach.person_ids),
        "at": uow.now(),
        "actor": actor.user_id,
        "why": "The reply was read.",
    }
    lifted = marks.release(uow, marks.REVIEWS, values)
    if lifted:
        audit.record(uow, actor.user_id, "review.settled", "suppression", lifted[0].id, {"rows": len(lifted)})
    return len(lifted)
