"""What the recipients' carriers take of a registered campaign and its brand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from leadflow.kernel.db import UnitOfWork
from leadflow.messaging.queries import limits as queries
from leadflow.messaging.rules.pace import DAY, MINUTE, allow_day
from leadflow.messaging.types import Held


def within_carriers(uow: UnitOfWork, sender_id: UUID, drawn: Sequence[Held], now: datetime) -> list[Held]:
    """Keep of a batch what the carriers' rates allow; the rest waits until they allow more.

    A rate a minute holds for the registered campaign, one a day for its whole brand. Where a recipient's carrier is not
    known, no carrier's rate is known either.
    """
    rates = queries.hold_rates(uow, sender_id)
    if not rates:
        return list(drawn)
    carriers = queries.carriers_of(uow, [one.id for one in drawn])
    left: dict[str, tuple[int, datetime]] = {}
    for rate in rates:
        many, oldest = queries.sent_to(uow, rate, now - (MINUTE if rate.a_minute else DAY))
        found = allow_day(rate.texts, many, oldest, now)
        # Of the last minute it is the minute that frees the next.
        again = now + MINUTE if rate.a_minute and not found.texts else found.again_at
        texts, until = left.get(rate.carrier, (len(drawn), now))
        left[rate.carrier] = (min(texts, rate.texts - many), max(until, again))
    return _share_out(uow, drawn, carriers, left)


def _share_out(
    uow: UnitOfWork, drawn: Sequence[Held], carriers: dict[UUID, str], left: dict[str, tuple[int, datetime]]
) -> list[Held]:
    kept: list[Held] = []
    waits: list[tuple[UUID, datetime]] = []
    taken = Counter[str]()
    for one in drawn:
        carrier = next((name for name in left if name in carriers.get(one.id, "")), None)
        if carrier is None or taken[carrier] < left[carrier][0]:
            taken[carrier or ""] += 1
            kept.append(one)
        else:
            waits.append((one.id, left[carrier][1]))
    if waits:
        queries.wait(uow, waits)
    return kept
