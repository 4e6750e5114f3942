"""What messaging refuses."""

from __future__ import annotations

from leadflow.kernel.errors import Invalid, LeadFlowError


class ForgedWebhook(LeadFlowError):
    """The signature is not the carrier's. Nothing was written."""

    code, status = "forged_webhook", 403

    def __init__(self) -> None:
        super().__init__("The signature of this webhook is not valid.")


class WebhookSecretMissing(LeadFlowError):
    """No auth token is configured, so that no webhook can be trusted."""

    code, status = "webhook_secret_missing", 503

    def __init__(self) -> None:
        super().__init__("The carrier's auth token is not configured; set LF_TWILIO_AUTH_TOKEN.")


class UnresolvedField(Invalid):
    """A merge field has no value for this recipient, or the template is wrong."""

    code = "unresolved_field"


class IllegalMove(Exception):
    """A transition that the state machine does not know: a bug, never an expected failure."""
