"""What each mail says, and how it is put on the wire. Pure."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from datetime import timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import parseaddr

from leadflow.mail.types import Letter
from models.vocabulary import MailKind

KEPT = timedelta(days=30)
"""How long a mail stays on record."""
GIVEN_UP = timedelta(days=1)
"""After which a mail that still waits is given up, and its text erased."""

_UNASKED = "If this was not you, sign in, change your password and end every other session under Settings."

TEXTS: Mapping[MailKind, tuple[str, str]] = {
    MailKind.PASSWORD_RESET: (
        "Set a new password",
        (
            "Somebody, from the address {place}, asked to set a new password for your LeadFlow account.\n\n"
            "Open this link within {minutes} minutes. It works once:\n\n{base}/reset#{token}\n\n"
            "If you did not ask for it, do nothing: your password stays as it is."
        ),
    ),
    MailKind.PASSWORD_CHANGED: (
        "Your password was changed",
        (
            "The password of your LeadFlow account was changed, and every other session was ended.\n\n"
            "If this was not you, set a new password at once: {base}/forgot"
        ),
    ),
    MailKind.INVITATION: (
        "You are invited to {organization}",
        (
            "{inviter} invites you to join {organization} on LeadFlow as {role}.\n\n"
            "Open this link within {days} days. It works once:\n\n{base}/join#{token}\n\n"
            "If you do not know {organization}, do nothing."
        ),
    ),
    MailKind.REFRESH_REUSED: (
        "A session of yours was ended",
        "A session of your LeadFlow account was ended, because the token that keeps it signed in was used a second "
        "time: somebody may have copied it.\n\nIt was {device} at {place}.\n\n" + _UNASKED,
    ),
    MailKind.SECOND_FACTOR_CHANGED: (
        "Your second factor was changed",
        "The second factor of your LeadFlow account was changed: {what}.\n\n" + _UNASKED,
    ),
    MailKind.API_KEY_MADE: (
        "An API key was made",
        (
            "A key for programs was made in your name in {organization}: {name}, which begins with {start}.\n\n"
            "If this was not you, end it under Settings, API keys, and change your password."
        ),
    ),
    MailKind.CAMPAIGN_MISSED: (
        "A campaign did not start",
        (
            "Your campaign “{name}” was to start by itself, and did not:\n\n{why}\n\n"
            "Nothing was sent. Look at it, and launch it anew if it shall go out: {base}/campaigns/{campaign}"
        ),
    ),
    MailKind.CHAIN_HEAD: (
        "The head of your record",
        (
            "Keep this mail. It is a copy, outside the database, of where the record of {organization} ends today: "
            "position {position}, seal {number} of {sealed_at} UTC.\n\n{anchor}\n\n"
            "Whoever changes or cuts the record afterwards cannot change this line. To compare them, put the line into "
            "a file and run: leadflow audit verify --anchors FILE"
        ),
    ),
}
"""Subject and text of each kind; ``facts`` fill the gaps."""


def written(kind: MailKind, facts: Mapping[str, str], base: str) -> tuple[str, str]:
    """Write a mail.

    Args:
        kind: why.
        facts: what fills the gaps. People chose some of them, so each becomes one line.
        base: where links lead.

    Returns:
        Subject and text.

    Raises:
        KeyError: a gap has no fact, which is a mistake of ours.
    """
    subject, text = TEXTS[kind]
    one_line = {name: " ".join(value.split()) for name, value in facts.items()} | {"base": base}
    return subject.format_map(one_line), text.format_map(one_line) + "\n\n-- \nLeadFlow\n"


def message(letter: Letter) -> EmailMessage:
    """Put a mail on the wire: plain text, and an id by which a server sees that it came twice (RFC 5322, 3.6.4)."""
    made = EmailMessage()
    name, address = parseaddr(letter.sender)
    made["From"] = Address(name, addr_spec=address)
    made["To"] = Address(addr_spec=letter.recipient)
    made["Subject"] = letter.subject
    made["Date"] = letter.written_at
    made["Message-ID"] = f"<{letter.id}@{address.rpartition('@')[2]}>"
    # Tells answering machines to keep quiet (RFC 3834, 5).
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(letter.body)
    return made


def may_be_plain(host: str) -> bool:
    """Say whether mail may go to ``host`` without encryption: only within this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
