"""Settings: the organisation, the switch that stops all sending, people, numbers, sessions."""
