"""The search over everything, over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from leadflow.api.answers import answer, answer_page
from leadflow.api.deps import After, Limit, Work, allow
from leadflow.search import service as search
from models.vocabulary import Permission, SearchKind

router = APIRouter(prefix="/api/v1/search", tags=["search"])

READ = [allow(Permission.LEAD_READ)]
Typed = Annotated[str, Query(max_length=200)]


@router.get("", dependencies=READ)
def everything(
    desk: Work,
    q: Typed,
    kinds: Annotated[list[SearchKind] | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=20)] = 5,
) -> Response:
    """Find the closest of each kind that the caller may see, exact ones first; ``limit`` is of each kind."""
    return answer(search.search(desk.uow, desk.actor, q, kinds or (), limit))


@router.get("/{kind}", dependencies=READ)
def of_kind(desk: Work, kind: SearchKind, q: Typed, after: After = None, limit: Limit = 50) -> Response:
    """List what is found of one kind, exact ones first; ``at_least`` where there are more than are ranked."""
    return answer_page(search.of_kind(desk.uow, desk.actor, kind, q, after or None, limit))
