"""Short links of organisations' own domains: led on to the address that was stored, or to nothing."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from leadflow.api.deps import PUBLIC, Db
from leadflow.identity import service as identity
from leadflow.kernel.errors import NotFound
from leadflow.messaging import service as messaging

router = APIRouter(tags=["links"])


@router.head("/l/{code}", dependencies=[PUBLIC], response_class=Response)
def look(request: Request, db: Db, code: str) -> Response:
    """Say where a link points, as machines ask."""
    return _led(request, db, code)


@router.get("/l/{code}", dependencies=[PUBLIC], response_class=Response)
def follow(request: Request, db: Db, code: str) -> Response:
    """Lead to where a link points; every other answer is the same, and whoever tries many waits."""
    return _led(request, db, code)


def _led(request: Request, db: Db, code: str) -> Response:
    headers = request.headers
    target = messaging.follow(
        db,
        headers.get("host", "").lower(),
        code,
        method=request.method,
        agent=headers.get("user-agent", ""),
        purpose=headers.get("sec-purpose", headers.get("purpose", "")),
    )
    if target is None:
        identity.count_failure(db, "link", request.client.host if request.client else "")
        raise NotFound
    # No referrer: the address of the link is nobody else's business.
    return Response(status_code=302, headers={"location": target, "referrer-policy": "no-referrer"})
