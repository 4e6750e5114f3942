"""Changes leads and tells what to write on their timelines: status, lists, tags."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from leadflow.kernel.db import UnitOfWork
from leadflow.leads import rules
from leadflow.leads.queries import editing
from leadflow.leads.types import Change, Moment
from models.vocabulary import ActivityKind


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
            summary = f"{rules.LEFT[kind]} {found[1]}"
            moments += [
                Moment(key, ActivityKind.EDITED, summary, detail={"left": kind, "id": str(found[0]), **said})
                for key, said in editing.leave(uow, kind, found[0], ids)
            ]
    return moments
