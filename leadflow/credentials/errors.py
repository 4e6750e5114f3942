"""What the room of credentials refuses."""

from __future__ import annotations

from leadflow.kernel.errors import Transient


class CredentialLocked(Transient):
    """The credential is set and cannot be opened: its vault key is missing, or the row was changed by hand.

    Nothing else is used in its place: what one organisation pays for is never sent in another's name.
    """

    code = "credential_locked"

    def __init__(self) -> None:
        super().__init__(
            "This organisation's credential cannot be opened. Run `leadflow keys check`, or set the credential again."
        )
