"""What identity refuses, in words that tell an outsider nothing about who has an account."""

from __future__ import annotations

from leadflow.kernel.errors import Conflict, Forbidden, Invalid, TooMany, Unauthenticated


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


class ConfirmPassword(Forbidden):
    """The act asks for the password again (ASVS 5.0, 7.5.1): ``POST /api/v1/me/confirm``, then once more."""

    code = "confirm_password"

    def __init__(self) -> None:
        super().__init__("Type your password once more to do this.")


class WrongCode(Invalid):
    """Neither the code of the moment nor an unused recovery code."""

    code = "wrong_code"

    def __init__(self) -> None:
        super().__init__("This code is not right, or was used already. Wait for the next one, then try it.", "code")


class CodeNeeded(Invalid):
    """The account has a second factor, and no code came with the password."""

    code = "code_needed"

    def __init__(self) -> None:
        super().__init__("Type the six digits of your authenticator app, or a recovery code.", "code")


class StepEnded(Unauthenticated):
    """The password was typed too long ago, or the step was finished already."""

    code = "step_ended"

    def __init__(self) -> None:
        super().__init__("This took too long. Sign in with your password again.")


class LinkEnded(Conflict):
    """A link of a mail that was used, has expired, was replaced by a newer one, or never was."""

    code = "link_ended"

    def __init__(self) -> None:
        super().__init__("This link was used, has expired or was replaced by a newer one. Ask for another.")


class KeyRefused(Unauthenticated):
    """There is no such key, or not any more."""

    code = "key_refused"

    def __init__(self) -> None:
        super().__init__("This API key is unknown, has expired or was ended. Ask an owner for a new one.")
