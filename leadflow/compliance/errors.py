"""What the gate refuses to do, and packs that cannot be read."""

from __future__ import annotations

from collections.abc import Sequence

from leadflow.kernel.errors import Conflict, Invalid


class BadPack(Invalid):
    """A rule pack is damaged or lacks what no policy may lack. Nothing is sent under it, and nothing of it is kept.

    Args:
        message: what is wrong and what would be right.
        line: where in the text, from 1; None where it has no text.
        column: the same, from 1.
    """

    code = "bad_rule_pack"

    def __init__(self, message: str, line: int | None = None, column: int | None = None) -> None:
        where = f"Line {line}, column {column}: " if line else ""
        super().__init__(where + message, "yaml" if line else None)
        self.reason, self.line, self.column = message, line, column


class BelowLaw(Invalid):
    """A policy would allow what federal law forbids; no reason and no role can install it.

    Args:
        reasons: what lies below the law, each naming its provision; never empty.
    """

    code = "below_the_law"

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__(f"This lies below the law. {reasons[0]}", "yaml")
        self.reasons = tuple(reasons)


class NeedsReason(Invalid):
    """A change that allows more than before was given without a reason."""

    code = "needs_reason"

    def __init__(self) -> None:
        super().__init__("This change allows more than before. Say why; the reason stays on record.", "reason")


class Overtaken(Conflict):
    """Somebody else installed another version since this one was looked at."""

    code = "overtaken"

    def __init__(self, version: int) -> None:
        super().__init__(f"Version {version} was installed meanwhile. Look at the preview again.")


class NoPepper(RuntimeError):
    """The process was started without ``compliance.service.configure``: a mistake of ours, not of a user."""

    def __init__(self) -> None:
        super().__init__("compliance.service.configure was not called")
