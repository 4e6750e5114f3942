"""Every table that has an organisation, from the models: a new one is tested without anybody remembering to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg import sql
from sqlalchemy import Table
from sqlmodel import SQLModel

from models import registry
from models.base import OfOrganization
from tests.attack.planting import _needed, _value
from tests.owning import as_owner


@dataclass(frozen=True, slots=True)
class Tenant:
    """A table, and the column that names the organisation."""

    name: str
    column: str = "org_id"

    @property
    def quoted(self) -> str:
        """Its name in SQL."""
        return f'"{self.name}"'

    @property
    def table(self) -> Table:
        """Its columns and keys."""
        return registry.metadata.tables[self.name]


TABLES = tuple(Tenant(name) for name, table in sorted(registry.metadata.tables.items()) if "org_id" in table.columns)
MODELS: tuple[type[Any], ...] = tuple(
    sorted(
        (mapper.class_ for mapper in SQLModel._sa_registry.mappers if issubclass(mapper.class_, OfOrganization)),
        key=lambda model: model.__name__,
    )
)


def other_rows(url: str, planted: dict[str, UUID], number: int) -> None:
    """Write a row into each table that ``plant`` leaves out: those whose key is made of others'."""
    with as_owner(url, autocommit=False) as connection:
        for tenant in TABLES:
            if "id" in tenant.table.columns or tenant.name == "membership":
                continue
            row = {column.name: _value(column, number) for column in tenant.table.columns if _needed(column)}
            row |= {
                key.parent.name: planted[key.column.table.name]
                for constraint in tenant.table.foreign_key_constraints
                for key in constraint.elements
                if key.parent.name in row and key.column.name == "id"
            }
            row["org_id"] = planted["organization"]
            connection.execute(_insert(tenant.name, row), list(row.values()))


def _insert(table: str, row: dict[str, Any]) -> sql.Composed:
    return sql.SQL("insert into {} ({}) values ({})").format(
        sql.Identifier(table),
        sql.SQL(", ").join(map(sql.Identifier, row)),
        sql.SQL(", ").join(sql.Placeholder() * len(row)),
    )
