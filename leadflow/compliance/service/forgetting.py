"""Let a number go while every "no" that was said of it stays, by its keyed hash; know it again when it comes back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from leadflow.audit import service as audit
from leadflow.compliance.queries import erased, marks
from leadflow.compliance.service.secrets import phone_key
from leadflow.kernel.db import UnitOfWork


def forget_numbers(uow: UnitOfWork, numbers: Sequence[str], now: datetime) -> dict[str, int]:
    """Take numbers out of suppressions, look-ups, gates and decisions; what was said against them stays by hash.

    A do-not-call of our own is added for each: whoever had their record erased is not to be contacted when a list
    brings the number again. Receipts are not touched: they hold the hash alone, so the chain verifies as before.

    Returns:
        Rows by what was done to them.
    """
    if not numbers:
        return {}
    digits = [int(number[1:]) for number in numbers]
    marks.lock_gates(uow, digits)
    return erased.forget(uow, digits, [phone_key(number) for number in numbers], now)


def recall(uow: UnitOfWork, numbers: Iterable[str] = (), *, import_id: UUID | None = None) -> int:
    """Bind the suppressions of erased numbers to the numbers again, now that they have come back.

    Whoever writes numbers into the database calls this, so that lists and pages show why a number is closed; the gate
    itself holds every number against the hashes and needs no such call.

    Args:
        uow: the caller's transaction.
        numbers: E.164 of what came.
        import_id: also every number that this import brought.

    Returns:
        Suppressions that have their number again.
    """
    known = erased.keys(uow)
    if not known:
        return 0
    digits = {int(number[1:]) for number in numbers}
    if import_id is not None:
        digits.update(erased.numbers_of_import(uow, import_id))
    back = {number: key for number in sorted(digits) if (key := phone_key(f"+{number}")) in known}
    if not back:
        return 0
    bound = erased.bind(uow, back)
    audit.record(uow, None, "suppression.recalled", "import", import_id, {"numbers": len(back), "rows": bound})
    return bound
