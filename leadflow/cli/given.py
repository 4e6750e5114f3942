"""What a command line gives, checked by the same models as what comes over HTTP."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol, TypeVar
from uuid import UUID

from pydantic import BaseModel, ValidationError

from leadflow.kernel.errors import Invalid, NotFound

Model = TypeVar("Model", bound=BaseModel)


class Named(Protocol):
    """A row that a command line may name."""

    @property
    def id(self) -> UUID:
        """As lists show it."""
        ...

    @property
    def name(self) -> str:
        """As people call it."""
        ...


Row = TypeVar("Row", bound=Named)


def checked(model: type[Model], given: dict[str, Any]) -> Model:
    """Read ``given`` as ``model``.

    Raises:
        Invalid: a member makes no sense; names the first.
    """
    try:
        return model.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        raise Invalid(f"{name}: {first['msg'].removeprefix('Value error, ')}", name or None) from error


def named(rows: Iterable[Row], name: str, what: str, shown_by: str) -> Row:
    """Find a row by its name or id.

    Args:
        rows: those that there are.
        name: what the command line says.
        what: one of them in words, for the refusal.
        shown_by: the command that lists them, without ``leadflow``.

    Raises:
        NotFound: there is none; names the command that lists them.
    """
    found = next((row for row in rows if name in {row.name, str(row.id)}), None)
    if found is None:
        raise NotFound(f"There is no {what} “{name}”. `leadflow {shown_by}` shows them.")
    return found
