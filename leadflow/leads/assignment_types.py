"""How new leads are given out: rules, members and their turns."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from leadflow.leads.types import clean

MEMBERS = 100
"""Members of one rule at most."""
RULES = 1_000
"""Rules of an organisation that can be put in order at most."""
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80), BeforeValidator(clean)]
Part = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200), BeforeValidator(clean)]


class RuleInput(BaseModel):
    """A rule by which new leads are given to members in turn; it is about all of them where nothing narrows."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Name
    members: Annotated[tuple[UUID, ...], Field(min_length=1, max_length=MEMBERS)]
    source: Part = ""
    list_name: Part = ""
    county: Part = ""
    position: Annotated[int, Field(ge=0, le=1_000)] = 0
    """The first active rule that fits a lead takes it, the smallest position first."""
    active: bool = True


class Turns(StrEnum):
    """What becomes of the members' queue when a rule is changed."""

    KEPT = "kept"
    """Members who stay keep their turn, new ones come behind everybody."""
    AS_GIVEN = "as_given"
    """Turns come in the order in which the members are given."""


class RuleChange(RuleInput):
    """What a rule shall be from now on."""

    turns: Turns = Turns.KEPT
    seen: AwareDatetime | None = None
    """When the rule had been changed last as far as the writer knows; None changes it whatever it has become."""


class RuleOrder(BaseModel):
    """All rules, in the order in which they are tried."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    rules: Annotated[tuple[UUID, ...], Field(min_length=1, max_length=RULES)]


@dataclass(frozen=True, slots=True)
class Turn:
    """A member of a rule.

    Attributes:
        given: leads that the rule gave to the member.
        available: whether the next turn may come: an active member who is not away.
    """

    user_id: UUID
    name: str
    given: int
    available: bool


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A rule with its members, who is next first."""

    id: UUID
    name: str
    source: str
    list_name: str
    county: str
    position: int
    active: bool
    changed_at: datetime
    """When what it says was changed last."""
    turns: tuple[Turn, ...]


@dataclass(frozen=True, slots=True)
class Attendance:
    """A member, and until when he or she is away; None is here."""

    user_id: UUID
    name: str
    away_until: datetime | None
