"""What a ZIP says beside its middle: the post office's town, and the counties that it lies in."""

from __future__ import annotations

import csv
import gzip
import io
from importlib.resources import files

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0031"
down_revision = "0029"
branch_labels = None
depends_on = None

NAMED = """
update lead_search s set city = t.city, county = t.county,
       words = case when s.city = t.city then s.words else replace(
           s.words, lower(concat_ws(' ', h.street, h.unit, h.zip5)),
           lower(concat_ws(' ', h.street, h.unit, t.city, h.zip5))) end
from property h
join zip_place z on z.zip5 = h.zip5 and coalesce(h.state, '') in ('', z.state)
cross join lateral (
    select coalesce(nullif(h.city, ''), z.city) as city,
           coalesce(nullif(h.county, ''), case when cardinality(z.counties) = 1 then z.counties[1] end, '') as county
) t
where h.org_id = s.org_id and h.id = s.property_id and (s.city, s.county) is distinct from (t.city, t.county)
"""
UNNAMED = """
update lead_search s set city = coalesce(h.city, ''), county = coalesce(h.county, ''),
       words = case when h.city is not null then s.words else replace(
           s.words, lower(concat_ws(' ', h.street, h.unit, nullif(s.city, ''), h.zip5)),
           lower(concat_ws(' ', h.street, h.unit, h.zip5))) end
from property h
where h.org_id = s.org_id and h.id = s.property_id
  and (s.city, s.county) is distinct from (coalesce(h.city, ''), coalesce(h.county, ''))
"""


def upgrade() -> None:
    """Apply."""
    op.add_column("zip_place", sa.Column("city", sa.Text(), server_default=sa.text("''"), nullable=False))
    op.add_column(
        "zip_place",
        sa.Column("counties", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    )
    _fill()
    op.execute(NAMED)


def _fill() -> None:
    """Take the table that the program ships with (leadflow/maps/data/NOTICE.md)."""
    packed = files("leadflow.maps").joinpath("data", "zips.csv.gz").read_bytes()
    rows = [
        (row["zip"], row["city"], row["counties"])
        for row in csv.DictReader(io.StringIO(gzip.decompress(packed).decode()))
    ]
    zips, cities, counties = (list(column) for column in zip(*rows, strict=True))
    op.get_bind().exec_driver_sql(
        """
        update zip_place z set city = n.city, counties = string_to_array(n.counties, '|')
        from unnest(%s::text[], %s::text[], %s::text[]) n (zip5, city, counties)
        where z.zip5 = n.zip5 and (n.city <> '' or n.counties <> '')
        """,
        (zips, cities, counties),
    )


def downgrade() -> None:
    """Take back."""
    op.execute(UNNAMED)
    op.drop_column("zip_place", "counties")
    op.drop_column("zip_place", "city")
