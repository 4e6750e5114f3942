"""Geocoders. Only ``maps.service`` knocks here."""
