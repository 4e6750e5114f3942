"""Column types: the value a column means, not the habit of its writers."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, Text
from sqlalchemy.dialects.postgresql import ARRAY, BYTEA, JSONB
from sqlalchemy.dialects.postgresql import UUID as PgUuid  # noqa: N811 it is a class, whatever its letters
from sqlalchemy.types import TypeDecorator, TypeEngine


class PhoneNumber(TypeDecorator[str]):
    """E.164 text in Python (``+12155550101``), its digits as bigint in Postgres.

    A bigint is half the size of the text and sorts by area code; measured in docs/performance.
    """

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> int | None:  # noqa: ARG002 SQLAlchemy's signature
        """Store the digits."""
        return None if value is None else int(value.removeprefix("+"))

    def process_result_value(self, value: int | None, dialect: Dialect) -> str | None:  # noqa: ARG002 SQLAlchemy's signature
        """Read E.164."""
        return None if value is None else f"+{value}"


class Instant(TypeDecorator[datetime]):
    """An aware UTC instant. Naive values are refused: a time without a zone is a bug."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 SQLAlchemy's signature
        """Refuse a naive value.

        Raises:
            ValueError: ``value`` has no time zone.
        """
        if value is not None and value.tzinfo is None:
            msg = "an instant needs a time zone"
            raise ValueError(msg)
        return value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 SQLAlchemy's signature
        """Read in UTC."""
        return None if value is None else value.astimezone(UTC)


class Money(TypeDecorator[int]):
    """US dollars as integer cents."""

    impl = BigInteger
    cache_ok = True


class Term(TypeDecorator[Any]):
    """A word of ``models.vocabulary`` stored as text; readable in SQL, checked on the way in and out."""

    impl = Text
    cache_ok = True

    def __init__(self, words: type[Any]) -> None:
        super().__init__()
        self.words = words

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:  # noqa: ANN401, ARG002 SQLAlchemy's signature
        """Store the word.

        Raises:
            ValueError: the word is not in the vocabulary.
        """
        return None if value is None else str(self.words(value).value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:  # noqa: ANN401, ARG002 SQLAlchemy's signature
        """Read the word as its enum member."""
        return None if value is None else self.words(value)


Json = JSONB
Bytes = BYTEA


def uuid_array() -> TypeEngine[Any]:
    """A set of ids held in one row (lists and tags of a lead), searched through a GIN index."""
    return ARRAY(PgUuid(as_uuid=True))


def text_array() -> TypeEngine[Any]:
    """A short list of words in one row."""
    return ARRAY(Text)
