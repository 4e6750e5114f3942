"""SQL of registry files, and of our numbers that they have not been asked about."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from leadflow.kernel.db import UnitOfWork
from leadflow.registries.types import Block, Described, FileRow
from models.vocabulary import ScrubList


def add(uow: UnitOfWork, file: Described, sha256: str, blocks: Sequence[Block], actor_id: UUID | None) -> UUID | None:
    """Keep a file; None where the same bytes are kept already for this list."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            insert into registry_file (org_id, list, version, filename, sha256, as_of, added_at, added_by, listed)
            values (%s, %s, %s, %s, %s, %s, %s, %s, %s) on conflict do nothing returning id
            """,
            [
                uow.org(),
                file.list.value,
                file.version,
                file.filename,
                sha256,
                file.as_of,
                uow.now(),
                actor_id,
                sum(block.listed for block in blocks),
            ],
        )
        row = cursor.fetchone()
        if row is None:
            return None
        cursor.executemany(
            "insert into registry_block (org_id, file_id, area_code, bits, listed) values (%s, %s, %s, %s, %s)",
            # Most bits are alike: a hundredth of the size is left.
            [(uow.org(), row[0], one.area_code, zlib.compress(one.bits, 1), one.listed) for one in blocks],
        )
    return row[0]


def covered(uow: UnitOfWork, file: Described) -> dict[int, str]:
    """Name the area codes of which a version of a list has answered, each with the hash of its file."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select b.area_code, f.sha256 from registry_file f
            join registry_block b on b.org_id = f.org_id and b.file_id = f.id
            where f.org_id = %s and f.list = %s and f.version = %s and b.area_code = any(%s)
            """,
            [uow.org(), file.list.value, file.version, sorted(file.area_codes)],
        )
        return {row[0]: row[1] for row in cursor.fetchall()}


def files(uow: UnitOfWork, limit: int) -> list[FileRow]:
    """List files, the newest first."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select f.id, f.list, f.version, f.filename, f.sha256, f.as_of, f.added_at, u.name, f.listed,
                   (select array_agg(b.area_code order by b.area_code) from registry_block b
                    where b.org_id = f.org_id and b.file_id = f.id)
            from registry_file f left join "user" u on u.id = f.added_by
            where f.org_id = %s order by f.as_of desc, f.id desc limit %s
            """,
            [uow.org(), limit],
        )
        return [
            FileRow(
                id=row[0],
                list=ScrubList(row[1]),
                version=row[2],
                filename=row[3],
                sha256=row[4],
                as_of=row[5],
                added_at=row[6],
                added_by_name=row[7],
                listed=row[8],
                area_codes=tuple(row[9] or ()),
            )
            for row in cursor.fetchall()
        ]


@dataclass(frozen=True, slots=True)
class Newest:
    """The file that speaks for an area code of a list now."""

    file_id: UUID
    list: ScrubList
    version: str
    as_of: datetime
    area_code: int


def newest(uow: UnitOfWork) -> list[Newest]:
    """Name the newest file of every list and area code."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select distinct on (f.list, b.area_code) f.id, f.list, f.version, f.as_of, b.area_code
            from registry_file f join registry_block b on b.org_id = f.org_id and b.file_id = f.id
            where f.org_id = %s order by f.list, b.area_code, f.as_of desc, f.id desc
            """,
            [uow.org()],
        )
        return [Newest(row[0], ScrubList(row[1]), *row[2:]) for row in cursor.fetchall()]


def block(uow: UnitOfWork, one: Newest) -> Block:
    """Read what a file says of an area code."""
    with uow.cursor() as cursor:
        cursor.execute(
            "select bits, listed from registry_block where org_id = %s and file_id = %s and area_code = %s",
            [uow.org(), one.file_id, one.area_code],
        )
        row = cursor.fetchone()
    if row is None:
        msg = "a block of a file that was just listed is gone"
        raise RuntimeError(msg)
    return Block(one.area_code, zlib.decompress(bytes(row[0])), row[1])


def unasked(uow: UnitOfWork, one: Newest, provider: str) -> list[int]:
    """List our numbers of an area code of which this version was not asked yet."""
    first = 10_000_000_000 + one.area_code * 10_000_000
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select f.e164 from phone f
            where f.org_id = %(org)s and f.e164 between %(first)s and %(last)s and not exists (
                select 1 from scrub_result s where s.org_id = f.org_id and s.e164 = f.e164 and s.list = %(list)s
                and s.provider = %(provider)s and s.list_version = %(version)s)
            order by f.e164
            """,
            {
                "org": uow.org(),
                "first": first,
                "last": first + 9_999_999,
                "list": one.list.value,
                "provider": provider,
                "version": one.version,
            },
        )
        return [row[0] for row in cursor.fetchall()]
