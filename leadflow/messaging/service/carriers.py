"""How this process reaches the carrier and tells its webhooks from forged ones."""

from __future__ import annotations

from uuid import UUID

from leadflow.credentials import service as credentials
from leadflow.kernel import breaker
from leadflow.kernel.db import Database
from leadflow.messaging.errors import ForgedWebhook, WebhookSecretMissing
from leadflow.messaging.providers.port import Carrier
from leadflow.messaging.providers.twilio import TwilioCarrier, TwilioWebhooks
from leadflow.messaging.types import Carriers, Webhook
from models.vocabulary import Provider

STATUS_PATH = "/hooks/twilio/status"
"""Where the carrier reports; the text's id follows as ``m``."""
INBOUND_PATH = "/hooks/twilio/inbound"
"""Where the carrier posts what people send us."""

MESSAGES = breaker.of("twilio", "messages")
"""The circuit before texts. One for all accounts: it is the same carrier."""
LISTS = breaker.of("twilio", "lists")
"""The circuit before the carrier's lists."""

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


def open_carrier(db: Database, org_id: UUID) -> Carrier:
    """Open an organisation's line to the carrier; it lives in one event loop and must be closed.

    Its own account, where it has set one, and never another's in its place; else the installation's.

    Raises:
        CredentialLocked: its own is set and cannot be opened.
    """
    known = configured()
    with db.begin(org_id) as uow:
        own = credentials.of(uow, Provider.TWILIO)
    account, token = (own.account, own.secret) if own else (known.account_sid, known.auth_token)
    return TwilioCarrier(known.api_url, account, token, db.clock)


def callback_address(message_id: UUID) -> str:
    """Say where the carrier shall report about a text."""
    return f"{configured().public_url}{STATUS_PATH}?m={message_id}"


def check_signature(db: Database, webhook: Webhook) -> frozenset[UUID] | None:
    """Let only the carrier pass. The address is the configured one, never what the request says of itself.

    The account that the form names picks the tokens. An organisation chooses its account and token itself, so that its
    signature proves nothing about others: the caller must hold the number concerned against the answer.

    Returns:
        None where the installation's own account has signed; else the organisations that it may speak to.

    Raises:
        WebhookSecretMissing: no token is configured at all.
        ForgedWebhook: the signature is not the carrier's, or nobody here has such an account.
    """
    known = configured()
    account = webhook.params.get("AccountSid", known.account_sid)
    if account == known.account_sid:
        webhooks = TwilioWebhooks(known.auth_token, known.secondary_token)
        if not webhooks.ready:
            raise WebhookSecretMissing
        if _genuine(webhooks, webhook):
            return None
    with db.begin() as uow:
        holders = credentials.holders(uow, Provider.TWILIO, account)
    signers = frozenset(one.org_id for one in holders if _genuine(TwilioWebhooks(one.secret), webhook))
    if not signers:
        raise ForgedWebhook
    return signers


def _genuine(webhooks: TwilioWebhooks, webhook: Webhook) -> bool:
    address = configured().public_url + webhook.target
    return webhooks.genuine(address, webhook.params, webhook.signature, webhook.settings)
