"""Filters, rows and answers of leads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, Literal, cast
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    PlainValidator,
    StringConstraints,
    ValidationError,
)

from leadflow.kernel import area as areas
from leadflow.kernel.errors import Invalid
from leadflow.leads import filter_types
from leadflow.leads.card_types import Score, Standing, Suppressed
from leadflow.properties.types import Fact
from models.vocabulary import (
    ActivityKind,
    LeadStatus,
    LineType,
    PartyRole,
    PersonKind,
    PhoneStatus,
    TaskState,
)

COUNT_UP_TO = 10_000
"""Rows are counted exactly up to here; the capped count of a million rows takes 79 ms (p95), a full one longer."""
PAGE_LIMIT = 200
"""Rows of one page at most."""
Direction = Literal["asc", "desc"]


def _several(value: Any) -> Any:  # noqa: ANN401 whatever a query string or JSON holds
    """Take one word for a list of one; drop the empty ones that a cleared chip leaves in an address."""
    if value is None:
        return ()
    words: Sequence[Any] = [value] if isinstance(value, str | UUID) else value
    return tuple(word for word in words if word != "")


def clean(value: Any) -> Any:  # noqa: ANN401 whatever a query string or JSON holds
    """Drop what Postgres cannot store in text: NUL and halves of surrogate pairs."""
    return value.encode("utf-8", "ignore").decode().replace("\x00", "") if isinstance(value, str) else value


def _blank_is_none(value: Any) -> Any:  # noqa: ANN401 whatever a query string or JSON holds
    return None if value == "" else value


def _chips(value: Any) -> tuple[filter_types.Chip, ...]:  # noqa: ANN401 whatever a query string or JSON holds
    words = _several(value)
    if len(words) > filter_types.CHIPS:
        raise ValueError(f"at most {filter_types.CHIPS} chips")
    return tuple(
        cast("filter_types.Chip", word) if isinstance(word, tuple) else filter_types.read(str(clean(word)))
        for word in words
    )


def _spelt(chips: tuple[filter_types.Chip, ...]) -> list[str]:
    return [filter_types.write(chip) for chip in chips]


Word = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120), BeforeValidator(clean)]
State = Annotated[str, StringConstraints(strip_whitespace=True, to_upper=True, pattern="^[A-Za-z]{2}$")]
Statuses = Annotated[tuple[LeadStatus, ...], BeforeValidator(_several)]
Words = Annotated[tuple[Word, ...], BeforeValidator(_several), Field(max_length=50)]
States = Annotated[tuple[State, ...], BeforeValidator(_several), Field(max_length=60)]
Chips = Annotated[tuple[filter_types.Chip, ...], PlainValidator(_chips), PlainSerializer(_spelt)]
Assignee = Annotated[UUID | Literal["me", "none"] | None, BeforeValidator(_blank_is_none)]


class LeadFilter(BaseModel):
    """Which leads; every field that is given narrows. Stored with a campaign, carried by an address.

    Several words in ``status``, ``state`` or ``tag`` mean any of them; several in ``list`` mean on all of them
    (stacking), and ``not_list`` on none. Lists and tags go by id or by name.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    q: Annotated[str, BeforeValidator(clean), StringConstraints(strip_whitespace=True, max_length=200)] = ""
    """Words of name, address, parcel number or phone; all must be there."""
    status: Statuses = ()
    state: States = ()
    list: Words = ()
    not_list: Words = ()
    tag: Words = ()
    assignee: Assignee = None
    """A user, ``me``, or ``none`` for what nobody has."""
    min_stack: Annotated[int | None, Field(ge=0, le=1_000), BeforeValidator(_blank_is_none)] = None
    min_equity: Annotated[float | None, Field(ge=-1_000, le=100), BeforeValidator(_blank_is_none)] = None
    """Percent of the estimated value."""
    min_value: Annotated[int | None, Field(ge=0, le=10**15), BeforeValidator(_blank_is_none)] = None
    """Cents."""
    source: Annotated[
        str | None, StringConstraints(max_length=200), BeforeValidator(clean), BeforeValidator(_blank_is_none)
    ] = None
    import_id: Annotated[UUID | None, BeforeValidator(_blank_is_none)] = None
    """Leads that this import made."""
    has_phone: Annotated[bool | None, BeforeValidator(_blank_is_none)] = None
    where: Chips = ()
    """Chips: everything else that can be asked. See ``filter_types`` for how one is written."""
    area: Annotated[str, StringConstraints(max_length=areas.LONGEST), AfterValidator(areas.canonical)] = ""
    """Shapes of the map, counties or ZIPs, any of which holds the lead; see ``kernel.area``."""

    def as_dict(self) -> dict[str, Any]:
        """Write what narrows, as JSON values."""
        return self.model_dump(mode="json", exclude_defaults=True)

    def kinds(self) -> list[str]:
        """Name what narrows, without what was typed: nothing is ever taken out of the record of acts."""
        chips = {f"{one.field}:{one.op}" for chip in self.where for one in chip}
        return sorted(chips | self.as_dict().keys() - {"where"})

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> LeadFilter:
        """Check a filter that came from outside.

        Raises:
            Invalid: a field is unknown or its value makes no sense; names the field.
        """
        try:
            return cls.model_validate(dict(given))
        except ValidationError as error:
            first = error.errors()[0]
            name = str(first["loc"][0]) if first["loc"] else None
            said = first["msg"].removeprefix("Value error, ")
            raise Invalid(f"The filter {name or ''} is not valid: {said}.".replace("  ", " "), name) from error


@dataclass(frozen=True, slots=True)
class Flat:
    """A row of ``lead_search`` with the assignee's name and the value that it is sorted by."""

    lead_id: UUID
    property_id: UUID
    street: str
    unit: str
    city: str
    state: str
    zip5: str
    county: str
    owner: str
    owner_kind: str | None
    owner_count: int
    status: str
    source: str
    assignee_id: UUID | None
    assignee_name: str | None
    stack: int
    list_ids: list[UUID]
    list_names: list[str]
    """In the order of ``list_ids``."""
    tag_names: list[str]
    estimated_value: int | None
    estimated_equity: int | None
    equity_percent: float | None
    property_type: str
    bedrooms: float | None
    bathrooms: float | None
    building_sqft: int | None
    year_built: int | None
    phone_count: int
    best_person_id: UUID | None
    best_phone_id: UUID | None
    best_phone: int | None
    best_line_type: str | None
    best_phone_status: str | None
    owner_occupied: bool | None
    last_touch_at: datetime | None
    next_task_at: datetime | None
    next_task: str | None
    added_at: datetime
    quadkey: int | None
    from_zip: list[str]
    score: int
    sort_value: Any


@dataclass(frozen=True, slots=True)
class Named:
    """A thing that a cell names: a list, a user."""

    id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class PhoneCell:
    """The number that would be tried first."""

    number: str
    line_type: LineType | None


@dataclass(frozen=True, slots=True)
class Contactable:
    """The gate's word for a column.

    Attributes:
        verdict: ``sendable``, ``later`` or ``blocked``.
        label: ``Sendable``, ``Later``, ``Blocked``.
        detail: for later, the hour by the recipient's own clock: ``9:00 AM CT``; for blocked, few words.
        reason: one sentence; empty when sendable.
        reasons: names of the rules, worst first.
    """

    verdict: str
    label: str
    detail: str
    reason: str
    reasons: tuple[str, ...]
    later_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class LeadRow:
    """One row of the lead list."""

    id: UUID
    street: str
    unit: str
    city: str
    state: str
    zip5: str
    county: str
    from_zip: tuple[str, ...]
    """Which of ``city`` and ``county`` nobody said of the property itself: they are what its ZIP says."""
    owner: str
    owner_kind: PersonKind | None
    owner_count: int
    status: LeadStatus
    source: str
    assignee: Named | None
    stack: int
    lists: tuple[Named, ...]
    tags: tuple[str, ...]
    estimated_value: int | None
    estimated_equity: int | None
    equity_percent: float | None
    property_type: str
    bedrooms: float | None
    bathrooms: float | None
    building_sqft: int | None
    year_built: int | None
    phone: PhoneCell | None
    phone_count: int
    contactable: Contactable
    last_touch_at: datetime | None
    next_task: str | None
    next_task_at: datetime | None
    added_at: datetime
    quadkey: int | None
    """Cell of the map at zoom 24 in which it stands; its bits shifted right name the cells around it."""
    score: int
    """0 to 100, as kept; the lead itself tells what it is made of."""
    fields: Mapping[str, Any]
    """What the organisation's own fields hold, by their ids; those that hold nothing are absent."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """What an import brought."""

    created: int
    listed: int
    tagged: int


@dataclass(frozen=True, slots=True)
class StatusChange:
    """Leads that somebody moved to a status."""

    lead_ids: tuple[UUID, ...]
    status: LeadStatus


@dataclass(frozen=True, slots=True)
class Claim:
    """Who works on a lead, and until when."""

    user_id: UUID
    name: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Removal:
    """Leads that somebody removed."""

    lead_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class RemovedRow:
    """A lead that was removed."""

    id: UUID
    street: str
    place: str
    """City, state and ZIP."""
    owner: str
    status: LeadStatus
    removed_at: datetime
    removed_by: str
    """Name of who did; empty for an undo or a program that has none."""
    why: str


@dataclass(frozen=True, slots=True)
class Moment:
    """One entry on its way to a timeline."""

    lead_id: UUID
    kind: ActivityKind
    summary: str
    actor_id: UUID | None = None
    detail: Mapping[str, Any] = field(default_factory=dict[str, Any])
    at: datetime | None = None
    """Now when absent."""


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One entry of a lead's timeline."""

    id: UUID
    at: datetime
    kind: ActivityKind
    summary: str
    actor: Named | None
    detail: Mapping[str, Any]
    source: str = ""
    """What wrote it, for people: a file, a bulk edit, the inbox; empty where somebody did by hand."""
    href: str = ""
    """Where that is shown."""
    pinned: bool = False
    """A note that stands above the others."""
    edited: bool = False
    """A note whose words were changed since."""


@dataclass(frozen=True, slots=True)
class TaskRow:
    """A follow-up, with the lead that it is about."""

    id: UUID
    title: str
    due_at: datetime | None
    state: TaskState
    assignee: Named | None
    done_at: datetime | None
    lead_id: UUID | None
    street: str = ""
    owner: str = ""
    overdue: bool = False


@dataclass(frozen=True, slots=True)
class ListRow:
    """A list with its size."""

    id: UUID
    name: str
    source: str
    count: int


@dataclass(frozen=True, slots=True)
class TagRow:
    """A tag with its use."""

    id: UUID
    name: str
    count: int


@dataclass(frozen=True, slots=True)
class Membership:
    """That a lead is on a list, since when and seen when last."""

    id: UUID
    name: str
    first_seen_at: datetime
    last_seen_at: datetime


@dataclass(frozen=True, slots=True)
class PhoneCard:
    """A person's number: what is known of it and what the gate says."""

    id: UUID
    number: str
    line_type: LineType
    carrier: str | None
    status: PhoneStatus
    score: int | None
    rank: int
    note: str | None
    best: bool
    came_from: str
    """Where it was learnt: ``file.csv, row 812, column Cell 1``; empty when typed in."""
    suppressions: tuple[Suppressed, ...]
    contactable: Contactable
    import_id: UUID | None = None
    """The import that brought it."""
    consent: Standing | None = None
    scrubbed_at: datetime | None = None
    """Of what day the latest look-up in a do-not-call list is; None where there was none."""


@dataclass(frozen=True, slots=True)
class PersonCard:
    """Somebody who stands to the property, with roles and numbers."""

    id: UUID
    name: str
    kind: PersonKind
    roles: tuple[PartyRole, ...]
    position: int
    surviving_spouse: bool
    """Was married to the decedent: to be met with more care, and later."""
    deceased: bool
    contact: bool
    """False for a decedent and an attorney: shown, never contacted."""
    mailing: str
    billing_state: str | None
    """Where the person is billed: the hours there bind as well."""
    phones: tuple[PhoneCard, ...]
    emails: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LeadDetail:
    """A lead as its drawer and page show it."""

    row: LeadRow
    property: Mapping[str, Any]
    people: tuple[PersonCard, ...]
    lists: tuple[Membership, ...]
    tasks: tuple[TaskRow, ...]
    timeline: tuple[TimelineEntry, ...]
    facts: tuple[Fact, ...]
    extra: Mapping[str, Any]
    """Columns of the source that have no field of their own."""
    score: Score
    pinned: TimelineEntry | None = None
    """The note that stands above the timeline."""
    timeline_next: str | None = None
    """Cursor of the entries after ``timeline``; None where these are all."""
    claim: Claim | None = None
    """Who works on it now."""


@dataclass(frozen=True, slots=True)
class Today:
    """What waits for the caller, in the order to work it. Counts of leads stop at ``COUNT_UP_TO`` + 1."""

    replies: int
    overdue: tuple[TaskRow, ...]
    due: tuple[TaskRow, ...]
    """Open tasks until the end of tomorrow."""
    new_leads: int
    no_next_task: int
    """Leads in work without an open task."""


@dataclass(frozen=True, slots=True)
class Change:
    """A bulk edit; what is None stays as it is."""

    status: LeadStatus | None = None
    assignee: UUID | Literal["none"] | None = None
    add_tag: str | None = None
    remove_tag: str | None = None
    add_list: str | None = None
    remove_list: str | None = None
    remove: str | None = None
    """Remove the leads, for this reason."""
    share: tuple[UUID, ...] = ()
    """Deal the leads out evenly among these members."""
    shared: int = 0
    """How many were dealt out before."""
