"""What an erasure leaves as it is, table by table or column by column, each with its reason. Pure.

Free text of every other column of an organisation's tables is swept for the person; a table that is added later is
swept from its first day.
"""

from __future__ import annotations

from leadflow.retention.types import Kept, Subject

STRUCTURED = "a field of its own: the statements of the erasure empty the person's, and another's is not theirs"
SEALED = "append-only and sealed: it holds ids, counts and a keyed hash, never a name or a number"
OURS = "about our own members and settings"
WORDS = "words of the vocabulary"

NOT_SWEPT: dict[str, str] = {
    "audit_event": SEALED,
    "audit_leaf": SEALED,
    "audit_seal": SEALED,
    "decision": SEALED,
    "drill_run": "about made-up cases",
    "earlier_state": "append-only: states, ZIP codes, roles, a day of death and ids, never a name, number or street",
    "consent.purpose": "part of the ledger: emptied of the person's own words with the number, else unchangeable",
    "consent.source": "the same",
    "consent_artefact": "documents of the person's consents are deleted whole; their hashes stay in the ledger",
    "person": STRUCTURED,
    "phone": STRUCTURED,
    "email_address": STRUCTURED,
    "property": STRUCTURED,
    "property_fact": STRUCTURED,
    "lead_search": "derived: written anew from the tables",
    "api_key": OURS,
    "approval": OURS,
    "invitation": OURS,
    "membership": OURS,
    "session": OURS,
    "mail": "goes to members only, and its text is sealed",
    "provider_credential": OURS,
    "retention_rule": OURS,
    "erasure": "a tombstone: its reference is refused where it names the person",
    "review_draw.statement": SEALED,
    "registry_file": "a registry's list and the name of its file; its numbers are bits",
    "rule_pack": "texts of law",
    "idempotency_key": "answers that name the person are deleted whole",
}
"""Tables (or ``table.column``) that the sweep of free text passes by, and why."""


STANDS = (
    Kept("Receipts of every decision", "They prove what was and was not sent; they name the number by hash only."),
    Kept("Suppressions, by keyed hash", "So that the number stays closed when a list brings it again."),
    Kept("Consents, without the number", "16 CFR 310.5 asks for five years; the keyed hash stands for the number."),
    Kept("When and by whom texts were sent", "The delivery record, without its words and its number."),
)
"""What stays of everybody, and why."""


def stays(subject: Subject) -> tuple[Kept, ...]:
    """Say what stays of a person, and why."""
    told = list(STANDS)
    if subject.shared:
        told.append(
            Kept(f"{len(subject.shared)} number(s) shared with others", "They are another person's numbers as well.")
        )
    if subject.other_properties:
        told.append(
            Kept(f"{subject.other_properties} propert(ies) with other parties", "The parcel is theirs as well.")
        )
    return tuple(told)
