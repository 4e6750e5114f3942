"""What is staged of a row: the tables, the lines of COPY text for them, and rows that make no lead."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from leadflow.imports.rules import cells
from leadflow.imports.rules.cells import BETWEEN, NULL, escape
from models.vocabulary import RowVerdict

FACTS: dict[str, Callable[[str], str | None]] = {
    "bedrooms": cells.number,
    "bathrooms": cells.number,
    "building_sqft": cells.whole,
    "lot_sqft": cells.whole,
    "year_built": cells.whole,
    "owner_occupied": cells.flag,
    "assessed_value": cells.cents,
    "estimated_value": cells.cents,
    "estimated_equity": cells.cents,
    "loan_balance": cells.cents,
    "loan_to_value": cells.ratio,
    "last_sale_on": cells.day,
    "decedent_died_on": cells.day,
    "probate_filed_on": cells.day,
    "last_sale_amount": cells.cents,
    "latitude": cells.coordinate,
    "longitude": cells.coordinate,
}
"""Fields that one reader turns into one column of ``property``."""

PLACE = ("street", "unit", "city", "state", "zip5", "zip4", "county", "apn", "raw_address", "mailable", "property_type")

COLUMNS: dict[str, tuple[tuple[str, str], ...]] = {
    "row": (
        ("ref", "bigint"),
        ("outcome", "text"),
        ("reason", "text"),
        ("reason_column", "text"),
        ("warnings", "text"),
        ("raw", "text"),
        ("address_key", "text"),
        ("parcel_key", "text"),
        ("digest", "bigint"),
        ("street", "text"),
        ("unit", "text"),
        ("city", "text"),
        ("state", "text"),
        ("zip5", "text"),
        ("zip4", "text"),
        ("county", "text"),
        ("apn", "text"),
        ("raw_address", "text"),
        ("mailable", "boolean"),
        ("property_type", "text"),
        ("bedrooms", "double precision"),
        ("bathrooms", "double precision"),
        ("building_sqft", "integer"),
        ("lot_sqft", "integer"),
        ("year_built", "integer"),
        ("owner_occupied", "boolean"),
        ("assessed_value", "bigint"),
        ("estimated_value", "bigint"),
        ("estimated_equity", "bigint"),
        ("loan_balance", "bigint"),
        ("loan_to_value", "double precision"),
        ("last_sale_on", "date"),
        ("decedent_died_on", "date"),
        ("probate_filed_on", "date"),
        ("last_sale_amount", "bigint"),
        ("latitude", "double precision"),
        ("longitude", "double precision"),
        ("extra", "text"),
        ("lists", "text"),
        ("tags", "text"),
        ("notes", "text"),
    ),
    "person": (
        ("ref", "bigint"),
        ("position", "integer"),
        ("person_key", "text"),
        ("role", "text"),
        ("kind", "text"),
        ("name", "text"),
        ("first_name", "text"),
        ("last_name", "text"),
        ("raw_name", "text"),
        ("care_of", "text"),
        ("mailing_street", "text"),
        ("mailing_unit", "text"),
        ("mailing_city", "text"),
        ("mailing_state", "text"),
        ("mailing_zip5", "text"),
        ("spouse", "boolean"),
    ),
    "phone": (
        ("ref", "bigint"),
        ("rank", "integer"),
        ("e164", "bigint"),
        ("line_type", "text"),
        ("column_name", "text"),
        ("note", "text"),
        ("clean", "boolean"),
        ("position", "integer"),
    ),
    "mark": (
        ("ref", "bigint"),
        ("kind", "text"),
        ("e164", "bigint"),
        ("phone_key", "bytea"),
        ("column_name", "text"),
        ("value", "text"),
    ),
    "email": (("ref", "bigint"), ("email", "text"), ("position", "integer")),
}
"""The staging tables, and what each line of ``Staged`` holds.

``extra`` holds the cells of the columns without a field, in the file's order; their headers stand once in ``head``.
``position`` of a number or an e-mail address is the place in the row of the person it reaches; 0 is nobody.
"""

FACT_COLUMNS = tuple(name for name, _ in COLUMNS["row"] if name in FACTS)

_FOOTER_WORDS = (
    "copyright", "©", "licen", "disclaim", "confidential", "terms of use", "exported", "generated", "total", "records",
    "end of", "page ", "all rights", "report",
)  # fmt: skip


@dataclass(slots=True)
class Staged:
    """Lines of COPY text, ready for the staging tables, and how many rows they came from."""

    row: list[str] = field(default_factory=list[str])
    person: list[str] = field(default_factory=list[str])
    phone: list[str] = field(default_factory=list[str])
    mark: list[str] = field(default_factory=list[str])
    email: list[str] = field(default_factory=list[str])
    rows: int = 0

    def tables(self) -> Iterator[tuple[str, list[str]]]:
        """Answer each table's name with its lines."""
        yield "row", self.row
        yield "person", self.person
        yield "phone", self.phone
        yield "mark", self.mark
        yield "email", self.email


def is_footer(row: Sequence[str]) -> bool:
    """Say whether a row is a closing line (licence, total), not data: one or two cells, and words of that sort."""
    full = [cell.strip() for cell in row if cell.strip()]
    if not full or len(full) > 2:  # noqa: PLR2004 "Total", "28"
        return False
    text = " ".join(full).lower()
    return any(word in text for word in _FOOTER_WORDS)


def closed(
    ref: int, verdict: RowVerdict, reason: str | None = None, column: str | None = None,
    raw: Sequence[str] | None = None, warnings: Sequence[str] = (),
) -> str:  # fmt: skip
    """Write the line of a row that makes no lead."""
    kept = NULL if raw is None else BETWEEN.join(escape(cell) for cell in raw)
    head = (
        str(ref), verdict.value, NULL if reason is None else escape(reason), NULL if column is None else escape(column),
        BETWEEN.join(map(escape, warnings)) or NULL, kept,
    )  # fmt: skip
    return "\t".join(head) + _REST


_REST = ("\t" + NULL) * (len(COLUMNS["row"]) - 6)
