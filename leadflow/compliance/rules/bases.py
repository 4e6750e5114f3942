"""Which basis to contact stands, since when, and until when: consent, relationship, inquiry. Pure."""

from __future__ import annotations

from calendar import monthrange
from datetime import datetime, timedelta
from functools import lru_cache

from leadflow.compliance.types import Facts, Policy
from models.vocabulary import Basis, Purpose

RANK = {Basis.INQUIRY: 1, Basis.EXISTING_RELATIONSHIP: 2, Basis.WRITTEN_CONSENT: 3}
"""Own order: written consent carries what a relationship carries, and that what an inquiry does (47 CFR 64.1200(f))."""
_SHORT_MONTH, _LONG_MONTH = timedelta(days=28), timedelta(days=31)


def kept(f: Facts) -> int:
    """Rank the strongest entry that was neither revoked nor ended by its own date; 0 is none."""
    if f.written_at is not None:
        return 3
    return 2 if f.relationship_at is not None else int(f.inquiry_at is not None)


def rank_standing(f: Facts, p: Policy, at: datetime) -> int:
    """Rank the strongest basis that still holds at ``at``; 0 is none."""
    found = basis_of(f, p, at)
    return 0 if found is None else RANK[found[0]]


def standing_since(f: Facts, p: Policy, at: datetime) -> datetime | None:
    """Say since when the strongest basis that still holds does; None where none does."""
    found = basis_of(f, p, at)
    return None if found is None else found[1]


def basis_of(f: Facts, p: Policy, at: datetime) -> tuple[Basis, datetime] | None:
    """Name the strongest basis that still holds, and since when; None where none does."""
    given = ((Basis.WRITTEN_CONSENT, f.written_at), (Basis.EXISTING_RELATIONSHIP, f.relationship_at))
    for basis, since in (*given, (Basis.INQUIRY, f.inquiry_at)):
        if since is not None and since <= at and holds(p, basis, since, at):
            return basis, since
    return None


def holds(p: Policy, basis: Basis, since: datetime, at: datetime) -> bool:
    """Say whether a basis of an instant still holds at another, by the months that the packs give it."""
    months = p.basis_months.get(basis)
    if months is None:
        return True
    age = at - since
    # Only about the last day does it matter how long the months were.
    return age < _SHORT_MONTH * months or (age <= _LONG_MONTH * months and at < add_months(since, months))


def by_consent(f: Facts, p: Policy, at: datetime) -> bool:
    """Say whether written consent stands, which waives the registries (16 CFR 310.4(b)(1)(iii)(B)(1))."""
    return f.written_at is not None and f.written_at <= at and holds(p, Basis.WRITTEN_CONSENT, f.written_at, at)


def answering(f: Facts, p: Policy, at: datetime) -> bool:
    """Say whether this answers the person's own text, no older than an inquiry may be; in writing or by a call."""
    if f.sending.purpose == Purpose.CONFIRMATION:
        return True
    if f.sending.purpose not in _TO_THEM or f.inbound_at is None:
        return False
    return holds(p, Basis.INQUIRY, f.inbound_at, at)


def by_hand(f: Facts) -> bool:
    """Say whether a person dials: with clean registries that needs no consent (47 CFR 64.1200(a)(1), (c)(2))."""
    return f.sending.purpose == Purpose.CALL


_TO_THEM = frozenset({Purpose.MANUAL_REPLY, Purpose.CALL})


@lru_cache(maxsize=8192)
def add_months(since: datetime, months: int) -> datetime:
    """Count calendar months on; a day that the month lacks becomes its last."""
    year, month = divmod(since.year * 12 + since.month - 1 + months, 12)
    last = monthrange(year, month + 1)[1]
    return since.replace(year=year, month=month + 1, day=min(since.day, last))
