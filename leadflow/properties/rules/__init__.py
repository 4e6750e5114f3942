"""Pure decisions about places, names and parcels: when two written forms mean the same thing."""
