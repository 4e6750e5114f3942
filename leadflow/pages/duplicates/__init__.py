"""/duplicates: records that may be one, side by side, and what was merged."""
