"""Links of an organisation's own domain in place of long ones, and who follows them. Pure."""

from __future__ import annotations

import re
import secrets
import string
from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import urlsplit

from leadflow.kernel.hosts import SHORTENERS

PATH = "/l/"
"""Where short links lie under their domain."""
LETTERS = string.ascii_letters + string.digits
LENGTH = 12
"""Letters of a code: 62^12, some 71 bits. Nobody finds one by trying."""
LINK = re.compile(r"https://[^\s<>\"'`]+")
"""A link as people write it into a text; only these are replaced."""
CODE = re.compile(rf"[A-Za-z0-9]{{{LENGTH}}}")
_OWN = re.compile(rf"(https://[^/\s]+{PATH})[A-Za-z0-9]{{{LENGTH}}}(?![A-Za-z0-9])")
_END = ".,;:!?)]}…"
"""Signs after a link that belong to the sentence."""
_MACHINES = re.compile(
    r"bot|crawl|spider|preview|facebookexternalhit|whatsapp|slack|discord|telegram|skype|curl|wget|python|"
    r"okhttp|go-http|java/|headless|scanner|safelinks|proofpoint|barracuda|mimecast|applebot|google-",
    re.IGNORECASE,
)


class Shortened(NamedTuple):
    """A text with links of our own, and where each leads."""

    body: str
    targets: tuple[tuple[str, str], ...]
    """Code and address, in the order of the text."""


def new_code() -> str:
    """Draw a code that nobody can guess."""
    return "".join(secrets.choice(LETTERS) for _ in range(LENGTH))


def shorten(body: str, domain: str, code: Callable[[], str] = new_code) -> Shortened:
    """Put a link of ``domain`` in the place of every ``https://`` link; without a domain the words stay.

    A link that already lies there, or that is not a whole address, stays too.
    """
    if not domain:
        return Shortened(body, ())
    targets: list[tuple[str, str]] = []

    def replaced(found: re.Match[str]) -> str:
        whole = found.group()
        link = whole.rstrip(_END)
        if not leads_out(link) or urlsplit(link).hostname == domain:
            return whole
        targets.append((code(), link))
        return f"https://{domain}{PATH}{targets[-1][0]}{whole[len(link) :]}"

    return Shortened(LINK.sub(replaced, body), tuple(targets))


def as_counted(body: str, domain: str) -> str:
    """Write a text as long as it will be sent; the code in it leads nowhere."""
    return shorten(body, domain, lambda: "x" * LENGTH).body


def plain(words: str) -> str:
    """Take the codes out of a text, which differ each time that it is written."""
    return _OWN.sub(r"\1", words)


def leads_out(address: str) -> bool:
    """Say whether an address is one that we lead people to: https, a host, no password, nothing that ends a line."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    printable = address.isascii() and address.isprintable() and "\\" not in address and " " not in address
    return printable and parts.scheme == "https" and bool(parts.hostname) and "@" not in parts.netloc


def shorteners(template: str) -> tuple[str, ...]:
    """Name the public shorteners that a template's links go through."""
    found: list[str] = re.findall(r"https?://([^\s<>\"'`/:?#]+)", template)
    hosts = (host.lower() for host in found)
    return tuple(sorted({host.removeprefix("www.") for host in hosts} & SHORTENERS))


def by_a_machine(method: str, agent: str, purpose: str) -> bool:
    """Say whether a visit is a look ahead (a preview in a messenger, a mail filter), and no person's.

    Args:
        method: of the request; people send GET.
        agent: ``User-Agent``.
        purpose: ``Sec-Purpose`` or ``Purpose``, which browsers send when they fetch ahead.
    """
    return method != "GET" or not agent or bool(_MACHINES.search(agent)) or "prefetch" in purpose.lower()
