"""Changes leads and tells what to write on their timelines: status, lists, tags."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from leadflow.kernel.db import UnitOfWork
from leadflow.leads import rules
from leadflow.leads.filter_types import CUSTOM
from leadflow.leads.queries import editing, fields, removing
from leadflow.leads.types import Change, Moment
from models.vocabulary import ActivityKind, LeadStatus


def status(uow: UnitOfWork, ids: Sequence[UUID], change: Change) -> list[Moment]:
    """Move leads that are locked to another status."""
    if change.status is None:
        return []
    return [
        Moment(
            lead_id,
            ActivityKind.STATUS,
            f"{rules.status_words(before)} → {rules.status_words(change.status)}",
            detail={"from": before.value, "to": change.status.value},
        )
        for lead_id, before in editing.set_status(uow, ids, change.status)
    ]


def assignee(uow: UnitOfWork, ids: Sequence[UUID], user_id: UUID | None, name: str | None) -> list[Moment]:
    """Give leads that are locked to a member, or to nobody."""
    summary, now = f"Assigned to {name}" if name else "Assigned to nobody", _word(user_id)
    return [
        Moment(key, ActivityKind.EDITED, summary, detail={"assignee_id": now, "before": _word(before)})
        for key, before in editing.assign(uow, ids, user_id)
    ]


def _word(user_id: UUID | None) -> str | None:
    return None if user_id is None else str(user_id)


def groups(uow: UnitOfWork, ids: Sequence[UUID], change: Change) -> list[Moment]:
    """Put leads that are locked on lists and under tags, or take them away."""
    moments = list[Moment]()
    for kind, word, field in (("tag", change.add_tag, "name"), ("list", change.add_list, "name")):
        if word is not None:
            group_id, name = editing.make_group(uow, kind, rules.written(word, field, rules.NAME_LENGTH))
            detail = {"joined": kind, "id": str(group_id), "at": uow.now().isoformat()}
            moments += [
                Moment(key, ActivityKind.EDITED, f"{rules.JOINED[kind]} {name}", detail=detail)
                for key in editing.join(uow, kind, group_id, ids, uow.now())
            ]
    for kind, word in (("tag", change.remove_tag), ("list", change.remove_list)):
        found = editing.group_named(uow, kind, word) if word is not None else None
        if found is not None:
            moments += _left(uow, kind, *found, ids)
    return moments


def begin_anew(uow: UnitOfWork, ids: Sequence[UUID]) -> list[Moment]:
    """Take from leads that are locked what the team put on them; ``removing.forget`` names the rest."""
    moments = [*status(uow, ids, Change(status=LeadStatus.NEW)), *assignee(uow, ids, None, None)]
    for kind in editing.GROUPS:
        for group_id, name in editing.groups_of(uow, kind, ids):
            moments += _left(uow, kind, group_id, name, ids)
    held = fields.held(uow, ids)
    for lead_id, rows in removing.forget(uow, ids).items():
        changes = [
            {"field": f"{CUSTOM}{key}", "from": value, "to": None} for key, value in held.get(lead_id, {}).items()
        ]
        summary = "Own fields and open tasks taken away"
        moments.append(Moment(lead_id, ActivityKind.EDITED, summary, detail={"changes": changes, "forgotten": rows}))
    return moments


def _left(uow: UnitOfWork, kind: str, group_id: UUID, name: str, ids: Sequence[UUID]) -> list[Moment]:
    return [
        Moment(
            key, ActivityKind.EDITED, f"{rules.LEFT[kind]} {name}", detail={"left": kind, "id": str(group_id), **said}
        )
        for key, said in editing.leave(uow, kind, group_id, ids)
    ]
