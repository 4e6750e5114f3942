"""The two addresses that the carrier calls.

Their routes carry no session: each call is signed, over the configured public address. They answer in the
carrier's own way (TwiML, or nothing).
"""

from __future__ import annotations

from functools import partial
from typing import Annotated
from urllib.parse import parse_qsl

import anyio
import anyio.to_thread
from anyio.lowlevel import RunVar
from fastapi import APIRouter, Depends, Request, Response

from leadflow.api.deps import PUBLIC, Db
from leadflow.kernel.errors import Invalid
from leadflow.messaging import service as messaging
from leadflow.messaging.types import Webhook

hooks = APIRouter(prefix="/hooks/twilio", tags=["webhooks"])

LONGEST_CALL = 64 * 1024
"""Bytes of a webhook; the carrier's are far smaller."""
REPORTS_AT_ONCE = 2
"""Reports that are written at a time. A large campaign brings hundreds a second, and one that waits costs nobody
anything; a STOP that waits behind them does, so that they leave it threads and connections."""
TEXTS_AT_ONCE = 4
"""Texts of people that are taken at a time. A storm of STOPs is over sooner in few threads: each more works over a new
connection, whose first statements cost ten times those of a warm one, and all of them want the same two cores."""
NOTHING = b'<?xml version="1.0" encoding="UTF-8"?><Response/>'
"""TwiML that sends nothing: what we have to say goes through the gate."""


async def signed(request: Request) -> Webhook:
    """Read a call of the carrier's, up to a bounded size; whether it is genuine is the service's to say.

    Raises:
        Invalid: it is too long or not a form.
    """
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LONGEST_CALL:
            raise Invalid("This call is too long.")
    try:
        params = dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=200))
    except ValueError as error:
        raise Invalid("This call is not a form.") from error
    target = request.scope["raw_path"].decode("latin-1").partition("?")[0]
    if query := request.scope["query_string"].decode("latin-1"):
        target += "?" + query
    return Webhook(
        target=target,
        params=params,
        signature=request.headers.get("x-twilio-signature", ""),
        settings=request.headers.get("x-twilio-webhooks-signature-settings"),
    )


Signed = Annotated[Webhook, Depends(signed)]


@hooks.post("/status", status_code=204, dependencies=[PUBLIC])
async def status(db: Db, webhook: Signed) -> None:
    """Take the carrier's report on one of our texts."""
    taken = partial(messaging.status_callback, db, webhook)
    await anyio.to_thread.run_sync(taken, limiter=_slots(_REPORTS, REPORTS_AT_ONCE))


_REPORTS, _TEXTS = RunVar[anyio.CapacityLimiter]("reports"), RunVar[anyio.CapacityLimiter]("texts")


def _slots(kind: RunVar[anyio.CapacityLimiter], at_once: int) -> anyio.CapacityLimiter:
    """Answer the slots of this event loop for one kind of call."""
    try:
        return kind.get()
    except LookupError:
        made = anyio.CapacityLimiter(at_once)
        kind.set(made)
        return made


@hooks.post("/inbound", dependencies=[PUBLIC], response_class=Response)
async def inbound(db: Db, webhook: Signed) -> Response:
    """Take a text that somebody sent us; an opt-out is in force when this is answered."""
    await anyio.to_thread.run_sync(partial(messaging.inbound, db, webhook), limiter=_slots(_TEXTS, TEXTS_AT_ONCE))
    return Response(NOTHING, media_type="text/xml")
