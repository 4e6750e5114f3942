"""How many parts a text is billed as, and what they cost. The quote and the bill use the same count."""

from __future__ import annotations

from leadflow.messaging.types import Quote

GSM_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""One septet each. 3GPP TS 23.038, 6.2.1."""
GSM_EXTENDED = frozenset("\f^{}\\[~]|€")
"""Two septets each. 3GPP TS 23.038, 6.2.1.1."""
GSM = (160, 153)
"""Septets in a text that stands alone and in each part of a longer one. 3GPP TS 23.040, 9.2.3.24.1."""
UCS2 = (70, 67)
"""The same in UTF-16 code units."""
ASTRAL = 0xFFFF
"""Above this a character takes two code units."""


def quote(body: str, price: int) -> Quote:
    """Count segments and cost.

    A character that needs two units is never split between two parts, so that a part may stay one unit short.

    Args:
        body: the text as it will be sent.
        price: hundredths of a cent a segment.
    """
    if all(letter in GSM_BASIC or letter in GSM_EXTENDED for letter in body):
        sizes = [2 if letter in GSM_EXTENDED else 1 for letter in body]
        parts = _parts(sizes, *GSM)
        return Quote(parts, "GSM-7", parts * price)
    sizes = [2 if ord(letter) > ASTRAL else 1 for letter in body]
    parts = _parts(sizes, *UCS2)
    return Quote(parts, "UCS-2", parts * price)


def segments(body: str) -> int:
    """Count the parts of a text."""
    return quote(body, 0).segments


def cents(hundredths: int) -> int:
    """Round hundredths of a cent up to whole cents: a quote is never below the bill."""
    return -(-hundredths // 100)


def _parts(sizes: list[int], alone: int, each: int) -> int:
    if sum(sizes) <= alone:
        return 1
    parts, room = 1, each
    for size in sizes:
        if size > room:
            parts, room = parts + 1, each
        room -= size
    return parts
