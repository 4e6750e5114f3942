"""One page of rows, and keyset cursors: where the next begins, as an opaque word that a client may not invent."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

import orjson

from leadflow.kernel.errors import Invalid

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Some rows, where the next begin, and on the first page how many there are.

    Attributes:
        rows: in the order of the list.
        next: cursor of the next page; None on the last.
        count: rows of all pages; None where there are more than the list counts, and on later pages.
        at_least: told instead of ``count`` where there are more.
    """

    rows: tuple[Row, ...]
    next: str | None = None
    count: int | None = None
    at_least: int | None = None


def encode(*values: Any) -> str:  # noqa: ANN401 any JSON value may be a sort key
    """Pack the last row's sort values (and its id) into a cursor."""
    return base64.urlsafe_b64encode(orjson.dumps(values)).decode().rstrip("=")


def decode(cursor: str, length: int) -> list[Any]:
    """Unpack a cursor.

    Raises:
        Invalid: it is not one of ours, or belongs to another list.
    """
    try:
        values = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, orjson.JSONDecodeError, ValueError) as error:
        raise Invalid("This page marker is damaged. Reload the list.", "after") from error
    if not isinstance(values, list) or len(values) != length:  # pyright: ignore[reportUnknownArgumentType]
        raise Invalid("This page marker belongs to another list. Reload it.", "after")
    return values  # pyright: ignore[reportUnknownVariableType]


def instant_and_id(cursor: str | None) -> tuple[datetime, UUID] | None:
    """Unpack the cursor of a list that is ordered by an instant and the row's id; None of none.

    Raises:
        Invalid: it is not one of ours, or belongs to another list.
    """
    if cursor is None:
        return None
    at, row_id = decode(cursor, 2)
    try:
        return datetime.fromisoformat(at), UUID(row_id)
    except (AttributeError, TypeError, ValueError) as error:
        raise Invalid("This page marker belongs to another list. Reload it.", "after") from error
