"""The kernel: clock, database, errors, doorbell and value types. Knows no slice."""
