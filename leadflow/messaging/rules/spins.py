r"""Spintax: ``{Hi|Hello|Hey there}`` reads one of its alternatives, for one person always the same.

Groups may be nested and may hold merge fields; ``\{``, ``\|``, ``\}`` and ``\\`` are the signs themselves. What stands
in ``{{ … }}`` and ``{% … %}`` is Liquid's and left alone. A template is turned into Liquid once, each group a ``case``
over a variable of its own, so that a value of a field is never read as a group.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, product

from leadflow.messaging.errors import UnresolvedField

PREFIX = "spin_"
"""Of the variables that stand for groups; no merge field begins so."""
DEEPEST = 5
"""Groups within groups."""
MOST = 100
"""Groups of one template."""
TRIED = 128
"""Combinations of alternatives whose sizes are compared."""
_LIQUID = re.compile(
    r"{%-?\s*raw\s*-?%}.*?{%-?\s*endraw\s*-?%}|{%-?\s*comment\s*-?%}.*?{%-?\s*endcomment\s*-?%}|{{.*?}}|{%.*?%}",
    re.DOTALL,
)
_SIGN = {"{": "{{ '{' }}", "}": "{{ '}' }}"}
"""Braces as Liquid prints them, so that two beside each other open nothing."""


@dataclass(frozen=True, slots=True)
class Spun:
    """A template without spintax.

    Attributes:
        liquid: each group as a ``case`` over ``spin_0``, ``spin_1`` …
        groups: the lengths of the alternatives of each group, as written.
    """

    liquid: str
    groups: tuple[tuple[int, ...], ...]

    def choices(self, seed: str) -> dict[str, int]:
        """Choose an alternative of each group; for one seed always the same."""
        return {f"{PREFIX}{n}": draw(seed, n) % len(group) for n, group in enumerate(self.groups)}

    def combinations(self) -> list[dict[str, int]]:
        """List combinations of alternatives: all of them where they are few, else the extremes of each group."""
        counts = [len(group) for group in self.groups]
        if (whole := _times(counts)) <= TRIED:
            return [self._named(chosen) for chosen in product(*map(range, counts))] if whole else []
        longest = [group.index(max(group)) for group in self.groups]
        shortest = [group.index(min(group)) for group in self.groups]
        each = ([*longest[:n], chosen, *longest[n + 1 :]] for n, count in enumerate(counts) for chosen in range(count))
        return [self._named(chosen) for chosen in (shortest, longest, *islice(each, TRIED))]

    def _named(self, chosen: Sequence[int]) -> dict[str, int]:
        return {f"{PREFIX}{n}": choice for n, choice in enumerate(chosen)}


def _times(counts: Sequence[int]) -> int:
    found = 1
    for count in counts:
        found *= count
        if found > TRIED:
            break
    return found


def draw(seed: str, number: int) -> int:
    """Draw a number for a seed: 56 bits of a hash, so that SQL draws the same (``campaigns.queries``)."""
    return int.from_bytes(hashlib.sha256(f"{seed}:{number}".encode()).digest()[:7], "big")


def pick(seed: str, weights: Mapping[str, int]) -> str:
    """Choose a label by weight; for one seed always the same.

    Args:
        seed: who chooses, for example campaign and person.
        weights: label to weight, one or more, each 1 or more.
    """
    at = draw(seed, 0) % sum(weights.values())
    for label, weight in weights.items():
        if at < weight:
            return label
        at -= weight
    raise AssertionError


def spin(template: str) -> Spun:
    """Read the groups of a template.

    Raises:
        UnresolvedField: a group is not closed, closes nothing, or offers no choice; says where.
    """
    return _Reader(template).read()


class _Reader:
    """Reads a template from left to right."""

    def __init__(self, template: str) -> None:
        self.text, self.at = template, 0
        self.groups: list[tuple[int, ...]] = []

    def read(self) -> Spun:
        """Read all of it."""
        written = self._run(0)
        if self.at < len(self.text):
            raise self._wrong(self.at, "“}” closes nothing. Write \\} for the sign itself.")
        return Spun(written, tuple(self.groups))

    def _run(self, depth: int) -> str:
        """Read until the end, or in a group until ``|`` or ``}``."""
        parts = list[str]()
        while self.at < len(self.text):
            sign = self.text[self.at]
            if liquid := _LIQUID.match(self.text, self.at):
                parts.append(liquid.group())
                self.at = liquid.end()
            elif sign == "\\" and self.text[self.at + 1 : self.at + 2] in {"{", "}", "|", "\\"}:
                escaped = self.text[self.at + 1]
                parts.append(_SIGN.get(escaped, escaped))
                self.at += 2
            elif self.text.startswith(("{{", "{%"), self.at):
                # Liquid says what is wrong with it.
                parts.append(self.text[self.at :])
                self.at = len(self.text)
            elif sign == "{":
                parts.append(self._group(depth + 1))
            elif sign == "}" or (sign == "|" and depth):
                break
            else:
                parts.append(sign)
                self.at += 1
        return "".join(parts)

    def _group(self, depth: int) -> str:
        begins, number = self.at, len(self.groups)
        if depth > DEEPEST:
            raise self._wrong(begins, f"more than {DEEPEST} choices lie within each other here.")
        if number >= MOST:
            raise self._wrong(begins, f"there are more than {MOST} choices.")
        self.groups.append(())
        alternatives, lengths = list[str](), list[int]()
        while True:
            self.at += 1
            from_here = self.at
            alternatives.append(self._run(depth))
            lengths.append(self.at - from_here)
            if self.at >= len(self.text):
                raise self._wrong(begins, "“{” is never closed. Write \\{ for the sign itself.")
            if self.text[self.at] == "}":
                break
        self.at += 1
        if len(alternatives) == 1:
            raise self._wrong(
                begins,
                "this offers no choice. Write {one|another}, {{ field }} for a value, or \\{ for the sign itself.",
            )
        self.groups[number] = tuple(lengths)
        cases = "".join(f"{{% when {n} %}}{text}" for n, text in enumerate(alternatives))
        return f"{{% case {PREFIX}{number} %}}{cases}{{% endcase %}}"

    def _wrong(self, at: int, what: str) -> UnresolvedField:
        line = self.text.count("\n", 0, at) + 1
        column = at - (self.text.rfind("\n", 0, at) + 1) + 1
        return UnresolvedField(f"Line {line}, letter {column}: {what}", "template")
