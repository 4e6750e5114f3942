"""Files that came in: what was recognised, decided and done, row by row."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, Text, UniqueConstraint, text
from sqlmodel import Field

from models.base import OfOrganization, Stamped, TenantTable, tenant_fk
from models.columns import Instant, Json, Term, text_array
from models.vocabulary import ImportState, RowVerdict


class ImportBatch(TenantTable, table=True):
    """One file and what became of it."""

    __tablename__ = "import_batch"
    __table_args__ = (Index("ix_import_batch_created", "org_id", "created_at"),)

    filename: str = Field(sa_type=Text)
    file_key: str = Field(sa_type=Text)
    """Where the ``files`` room keeps the raw bytes."""
    file_sha256: str = Field(sa_type=Text)
    size_bytes: int = 0
    state: ImportState = Field(
        default=ImportState.UPLOADED,
        sa_type=Term(ImportState),  # pyright: ignore[reportArgumentType]
    )
    layout: str | None = Field(default=None, sa_type=Text)
    """Name of the recognised vendor layout, or None."""
    confidence: float = 0.0
    dialect: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    """Encoding, delimiter, header row, and the headers as they stand in the file."""
    mapping: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    """Header → field; null where a column is ignored or kept as an extra."""
    options: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    """Update policy, list and tag names, source, file date, consent asserted (none by default)."""
    counts: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    """Rows by verdict, and what was written; sums to the file's rows."""
    progress: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    """Stage and partitions done, so that a killed commit goes on where it stopped."""
    error: str | None = Field(default=None, sa_type=Text)
    actor_id: UUID | None = None
    job_id: UUID | None = None
    checked_at: datetime | None = Field(default=None, sa_type=Instant)
    committed_at: datetime | None = Field(default=None, sa_type=Instant)


class ImportRow(Stamped, OfOrganization, table=True):
    """The verdict on one row, with its reasons."""

    __tablename__ = "import_row"
    __table_args__ = (
        tenant_fk("import_id", "import_batch", ondelete="CASCADE"),
        Index("ix_import_row_verdict", "org_id", "import_id", "verdict", "row_number"),
        Index("ix_import_row_property", "org_id", "property_id", postgresql_where=text("property_id is not null")),
    )

    org_id: UUID = Field(primary_key=True)
    import_id: UUID = Field(primary_key=True)
    row_number: int = Field(primary_key=True)
    """Counted from 1 after the header; a quoted line break does not start a new row."""
    verdict: RowVerdict = Field(sa_type=Term(RowVerdict))  # pyright: ignore[reportArgumentType]
    reasons: list[str] = Field(default_factory=list, sa_type=text_array())  # pyright: ignore[reportArgumentType]
    warnings: list[str] = Field(default_factory=list, sa_type=text_array())  # pyright: ignore[reportArgumentType]
    same_as_row: int | None = None
    """For a duplicate: the row that it was merged into."""
    property_id: UUID | None = None
    lead_id: UUID | None = None
    raw: list[str] | None = Field(default=None, sa_type=text_array())  # pyright: ignore[reportArgumentType]
    """The cells as they stand in the file, kept for rejects."""
    reason_column: str | None = Field(default=None, sa_type=Text)
    """Header of the column that the reason is about."""
    place: dict[str, Any] | None = Field(default=None, sa_type=Json)
    """Address and parcel number of a property that an undo took away."""
    matched_by: str | None = Field(default=None, sa_type=Text)
    """Key by which the row was found to be a property that was there already."""


class MappingTemplate(TenantTable, table=True):
    """A mapping that the team saved for files with these headers."""

    __tablename__ = "mapping_template"
    __table_args__ = (UniqueConstraint("org_id", "name"),)

    name: str = Field(sa_type=Text)
    headers: list[str] = Field(default_factory=list, sa_type=text_array())  # pyright: ignore[reportArgumentType]
    mapping: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    named: bool = Field(default=False, sa_column_kwargs={"server_default": "false"})
    """Whether a person gave it its name; else it is what was last done by hand with a file of these headers."""


class ImportChange(Stamped, OfOrganization, table=True):
    """What an import replaced in one property, so that it can be taken back."""

    __tablename__ = "import_change"
    __table_args__ = (
        tenant_fk("import_id", "import_batch", ondelete="CASCADE"),
        tenant_fk("property_id", "property", ondelete="CASCADE"),
        Index("ix_import_change_property", "org_id", "property_id"),
    )

    org_id: UUID = Field(primary_key=True)
    import_id: UUID = Field(primary_key=True)
    property_id: UUID = Field(primary_key=True)
    before: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    """Column to the value that stood there; null where it was empty."""
    after: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    """Column to the value that the import wrote."""
