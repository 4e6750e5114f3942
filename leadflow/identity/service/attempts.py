"""Tries are counted before they are made."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from leadflow.identity import queries, rules
from leadflow.identity.errors import SlowDown
from leadflow.identity.service.secrets import keys
from leadflow.kernel.db import Database

KNOWN_FOR = timedelta(days=30)
"""How long an address counts as one that the user signs in from."""


def take_attempt(db: Database, email: str, address: str, kind: str = "account") -> tuple[str, list[UUID]]:
    """Count the try before it is made, or refuse it.

    An address that the user has signed in from has a count of its own, so that strangers cannot lock the user out.
    """
    secret = rules.hashed(keys().peppered("login").hex() + email).hex()[:32]
    # Whose address has an account is known to no organisation, so this is no organisation's transaction.
    with db.begin() as uow:
        now = uow.now()
        known = queries.has_signed_in_from(uow, email, address, now - KNOWN_FOR)
        account = f"{kind}:{secret}@{address}" if known else f"{kind}:{secret}"
        counted = {account: "known" if known else kind, f"address:{address}": "address"}
        queries.lock_keys(uow, counted)
        waits = [
            rules.wait_before(counts, queries.failures(uow, key, now - rules.WINDOW), now)
            for key, counts in counted.items()
        ]
        if max(waits) > timedelta(0):
            raise SlowDown(int(max(waits).total_seconds()) + 1)
        return account, queries.add_failure(uow, counted, now)


def count_failure(db: Database, kind: str, address: str) -> None:
    """Count what only an address can be blamed for: an unknown key, a link that was asked for.

    Raises:
        SlowDown: too many of them; passes by itself.
    """
    key = f"{kind}:{address}"
    with db.begin() as uow:
        now = uow.now()
        queries.lock_keys(uow, [key])
        wait = rules.wait_before(kind, queries.failures(uow, key, now - rules.WINDOW), now)
        if wait <= timedelta(0):
            queries.add_failure(uow, [key], now)
    if wait > timedelta(0):
        raise SlowDown(int(wait.total_seconds()) + 1)
