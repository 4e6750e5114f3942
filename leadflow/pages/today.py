"""/: what needs attention now."""

from __future__ import annotations

import reflex as rx

from leadflow.ui.shell import header, page


def view() -> rx.Component:
    """Show the day."""
    return page(header("Today"), soft=True)
