"""How this process reaches the carrier and tells its webhooks from forged ones."""

from __future__ import annotations

from uuid import UUID

from leadflow.kernel.clock import Clock
from leadflow.messaging.errors import ForgedWebhook, WebhookSecretMissing
from leadflow.messaging.providers.port import Carrier
from leadflow.messaging.providers.twilio import TwilioCarrier, TwilioWebhooks
from leadflow.messaging.types import Carriers, Webhook

STATUS_PATH = "/hooks/twilio/status"
"""Where the carrier reports; the text's id follows as ``m``."""
INBOUND_PATH = "/hooks/twilio/inbound"
"""Where the carrier posts what people send us."""

_carriers: Carriers | None = None


def configure(carriers: Carriers) -> None:
    """Tell this process its carrier; called once by the door at start."""
    global _carriers  # noqa: PLW0603 one carrier a process, read from the settings at start
    _carriers = carriers


def configured() -> Carriers:
    """Answer the carrier of this process.

    Raises:
        RuntimeError: the process was started without one.
    """
    if _carriers is None:
        msg = "messaging.service.configure was not called"
        raise RuntimeError(msg)
    return _carriers


def open_carrier(clock: Clock) -> Carrier:
    """Open a line to the carrier; it lives in one event loop and must be closed."""
    known = configured()
    return TwilioCarrier(known.api_url, known.account_sid, known.auth_token, clock)


def callback_address(message_id: UUID) -> str:
    """Say where the carrier shall report about a text."""
    return f"{configured().public_url}{STATUS_PATH}?m={message_id}"


def check_signature(webhook: Webhook) -> None:
    """Let only the carrier pass. The address is the configured one, never what the request says of itself.

    Raises:
        WebhookSecretMissing: no token is configured.
        ForgedWebhook: the signature is not the carrier's.
    """
    known = configured()
    webhooks = TwilioWebhooks(known.auth_token, known.secondary_token)
    if not webhooks.ready:
        raise WebhookSecretMissing
    address = known.public_url + webhook.target
    if not webhooks.genuine(address, webhook.params, webhook.signature, webhook.settings):
        raise ForgedWebhook
