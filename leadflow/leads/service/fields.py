"""The organisation's own fields: made, changed and archived here; what imports bring is taken over into them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from leadflow.audit import service as audit
from leadflow.identity.rules import require
from leadflow.identity.types import Principal
from leadflow.jobs import service as jobs
from leadflow.kernel.db import Database, UnitOfWork
from leadflow.kernel.errors import Conflict, Invalid, NotFound
from leadflow.leads import rules
from leadflow.leads.queries import fields as queries
from leadflow.leads.service.bringing import record_many, refresh_search
from leadflow.leads.types import Moment
from leadflow.leads.view_types import FieldChange, FieldInput, FieldRow, Stored
from models.leads import CustomField
from models.vocabulary import ActivityKind, FieldKind, JobKind, Permission

FIELDS_LIMIT = 100
"""Fields that an organisation may have at once. Own choice."""
CHUNK = 5_000
SAMPLE = 2_000
"""Newest properties that are looked through for columns that no field has."""


def custom_fields(uow: UnitOfWork, actor: Principal) -> list[FieldRow]:
    """List the fields in the order of their columns, archived ones too."""
    require(actor, Permission.LEAD_READ)
    return queries.rows(uow)


def unclaimed_headers(uow: UnitOfWork, actor: Principal) -> list[tuple[str, int]]:
    """List columns that files brought and that no field has taken over, most frequent first."""
    require(actor, Permission.FIELD_WRITE)
    taken = {row.header for row in queries.rows(uow)}
    return [(header, count) for header, count in queries.headers(uow, SAMPLE) if header not in taken]


def make_field(uow: UnitOfWork, actor: Principal, given: FieldInput) -> UUID:
    """Make a field; where it takes a column over, a job fills it with what files have brought.

    Raises:
        Conflict: there is one of that name, or there are too many.
        Invalid: a select without words.
    """
    require(actor, Permission.FIELD_WRITE)
    present = queries.rows(uow)
    if sum(row.archived_at is None for row in present) >= FIELDS_LIMIT:
        raise Conflict(f"An organisation has at most {FIELDS_LIMIT} fields. Archive one first.")
    _free(uow, given.name, None)
    options = _options(given.kind, given.options)
    position = max((row.position for row in present), default=0) + 1
    made = CustomField(
        org_id=uow.org(),
        name=given.name,
        kind=given.kind,
        options=options,
        header=given.header or None,
        position=position,
    )
    uow.session.add(made)
    uow.session.flush()
    audit.record(uow, actor.user_id, "field.made", "custom_field", made.id, {"name": given.name, "kind": given.kind})
    if made.header:
        _fill(uow, actor, made.id)
    return made.id


def change_field(uow: UnitOfWork, actor: Principal, field_id: UUID, given: FieldChange) -> None:
    """Rename a field, change its words, its place or the column that it takes over; values stay.

    Raises:
        NotFound: there is none.
        Conflict: there is another of that name.
        Invalid: a select without words.
    """
    require(actor, Permission.FIELD_WRITE)
    row, found = _held(uow, field_id)
    if given.name is not None:
        _free(uow, given.name, field_id)
        found.name = given.name
    if given.options is not None:
        found.options = _options(row.kind, given.options)
    if given.position is not None:
        found.position = given.position
    changed = given.model_dump(mode="json", exclude_none=True)
    if given.header is not None and (given.header or None) != row.header:
        found.header = given.header or None
        if found.header:
            _fill(uow, actor, field_id)
    uow.session.flush()
    audit.record(uow, actor.user_id, "field.changed", "custom_field", field_id, changed)


def archive_field(uow: UnitOfWork, actor: Principal, field_id: UUID) -> None:
    """Take a field out of the list, the filters and the imports; its values stay for ``revive_field``."""
    _archive(uow, actor, field_id, uow.now(), "field.archived")


def revive_field(uow: UnitOfWork, actor: Principal, field_id: UUID) -> None:
    """Bring an archived field back with its values."""
    _archive(uow, actor, field_id, None, "field.revived")


def _archive(uow: UnitOfWork, actor: Principal, field_id: UUID, at: datetime | None, act: str) -> None:
    require(actor, Permission.FIELD_WRITE)
    row, found = _held(uow, field_id)
    if (row.archived_at is None) == (at is None):
        return
    found.archived_at = at
    uow.session.flush()
    audit.record(uow, actor.user_id, act, "custom_field", field_id, {"name": row.name})


def _held(uow: UnitOfWork, field_id: UUID) -> tuple[FieldRow, CustomField]:
    row, found = queries.row(uow, field_id), uow.session.get(CustomField, (uow.org(), field_id))
    if row is None or found is None:
        raise NotFound("This field does not exist.")
    return row, found


def _free(uow: UnitOfWork, name: str, but: UUID | None) -> None:
    taken = queries.named(uow, name)
    if taken is not None and taken != but:
        raise Conflict(f"There is a field named {name} already, perhaps an archived one. Choose another name.")


def _options(kind: FieldKind, given: Sequence[str]) -> list[str]:
    words = list(dict.fromkeys(given))
    if kind in {FieldKind.SELECT, FieldKind.MULTI_SELECT}:
        if not words:
            raise Invalid("Write the words to choose from, one a line.", "options")
        return words
    if words:
        raise Invalid("Only a select has words to choose from.", "options")
    return []


# Taking over what files brought


def _fill(uow: UnitOfWork, actor: Principal, field_id: UUID) -> None:
    jobs.enqueue(uow, JobKind.FIELD_FILL, payload={"field_id": str(field_id)}, actor_id=actor.user_id)


def fill_field(db: Database, org_id: UUID, field_id: UUID, actor_id: UUID | None = None) -> int:
    """Fill a field with what files said under its header, chunk after chunk; what a person wrote stays.

    What does not read as the field's kind stays in ``property.extra`` and is left out here.

    Args:
        db: each chunk is written in a transaction of its own.
        org_id: whose.
        field_id: the field; one that is archived, or has no header, takes nothing.
        actor_id: who gave it the header, for the timelines.

    Returns:
        Leads whose value changed.
    """
    changed, last = 0, UUID(int=0)
    while True:
        with db.begin(org_id) as uow:
            field = queries.row(uow, field_id)
            if field is None or field.header is None or field.archived_at is not None:
                return changed
            said = queries.raw(uow, field.header, last, CHUNK)
            if not said:
                return changed
            taken = queries.take(uow, field, _read(field, said))
            summary, header = f"{field.name}: taken over from its file", {"header": field.header}
            record_many(
                uow, [Moment(lead, ActivityKind.EDITED, summary, actor_id, one | header) for lead, one in taken.items()]
            )
            if field.kind in rules.SEARCHED_KINDS:
                refresh_search(uow, list(taken))
            changed, last = changed + len(taken), said[-1][0]


def _read(field: FieldRow, said: Sequence[tuple[UUID, str | None]]) -> dict[UUID, list[Stored]]:
    values = {lead: rules.read_imported(field, text) for lead, text in said if text}
    return {lead: several for lead, several in values.items() if several}
