"""What becomes of every column that names a person, a property or a lead when two of them are made one.

A test walks all tables for columns that may name one of them and fails where nothing is decided here, so that no table
that is added later is forgotten.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class How(StrEnum):
    """What becomes of one reference."""

    MOVE = "move"
    """The row names the survivor from now on."""
    FOLD = "fold"
    """The same, and where the survivor has such a row already, the two become one."""
    KEEP = "keep"
    """Append-only: the row stays as it is, and ``merged_record`` says who that is today."""
    DERIVED = "derived"
    """Made from other rows; made anew."""
    OWN = "own"
    """A row of this room, with a rule of its own in ``queries``."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A column that names a record.

    Attributes:
        of: ``person``, ``property`` or ``lead``.
        how: what becomes of it.
        key: of ``FOLD``: the columns that, with the named one, no two rows may share.
        fold: of ``FOLD``: columns of the row that stays, each as SQL over ``a`` (it) and ``b`` (the one that goes).
        among: of ``FOLD``: of which rows that is true, as SQL over ``x``; all.
    """

    of: str
    how: How = How.MOVE
    key: tuple[str, ...] = ()
    fold: Mapping[str, str] = field(default_factory=dict[str, str])
    among: str = "true"


PERSON, PROPERTY, LEAD = "person", "property", "lead"
SUBJECTS = (PERSON, PROPERTY, LEAD)

REFERENCES: dict[tuple[str, str], Reference] = {
    # Of a person
    ("property_party", "person_id"): Reference(
        PERSON,
        How.FOLD,
        ("property_id", "role"),
        {"position": "least(a.position, b.position)", "surviving_spouse": "a.surviving_spouse or b.surviving_spouse"},
    ),
    ("person_phone", "person_id"): Reference(
        PERSON, How.FOLD, ("phone_id",), {"rank": "least(a.rank, b.rank)", "note": "coalesce(a.note, b.note)"}
    ),
    ("email_address", "person_id"): Reference(PERSON, How.FOLD, ("email",)),
    ("consent", "person_id"): Reference(PERSON),
    ("suppression", "person_id"): Reference(
        PERSON,
        How.FOLD,
        ("kind", "e164", "address_key"),
        {"at": "least(a.at, b.at)"},
        "x.released_at is null and (x.e164 is not null or x.phone_key is null)",
    ),
    ("message", "person_id"): Reference(PERSON),
    ("phone_call", "person_id"): Reference(PERSON),
    ("conversation", "person_id"): Reference(PERSON),
    ("audience_member", "person_id"): Reference(PERSON),
    ("evidence_pack", "person_id"): Reference(PERSON),
    ("legal_hold", "person_id"): Reference(PERSON),
    ("decision", "person_id"): Reference(PERSON, How.KEEP),
    ("erasure", "person_id"): Reference(PERSON, How.KEEP),
    ("lead_search", "best_person_id"): Reference(PERSON, How.DERIVED),
    # Of a property
    ("lead", "property_id"): Reference(PROPERTY),
    ("property_party", "property_id"): Reference(
        PROPERTY,
        How.FOLD,
        ("person_id", "role"),
        {"position": "least(a.position, b.position)", "surviving_spouse": "a.surviving_spouse or b.surviving_spouse"},
    ),
    ("property_fact", "property_id"): Reference(PROPERTY, How.FOLD, ("field", "source", "source_id")),
    ("import_row", "property_id"): Reference(PROPERTY),
    # An import that is taken back gives the survivor's own values back.
    ("import_change", "property_id"): Reference(PROPERTY, How.FOLD, ("import_id",)),
    ("message", "property_id"): Reference(PROPERTY),
    ("phone_call", "property_id"): Reference(PROPERTY),
    ("audience_member", "property_id"): Reference(PROPERTY),
    ("geocode_run_property", "property_id"): Reference(PROPERTY, How.FOLD, ("run_id",)),
    ("lead_search", "property_id"): Reference(PROPERTY, How.DERIVED),
    # Of a lead
    ("lead_list_entry", "lead_id"): Reference(
        LEAD,
        How.FOLD,
        ("list_id",),
        {
            "first_seen_at": "least(a.first_seen_at, b.first_seen_at)",
            "last_seen_at": "greatest(a.last_seen_at, b.last_seen_at)",
        },
    ),
    ("lead_tag", "lead_id"): Reference(LEAD, How.FOLD, ("tag_id",)),
    # What the survivor holds in a field stands, as a whole.
    ("custom_value", "lead_id"): Reference(LEAD, How.FOLD, ("field_id",)),
    # What a bulk edit did to the survivor can still be undone.
    ("bulk_entry", "lead_id"): Reference(LEAD, How.FOLD, ("edit_id",)),
    ("task", "lead_id"): Reference(LEAD),
    ("activity", "lead_id"): Reference(LEAD),
    ("mention", "lead_id"): Reference(LEAD),
    ("message", "lead_id"): Reference(LEAD),
    ("phone_call", "lead_id"): Reference(LEAD),
    ("conversation", "lead_id"): Reference(LEAD),
    ("import_row", "lead_id"): Reference(LEAD),
    # Two members of one campaign become one before these move (queries.audiences).
    ("audience_member", "lead_id"): Reference(LEAD),
    ("audience_member", "covered_by"): Reference(LEAD),
    ("decision", "lead_id"): Reference(LEAD, How.KEEP),
    ("lead_search", "lead_id"): Reference(LEAD, How.DERIVED),
    # Of whatever is on record
    ("audit_event", "subject_id"): Reference(PERSON, How.KEEP),
    ("audit_leaf", "source_id"): Reference(PERSON, How.KEEP),
    ("earlier_state", "subject_id"): Reference(PERSON, How.KEEP),
    # Of this room
    ("duplicate_pair", "one_id"): Reference(PERSON, How.OWN),
    ("duplicate_pair", "other_id"): Reference(PERSON, How.OWN),
    ("record_merge", "survivor_id"): Reference(PERSON, How.KEEP),
    ("record_merge", "loser_id"): Reference(PERSON, How.KEEP),
    ("record_merge", "lead_id"): Reference(LEAD, How.KEEP),
    ("merged_record", "survivor_id"): Reference(PERSON, How.OWN),
    ("merged_record", "loser_id"): Reference(PERSON, How.KEEP),
    ("merged_record", "property_id"): Reference(PROPERTY, How.KEEP),
}
"""By table and column."""

ELSEWHERE = frozenset(
    {
        *("user_id", "actor_id", "owner_id", "assignee_id", "approver_id", "asked_by", "decided_by", "by_id"),
        *("import_id", "job_id", "campaign_id", "message_id", "conversation_id", "decision_id", "sender_number_id"),
        *("pool_id", "list_id", "tag_id", "task_id", "run_id", "pack_id", "file_id", "export_id", "draw_id"),
        *(
            "search_id",
            "entry_id",
            "merge_id",
            "edit_id",
            "suppression_id",
            "restore_id",
            "session_id",
            "source_id",
            "parent_id",
            "child_id",
        ),
    }
)
"""Names of columns that name something else, in whatever table."""
NEVER_MERGED = frozenset({"phone_id", "best_phone_id"})
"""A number is one row an organisation, so there are no two of them to make one."""
OF_SOMETHING_ELSE = frozenset({("budget", "subject_id")})


def moving(subject: str) -> tuple[tuple[str, str, Reference], ...]:
    """List what names a record of a kind and follows it to the survivor, in the order in which it moves."""
    return tuple(
        (table, column, reference)
        for (table, column), reference in REFERENCES.items()
        if reference.of == subject and reference.how in {How.MOVE, How.FOLD}
    )
