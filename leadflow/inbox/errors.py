"""What the inbox refuses."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from leadflow.kernel.errors import Conflict


class ConversationLocked(Conflict):
    """A legal threat stands in the conversation."""

    code = "conversation_locked"

    def __init__(self) -> None:
        super().__init__(
            "This conversation is locked because of a legal threat. Ask a manager to review it; nobody answers before."
        )


class JustAnswered(Conflict):
    """A colleague answered moments ago.

    Args:
        name: who.
        ago: how long ago.
        message_id: the colleague's text; a second try that names it goes out beside it.
    """

    code = "just_answered"

    def __init__(self, name: str, ago: timedelta, message_id: UUID) -> None:
        seconds = max(1, round(ago.total_seconds()))
        super().__init__(
            f"{name} answered {seconds} {'second' if seconds == 1 else 'seconds'} ago. Read that answer first; "
            "to send yours as well, confirm it."
        )
        self.message_id = message_id


class WithColleague(Conflict):
    """A colleague is in a conversation with the number, which the caller may not see."""

    code = "with_colleague"

    def __init__(self) -> None:
        super().__init__("A colleague is in a conversation with this number already. Ask a manager to give it to you.")


class NoLead(Conflict):
    """The conversation belongs to no lead, so there is none to move."""

    code = "no_lead"

    def __init__(self) -> None:
        super().__init__("This number belongs to no lead. Import or add the property first, then qualify it.")
