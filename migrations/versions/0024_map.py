"""Places on the map: the middle of each ZIP, a quadkey on the flat rows of leads, and runs of the geocoder."""

from __future__ import annotations

import csv
import gzip
import io
from importlib.resources import files

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0024"
down_revision = "0022"
branch_labels = None
depends_on = None

APP = "leadflow_app"
HERE = "(select nullif(current_setting('app.org_id', true), '')::uuid)"
"""The organisation of the transaction, as in 0004."""
TABLES = ("geocode_run", "geocode_run_property")

QUADKEY = """
create function quadkey(latitude double precision, longitude double precision) returns bigint
language plpgsql immutable strict parallel safe as $$
declare
    x bigint := least(greatest(floor((longitude + 180) / 360 * 16777216)::bigint, 0), 16777215);
    y bigint := least(greatest(
        floor((1 - asinh(tan(radians(latitude))) / pi()) / 2 * 16777216)::bigint, 0), 16777215);
begin
    x := (x | (x << 16)) & 281470681808895;
    y := (y | (y << 16)) & 281470681808895;
    x := (x | (x << 8)) & 71777214294589695;
    y := (y | (y << 8)) & 71777214294589695;
    x := (x | (x << 4)) & 1085102592571150095;
    y := (y | (y << 4)) & 1085102592571150095;
    x := (x | (x << 2)) & 3689348814741910323;
    y := (y | (y << 2)) & 3689348814741910323;
    return ((x | (x << 1)) & 6148914691236517205) | (((y | (y << 1)) & 6148914691236517205) << 1);
end $$
"""
"""Column and row of a place's cell at zoom 24, bit by bit: leadflow/kernel/area.py has the same in Python."""

PLACED = """
update lead_search s set county_fips = coalesce(nullif(h.county_fips, ''), z.county_fips, ''),
       latitude = t.latitude, longitude = t.longitude, precision = t.precision,
       quadkey = quadkey(t.latitude, t.longitude)
from property h
left join zip_place z on z.zip5 = h.zip5
cross join lateral (
    select case when k.known then h.latitude else z.latitude end as latitude,
           case when k.known then h.longitude else z.longitude end as longitude,
           case when k.known then coalesce(h.precision, 'file') when z.zip5 is not null then 'zip' end as precision
    from (select h.latitude between -85 and 85 and h.longitude between -180 and 180 as known) k
) t
where h.org_id = s.org_id and h.id = s.property_id
"""


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "zip_place",
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("zip5", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("county_fips", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("latitude", sa.Float(), nullable=False),
        sa.Column("longitude", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("zip5", name=op.f("pk_zip_place")),
    )
    op.execute("alter table zip_place enable row level security")
    op.execute(f"grant select on zip_place to {APP}")
    op.execute(f"create policy everybody on zip_place for select to {APP} using (true)")
    _fill()
    op.execute(QUADKEY)
    op.add_column("property", sa.Column("geocoded_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("lead_search", sa.Column("county_fips", sa.Text(), server_default=sa.text("''"), nullable=False))
    op.add_column("lead_search", sa.Column("latitude", sa.Float(), nullable=True))
    op.add_column("lead_search", sa.Column("longitude", sa.Float(), nullable=True))
    op.add_column("lead_search", sa.Column("precision", sa.Text(), nullable=True))
    op.add_column("lead_search", sa.Column("quadkey", sa.BigInteger(), nullable=True))
    op.execute(PLACED)
    op.create_index(
        "ix_lead_search_place",
        "lead_search",
        ["org_id", "quadkey"],
        postgresql_include=["latitude", "longitude", "status_rank", "precision"],
    )
    op.create_index("ix_lead_search_county_fips", "lead_search", ["org_id", "county_fips"])
    _runs()


def _fill() -> None:
    """Take the table of ZIPs that the program ships with (leadflow/compliance/data/NOTICE.md)."""
    packed = files("leadflow.compliance").joinpath("data", "zips.csv.gz").read_bytes()
    rows = [
        (row["zip"], row["state"], row["county_fips"], float(row["lat"]), float(row["lon"]))
        for row in csv.DictReader(io.StringIO(gzip.decompress(packed).decode()))
    ]
    zips, states, counties, latitudes, longitudes = (list(column) for column in zip(*rows, strict=True))
    op.get_bind().exec_driver_sql(
        """
        insert into zip_place (zip5, state, county_fips, latitude, longitude)
        select * from unnest(%s::text[], %s::text[], %s::text[], %s::float8[], %s::float8[])
        """,
        (zips, states, counties, latitudes, longitudes),
    )


def _runs() -> None:
    op.create_table(
        "geocode_run",
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("audience", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("job_id", sa.Uuid(), nullable=True),
        *(
            sa.Column(name, sa.Integer(), server_default=sa.text("0"), nullable=False)
            for name in ("asked", "found", "missed", "price")
        ),
        sa.Column("reserved", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("spent", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("pauses", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("cancel_requested", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_geocode_run")),
    )
    op.create_index("ix_geocode_run_at", "geocode_run", ["org_id", sa.text("started_at desc"), sa.text("id desc")])
    op.create_table(
        "geocode_run_property",
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("property_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id", "run_id"],
            ["geocode_run.org_id", "geocode_run.id"],
            name=op.f("fk_geocode_run_property_org_id_run_id_geocode_run"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "property_id"],
            ["property.org_id", "property.id"],
            name=op.f("fk_geocode_run_property_org_id_property_id_property"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("org_id", "run_id", "property_id", name=op.f("pk_geocode_run_property")),
    )
    op.create_index("ix_geocode_run_property_property", "geocode_run_property", ["org_id", "property_id"])
    for table in TABLES:
        op.execute(f"alter table {table} enable row level security")
        op.execute(f"grant select, insert, update, delete on {table} to {APP}")
        op.execute(f"create policy own on {table} to {APP} using (org_id = {HERE}) with check (org_id = {HERE})")


def downgrade() -> None:
    """Take back."""
    for table in reversed(TABLES):
        op.drop_table(table)
    for name in ("county_fips", "place"):
        op.drop_index(f"ix_lead_search_{name}", table_name="lead_search")
    for column in ("quadkey", "precision", "longitude", "latitude", "county_fips"):
        op.drop_column("lead_search", column)
    op.drop_column("property", "geocoded_at")
    op.execute("drop function quadkey")
    op.drop_table("zip_place")
