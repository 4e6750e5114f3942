"""How a person looks at leads: views with their columns, steps from lead to lead, the organisation's own fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Literal, cast
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from leadflow.leads.filter_types import Kind, Op
from leadflow.leads.types import Direction, LeadFilter, Named, clean
from models.vocabulary import FieldKind

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60), BeforeValidator(clean)]
Density = Literal["comfortable", "compact"]
"""Rows of 36 or of 28 pixels."""


@dataclass(frozen=True, slots=True)
class Step:
    """A neighbour of a lead in the list."""

    id: UUID
    mark: str
    """Where it stands; good for the next step even when the lead has left the list meanwhile."""


@dataclass(frozen=True, slots=True)
class Steps:
    """Where a lead stands in the list, and who stands beside it; None at either end."""

    here: str
    previous: Step | None
    next: Step | None


@dataclass(frozen=True, slots=True)
class Without:
    """One part of a filter, and how many leads there would be without it.

    Attributes:
        part: the name of a simple word, or ``where``.
        chip: the chip as it is written; empty for a simple word.
        count: at most ``COUNT_UP_TO`` + 1.
    """

    part: str
    chip: str
    count: int


@dataclass(frozen=True, slots=True)
class AskedField:
    """A field that narrows the list: its name for people, what it can be asked, and the words that it can have.

    ``also`` holds what else people look for it by.
    """

    label: str
    kind: Kind
    ops: list[Op]
    words: list[str] | None
    also: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """Everything that a filter is built of."""

    fields: Mapping[str, AskedField]
    lists: list[Named]
    tags: list[Named]
    people: list[Named]
    """Nobody, where the caller may not see the members."""


class ViewColumn(BaseModel):
    """How a column of the list stands in a view; the order of these is that of the columns."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Annotated[str, StringConstraints(min_length=1, max_length=60)]
    width: Annotated[int, Field(ge=30, le=1_200)] | None = None
    hide: bool = False


def _filter(value: Any) -> dict[str, Any]:  # noqa: ANN401 whatever JSON holds
    if not isinstance(value, Mapping):
        raise ValueError("a filter is an object")  # noqa: TRY004 pydantic words a ValueError
    return LeadFilter.read(cast("Mapping[str, Any]", value)).as_dict()


class ViewContent(BaseModel):
    """What a view shows: which leads, in which order, in which columns."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    filter: Annotated[dict[str, Any], BeforeValidator(_filter)] = Field(default_factory=dict[str, Any])
    """As ``LeadFilter`` writes it."""
    sort: Annotated[str, StringConstraints(max_length=40)] = ""
    """A sort of the list; empty for the newest first."""
    dir: Direction = "desc"
    columns: Annotated[tuple[ViewColumn, ...], Field(max_length=200)] = ()
    """Empty where the columns are the usual ones."""
    density: Density = "comfortable"


@dataclass(frozen=True, slots=True)
class ViewRow:
    """A view as one person sees it."""

    id: UUID
    name: str
    shared: bool
    owner_id: UUID
    owner: str
    content: Mapping[str, Any]
    pinned: bool
    opens_first: bool
    may_change: bool


@dataclass(frozen=True, slots=True)
class PinnedView:
    """A view in the sidebar; its count stops at ``COUNT_UP_TO`` + 1."""

    id: UUID
    name: str
    content: Mapping[str, Any]
    count: int


# Own fields


@dataclass(frozen=True, slots=True)
class Stored:
    """One value as it is kept; just one of the three is given."""

    text: str | None = None
    number: float | None = None
    day: date | None = None


@dataclass(frozen=True, slots=True)
class FieldRow:
    """A field of the organisation's own."""

    id: UUID
    name: str
    kind: FieldKind
    options: list[str]
    header: str | None
    """Column of imported files that it takes over."""
    position: int
    archived_at: datetime | None
    used: bool
    """Some lead has a value."""


class FieldInput(BaseModel):
    """A new field."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Name
    kind: FieldKind
    options: Annotated[tuple[Name, ...], Field(max_length=100)] = ()
    header: Annotated[str, BeforeValidator(clean), StringConstraints(strip_whitespace=True, max_length=200)] | None = (
        None
    )


class FieldChange(BaseModel):
    """What to change of a field; absent members stay as they are. Its kind is for good."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Name | None = None
    options: Annotated[tuple[Name, ...], Field(max_length=100)] | None = None
    header: Annotated[str, BeforeValidator(clean), StringConstraints(strip_whitespace=True, max_length=200)] | None = (
        None
    )
    """Empty: it takes nothing over any more."""
    position: Annotated[int, Field(ge=0, le=1_000)] | None = None


@dataclass(frozen=True, slots=True)
class Cell:
    """One value of one lead, as somebody wants it and as they saw it when they began."""

    name: str
    """``status``, ``assignee``, ``tags``, ``value``, or a field: ``custom.`` and its id."""
    value: Any
    seen: Any
