"""A registry's file. Frozen, without behaviour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from models.vocabulary import ScrubList


@dataclass(frozen=True, slots=True)
class Described:
    """What a file is, as whoever brings it says.

    Attributes:
        list: which registry's.
        version: the registry's own name of this issue, such as ``2026-11``.
        area_codes: every area code that the file covers whole: a number of theirs that it does not name is clean.
        as_of: the instant it is true of; its age counts from here.
        filename: for people.
    """

    list: ScrubList
    version: str
    area_codes: frozenset[int]
    as_of: datetime
    filename: str


@dataclass(frozen=True, slots=True)
class Block:
    """What a file says of one area code: a bit a number, set where it is listed."""

    area_code: int
    bits: bytes = field(repr=False)
    """1,250,000 bytes: bit ``n % 8`` of byte ``n // 8`` stands for the number whose last seven digits are ``n``."""
    listed: int
    """How many numbers it lists."""


@dataclass(frozen=True, slots=True)
class FileRow:
    """A file that was brought in."""

    id: UUID
    list: ScrubList
    version: str
    filename: str
    sha256: str
    as_of: datetime
    added_at: datetime
    added_by_name: str | None
    listed: int
    area_codes: tuple[int, ...]
    days_left: int = 0
    """Until its clean answers are too old; 0 when they are."""


@dataclass(frozen=True, slots=True)
class Applied:
    """What an application of the newest files to our numbers wrote, by list and verdict."""

    listed: Mapping[ScrubList, int]
    clean: Mapping[ScrubList, int]
