"""/search: everything that is found for the words of the address, by kind."""

from __future__ import annotations

import reflex as rx

from leadflow.ui import client
from leadflow.ui.shell import header, page


def view() -> rx.Component:
    """Show what is found."""
    return page(header("Search"), client.SearchResults.create(), soft=True)
