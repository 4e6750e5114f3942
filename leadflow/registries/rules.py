"""Read a registry's file: one number a line. Pure.

The federal registry sends ten digits a line, or area code and seven digits with a comma between; states send either
with punctuation. A line that is not one number of a covered area code refuses the whole file: half a list would call
numbers clean that are not.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator

from leadflow.kernel.errors import Invalid
from leadflow.registries.types import Block

NUMBERS = 10_000_000
"""Numbers of an area code: seven digits."""
_SEVEN = NUMBERS
_PLAIN = re.compile(r"([2-9]\d{2}),?(\d{7})")
_PUNCTUATION = re.compile(r"[\s().,;\"'+-]+")
_DIGITS = 10
_SHOWN = 3


def blocks(lines: Iterable[str], area_codes: Collection[int]) -> list[Block]:
    """Read a file into one block an area code.

    Args:
        lines: of the file, with or without their ends.
        area_codes: every one that it covers; those of which it names no number come back empty, all clean.

    Raises:
        Invalid: a line is not one number of a covered area code; named by its number, its digits masked.
    """
    found = {code: bytearray(NUMBERS // 8) for code in sorted(area_codes)}
    for position, line in enumerate(lines, 1):
        number = _number(line, position)
        if number is None:
            continue
        code, local = divmod(number, _SEVEN)
        bits = found.get(code)
        if bits is None:
            covered = ", ".join(str(one) for one in sorted(area_codes))
            raise Invalid(f"Line {position}: area code {code}, but the file is said to cover {covered}.", "file")
        bits[local >> 3] |= 1 << (local & 7)
    return [Block(code, bytes(bits), int.from_bytes(bits, "little").bit_count()) for code, bits in found.items()]


def listed(block: Block, numbers: Iterable[int]) -> Iterator[tuple[int, bool]]:
    """Say of each number of the block's area code (digits with the leading 1) whether it is listed."""
    for number in numbers:
        local = number % _SEVEN
        yield number, bool(block.bits[local >> 3] >> (local & 7) & 1)


def _number(line: str, position: int) -> int | None:
    text = line.strip("\r\n\ufeff \t")
    plain = _PLAIN.fullmatch(text)
    if plain:
        return int(plain[1] + plain[2])
    if not text:
        return None
    digits = _PUNCTUATION.sub("", text)
    if position == 1 and not any(one.isdigit() for one in digits):
        # A header line.
        return None
    if len(digits) == _DIGITS + 1 and digits.startswith("1"):
        digits = digits[1:]
    if not (digits.isascii() and digits.isdigit()):
        raise Invalid(f"Line {position}: {_masked(digits)} is not a number.", "file")
    if len(digits) != _DIGITS or digits[0] in "01":
        raise Invalid(f"Line {position}: {_masked(digits)} has {len(digits)} digits; a US number has ten.", "file")
    return int(digits)


def _masked(text: str) -> str:
    """Show enough to find the line, and no number."""
    shown = "".join(one if one.isprintable() else "?" for one in text[:_SHOWN])
    return repr(shown + "…" if len(text) > _SHOWN else shown)
