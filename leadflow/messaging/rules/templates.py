"""Texts: merge fields in Liquid, strict; spintax; snippets. A field without a value blocks the text, never a hole."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from liquid import BoundTemplate, Environment, StrictDefaultUndefined
from liquid.exceptions import LiquidError

from leadflow.messaging.errors import UnresolvedField
from leadflow.messaging.rules.segments import quote
from leadflow.messaging.rules.spins import PREFIX, Spun, spin
from leadflow.messaging.types import Quote

TAGS = frozenset({"if", "unless", "case", "comment", "raw"})
"""What a template may do besides printing a field: no loops, no inclusion."""
PARSER = frozenset({"output", "content", "illegal", "literal"})
"""Tags that the parser itself needs."""
MAX_LENGTH = 1600
"""Characters that the carrier takes. https://www.twilio.com/docs/api/errors/21617"""
_SNIPPET = re.compile(r"{{-?\s*snippets\.(\w+)\s*-?}}")
NO_SNIPPETS: Mapping[str, str] = {}


class _Liquid(Environment):
    """Liquid without what a text has no use for."""

    loop_iteration_limit = 1
    output_stream_limit = 8 * MAX_LENGTH
    context_depth_limit = 8

    def setup_tags_and_filters(self, *, extra: bool = False) -> None:
        """Keep the tags of ``TAGS`` and what the parser itself needs."""
        super().setup_tags_and_filters(extra=extra)
        self.tags = {name: tag for name, tag in self.tags.items() if name in TAGS | PARSER}


_liquid = _Liquid(undefined=StrictDefaultUndefined, strict_filters=True)


@dataclass(frozen=True, slots=True)
class Sizes:
    """What the shortest and the longest wording of a text come to."""

    least: Quote
    most: Quote


def render(
    template: str, fields: Mapping[str, str | None], *, snippets: Mapping[str, str] = NO_SNIPPETS, seed: str = ""
) -> str:
    """Fill in a template.

    Args:
        template: Liquid; ``{{ first_name | default: "there" }}`` gives a field without a value another one,
            ``{Hi|Hello}`` reads one of the two, ``{{ snippets.name }}`` is a snippet.
        fields: names and values; None and blanks count as no value.
        snippets: names and texts.
        seed: for whom; the same seed chooses the same wording.

    Raises:
        UnresolvedField: a field has no value, the template is malformed, or the text is empty or too long.
    """
    made, spun = _made(expand(template, snippets))
    return _filled(made, fields, spun.choices(seed))


def _filled(made: BoundTemplate, fields: Mapping[str, str | None], choices: Mapping[str, int]) -> str:
    known = {name: value for name, value in fields.items() if value is not None and value.strip()}
    try:
        body = made.render(**known, **choices).strip()
    except LiquidError as error:
        raise UnresolvedField(f"The message cannot be filled in: {error.message}.", "template") from error
    if not body:
        raise UnresolvedField("The message is empty.", "template")
    if len(body) > MAX_LENGTH:
        raise UnresolvedField(f"The message has {len(body)} characters; {MAX_LENGTH} are allowed.", "template")
    return body


def sizes(template: str, fields: Mapping[str, str | None], snippets: Mapping[str, str] = NO_SNIPPETS) -> Sizes:
    """Say what the shortest and the longest wording come to in segments, for one recipient.

    Raises:
        UnresolvedField: as ``render``.
    """
    made, spun = _made(expand(template, snippets))
    quotes = [quote(_filled(made, fields, choices), 0) for choices in spun.combinations()]
    return Sizes(min(quotes, key=_size), max(quotes, key=_size))


def _size(one: Quote) -> tuple[int, bool]:
    return one.segments, one.encoding != "GSM-7"


def names(template: str, snippets: Mapping[str, str] = NO_SNIPPETS) -> tuple[str, ...]:
    """List the merge fields that a template and its snippets ask for, sorted.

    Raises:
        UnresolvedField: the template is malformed, or names a snippet that there is not.
    """
    # Read as it is written first: what is wrong is told by the letter at which it stands.
    spin(template)
    made, _ = _made(expand(template, snippets))
    return tuple(sorted(str(name) for name in made.global_variables() if not str(name).startswith(PREFIX)))


def used(template: str) -> frozenset[str]:
    """Name the snippets that a template asks for."""
    return frozenset(_SNIPPET.findall(template))


def expand(template: str, snippets: Mapping[str, str]) -> str:
    """Put the snippets in their places.

    Raises:
        UnresolvedField: there is no such snippet.
    """

    def body(found: re.Match[str]) -> str:
        if found[1] not in snippets:
            raise UnresolvedField(f"There is no snippet called “{found[1]}”.", "template")
        return snippets[found[1]]

    return _SNIPPET.sub(body, template)


@lru_cache(maxsize=256)
def _made(source: str) -> tuple[BoundTemplate, Spun]:
    """Read a template whose snippets are in place, once.

    Raises:
        UnresolvedField: it is malformed.
    """
    spun = spin(source)
    try:
        return _liquid.from_string(spun.liquid), spun
    except LiquidError as error:
        raise UnresolvedField(f"The message cannot be read: {error.message}.", "template") from error
