"""Money is integer cents; text is for people."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import NewType

Cents = NewType("Cents", int)
"""US dollars times one hundred."""


def dollars(cents: int) -> str:
    """Write cents for a person: ``$1,234.50``, whole dollars without a fraction."""
    sign = "-" if cents < 0 else ""
    whole, part = divmod(abs(cents), 100)
    return f"{sign}${whole:,}" + (f".{part:02d}" if part else "")


def to_cents(amount: Decimal) -> Cents:
    """Round a dollar amount half up to cents."""
    return Cents(int((amount * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP)))
