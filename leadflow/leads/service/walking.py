"""Walk the list from an open lead, tell which part of a filter left nothing, and offer what a filter may be asked."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from leadflow.identity import service as identity
from leadflow.identity.rules import may, require
from leadflow.identity.types import Principal
from leadflow.kernel.db import UnitOfWork
from leadflow.kernel.errors import Invalid
from leadflow.leads import filter_types
from leadflow.leads.queries import choices as offered
from leadflow.leads.queries import fields, listing
from leadflow.leads.service.looking import narrowed, only, see, sort_named
from leadflow.leads.types import COUNT_UP_TO, Direction, Flat, LeadFilter, Named
from leadflow.leads.view_types import Asked, AskedField, Step, Steps, Without
from models.vocabulary import Permission

PARTS = 16
"""Parts of a filter that are tried without; a longer one is told of its first."""


def steps(
    uow: UnitOfWork,
    actor: Principal,
    chosen: LeadFilter,
    sort: str,
    direction: Direction,
    lead_id: UUID,
    mark: str | None = None,
) -> Steps:
    """Tell who stands before and behind a lead in the list of a filter.

    Args:
        uow: the caller's transaction.
        actor: who walks; an agent walks assigned leads only.
        chosen: the filter; the lead need not be in it any more.
        sort: a name of ``listing.SORTS``.
        direction: of the list.
        lead_id: the open lead.
        mark: where it stood when it was opened; without it, where it stands now.

    Raises:
        NoSuchLead: it is not there, or not the caller's to see.
        Invalid: the sort or the mark is not one of ours.
    """
    see(uow, actor, lead_id)
    order = sort_named(sort)
    here = mark or _mark_of(order, direction, listing.standing(uow, lead_id, order))
    at = listing.mark(order, direction, here)
    where = narrowed(uow, actor, chosen)
    # The lead itself may have moved behind its old place; nobody steps from a lead to the same one.
    where.add("s.lead_id <> %(w_here)s", w_here=lead_id)
    behind = listing.page(uow, where, order, direction, at, 1).rows
    before = listing.before(uow, where, order, direction, at)
    return Steps(here, _step(order, direction, before), _step(order, direction, behind[0] if behind else None))


def _step(order: listing.Sort, direction: Direction, found: Flat | None) -> Step | None:
    return None if found is None else Step(found.lead_id, listing.cursor(order, direction, found))


def _mark_of(order: listing.Sort, direction: Direction, found: Flat | None) -> str:
    if found is None:
        msg = "a lead that was just seen has no flat row"
        raise RuntimeError(msg)
    return listing.cursor(order, direction, found)


def without(uow: UnitOfWork, actor: Principal, chosen: LeadFilter) -> tuple[Without, ...]:
    """Count the leads that there would be without each part of a filter: tells which part removed them."""
    parts: list[tuple[str, str, LeadFilter]] = [
        (name, "", chosen.model_copy(update={name: LeadFilter.model_fields[name].default}))
        for name in chosen.as_dict()
        if name != "where"
    ]
    for place, chip in enumerate(chosen.where):
        rest = tuple(one for number, one in enumerate(chosen.where) if number != place)
        parts.append(("where", filter_types.write(chip), chosen.model_copy(update={"where": rest})))
    return tuple(
        Without(name, chip, listing.count(uow, narrowed(uow, actor, less), COUNT_UP_TO + 1))
        for name, chip, less in parts[:PARTS]
    )


def choices(uow: UnitOfWork, actor: Principal, field: str, q: str = "") -> list[str]:
    """List values that a field of the list has, at most ``offered.LIMIT``; those that begin with ``q``.

    Raises:
        Invalid: the field's values are not offered.
    """
    require(actor, Permission.LEAD_READ)
    if field not in offered.COLUMNS:
        raise Invalid(f"Choose one of {', '.join(offered.COLUMNS)}.", "field")
    return offered.values(uow, field, q, only(actor))


def asked(uow: UnitOfWork, actor: Principal) -> Asked:
    """Tell whoever builds a filter every field that narrows the list, and what each can be asked."""
    require(actor, Permission.LEAD_READ)
    ours = {
        name: _described(field.label, field.kind, field.words, field.also)
        for name, field in filter_types.FIELDS.items()
    }
    own = {
        f"{filter_types.CUSTOM}{row.id}": _described(row.name, filter_types.OF_CUSTOM[row.kind], row.options)
        for row in fields.rows(uow)
        if row.archived_at is None
    }
    people = identity.members(uow, actor) if may(actor, Permission.MEMBER_READ) else ()
    return Asked(
        ours | own,
        offered.names(uow, "lead_list"),
        offered.names(uow, "tag"),
        [Named(member.id, member.name) for member in people if member.active],
    )


def _described(label: str, kind: filter_types.Kind, words: Sequence[str] | None, also: str = "") -> AskedField:
    return AskedField(label, kind, list(filter_types.OPS[kind]), list(words) if words else None, also)
