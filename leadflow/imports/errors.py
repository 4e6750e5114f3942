"""What an import refuses."""

from __future__ import annotations

from leadflow.kernel.errors import Conflict, Invalid


class UnreadableFile(Invalid):
    """The bytes are no table that can be read."""

    code = "unreadable_file"

    def __init__(self, message: str) -> None:
        super().__init__(message, "file")


class BadMapping(Invalid):
    """The mapping names a column or a field that does not exist, or one field twice."""

    code = "bad_mapping"

    def __init__(self, message: str) -> None:
        super().__init__(message, "mapping")


class NotReady(Conflict):
    """The import is not in a state in which this can be done."""

    code = "not_ready"
