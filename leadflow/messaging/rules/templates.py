"""Merge fields: Liquid, strict. A field without a value blocks the text instead of leaving a hole in it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from liquid import BoundTemplate, Environment, StrictDefaultUndefined
from liquid.exceptions import LiquidError

from leadflow.messaging.errors import UnresolvedField

TAGS = frozenset({"if", "unless", "case", "comment", "raw"})
"""What a template may do besides printing a field: no loops, no inclusion."""
PARSER = frozenset({"output", "content", "illegal", "literal"})
"""Tags that the parser itself needs."""
MAX_LENGTH = 1600
"""Characters that the carrier takes. https://www.twilio.com/docs/api/errors/21617"""


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


def render(template: str, fields: Mapping[str, str | None]) -> str:
    """Fill in a template.

    Args:
        template: Liquid; ``{{ first_name | default: "there" }}`` gives a field without a value another one.
        fields: names and values; None and blanks count as no value.

    Raises:
        UnresolvedField: a field has no value, the template is malformed, or the text is empty or too long.
    """
    known = {name: value for name, value in fields.items() if value is not None and value.strip()}
    try:
        body = parse(template).render(**known).strip()
    except LiquidError as error:
        raise UnresolvedField(f"The message cannot be filled in: {error.message}.", "template") from error
    if not body:
        raise UnresolvedField("The message is empty.", "template")
    if len(body) > MAX_LENGTH:
        raise UnresolvedField(f"The message has {len(body)} characters; {MAX_LENGTH} are allowed.", "template")
    return body


def names(template: str) -> tuple[str, ...]:
    """List the merge fields that a template asks for, sorted.

    Raises:
        UnresolvedField: the template is malformed.
    """
    try:
        return tuple(sorted(map(str, parse(template).global_variables())))
    except LiquidError as error:
        raise UnresolvedField(f"The message cannot be read: {error.message}.", "template") from error


@lru_cache(maxsize=256)
def parse(template: str) -> BoundTemplate:
    """Read a template, once.

    Raises:
        LiquidError: it is malformed.
    """
    return _liquid.from_string(template)
