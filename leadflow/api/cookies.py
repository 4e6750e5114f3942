"""What a session is to a browser: three cookies that no script reads; and where a request comes from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from fastapi import Request, Response

from leadflow.identity import service as identity
from leadflow.identity.types import Caller, SignedIn

REFRESH_PATH = "/api/v1/auth"
"""The refresh cookie goes nowhere else."""


@dataclass(frozen=True, slots=True)
class Session:
    """The answer to a sign-in. Browsers get cookies and no token."""

    session_id: UUID
    access_until: datetime
    until: datetime
    access_token: str | None = None
    refresh_token: str | None = None
    token_type: str = "Bearer"  # noqa: S105 a scheme, not a secret


def caller_of(request: Request) -> Caller:
    """Say where a request comes from."""
    return Caller(request.client.host if request.client else "", request.headers.get("user-agent", ""))


def told(response: Response, opened: SignedIn, *, in_body: bool) -> Session:
    """Hand a program its tokens, a browser its cookies; never both."""
    if in_body:
        return Session(opened.session_id, opened.access_until, opened.until, opened.access, opened.refresh)
    names = identity.cookies()
    if opened.sid is not None:
        _set(response, names.sid, opened.sid, opened.until - opened.now)
    _set(response, names.access, opened.access, opened.access_until - opened.now)
    _set(response, names.refresh, opened.refresh, opened.until - opened.now)
    return Session(opened.session_id, opened.access_until, opened.until)


def forget(response: Response) -> None:
    """Take the cookies back."""
    names = identity.cookies()
    for name, path in ((names.sid, "/"), (names.access, "/"), (names.refresh, REFRESH_PATH)):
        response.delete_cookie(name, path=path, secure=identity.keys().secure, httponly=True, samesite="lax")


def _set(response: Response, name: str, value: str, keep: timedelta) -> None:
    refresh = name == identity.cookies().refresh
    response.set_cookie(
        name,
        value,
        path=REFRESH_PATH if refresh else "/",
        samesite="strict" if refresh else "lax",
        # Seconds, not an instant: our clock may be shifted for a demonstration, the browser's is not.
        max_age=int(keep.total_seconds()),
        secure=identity.keys().secure,
        httponly=True,
    )
