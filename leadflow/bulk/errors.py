"""What edits of many leads refuse."""

from __future__ import annotations

from leadflow.kernel.errors import Conflict


class NotUndoable(Conflict):
    """The edit cannot be taken back."""

    code = "not_undoable"
