"""What identity refuses, in words that tell an outsider nothing about who has an account."""

from __future__ import annotations

from leadflow.kernel.errors import Conflict, Invalid, TooMany, Unauthenticated


class WrongCredentials(Unauthenticated):
    """The address or the password is wrong; which of them is not told."""

    code = "wrong_credentials"

    def __init__(self) -> None:
        super().__init__("The e-mail address or the password is not right.")


class SessionEnded(Unauthenticated):
    """There is no such session, or not any more."""

    def __init__(self) -> None:
        super().__init__("Your session has ended. Sign in again.")


class SlowDown(TooMany):
    """Too many failed sign-ins for this account or from this address."""

    def __init__(self, retry_after_s: int) -> None:
        super().__init__("Too many attempts to sign in. Wait a little, then try again.", retry_after_s)


class WeakPassword(Invalid):
    """The password may not be used."""

    def __init__(self, message: str) -> None:
        super().__init__(message, "password")


class LastOwner(Conflict):
    """The change would leave the organisation without an owner."""

    code = "last_owner"

    def __init__(self) -> None:
        super().__init__("This is the last owner. Make somebody else an owner first.")
