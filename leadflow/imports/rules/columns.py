"""Where in a row what stands: worked out once for a mapping, used for every row."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from leadflow.imports.rules import cells
from leadflow.imports.rules.fields import (
    CONTACT_PHONES,
    EXTRA,
    MOST_EMAILS,
    MOST_PHONES,
    OWNERS,
    PARTIES,
)
from leadflow.imports.rules.headers import normalise
from leadflow.imports.rules.staged import FACT_COLUMNS, FACTS
from models.vocabulary import PartyRole, SuppressionKind

_PLACE = frozenset({"street", "address", "apn", "city", "city_line", "zip"})
_MARKED = frozenset({
    "phone_1_clean", "phone_1_national_dnc", "phone_1_state_dnc", "phone_1_dnc", "phone_1_litigator", "dnc",
    "litigator", "opt_out",
})  # fmt: skip
_BY_HAND = frozenset({
    "owner_roll", "street_number", "city_line", "mailing_address", "case_number", "estate_real", "heirs",
    "owner_deceased",
})  # fmt: skip
"""Fields whose rows are read one by one."""


@dataclass(frozen=True, slots=True)
class PhoneColumns:
    """Where one number and what is said of it stand; an index of -1 is nowhere."""

    number: int
    header: str
    kind: int
    marks: tuple[tuple[int, str, SuppressionKind], ...]
    dnc: int
    kind_word: str = ""
    """The kind of line where no column tells it."""
    clean: int = -1
    """A column that says outright whether the number was looked up and is on no list."""


@dataclass(frozen=True, slots=True)
class PartyColumns:
    """Where somebody besides the owners stands; an index of -1 is nowhere."""

    party: str
    role: PartyRole
    names: tuple[int, int, int]
    """Whole name, given name, family name."""
    address: int
    mailing: tuple[int, int, int, int]
    """Street, city, state, ZIP code."""
    role_word: int
    phones: tuple[PhoneColumns, ...]
    emails: tuple[int, ...]


class Columns:
    """Where the columns of one file stand.

    Args:
        headers: distinct headers in the file's order.
        mapping: header to field.
        pepper: keys the HMAC of marked numbers.
        salt: goes into every row's digest: what else decides what would be stored (mapping, options).
        fixed: field to the value of rows whose cell is empty or missing.
        nominal: cents; a sale for no more than this names no price.
    """

    def __init__(
        self, headers: Sequence[str], mapping: Mapping[str, str | None], pepper: bytes, salt: str = "",
        *, fixed: Mapping[str, str] | None = None, nominal: int = 0,
    ) -> None:  # fmt: skip
        self.headers = tuple(headers)
        self.width = len(headers)
        self.pepper = pepper
        self.salt = hashlib.blake2b(salt.encode(), digest_size=16).digest()
        self.fixed, self.nominal = dict(fixed or {}), nominal
        at: dict[str, int] = {}
        many: dict[str, list[int]] = {EXTRA: [], "lists": [], "tags": [], "notes": []}
        for index, header in enumerate(self.headers):
            target = mapping.get(header)
            if target in many:
                many[target].append(index)
            elif target is not None:
                at.setdefault(target, index)
        self.at = at
        self.lists, self.tags, self.notes = many["lists"], many["tags"], many["notes"]
        self.extras = tuple(many[EXTRA])
        self.days = frozenset(index for index in many[EXTRA] if "date" in normalise(self.headers[index]))
        """Extra columns that hold days."""
        self.property_type, self.do_not_mail = at.get("property_type", -1), at.get("do_not_mail", -1)
        self.facts = tuple((at.get(name, -1), FACTS[name]) for name in FACT_COLUMNS)
        self._places()
        self._reached()
        self.numbers_only = "phone_1" in at and not _PLACE & set(at) and not _MARKED.isdisjoint(at) and not self.owners
        """The file is a list of numbers that were looked up: no row of it is a property."""
        self.by_hand = bool(self.parties or self.fixed or nominal or self.numbers_only or not _BY_HAND.isdisjoint(at))
        """Rows must be read one by one."""

    def _places(self) -> None:
        self.mailing = self._at("mailing_", ("street", "unit", "city", "state", "zip"))
        self.home = self._at("", ("street", "unit", "city", "state", "zip"))
        # A one-line address needs cutting; so does a street column that stands alone.
        alone = "city" not in self.at and "city_line" not in self.at and "city" not in self.fixed
        self.one_line = self.at.get("address", self.at.get("street", -1) if alone else -1)

    def _reached(self) -> None:
        at = self.at
        self.owners = tuple(
            columns
            for n in range(1, OWNERS + 1)
            if (columns := self._at(f"owner_{n}_", ("name", "first_name", "last_name"))) != (-1, -1, -1)
        )
        self.parties = tuple(self._party_columns())
        self.phones = tuple(self._phone_columns())
        self.emails = tuple(at[name] for n in range(1, MOST_EMAILS + 1) if (name := f"email_{n}") in at)
        self.row_marks = tuple(
            (at[name], self.headers[at[name]], kind)
            for name, kind in (
                ("dnc", SuppressionKind.VENDOR_DNC),
                ("litigator", SuppressionKind.LITIGATOR),
                ("opt_out", SuppressionKind.OPT_OUT),
            )
            if name in at
        )

    def _at(self, before: str, parts: Sequence[str]) -> tuple[int, ...]:
        return tuple(self.at.get(f"{before}{part}", -1) for part in parts)

    def _phone_columns(self) -> Iterator[PhoneColumns]:
        for n in range(1, MOST_PHONES + 1):
            if f"phone_{n}" in self.at:
                yield self._phone(f"phone_{n}")

    def _phone(self, name: str) -> PhoneColumns:
        at = self.at
        number = at[name]
        marks = tuple(
            (at[field], self.headers[at[field]], kind)
            for field, kind in (
                (f"{name}_dnc", SuppressionKind.VENDOR_DNC),
                (f"{name}_national_dnc", SuppressionKind.NATIONAL_DNC),
                (f"{name}_state_dnc", SuppressionKind.STATE_DNC),
                (f"{name}_litigator", SuppressionKind.LITIGATOR),
                (f"{name}_opt_out", SuppressionKind.OPT_OUT),
            )
            if field in at
        )
        dnc = at.get(f"{name}_dnc", at.get("dnc", -1))
        return PhoneColumns(
            number, self.headers[number], at.get(f"{name}_type", -1), marks, dnc,
            self.fixed.get(f"{name}_type", ""), at.get(f"{name}_clean", -1),
        )  # fmt: skip

    def _party_columns(self) -> Iterator[PartyColumns]:
        at = self.at
        for party, role in PARTIES.items():
            parts = {
                part: at.get(f"{party}_{part}", -1)
                for part in ("name", "first_name", "last_name", "address", "street", "city", "state", "zip", "role")
            }
            names = (parts["name"], parts["first_name"], parts["last_name"])
            if names == (-1, -1, -1):
                continue
            numbers = (f"{party}_phone", *(f"{party}_phone_{m}" for m in range(1, CONTACT_PHONES + 1)))
            mails = (f"{party}_email", *(f"{party}_email_{m}" for m in range(1, CONTACT_PHONES + 1)))
            # A street without a city beside it is the whole address.
            whole = parts["address"] if parts["address"] >= 0 or parts["city"] >= 0 else parts["street"]
            yield PartyColumns(
                party, role, names, whole, (parts["street"], parts["city"], parts["state"], parts["zip"]),
                parts["role"], tuple(self._phone(name) for name in numbers if name in at),
                tuple(at[name] for name in mails if name in at),
            )  # fmt: skip


def empty(cell: str) -> bool:
    """Say whether a cell holds nothing, or a word for nothing."""
    return not cell or cell.strip().lower() in cells.NOTHING
