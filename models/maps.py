"""Places on the map: the middle of each ZIP code, and runs of the geocoder."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Index, Text, text
from sqlmodel import Field

from models.base import OfOrganization, Stamped, TenantTable, tenant_fk
from models.columns import Instant, Json, Term, text_array
from models.vocabulary import GeocodeRunState


class ZipPlace(Stamped, table=True):
    """Where a ZIP code is: the same for everybody, written by the migrations and read by the flat rows of leads."""

    __tablename__ = "zip_place"

    zip5: str = Field(primary_key=True, sa_type=Text)
    state: str = Field(sa_type=Text)
    county_fips: str = Field(default="", sa_type=Text)
    """Five digits; empty where the source has none. The largest, where the ZIP lies in several."""
    city: str = Field(default="", sa_type=Text)
    """The post office's town."""
    counties: list[str] = Field(default_factory=list, sa_type=text_array())  # pyright: ignore[reportArgumentType]
    """Names of every county that has land of it; none where the sources do not agree."""
    latitude: float
    longitude: float


class GeocodeRun(TenantTable, table=True):
    """One run: addresses of leads that somebody sent to a geocoder. Money is in hundredths of a cent."""

    __tablename__ = "geocode_run"
    __table_args__ = (Index("ix_geocode_run_at", "org_id", text("started_at desc"), text("id desc")),)

    state: GeocodeRunState = Field(sa_type=Term(GeocodeRunState))  # pyright: ignore[reportArgumentType]
    audience: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    """The filter of leads."""
    actor_id: UUID | None = None
    job_id: UUID | None = None
    asked: int = 0
    """Addresses of the run."""
    found: int = 0
    """Of these, placed better than before."""
    missed: int = 0
    """Of these, unknown to the geocoder, or known to it in several places."""
    price: int = 0
    """Of one address."""
    reserved: int = Field(default=0, sa_type=BigInteger)
    spent: int = Field(default=0, sa_type=BigInteger)
    pauses: int = 0
    """Calls in a row that brought nothing."""
    cancel_requested: bool = False
    error: str | None = Field(default=None, sa_type=Text)
    started_at: datetime = Field(sa_type=Instant)
    """Also the instant whose month is charged."""
    finished_at: datetime | None = Field(default=None, sa_type=Instant)


class GeocodeRunProperty(Stamped, OfOrganization, table=True):
    """A property of a run that still waits for an answer; removed with its answer, or the run's end."""

    __tablename__ = "geocode_run_property"
    __table_args__ = (
        tenant_fk("run_id", "geocode_run", ondelete="CASCADE"),
        tenant_fk("property_id", "property", ondelete="CASCADE"),
        Index("ix_geocode_run_property_property", "org_id", "property_id"),
    )

    org_id: UUID = Field(primary_key=True)
    run_id: UUID = Field(primary_key=True)
    property_id: UUID = Field(primary_key=True)
