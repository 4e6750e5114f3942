"""Keep the text of every book of rules under which a decision was made, once, as an act in the sealed record.

A receipt names the rules that stood against a contact and the book by its digest. Which rules let it pass, and how they
read, stands in the event that the first transaction of an organisation under that book wrote.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from leadflow.audit import service as audit
from leadflow.compliance.queries import books as queries
from leadflow.compliance.rules.receipts import BOOK_DIGEST, written
from leadflow.compliance.types import WrittenRule
from leadflow.kernel.db import UnitOfWork
from leadflow.kernel.errors import NotFound

ACTION = "rule_book.used"
_kept: set[tuple[str, UUID]] = set()
"""Databases and organisations of which this process knows that they hold today's book."""


def keep(uow: UnitOfWork) -> None:
    """Write today's book down where this organisation's record lacks it. Asks the database once a process."""
    here = (uow.db.url, uow.org())
    if here in _kept:
        return
    if queries.read(uow, _id(BOOK_DIGEST)) is None:
        rules = [list(rule) for rule in written()]
        audit.record(uow, None, ACTION, "rule_book", _id(BOOK_DIGEST), {"digest": BOOK_DIGEST, "rules": rules})
    # A rollback takes the event with it; then the next call asks again.
    uow.after_commit(lambda: _kept.add(here))


def read(uow: UnitOfWork, digest: str) -> Sequence[WrittenRule]:
    """Answer a book by its digest.

    Raises:
        NotFound: the record holds no such book.
    """
    if digest == BOOK_DIGEST:
        return written()
    found = queries.read(uow, _id(digest))
    if found is None or found["digest"] != digest:
        raise NotFound("The record does not hold the rules under which this was decided.")
    return tuple(WrittenRule._make(rule) for rule in found["rules"])


def _id(digest: str) -> UUID:
    """Make an id of a digest, by which the event is found."""
    return UUID(digest[:32])
