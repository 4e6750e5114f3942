"""What campaigns refuse."""

from __future__ import annotations

from collections.abc import Sequence

from leadflow.campaigns.types import Problem
from leadflow.kernel.errors import Conflict, Invalid


class Incomplete(Invalid):
    """Something is missing in the builder; carries every problem, the first as its sentence."""

    code = "incomplete"

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(problems[0].message, problems[0].field)
        self.reasons = tuple(f"{problem.field}: {problem.message}" for problem in problems)


class SamePerson(Conflict):
    """The author cannot approve his own campaign."""

    code = "same_person"

    def __init__(self) -> None:
        super().__init__("Somebody other than the author must approve this campaign.")


class NotThere(Conflict):
    """The campaign is in another state than this needs."""

    code = "wrong_state"
