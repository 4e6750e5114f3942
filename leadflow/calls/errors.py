"""What calls refuse beside the gate."""

from __future__ import annotations

from leadflow.kernel.errors import Invalid


class NoInstant(Invalid):
    """A call back was agreed, and nobody said for when."""

    code = "no_instant"

    def __init__(self) -> None:
        super().__init__("Say when to call back: an instant ahead of now, within a year.", "call_back_at")
