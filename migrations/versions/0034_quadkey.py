"""A latitude too small to be told from the equator has a cell too: its tangent was below what Postgres reckons with."""

from __future__ import annotations

from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

QUADKEY = """
create or replace function quadkey(latitude double precision, longitude double precision) returns bigint
language plpgsql immutable strict parallel safe as $$
declare
    x bigint := least(greatest(floor((longitude + 180) / 360 * 16777216)::bigint, 0), 16777215);
    y bigint := least(greatest(
        floor((1 - asinh(tan(radians(<latitude>))) / pi()) / 2 * 16777216)::bigint, 0), 16777215);
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
"""As in 0024, but for the latitude."""


def upgrade() -> None:
    """Apply."""
    op.execute(QUADKEY.replace("<latitude>", "case when abs(latitude) < 1e-290 then 0 else latitude end"))


def downgrade() -> None:
    """Take back."""
    op.execute(QUADKEY.replace("<latitude>", "latitude"))
