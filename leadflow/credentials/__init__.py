"""The credentials by which providers know an organisation: set, used, never shown."""
