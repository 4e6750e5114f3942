"""What a credential of each provider looks like."""

from __future__ import annotations

import re
from typing import NamedTuple

from models.vocabulary import Provider

SHOWN = 4
"""Characters of a secret by which an owner tells which one is set."""


class _Shape(NamedTuple):
    account: re.Pattern[str]
    account_is: str
    secret: re.Pattern[str]
    secret_is: str


_SHAPES = {
    Provider.TWILIO: _Shape(
        re.compile(r"AC[0-9a-f]{32}"),
        "Twilio's account SID is AC and 32 hexadecimal digits; it stands on the first page of Twilio's console.",
        re.compile(r"[!-~]{16,200}"),
        "Twilio's auth token has 32 characters without a space.",
    ),
    Provider.DNCSCRUB: _Shape(
        re.compile(r"[ -~]{1,100}"),
        "Name the DNCScrub account as you know it; it is only shown here.",
        re.compile(r"[!-~]{16,200}"),
        "DNCScrub's login id (API key) has 16 characters or more without a space; it stands under API access.",
    ),
}
"""Twilio: "Account SIDs", https://www.twilio.com/docs/glossary/what-is-a-sid."""


def fault(provider: Provider, account: str, secret: str) -> tuple[str, str] | None:
    """Name the field that cannot be right, and say what would be; never repeats a value."""
    shape = _SHAPES[provider]
    if not shape.account.fullmatch(account):
        return "account", shape.account_is
    if not shape.secret.fullmatch(secret):
        return "secret", shape.secret_is
    return None


def hint(secret: str) -> str:
    """Write what is shown of a secret."""
    return secret[-SHOWN:]
