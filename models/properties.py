"""Property, person and phone: three things, joined many to many, each with where it came from."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Index, Text, UniqueConstraint, text
from sqlmodel import Field

from models.base import OfOrganization, Stamped, TenantTable, tenant_fk
from models.columns import Instant, Json, Money, PhoneNumber, Term
from models.vocabulary import LineType, PartyRole, PersonKind, PhoneStatus, Precision


class Property(TenantTable, table=True):
    """A parcel or unit. Two rows with one ``property_key`` cannot exist in an organisation."""

    __table_args__ = (
        UniqueConstraint("org_id", "property_key"),
        Index("ix_property_zip", "org_id", "zip5"),
        Index("ix_property_parcel", "org_id", "parcel_key", postgresql_where=text("parcel_key is not null")),
        # Parcel numbers without punctuation: for ``find_by_parcel`` (migration 0027).
        Index(
            "ix_property_apn",
            "org_id",
            text("upper(regexp_replace(apn, '[^A-Za-z0-9]', '', 'g'))"),
            postgresql_where=text("apn is not null"),
        ),
    )

    property_key: str = Field(sa_type=Text)
    """Street, unit and ZIP (or city and state) normalised; else county and APN. See properties.rules."""
    parcel_key: str | None = Field(default=None, sa_type=Text)
    """State, county and APN without punctuation; finds the parcel of a row whose address is not known."""
    street: str | None = Field(default=None, sa_type=Text)
    """As a person reads it: ``9622 Garland Ct``."""
    unit: str | None = Field(default=None, sa_type=Text)
    city: str | None = Field(default=None, sa_type=Text)
    state: str | None = Field(default=None, sa_type=Text)
    """USPS two-letter code."""
    zip5: str | None = Field(default=None, sa_type=Text)
    zip4: str | None = Field(default=None, sa_type=Text)
    county: str | None = Field(default=None, sa_type=Text)
    county_fips: str | None = Field(default=None, sa_type=Text)
    apn: str | None = Field(default=None, sa_type=Text)
    """Assessor's parcel number, as printed."""
    raw_address: str | None = Field(default=None, sa_type=Text)
    """What the source wrote."""
    mailable: bool = True
    latitude: float | None = None
    longitude: float | None = None
    precision: Precision | None = Field(default=None, sa_type=Term(Precision))  # pyright: ignore[reportArgumentType]
    """None where the coordinates are a file's. The middle of a ZIP is never written here: the flat row looks it up."""
    geocoded_at: datetime | None = Field(default=None, sa_type=Instant)
    """When a geocoder last answered, also that it does not know the address."""
    property_type: str | None = Field(default=None, sa_type=Text)
    bedrooms: float | None = None
    bathrooms: float | None = None
    building_sqft: int | None = None
    lot_sqft: int | None = None
    year_built: int | None = None
    owner_occupied: bool | None = None
    assessed_value: int | None = Field(default=None, sa_type=Money)
    estimated_value: int | None = Field(default=None, sa_type=Money)
    estimated_equity: int | None = Field(default=None, sa_type=Money)
    loan_balance: int | None = Field(default=None, sa_type=Money)
    loan_to_value: float | None = None
    """A ratio: 1.0 is 100 %."""
    last_sale_on: date | None = None
    last_sale_amount: int | None = Field(default=None, sa_type=Money)
    decedent_died_on: date | None = None
    """Day on which an owner died, from a source that names no more of them; else see the decedent's person."""
    probate_filed_on: date | None = None
    """Day on which probate of an owner's estate was filed with the court; the last one."""
    extra: dict[str, Any] = Field(default_factory=dict, sa_type=Json, sa_column_kwargs={"server_default": "{}"})
    """Columns of the source that have no field of their own, by their header."""
    import_id: UUID | None = None
    """The import that made it."""
    source_digest: int | None = Field(default=None, sa_type=BigInteger)
    """Digest of the rows that were last imported; an equal one has nothing new to say."""


class PropertyFact(TenantTable, table=True):
    """Where one field's value came from and how old it is."""

    __tablename__ = "property_fact"
    __table_args__ = (
        tenant_fk("property_id", "property", ondelete="CASCADE"),
        UniqueConstraint("org_id", "property_id", "field", "source", "source_id"),
    )

    property_id: UUID
    field: str = Field(sa_type=Text)
    value: str = Field(sa_type=Text)
    source: str = Field(sa_type=Text)
    """``import``, ``manual``, or a provider's name."""
    source_id: UUID | None = None
    observed_at: datetime = Field(sa_type=Instant)


class Person(TenantTable, table=True):
    """Somebody, or a company, trust or estate, that stands to a property."""

    __table_args__ = (UniqueConstraint("org_id", "person_key"),)

    person_key: str = Field(sa_type=Text)
    """What makes two rows of a source the same person. See properties.rules."""
    kind: PersonKind = Field(
        default=PersonKind.INDIVIDUAL,
        sa_type=Term(PersonKind),  # pyright: ignore[reportArgumentType]
        sa_column_kwargs={"server_default": "individual"},
    )
    name: str = Field(sa_type=Text)
    """For people to read."""
    first_name: str | None = Field(default=None, sa_type=Text)
    last_name: str | None = Field(default=None, sa_type=Text)
    raw_name: str | None = Field(default=None, sa_type=Text)
    care_of: str | None = Field(default=None, sa_type=Text)
    deceased_on: date | None = None
    deceased: bool = False
    mailing_street: str | None = Field(default=None, sa_type=Text)
    mailing_unit: str | None = Field(default=None, sa_type=Text)
    mailing_city: str | None = Field(default=None, sa_type=Text)
    mailing_state: str | None = Field(default=None, sa_type=Text)
    mailing_zip5: str | None = Field(default=None, sa_type=Text)
    billing_state: str | None = Field(default=None, sa_type=Text)
    """Where the person is billed, two letters; one more place where they may be."""
    import_id: UUID | None = None


class PropertyParty(Stamped, OfOrganization, table=True):
    """How a person stands to a property."""

    __tablename__ = "property_party"
    __table_args__ = (
        tenant_fk("property_id", "property", ondelete="CASCADE"),
        tenant_fk("person_id", "person", ondelete="CASCADE"),
        Index("ix_property_party_person", "org_id", "person_id"),
    )

    org_id: UUID = Field(primary_key=True)
    property_id: UUID = Field(primary_key=True)
    person_id: UUID = Field(primary_key=True)
    role: PartyRole = Field(primary_key=True, sa_type=Term(PartyRole))  # pyright: ignore[reportArgumentType]
    position: int = 1
    """1 for the first owner, 2 for the second."""
    surviving_spouse: bool = Field(default=False, sa_column_kwargs={"server_default": "false"})
    """Was married to the property's decedent: to be met with more care, and later."""
    import_id: UUID | None = None


class Phone(TenantTable, table=True):
    """A number: one row an organisation, whoever uses it."""

    __table_args__ = (
        UniqueConstraint("org_id", "e164"),
        # By the last four digits: for ``find_by_ending`` (migration 0027).
        Index("ix_phone_ending", "org_id", text("(e164 % 10000)")),
    )

    e164: str = Field(sa_type=PhoneNumber)
    line_type: LineType = Field(
        default=LineType.UNKNOWN,
        sa_type=Term(LineType),  # pyright: ignore[reportArgumentType]
        sa_column_kwargs={"server_default": "unknown"},
    )
    carrier: str | None = Field(default=None, sa_type=Text)
    status: PhoneStatus = Field(
        default=PhoneStatus.UNVERIFIED,
        sa_type=Term(PhoneStatus),  # pyright: ignore[reportArgumentType]
        sa_column_kwargs={"server_default": "unverified"},
    )
    score: int | None = None
    """Activity 0 to 100, where a provider gave one."""
    import_id: UUID | None = None


class PersonPhone(Stamped, OfOrganization, table=True):
    """That a person is reached at a number, and where that was learnt."""

    __tablename__ = "person_phone"
    __table_args__ = (
        tenant_fk("person_id", "person", ondelete="CASCADE"),
        tenant_fk("phone_id", "phone", ondelete="CASCADE"),
        Index("ix_person_phone_phone", "org_id", "phone_id"),
    )

    org_id: UUID = Field(primary_key=True)
    person_id: UUID = Field(primary_key=True)
    phone_id: UUID = Field(primary_key=True)
    rank: int = 1
    """1 is the number to try first."""
    note: str | None = Field(default=None, sa_type=Text)
    """What stood beside the number: an extension, a name."""
    import_id: UUID | None = None
    row_number: int | None = None
    """Row of the file, counted from 1 after the header."""
    column: str | None = Field(default=None, sa_type=Text)


class EmailAddress(TenantTable, table=True):
    """An e-mail address of a person."""

    __tablename__ = "email_address"
    __table_args__ = (
        tenant_fk("person_id", "person", ondelete="CASCADE"),
        UniqueConstraint("org_id", "person_id", "email"),
    )

    person_id: UUID
    email: str = Field(sa_type=Text)
    """Lower case."""
    import_id: UUID | None = None
