"""Reads and keeps what an organisation's scores go by."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

import orjson

from leadflow.kernel.db import UnitOfWork
from leadflow.leads.rules.score import WEIGHTS


def weights(uow: UnitOfWork) -> Mapping[str, int]:
    """Read the points that each fact can bring; the usual ones where nobody has chosen others."""
    with uow.cursor() as cursor:
        cursor.execute("select weights from lead_scoring where org_id = %s", [uow.org()])
        row = cursor.fetchone()
    return {name: int(row[0].get(name, 0)) for name in WEIGHTS} if row else WEIGHTS


def keep(uow: UnitOfWork, chosen: Mapping[str, int], actor_id: UUID | None) -> None:
    """Keep other ones."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            insert into lead_scoring (org_id, weights, actor_id) values (%s, %s::jsonb, %s)
            on conflict (org_id) do update
                set weights = excluded.weights, actor_id = excluded.actor_id, updated_at = now()
            """,
            [uow.org(), orjson.dumps(dict(chosen)).decode(), actor_id],
        )
