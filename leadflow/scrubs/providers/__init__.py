"""Providers of look-ups. Only ``scrubs.service`` knocks here."""
