"""What every table shares: keys, instants, tenancy and constraint names.

Ids are UUID version 7 (RFC 9562), so that keys made one after another lie beside each other in an index.
Tenant tables are keyed by ``(org_id, id)``: a foreign key between them always carries the organisation,
so a row of one organisation cannot point to a row of another.
"""

from __future__ import annotations

from datetime import datetime, time
from enum import Enum
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

import orjson
import uuid_utils.compat as uuid7
from sqlalchemy import ARRAY, DateTime, ForeignKeyConstraint, MetaData, text
from sqlalchemy.schema import DefaultClause
from sqlmodel import Field, SQLModel

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

metadata = SQLModel.metadata


def new_id() -> UUID:
    """Make a time-ordered key (UUID version 7)."""
    return uuid7.uuid7()


def tenant_fk(column: str, target: str, *, ondelete: str | None = None) -> ForeignKeyConstraint:
    """Point ``column`` at a row of ``target`` in the same organisation."""
    return ForeignKeyConstraint(["org_id", column], [f"{target}.org_id", f"{target}.id"], ondelete=ondelete)


def global_fk(column: str, target: str, *, ondelete: str | None = None) -> ForeignKeyConstraint:
    """Point ``column`` at a row of a table that belongs to no single organisation."""
    return ForeignKeyConstraint([column], [f"{target}.id"], ondelete=ondelete)


class Stamped(SQLModel):
    """When the row came to be and last changed, by the database's clock (aware UTC)."""

    if TYPE_CHECKING:
        # SQLModel declares a descriptor here, and documents a plain name.
        __tablename__: ClassVar[str]  # pyright: ignore[reportIncompatibleVariableOverride]

    created_at: datetime = Field(
        default=None,
        sa_type=DateTime(timezone=True),  # pyright: ignore[reportArgumentType] instances are accepted
        sa_column_kwargs={"server_default": text("now()"), "nullable": False},
    )
    updated_at: datetime = Field(
        default=None,
        sa_type=DateTime(timezone=True),  # pyright: ignore[reportArgumentType]
        sa_column_kwargs={
            "server_default": text("now()"),
            "onupdate": text("now()"),
            "nullable": False,
        },
    )


class OfOrganization:
    """Marks a row that belongs to one organisation: both walls of docs/decisions/0004 stand on its ``org_id``.

    Every table with an ``org_id`` has the mark, whatever its key; tests/architecture holds them to it.
    """


class Table(Stamped):
    """A row of the installation: users, organisations, sessions."""

    id: UUID = Field(
        default_factory=new_id,
        primary_key=True,
        sa_column_kwargs={"server_default": text("uuidv7()")},
    )


class TenantTable(Stamped, OfOrganization):
    """A row of one organisation, keyed by ``(org_id, id)``."""

    org_id: UUID = Field(primary_key=True)
    id: UUID = Field(
        default_factory=new_id,
        primary_key=True,
        sa_column_kwargs={"server_default": text("uuidv7()")},
    )


def share_defaults(metadata: MetaData) -> None:
    """Give Postgres the defaults that Python has, so that set-wise SQL need not repeat them."""
    for table in metadata.tables.values():
        for column in table.columns:
            default: Any = column.default
            if column.server_default is not None or default is None or column.nullable:
                continue
            value = default.arg(None) if default.is_callable and not column.primary_key else default.arg
            literal = _literal(value, array=isinstance(column.type, ARRAY))
            if literal is not None:
                column.server_default = DefaultClause(text(literal))


def _literal(value: Any, *, array: bool) -> str | None:  # noqa: ANN401, PLR0911 one line for each kind of value
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, time):
        return f"'{value.isoformat()}'"
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    if array and value == []:
        return "'{}'"
    if isinstance(value, dict | list):
        return "'" + orjson.dumps(value).decode() + "'"
    return None
