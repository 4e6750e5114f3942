"""What the user decides about an import, as it is stored; and the numbers that change when a decision changes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import orjson
from pydantic import TypeAdapter, ValidationError

from leadflow.imports.types import MatchKey, Options
from leadflow.kernel.errors import Invalid

_OPTIONS = TypeAdapter(Options)
LONGEST_NAME = 120
"""Characters of a list or tag name."""


WHICH = frozenset({"removed", "keys"})
"""Options that decide which lead a row is, not what is written: a row that says nothing new still does not."""


def read_options(given: Mapping[str, Any]) -> Options:
    """Read options from JSON.

    Raises:
        Invalid: a value is not what it should be.
    """
    try:
        options = _OPTIONS.validate_python(dict(given))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise Invalid(f"{place}: {first['msg']}.", place) from error
    if any(len(name) > LONGEST_NAME for name in (options.list_name or "", *options.tags)):
        raise Invalid(f"A list or tag name has at most {LONGEST_NAME} characters.", "list_name")
    if not {MatchKey.ADDRESS, MatchKey.PARCEL} & set(options.keys):
        raise Invalid("Choose the address or the parcel number as a key; a phone alone says too little.", "keys")
    if options.consent is not None and not options.consent.shown_text.strip():
        raise Invalid("Give the request exactly as the people saw it.", "consent.shown_text")
    return options


def as_document(options: Options) -> dict[str, Any]:
    """Write options as JSON values."""
    return orjson.loads(orjson.dumps(asdict(options)))


def salt_of(document: Mapping[str, Any]) -> int:
    """Make a number that changes with any option that changes what is written; signed, as Postgres's bigint is."""
    says = {name: value for name, value in document.items() if name not in WHICH}
    text = orjson.dumps(says, option=orjson.OPT_SORT_KEYS)
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "big", signed=True)


def mapping_salt(mapping: Mapping[str, str | None]) -> str:
    """Make a text that changes with the mapping."""
    return orjson.dumps(dict(mapping), option=orjson.OPT_SORT_KEYS).decode()
