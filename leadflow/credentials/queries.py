"""All SQL of credentials, and of sealing anew what any table holds under the vault."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple
from uuid import UUID

from psycopg import sql
from sqlmodel import select

from leadflow.credentials.types import SealedRow
from leadflow.kernel.db import UnitOfWork
from models.credentials import ProviderCredential
from models.vocabulary import Provider


def find(uow: UnitOfWork, provider: Provider, *, hold: bool = False) -> ProviderCredential | None:
    """Find the organisation's credential at a provider."""
    wanted = select(ProviderCredential).where(
        ProviderCredential.org_id == uow.org(), ProviderCredential.provider == provider
    )
    return uow.session.exec(wanted.with_for_update() if hold else wanted).first()


def every(uow: UnitOfWork) -> list[ProviderCredential]:
    """List the organisation's credentials."""
    wanted = select(ProviderCredential).where(ProviderCredential.org_id == uow.org())
    return list(uow.session.exec(wanted.order_by(ProviderCredential.provider)))  # pyright: ignore[reportArgumentType] a column


def of_account(uow: UnitOfWork, provider: Provider, account: str, limit: int) -> list[ProviderCredential]:
    """Find whoever has set this account, over all organisations, the oldest first."""
    wanted = select(ProviderCredential).where(
        ProviderCredential.provider == provider, ProviderCredential.account == account
    )
    return list(uow.session.exec(wanted.order_by(ProviderCredential.id).limit(limit)))  # pyright: ignore[reportArgumentType] a column


# What the vault seals


class Column(NamedTuple):
    """A column that holds sealed values."""

    table: str
    column: str
    of_org: bool
    """The rows have an ``org_id``, which is authenticated with the value; it may be null."""

    def __str__(self) -> str:
        return f"{self.table}.{self.column}"


SEALED = (
    Column("provider_credential", "secret", of_org=True),
    Column("mail", "body", of_org=True),
    Column("user", "totp_secret", of_org=False),
)
"""Every column that ``kernel.vault`` seals. A test holds it against the sources."""


def keys_in_use(uow: UnitOfWork, column: Column) -> dict[str, int]:
    """Count sealed rows by the name of their key, over all organisations."""
    # A sealed value is: version, length of the key's name, the name, the rest (``kernel.vault``).
    statement = sql.SQL(
        """
        select encode(substring({column} from 3 for get_byte({column}, 1)), 'escape'), count(*)
        from {table} where length({column}) > 2 group by 1 order by 1
        """
    ).format(column=sql.Identifier(column.column), table=sql.Identifier(column.table))
    with uow.cursor() as cursor:
        cursor.execute(statement)
        return dict(cursor.fetchall())


def sealed_otherwise(uow: UnitOfWork, column: Column, head: bytes, after: UUID | None, limit: int) -> list[SealedRow]:
    """Hold the next rows, by id, that do not begin with ``head``: that another key has sealed."""
    statement = sql.SQL(
        """
        select id, {org}, {column} from {table}
        where {column} is not null and substring({column} from 1 for %(length)s) <> %(head)s
          and (%(after)s::uuid is null or id > %(after)s)
        order by id limit %(limit)s for no key update
        """
    ).format(
        org=sql.SQL("org_id" if column.of_org else "null::uuid"),
        column=sql.Identifier(column.column),
        table=sql.Identifier(column.table),
    )
    with uow.cursor() as cursor:
        cursor.execute(statement, {"head": head, "length": len(head), "after": after, "limit": limit})
        return [SealedRow(*row) for row in cursor.fetchall()]


def put(uow: UnitOfWork, column: Column, rows: Iterable[tuple[UUID, bytes]]) -> None:
    """Write values that were sealed anew."""
    statement = sql.SQL("update {table} set {column} = %s where id = %s").format(
        column=sql.Identifier(column.column), table=sql.Identifier(column.table)
    )
    with uow.cursor() as cursor:
        cursor.executemany(statement, [(value, row_id) for row_id, value in rows])


def houses(uow: UnitOfWork, user_ids: list[UUID]) -> list[UUID]:
    """List the organisation of every membership of these users."""
    with uow.cursor() as cursor:
        cursor.execute("select org_id from membership where user_id = any(%s)", [user_ids])
        return [row[0] for row in cursor.fetchall()]
