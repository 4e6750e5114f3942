"""Change one value of one lead in its place: what was seen is compared first, so that nobody overwrites unseen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from leadflow.identity.rules import require
from leadflow.identity.types import Principal
from leadflow.kernel.db import UnitOfWork
from leadflow.kernel.errors import Invalid
from leadflow.kernel.money import dollars
from leadflow.leads import rules
from leadflow.leads.errors import ChangedMeanwhile, NoSuchLead
from leadflow.leads.filter_types import CUSTOM
from leadflow.leads.queries import editing
from leadflow.leads.queries import fields as queries
from leadflow.leads.service import working
from leadflow.leads.service.bringing import record, refresh_search
from leadflow.leads.service.looking import only, row_of, see
from leadflow.leads.types import Flat, LeadRow
from leadflow.leads.view_types import Cell, FieldRow
from leadflow.properties import service as properties
from models.vocabulary import ActivityKind, FieldKind, LeadStatus, Permission

TAGS = 50
"""Tags that a lead is given in one edit."""


def set_cell(uow: UnitOfWork, actor: Principal, lead_id: UUID, cell: Cell) -> LeadRow:
    """Write one value of a lead, and answer its row as it is then.

    Raises:
        NoSuchLead: it is not there, or not the caller's to see.
        ChangedMeanwhile: the value is not what the caller saw.
        Invalid: the value does not fit.
    """
    require(actor, Permission.LEAD_WRITE)
    if not editing.lock(uow, [lead_id], only(actor)):
        raise NoSuchLead
    edit = _Edit(uow, actor, see(uow, actor, lead_id), cell)
    if cell.name.startswith(CUSTOM):
        edit.own_field()
    elif cell.name in _PLAIN:
        _PLAIN[cell.name](edit)
    else:
        raise Invalid(f"This cannot be changed here, only {', '.join(_PLAIN)} and own fields.", "name")
    return row_of(uow, actor, lead_id)


@dataclass(frozen=True, slots=True)
class _Edit:
    uow: UnitOfWork
    actor: Principal
    flat: Flat
    cell: Cell

    def status(self) -> None:
        self._unchanged(self.flat.status, rules.status_words(LeadStatus(self.flat.status)))
        try:
            wanted = LeadStatus(self.cell.value)
        except ValueError as error:
            raise Invalid("There is no such status.", "value") from error
        working.set_status(self.uow, self.actor, self.flat.lead_id, wanted)

    def assignee(self) -> None:
        present = str(self.flat.assignee_id) if self.flat.assignee_id else None
        self._unchanged(present, self.flat.assignee_name or "nobody")
        value = self.cell.value or None
        try:
            wanted = None if value is None else UUID(str(value))
        except ValueError as error:
            raise Invalid("That is not a member of the team.", "value") from error
        working.assign(self.uow, self.actor, self.flat.lead_id, wanted)

    def tags(self) -> None:
        present = list(self.flat.tag_names)
        self._unchanged(present, ", ".join(present) or "no tags")
        wanted = _words(self.cell.value)
        for name in (tag for tag in present if tag not in wanted):
            working.untag(self.uow, self.actor, self.flat.lead_id, name)
        for name in (tag for tag in wanted if tag not in present):
            working.tag(self.uow, self.actor, self.flat.lead_id, name)

    def value(self) -> None:
        present = self.flat.estimated_value
        self._unchanged(present, "nothing" if present is None else dollars(present))
        given = self.cell.value
        if given is not None and (isinstance(given, bool) or not isinstance(given, int)):
            raise Invalid("Write an amount, in cents.", "value")
        if properties.note_value(self.uow, self.actor, self.flat.property_id, given):
            before, after = (_amount(cents) for cents in (present, given))
            self._tell(f"Est. value: {before} → {after}", present, given)
            refresh_search(self.uow, [self.flat.lead_id])

    def own_field(self) -> None:
        field = self._field()
        held = queries.held(self.uow, [self.flat.lead_id]).get(self.flat.lead_id, {})
        present = held.get(str(field.id))
        self._unchanged(present, rules.field_words(field.kind, present))
        queries.put(self.uow, field.id, self.flat.lead_id, rules.read_field(field, self.cell.value))
        after = queries.held(self.uow, [self.flat.lead_id]).get(self.flat.lead_id, {}).get(str(field.id))
        if after == present:
            return
        before, now = (rules.field_words(field.kind, one) for one in (present, after))
        self._tell(f"{field.name}: {before} → {now}", present, after)
        refresh_search(self.uow, [self.flat.lead_id])

    def _field(self) -> FieldRow:
        try:
            wanted = UUID(self.cell.name.removeprefix(CUSTOM))
        except ValueError as error:
            raise Invalid("There is no such field.", "name") from error
        for field in queries.rows(self.uow):
            if field.id == wanted and field.archived_at is None:
                return field
        raise Invalid("There is no such field. Perhaps it was archived.", "name")

    def _unchanged(self, present: Any, words: str) -> None:  # noqa: ANN401 whatever the cell holds
        if _plain(present) != _plain(self.cell.seen) and _plain(present) != _plain(self.cell.value):
            raise ChangedMeanwhile(words)

    def _tell(self, summary: str, before: Any, after: Any) -> None:  # noqa: ANN401 whatever the cell holds
        detail = {"field": self.cell.name, "from": before, "to": after}
        kind = ActivityKind.EDITED
        record(self.uow, self.flat.lead_id, kind, summary, actor_id=self.actor.user_id, detail=detail)


_PLAIN: dict[str, Callable[[_Edit], None]] = {
    "status": _Edit.status,
    "assignee": _Edit.assignee,
    "tags": _Edit.tags,
    "value": _Edit.value,
}


def _amount(cents: int | None) -> str:
    return rules.field_words(FieldKind.MONEY, cents)


def _words(value: Any) -> list[str]:  # noqa: ANN401 whatever JSON holds
    words = cast("list[object]", value) if isinstance(value, list) else None
    if words is None or len(words) > TAGS or not all(isinstance(word, str) for word in words):
        raise Invalid(f"Tags are at most {TAGS} words.", "value")
    return [str(word).strip() for word in words if str(word).strip()]


def _plain(value: Any) -> Any:  # noqa: ANN401 whatever a cell holds
    """Write a value so that what a browser says of it compares: nothing is nothing, order is no difference."""
    if value in ("", [], None, ()):
        return None
    if isinstance(value, list | tuple):
        return sorted(str(word) for word in cast("list[object]", value))
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value
