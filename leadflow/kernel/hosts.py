"""Names of hosts that people type in. Pure."""

from __future__ import annotations

import re

DOMAIN = re.compile(r"(?=.{4,253}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")
"""A host name of two labels or more; no port, no address of a machine."""
SHORTENERS = frozenset(
    {
        *(
            "bit.ly",
            "tinyurl.com",
            "goo.gl",
            "t.co",
            "ow.ly",
            "is.gd",
            "buff.ly",
            "cutt.ly",
            "rebrand.ly",
            "shorturl.at",
        ),
        *("rb.gy", "t.ly", "tiny.cc", "bl.ink", "v.gd", "lnkd.in", "shorte.st", "s.id"),
    }
)
"""Shorteners that anybody may use. Carriers filter them: CTIA Messaging Principles and Best Practices (2023), 5.3.4."""


def parse_domain(text: str) -> str:
    """Read a link domain; empty turns links off.

    Raises:
        ValueError: it is no host name, or a shortener that anybody may use.
    """
    domain = text.strip().lower().removeprefix("https://").rstrip("/")
    if not domain:
        return ""
    if not DOMAIN.fullmatch(domain):
        msg = "write the domain alone, such as go.example.com"
        raise ValueError(msg)
    if domain.removeprefix("www.") in SHORTENERS:
        msg = "carriers filter this shortener; use a domain of your own"
        raise ValueError(msg)
    return domain
