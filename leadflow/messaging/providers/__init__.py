"""Carriers. Only ``messaging.service`` knocks here."""
