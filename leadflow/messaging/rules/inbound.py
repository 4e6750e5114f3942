"""Who answers an opt-out: the carrier has words of its own that it honours and confirms before we hear of them."""

from __future__ import annotations

from datetime import timedelta

STOP_WORDS = frozenset({"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"})
"""Whole messages that the carrier honours itself and confirms; it refuses (21610) whatever we send after them.

https://help.twilio.com/articles/223134027
"""
START_WORDS = frozenset({"start", "unstop"})
"""Whole messages by which a person lets the carrier deliver again. ``yes`` is left out on purpose: it is an answer."""
CONFIRMATION = "{name}: You are unsubscribed and will get no more texts from us. Reply START to undo."
"""The one text after an opt-out: it confirms and sells nothing (47 CFR 64.1200(a)(12))."""
CONFIRM_ONCE_IN = timedelta(days=1)
"""Within this long a second opt-out of the same number is not confirmed again."""


def word(body: str) -> str:
    """Reduce a text to the word that the carrier looks for."""
    return body.strip().lower()


def carrier_confirms(body: str, opt_out_type: str | None) -> bool:
    """Say whether the carrier has confirmed this opt-out itself, so that we must not."""
    return opt_out_type == "STOP" or word(body) in STOP_WORDS


def starts_again(body: str, opt_out_type: str | None) -> bool:
    """Say whether the person asks to hear from us again."""
    return opt_out_type == "START" or word(body) in START_WORDS
