"""Short links: in place of long ones when a campaign's texts are written, and followed by whoever got them."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from leadflow.kernel.db import Database, UnitOfWork
from leadflow.leads import service as leads
from leadflow.leads.types import Moment
from leadflow.messaging.queries import links as queries
from leadflow.messaging.rules.links import CODE, Shortened, by_a_machine, leads_out, shorten
from leadflow.messaging.types import Draft
from models.vocabulary import ActivityKind


def shortened(uow: UnitOfWork, drafts: Sequence[Draft]) -> tuple[str, list[Draft], list[Shortened]]:
    """Put short links in the place of long ones, where the organisation has a domain for them.

    Returns:
        The domain, the drafts as they will be sent, and of each what its links lead to.
    """
    domain = queries.domain(uow)
    found = [shorten(draft.body, domain) for draft in drafts]
    return domain, [draft._replace(body=one.body) for draft, one in zip(drafts, found, strict=True)], found


def keep(
    uow: UnitOfWork, domain: str, campaign_id: UUID, step: int, drafts: Sequence[Draft], found: Sequence[Shortened]
) -> None:
    """Write down where the links of texts lead that were written just now."""
    rows = [
        (draft.e164, draft.attempt, code, target)
        for draft, one in zip(drafts, found, strict=True)
        for code, target in one.targets
    ]
    if rows:
        queries.write(uow, domain, campaign_id, step, rows)


def follow(db: Database, host: str, code: str, *, method: str, agent: str, purpose: str) -> str | None:
    """Say where a link leads, and count the visit; None where there is none, whatever the reason.

    The first visit of a person stands on the timeline, once a text; a machine's look ahead is counted apart.

    Args:
        db: links are asked for by people who name no organisation.
        host: the name under which we were called; a link answers only under the one that it was written for.
        code: as it was asked for.
        method: of the request.
        agent: ``User-Agent``.
        purpose: ``Sec-Purpose`` or ``Purpose``.
    """
    if not CODE.fullmatch(code):
        return None
    with db.begin() as uow:
        owner = queries.owner(uow, host, code)
    if owner is None:
        return None
    org_id, link_id = owner
    with db.begin(org_id) as uow:
        visit = queries.visit(uow, link_id, uow.now(), machine=by_a_machine(method, agent, purpose))
        if visit is None or not leads_out(visit.target):
            return None
        if visit.first and visit.lead_id is not None:
            detail = {"message_id": str(visit.message_id)}
            moment = Moment(visit.lead_id, ActivityKind.CLICKED, "Opened the link in a text.", None, detail, uow.now())
            leads.record_many(uow, [moment])
            leads.touch(uow, [visit.lead_id], uow.now())
    return visit.target
