"""What leaves the house when something breaks: the place, never a person."""

from __future__ import annotations

import json
from collections.abc import Generator
from typing import Any

import pytest
import sentry_sdk
import structlog
from sentry_sdk.envelope import Envelope
from sentry_sdk.transport import Transport

from leadflow.kernel import reports

NUMBER, NAME, WORDS = "+12065550142", "Ezra Dunmorrow", "please stop texting me"


class Kept(Transport):
    """Keeps what would be sent."""

    def __init__(self) -> None:
        super().__init__()
        self.events: list[dict[str, Any]] = []

    def capture_envelope(self, envelope: Envelope) -> None:
        """Keep the event of an envelope."""
        event = envelope.get_event()
        if event is not None:
            self.events.append(dict(event))


@pytest.fixture
def sent() -> Generator[list[dict[str, Any]]]:
    kept = Kept()
    reports.configure("https://key@reports.invalid/1", "test", "0", transport=kept)
    yield kept.events
    sentry_sdk.get_global_scope().set_client(None)


def fail(person: str, body: str) -> None:
    assert person != body
    message = f"no answer from {NUMBER}"
    raise RuntimeError(message)


def test_an_error_is_reported_with_its_place_and_without_the_person(sent: list[dict[str, Any]]) -> None:
    try:
        fail(NAME, WORDS)
    except RuntimeError:
        structlog.get_logger().exception("job.failed", body=WORDS)
    (event,) = sent
    (error,) = event["exception"]["values"]
    assert (error["type"], error["value"]) == ("RuntimeError", "no answer from [phone]")
    assert error["stacktrace"]["frames"][-1]["function"] == "fail"
    text = json.dumps(event, default=str)
    assert not [secret for secret in (NUMBER, NAME, WORDS) if secret in text]


def test_a_report_keeps_no_request_no_user_and_no_secret(sent: list[dict[str, Any]]) -> None:
    with sentry_sdk.new_scope() as scope:
        scope.set_user({"id": NAME})
        scope.set_context("send", {"token": "abc", "to": NUMBER, "parts": [NUMBER]})
        scope.set_extra("payload", WORDS)
        sentry_sdk.capture_message("something")
    (event,) = sent
    assert not {"request", "user", "extra", "breadcrumbs"} & event.keys()
    assert event["contexts"]["send"] == {"token": "[removed]", "to": "[phone]", "parts": ["[phone]"]}


def test_without_an_address_nothing_is_reported() -> None:
    reports.configure("", "test", "0")
    assert not sentry_sdk.is_initialized()
