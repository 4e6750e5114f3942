"""The pipeline as a board: a column a status, with how many and what they are worth; cards page by page."""

from __future__ import annotations

from leadflow.identity.types import Principal
from leadflow.kernel.db import UnitOfWork
from leadflow.kernel.errors import Invalid
from leadflow.kernel.paging import Page
from leadflow.leads import rules
from leadflow.leads.queries import board as queries
from leadflow.leads.service.looking import narrowed, page
from leadflow.leads.types import LeadFilter
from leadflow.leads.work_types import Card, Stage
from models.vocabulary import LeadStatus


def board(uow: UnitOfWork, actor: Principal, chosen: LeadFilter) -> tuple[Stage, ...]:
    """Count the leads of a filter by status, in the order of the pipeline; only the statuses that it names."""
    found = queries.stages(uow, narrowed(uow, actor, chosen))
    return tuple(
        Stage(status, *found.get(status, (0, 0)))
        for status in LeadStatus
        if not chosen.status or status in chosen.status
    )


def cards(
    uow: UnitOfWork, actor: Principal, chosen: LeadFilter, status: LeadStatus, after: str | None = None, limit: int = 20
) -> Page[Card]:
    """Read the cards of one column, the newest lead first.

    Raises:
        Invalid: the filter leaves this status out, or the cursor is not one of ours.
    """
    if chosen.status and status not in chosen.status:
        raise Invalid("The filter leaves this status out.", "status")
    found = page(uow, actor, chosen.model_copy(update={"status": (status,)}), "status", "desc", after, limit)
    stood, now = queries.since(uow, [row.id for row in found.rows]), uow.now()
    made = tuple(rules.board_card(row, stood.get(row.id, row.added_at), now) for row in found.rows)
    return Page(made, found.next, found.count, found.at_least)
