"""How long each kind of record is kept, and what the law asks at least. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from models.vocabulary import RetentionKind


@dataclass(frozen=True, slots=True)
class Term:
    """One kind's term, in days.

    Attributes:
        title: for people.
        floor: no organisation keeps it shorter.
        default: where the organisation has not said otherwise.
        citation: who asks for the floor.
    """

    title: str
    floor: int
    default: int
    citation: str


FIVE_YEARS = 1_827
"""16 CFR 310.5(b): records are kept for five years; 1,827 days hold two leap days."""
LONGEST = 36_525
"""A hundred years: a slip of the hand, not a policy. Own choice."""
TERMS: Mapping[RetentionKind, Term] = MappingProxyType(
    {
        RetentionKind.MESSAGE_BODY: Term(
            "Words of texts", 30, 395, "Own choice: thirteen months cover a year's disputes."
        ),
        RetentionKind.IMPORT_FILE: Term(
            "Imported files and refused cells", 1, 395, "Own choice: the lineage of each row stays without them."
        ),
        RetentionKind.CONSENT: Term("Consents that have ended", FIVE_YEARS, FIVE_YEARS, "16 CFR 310.5(a)(8), (b)"),
        RetentionKind.DECISION: Term("Numbers in decisions", FIVE_YEARS, FIVE_YEARS, "16 CFR 310.5(a)(2), (b)"),
        RetentionKind.WEBHOOK: Term(
            "Raw reports of the carrier", 7, 30, "Own choice: the carrier repeats a report for days."
        ),
        RetentionKind.SESSION: Term("Ended sign-ins", 30, 90, "Own choice: the record of acts stays without them."),
    }
)
"""Per kind; counted from the end of a consent or sign-in, else from the record's own instant."""


def fault(kind: RetentionKind, days: int) -> str | None:
    """Say why a term cannot be set; None when it can."""
    term = TERMS[kind]
    if days < term.floor:
        return f"{term.title} are kept for at least {term.floor:,} days ({term.citation.rstrip('.')})."
    if days > LONGEST:
        return f"Give at most {LONGEST:,} days."
    return None
