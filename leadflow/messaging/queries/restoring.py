"""The SQL of epochs and restored backups: the beat, what waits for an owner, what the carrier knew and we did not."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from leadflow.kernel.db import UnitOfWork
from leadflow.messaging.rules.restoring import Clue, Pulse
from leadflow.messaging.types import Listed
from models.vocabulary import CampaignState

_PULSE = "select id, epoch, beat, beat_at, place, install_place() from install_epoch"


def pulse(uow: UnitOfWork) -> Pulse | None:
    """Read what the database says of itself; None where its clockwork never ticked."""
    with uow.cursor() as cursor:
        cursor.execute(_PULSE)
        row = cursor.fetchone()
    return Pulse(*row) if row else None


def hold_pulse(uow: UnitOfWork, now: datetime) -> Pulse:
    """Hold the one row of the epoch, made at the very first beat."""
    with uow.everywhere(), uow.cursor() as cursor:
        cursor.execute(
            """
            insert into install_epoch (beat_at, place) select %s, install_place()
            where not exists (select 1 from install_epoch) on conflict do nothing
            """,
            [now],
        )
        cursor.execute((_PULSE + " for update").encode())
        row = cursor.fetchone()
    if row is None:
        msg = "an epoch is always answered"
        raise RuntimeError(msg)
    return Pulse(*row)


def advance(uow: UnitOfWork, now: datetime) -> int:
    """Count one beat; the caller holds the row."""
    with uow.everywhere(), uow.cursor() as cursor:
        cursor.execute(
            "update install_epoch set beat = beat + 1, beat_at = %s, updated_at = now() returning beat", [now]
        )
        row = cursor.fetchone()
    return row[0] if row else 0


def begin_epoch(uow: UnitOfWork, held: Pulse, beat: int, why: str, now: datetime) -> None:
    """Begin a new epoch at this place, and let every organisation wait for its owner. The caller holds the row."""
    with uow.everywhere(), uow.cursor() as cursor:
        cursor.execute(
            """
            update install_epoch set epoch = epoch + 1, beat = %s, beat_at = %s, place = install_place(),
                   updated_at = now()
            """,
            [beat, now],
        )
        cursor.execute(
            """
            insert into restore (org_id, epoch, as_of, found_at, why)
            select id, %s, %s, %s, %s from organization on conflict (org_id, epoch) do nothing
            """,
            [held.epoch + 1, held.beat_at, now, why],
        )


def waits(uow: UnitOfWork) -> bool:
    """Say whether the organisation of this transaction waits for its owner."""
    with uow.cursor() as cursor:
        cursor.execute("select exists (select 1 from restore where org_id = %s and resumed_at is null)", [uow.org()])
        row = cursor.fetchone()
    return bool(row and row[0])


def anybody_waits(uow: UnitOfWork) -> bool:
    """Say whether any organisation waits for its owner."""
    with uow.everywhere(), uow.cursor() as cursor:
        cursor.execute("select exists (select 1 from restore where resumed_at is null)")
        row = cursor.fetchone()
    return bool(row and row[0])


def unanswered(uow: UnitOfWork, before: datetime) -> list[UUID]:
    """List organisations for which the carrier was not asked yet, or whose answer was not whole and is due again."""
    with uow.everywhere(), uow.cursor() as cursor:
        cursor.execute(
            """
            select distinct org_id from restore where resumed_at is null and answered_at is null
              and (asked_at is null or asked_at < %s)
            """,
            [before],
        )
        return [row[0] for row in cursor.fetchall()]


def own_numbers(uow: UnitOfWork) -> list[tuple[UUID, str]]:
    """List the organisation's numbers, stopped ones too: id and E.164."""
    with uow.cursor() as cursor:
        cursor.execute("select id, '+' || e164 from sender_number where org_id = %s order by e164", [uow.org()])
        return cursor.fetchall()


def running(uow: UnitOfWork) -> list[UUID]:
    """List the organisation's running campaigns."""
    with uow.cursor() as cursor:
        cursor.execute(
            "select id from campaign where org_id = %s and state = %s", [uow.org(), CampaignState.RUNNING.value]
        )
        return [row[0] for row in cursor.fetchall()]


def unsent(
    uow: UnitOfWork, sender_id: UUID, numbers: Collection[str], origins: Collection[str]
) -> list[tuple[UUID, str, str]]:
    """Hold texts of one of our numbers that have not reached the carrier by our records: id, recipient, words."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select id, '+' || e164, body from message
            where org_id = %s and sender_number_id = %s and e164 = any(%s) and carrier_sid is null and state = any(%s)
            order by id for update
            """,
            [uow.org(), sender_id, [int(number) for number in numbers], list(origins)],
        )
        return cursor.fetchall()


def known(uow: UnitOfWork, sids: Collection[str]) -> set[str]:
    """Say which of the carrier's ids are noted as forgotten texts already."""
    with uow.cursor() as cursor:
        cursor.execute(
            "select carrier_sid from forgotten_text where org_id = %s and carrier_sid = any(%s)",
            [uow.org(), list(sids)],
        )
        return {row[0] for row in cursor.fetchall()}


def forget(uow: UnitOfWork, restore_id: UUID, found: Sequence[tuple[Listed, bytes, bytes]]) -> None:
    """Note texts that the carrier has and no row of ours stands for: each with the keys of its person and its words."""
    with uow.cursor() as cursor:
        cursor.executemany(
            """
            insert into forgotten_text (org_id, restore_id, carrier_sid, phone_key, words_key, taken_at, status,
                                        error_code, segments)
            values (%s, %s, %s, %s, %s, %s, %s, %s, %s) on conflict (org_id, carrier_sid) do nothing
            """,
            [
                (uow.org(), restore_id, one.sid, phone, words, one.created, one.status, one.error_code, one.segments)
                for one, phone, words in found
            ],
        )


def any_forgotten(uow: UnitOfWork) -> bool:
    """Say whether any text that the carrier has still stands for none of ours."""
    with uow.cursor() as cursor:
        cursor.execute(
            "select exists (select 1 from forgotten_text where org_id = %s and message_id is null)", [uow.org()]
        )
        row = cursor.fetchone()
    return bool(row and row[0])


def confirmations(uow: UnitOfWork) -> list[tuple[UUID, str, str]]:
    """Hold the confirmations of opt-outs that wait to go: id, recipient, words."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select id, '+' || e164, body from message
            where org_id = %s and campaign_id is null and state = 'queued' and purpose = 'confirmation'
            order by id for update
            """,
            [uow.org()],
        )
        return cursor.fetchall()


def clues(uow: UnitOfWork, asked: Sequence[tuple[UUID, UUID | None, bytes, bytes]]) -> list[Clue]:
    """List what the carrier had sent to the recipients of these texts, the same words first.

    Only for campaigns that had begun before an owner resumed: a later one is a new act, and knows of the gap.

    Args:
        uow: the caller's transaction.
        asked: of each text its id, its campaign (None outside of any), the key of its recipient, and that of recipient
            and words.
    """
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select x.id, f.id, f.carrier_sid, f.status, f.error_code, f.segments, f.taken_at, f.words_key = x.words
            from unnest(%(ids)b::uuid[], %(campaigns)b::uuid[], %(phones)b::bytea[], %(words)b::bytea[])
                 as x (id, campaign_id, phone, words)
            left join campaign c on c.org_id = %(org)s and c.id = x.campaign_id
            join forgotten_text f on f.org_id = %(org)s and f.phone_key = x.phone and f.message_id is null
            join restore r on r.org_id = f.org_id and r.id = f.restore_id
                 and (x.campaign_id is null or c.launched_at < coalesce(r.resumed_at, 'infinity'))
            order by x.id, f.words_key = x.words desc, f.taken_at, f.id
            """,
            {
                "org": uow.org(),
                "ids": [one[0] for one in asked],
                "campaigns": [one[1] for one in asked],
                "phones": [one[2] for one in asked],
                "words": [one[3] for one in asked],
            },
        )
        return [Clue(*row) for row in cursor.fetchall()]


def join(uow: UnitOfWork, found: Sequence[Clue]) -> None:
    """Note which of our texts those of the carrier's list turned out to be."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            with joined as (
                update forgotten_text f set message_id = x.message_id, updated_at = now()
                from unnest(%(forgotten)b::uuid[], %(messages)b::uuid[]) as x (id, message_id)
                where f.org_id = %(org)s and f.id = x.id returning f.restore_id)
            update restore r set joined = r.joined + j.count, updated_at = now()
            from (select restore_id, count(*)::int from joined group by 1) j (restore_id, count)
            where r.org_id = %(org)s and r.id = j.restore_id
            """,
            {
                "org": uow.org(),
                "forgotten": [one.forgotten_id for one in found],
                "messages": [one.message_id for one in found],
            },
        )
