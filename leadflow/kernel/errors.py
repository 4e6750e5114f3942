"""Expected failures, translated once at each edge.

    LeadFlowError
    ├── Unauthenticated   401  sign in first
    ├── NotFound          404  no such thing here (also: not yours)
    ├── Conflict          409  somebody else was faster, or the state forbids it
    ├── Refused           409  the gate said no; carries its reasons
    ├── Invalid           422  the input is wrong at a named field
    ├── Forbidden         403  the role may not do this
    ├── TooMany           429  slow down; carries the seconds to wait
    ├── Transient         503  a provider failed and may work later   → job retries
    └── Permanent         502  a provider refused for good            → job fails

Each carries one sentence that the user can act on and no personal data.
Anything else that is raised is a bug: logged with its traceback, shown as "Something broke".
"""

from __future__ import annotations

from collections.abc import Sequence


class LeadFlowError(Exception):
    """An expected failure with a sentence for the user."""

    code = "error"
    status = 500

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class Unauthenticated(LeadFlowError):
    """Nobody is signed in, or the session has ended."""

    code, status = "unauthenticated", 401


class NotFound(LeadFlowError):
    """There is no such thing, or it belongs to somebody else: the two look alike."""

    code, status = "not_found", 404

    def __init__(self, message: str = "Not found.") -> None:
        super().__init__(message)


class Conflict(LeadFlowError):
    """The present state does not allow this."""

    code, status = "conflict", 409


class Refused(LeadFlowError):
    """The gate refused.

    Args:
        message: one sentence.
        reasons: the rules that refused, worst first.
    """

    code, status = "refused", 409

    def __init__(self, message: str, reasons: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.reasons = tuple(reasons)


class Invalid(LeadFlowError):
    """The input is wrong.

    Args:
        message: what is wrong and what would be right.
        field: the input's name, where one is to blame.
    """

    code, status = "invalid", 422

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class Forbidden(LeadFlowError):
    """The caller's role may not do this."""

    code, status = "forbidden", 403

    def __init__(self, message: str = "Your role does not allow this.") -> None:
        super().__init__(message)


class TooMany(LeadFlowError):
    """Too many attempts.

    Args:
        message: one sentence.
        retry_after_s: seconds until the next attempt may succeed.
    """

    code, status = "too_many", 429

    def __init__(self, message: str, retry_after_s: int) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class Transient(LeadFlowError):
    """A provider failed in a way that may pass."""

    code, status = "provider_unavailable", 503


class Permanent(LeadFlowError):
    """A provider refused for good."""

    code, status = "provider_refused", 502
