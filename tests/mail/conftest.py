"""A real mail server on this machine, in a thread."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, cast

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from leadflow.kernel.db import Database
from leadflow.local.ports import free_port
from leadflow.mail import service as mail
from tests.identity.people import Team, make_team


class Mailbox:
    """Takes mail, and answers what a test has put into ``answers`` first."""

    def __init__(self) -> None:
        self.taken: list[EmailMessage] = []
        self.answers: list[str] = []
        self.tried = 0

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802, ARG002 aiosmtpd's name and arguments
        """Take one mail."""
        self.tried += 1
        if self.answers:
            return self.answers.pop(0)
        raw = envelope.content if isinstance(envelope.content, bytes) else b""
        self.taken.append(cast("EmailMessage", message_from_bytes(raw, policy=policy.default)))
        return "250 taken"


@pytest.fixture
def team(db: Database) -> Team:
    """Found an organisation with a member of each role."""
    return make_team(db)


@pytest.fixture
def mailbox() -> Mailbox:
    """Make an empty mailbox."""
    return Mailbox()


@pytest.fixture
def serve(mailbox: Mailbox) -> Generator[Callable[..., str]]:
    """Start mail servers of this machine and answer their addresses."""
    running: list[Controller] = []

    def start(**options: Any) -> str:
        controller = Controller(mailbox, hostname="127.0.0.1", port=free_port(), **options)
        controller.start()
        running.append(controller)
        return f"smtp://127.0.0.1:{controller.port}"

    yield start
    for controller in running:
        controller.stop()


@pytest.fixture
def posted(db: Database, serve: Callable[..., str]) -> Generator[str]:  # noqa: ARG001 the rooms are configured first
    """Send mail to a server of this machine for one test."""
    before, url = mail.post(), serve()
    mail.configure(replace(before, url=url, sender="LeadFlow <no-reply@leadflow.test>"))
    yield url
    mail.configure(before)
