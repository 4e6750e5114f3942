"""How this process reaches providers, under whose login, and at what price."""

from __future__ import annotations

from collections.abc import Callable

from leadflow.credentials import service as credentials
from leadflow.credentials.errors import CredentialLocked
from leadflow.kernel import breaker
from leadflow.kernel.breaker import Breaker
from leadflow.kernel.db import UnitOfWork
from leadflow.scrubs.providers.caller import Caller
from leadflow.scrubs.providers.dncscrub import DncScrub, ReassignedNumbers
from leadflow.scrubs.providers.port import Line
from leadflow.scrubs.types import Providers
from models.vocabulary import LookupService, Provider

REGISTRIES = breaker.of("dncscrub", "registries")
REASSIGNED = breaker.of("dncscrub", "reassigned")
"""The circuits before the provider's two interfaces, which stand at two addresses."""

Opens = Callable[[str, str, Breaker], Caller]
"""Makes a caller of an address and a login; tests shorten its deadline."""

_providers: Providers | None = None
_opens: Opens = Caller


def configure(providers: Providers, opens: Opens = Caller) -> None:
    """Tell this process its providers; called once by the door at start."""
    global _providers, _opens
    _providers, _opens = providers, opens


def configured() -> Providers:
    """Answer the providers of this process.

    Raises:
        RuntimeError: the process was started without any.
    """
    if _providers is None:
        msg = "scrubs.service.configure was not called"
        raise RuntimeError(msg)
    return _providers


def missing(uow: UnitOfWork) -> str:
    """Say why the provider cannot be asked; empty when it can."""
    try:
        login, _ = login_of(uow)
    except CredentialLocked as locked:
        return locked.message
    return "" if login else "No login is set at DNCScrub. An owner sets it under Settings, Providers."


def login_of(uow: UnitOfWork) -> tuple[str, bool]:
    """Answer the login to use, and whether it is the organisation's own; never another's in its place.

    Raises:
        CredentialLocked: its own is set and cannot be opened.
    """
    own = credentials.of(uow, Provider.DNCSCRUB)
    return (own.secret, True) if own else (configured().login_id, False)


def open_line(uow: UnitOfWork, service: LookupService) -> Line:
    """Open the organisation's line to a service.

    Raises:
        CredentialLocked: its own login is set and cannot be opened.
    """
    known = configured()
    login, _ = login_of(uow)
    if service is LookupService.DNC:
        return DncScrub(_opens(known.api_url, login, REGISTRIES))
    return ReassignedNumbers(_opens(known.data_url, login, REASSIGNED))


def price(service: LookupService) -> int:
    """Say what one number costs, in hundredths of a cent."""
    return configured().prices[service]
