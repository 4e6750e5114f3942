"""What every table shares: keys, instants, tenancy and constraint names.

Ids are UUID version 7 (RFC 9562), so that keys made one after another lie beside each other in an index.
Tenant tables are keyed by ``(org_id, id)``: a foreign key between them always carries the organisation,
so a row of one organisation cannot point to a row of another.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import uuid_utils.compat as uuid7
from sqlalchemy import DateTime, ForeignKeyConstraint, text
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
    return ForeignKeyConstraint(
        ["org_id", column], [f"{target}.org_id", f"{target}.id"], ondelete=ondelete
    )


def global_fk(column: str, target: str, *, ondelete: str | None = None) -> ForeignKeyConstraint:
    """Point ``column`` at a row of a table that belongs to no single organisation."""
    return ForeignKeyConstraint([column], [f"{target}.id"], ondelete=ondelete)


class Stamped(SQLModel):
    """When the row came to be and last changed, by the database's clock (aware UTC)."""

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


class Table(Stamped):
    """A row of the installation: users, organisations, sessions."""

    id: UUID = Field(
        default_factory=new_id,
        primary_key=True,
        sa_column_kwargs={"server_default": text("uuidv7()")},
    )


class TenantTable(Stamped):
    """A row of one organisation, keyed by ``(org_id, id)``."""

    org_id: UUID = Field(primary_key=True)
    id: UUID = Field(
        default_factory=new_id,
        primary_key=True,
        sa_column_kwargs={"server_default": text("uuidv7()")},
    )
