"""What makes a merge never looser than either of the two: a revocation of one is a revocation of both."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from leadflow.duplicates.queries.journal import Journal


def revoke_for_both(journal: Journal, people: tuple[UUID, UUID], now: datetime) -> int:
    """Revoke what either agreed to before the other revoked on the same channel, whatever the number.

    What was given after the last revocation stands: the person changed their mind.
    """
    return journal.change(
        "consent",
        """
        update consent x set revoked_at = %(now)s, updated_at = now()
        from (select person_id, channel, max(revoked_at) as at from consent
              where org_id = %(org)s and person_id = any(%(people)s) and revoked_at is not null group by 1, 2) r
        where x.org_id = %(org)s and x.person_id = any(%(people)s) and x.revoked_at is null
          and x.channel = r.channel and x.person_id <> r.person_id and x.given_at <= r.at
        """,
        {"people": list(people), "now": now},
    )
