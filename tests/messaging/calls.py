"""The carrier's calls as the carrier makes them, signed by its own words rather than ours."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import httpx

from leadflow.simulators.carrier import dialect
from leadflow.simulators.carrier.dialect import Sms
from tests.asgi import Api
from tests.messaging.world import ACCOUNT, TOKEN, World

PUBLIC = "http://testserver"
AT = datetime(2026, 12, 2, 18, tzinfo=UTC)


def sms(sid: str, to: str, sender: str, body: str = "") -> Sms:
    """Make a text as the carrier knows it."""
    return Sms(sid, ACCOUNT, to, sender, body, "", "queued", "outbound-api", AT, AT)


class Calls:
    """Calls the two hooks."""

    def __init__(self, api: Api, world: World) -> None:
        self.api, self.world = api, world

    def post(self, target: str, form: dict[str, str], *, token: str = TOKEN, base: str = PUBLIC) -> httpx.Response:
        """POST a form with a signature over ``base`` and ``target``."""
        signature = dialect.sign(token, base + target, form)
        return self.api.post(target, data=form, headers={"X-Twilio-Signature": signature})

    def status(self, message: Any, sid: str, status: str, code: int | None = None) -> httpx.Response:
        """Report on a text of ours."""
        form = dialect.status_form(sms(sid, "+13125550001", self.world.sender_e164), status, code)
        return self.post(f"/hooks/twilio/status?m={message}", form)

    def text(self, person: str, body: str, sid: str | None = None, opt_out: str | None = None) -> httpx.Response:
        """Let a person text us."""
        one = sms(sid or f"SM{abs(hash((person, body))):032x}"[:34], self.world.sender_e164, person, body)
        return self.post("/hooks/twilio/inbound", dialect.inbound_form(one, opt_out))
