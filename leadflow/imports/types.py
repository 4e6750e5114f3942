"""What passes between the rules, the service and the doors of an import."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

from models.vocabulary import Basis, ImportState, RowVerdict


class FieldKind(StrEnum):
    """What sort of value a column holds; shown beside the mapping."""

    TEXT = "text"
    ADDRESS = "address"
    NAME = "name"
    PHONE = "phone"
    EMAIL = "email"
    MARK = "mark"
    """A yes against contact."""
    FLAG = "flag"
    MONEY = "money"
    RATIO = "ratio"
    NUMBER = "number"
    DATE = "date"
    WORDS = "words"
    """Several words in one cell."""


class UpdatePolicy(StrEnum):
    """What a file may do to values that are there already."""

    OVERWRITE = "overwrite"
    """A value in the file replaces ours; an empty cell never does."""
    FILL = "fill"
    """A value in the file is taken only where ours is empty."""
    MERGE = "merge"
    """The newer of the two values stands, by the day on which each was true."""
    SKIP = "skip"
    """A lead that is there already stays as it is; only what stands against contact is added."""


class RemovedPolicy(StrEnum):
    """What becomes of a lead that was removed and comes in again."""

    KEEP = "keep"
    """It stays removed; only what stands against contact is added."""
    RESTORE = "restore"
    """It comes back with all that the team knew of it, and the file adds to it."""
    REPLACE = "replace"
    """It comes back as a new lead, as the file says; its timeline and texts stay."""


class MatchKey(StrEnum):
    """By what a row is found to be a lead that is there already."""

    ADDRESS = "address"
    """The normalised address with its unit."""
    PARCEL = "parcel"
    """Parcel number and county: beside the address for rows that have no whole one, alone for all."""
    PHONE = "phone"
    """A number that reaches people of exactly one lead; asked where no other key finds one."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a file is written.

    Attributes:
        encoding: Python's name of it.
        delimiter: one character.
        headers: as they stand in the file, made distinct (``Phone (2)``).
        data_offset: byte at which the first row after the header begins.
        bom: whether the file began with a byte order mark.
        header_row: record that holds the headers, from 1; blank lines count.
        sheet: of a workbook, the sheet that is read.
        sheets: of a workbook, all of them.
        member: of an archive, the file inside it.
    """

    encoding: str
    delimiter: str
    headers: tuple[str, ...]
    data_offset: int
    bom: bool = False
    header_row: int = 1
    sheet: str | None = None
    sheets: tuple[str, ...] = ()
    member: str | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What the user says of how a file is written; None leaves it to be found out.

    Attributes:
        encoding: Python's name of one.
        delimiter: one character.
        header_row: record that holds the headers, from 1.
        sheet: name of a workbook's sheet.
    """

    encoding: str | None = None
    delimiter: str | None = None
    header_row: int | None = None
    sheet: str | None = None


@dataclass(frozen=True, slots=True)
class Template:
    """A mapping that the team keeps under a name."""

    name: str
    columns: int
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Layout:
    """One vendor's file, as data.

    Attributes:
        name: stable word, stored with the import.
        title: for people.
        signature: sets of headers; one set complete means that the vendor may be this one.
        fields: normalised header to field.
        optional: normalised headers that are known but often absent.
        fixed: field to the value that stands for every row, where the file has no column for it or an empty cell.
        nominal: cents; a sale for no more than this names no price.
    """

    name: str
    title: str
    signature: tuple[frozenset[str], ...]
    fields: dict[str, str]
    optional: frozenset[str] = frozenset()
    fixed: dict[str, str] = field(default_factory=dict[str, str])
    nominal: int = 0


@dataclass(frozen=True, slots=True)
class Recognised:
    """Which layout a file has.

    Attributes:
        layout: None when no signature is complete.
        confidence: share of headers on which file and layout agree, 0 to 1.
        mapping: header to field; None where the column is not used.
        doubtful: headers whose field was guessed by their name alone.
    """

    layout: Layout | None
    confidence: float
    mapping: dict[str, str | None]
    doubtful: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class AssertedConsent:
    """What the user says the people of a file agreed to; kept word for word.

    Attributes:
        basis: inquiry, existing relationship or written consent.
        shown_text: the request exactly as the people saw it.
        given_on: when they gave it.
        source: page, form or file that proves it.
        purpose: what they agreed to hear about.
    """

    basis: Basis
    shown_text: str
    given_on: date
    source: str
    purpose: str = "offers to buy the property"


@dataclass(frozen=True, slots=True)
class Options:
    """What the user decides about an import.

    Attributes:
        list_name: every accepted lead goes on this list, besides the file's own lists.
        tags: every accepted lead gets these.
        source: where the leads come from, for reports.
        as_of: the day on which the vendor made the file; None: the day of the import.
        policy: what the file may do to values that are there already.
        consent: None unless the user asserts one.
        state: two letters; the state of rows that name none.
        removed: what becomes of leads that were removed.
        keys: by what rows are found to be leads that are there already.
    """

    list_name: str | None = None
    tags: tuple[str, ...] = ()
    source: str | None = None
    as_of: date | None = None
    policy: UpdatePolicy = UpdatePolicy.OVERWRITE
    consent: AssertedConsent | None = None
    state: str | None = None
    removed: RemovedPolicy = RemovedPolicy.KEEP
    keys: tuple[MatchKey, ...] = (MatchKey.ADDRESS, MatchKey.PARCEL)


@dataclass(frozen=True, slots=True)
class Given:
    """Everything that the user says of a file at once.

    Attributes:
        mapping: header to field, for columns that are to be mapped otherwise.
        options: None: as they are when nobody decides.
        reading: how the file is written, where it is not found out.
        template: name of a mapping that the team keeps.
    """

    mapping: dict[str, str] | dict[str, str | None] | None = None
    options: Options | None = None
    reading: Reading = field(default_factory=Reading)
    template: str | None = None


@dataclass(frozen=True, slots=True)
class Counts:
    """The rows of a file by verdict. ``reconciles`` holds or the import does not go on.

    ``written`` tells, once committed, how many rows of each kind were made or changed.
    """

    data_rows: int = 0
    new: int = 0
    update: int = 0
    unchanged: int = 0
    noted: int = 0
    restored: int = 0
    replaced: int = 0
    removed: int = 0
    """Of leads that were removed and stay so."""
    duplicate: int = 0
    reject: int = 0
    blank: int = 0
    footer: int = 0
    warnings: int = 0
    people: int = 0
    organisations: int = 0
    decedents: int = 0
    phones: int = 0
    phone_links: int = 0
    suppressions: dict[str, int] = field(default_factory=dict[str, int])
    written: dict[str, int] = field(default_factory=dict[str, int])

    @property
    def accepted(self) -> int:
        """Rows that are taken in for themselves, with a lead or, noted, without one."""
        return self.new + self.update + self.unchanged + self.noted + self.restored + self.replaced

    @property
    def reconciles(self) -> bool:
        """Say whether no row has vanished."""
        left_out = self.removed + self.duplicate + self.reject + self.blank + self.footer
        return self.data_rows == self.accepted + left_out


@dataclass(frozen=True, slots=True)
class RowReport:
    """What an import does with one row, and the values that it would store."""

    row: int
    verdict: RowVerdict
    reasons: tuple[str, ...]
    column: str | None
    warnings: tuple[str, ...]
    same_as_row: int | None
    values: dict[str, Any] | None
    raw: tuple[str, ...] | None = None
    lead_id: UUID | None = None
    matched_by: str | None = None
    """The key by which it was found to be a lead that is there already."""


@dataclass(frozen=True, slots=True)
class Report:
    """An import as the doors show it."""

    id: UUID
    filename: str
    size_bytes: int
    state: ImportState
    layout: str | None
    layout_title: str | None
    confidence: float
    dialect: dict[str, Any]
    mapping: dict[str, str | None]
    doubtful: tuple[str, ...]
    options: dict[str, Any]
    counts: dict[str, Any]
    progress: dict[str, Any]
    error: str | None
    job_id: UUID | None
    created_at: datetime
    checked_at: datetime | None
    committed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Undo:
    """What an undo would do.

    Attributes:
        leads: that it would remove.
        again: that were removed before the file restored them, and would be removed again.
        kept: why a lead would be kept, and how many.
        properties: whose earlier values would come back, as far as they still stand.
        suppressions: that came with the file and stay.
    """

    leads: int
    again: int
    kept: dict[str, int]
    properties: int
    suppressions: int


@dataclass(frozen=True, slots=True)
class Origin:
    """Where one stored value came from."""

    filename: str
    row: int | None
    column: str | None
    import_id: UUID
    observed_at: datetime


@dataclass(frozen=True, slots=True)
class FieldInfo:
    """A field that a column can be mapped to, for the mapping's menu."""

    name: str
    label: str
    kind: FieldKind
    repeatable: bool


class Lines(Protocol):
    """Lines of COPY text by staging table, and how many rows of the file they came from."""

    rows: int

    def tables(self) -> Iterator[tuple[str, list[str]]]:
        """Answer each table's name with its lines."""
        ...


class Reads(Protocol):
    """Reads the rows of a file into lines; can be sent to another process."""

    def batch(self, first: int, rows: Iterable[list[str]]) -> Lines:
        """Read rows that are numbered from ``first``."""
        ...
