"""/today/focus: the queue of the day, one at a time."""

from __future__ import annotations

import reflex as rx

from leadflow.ui import lists
from leadflow.ui.shell import Shell, header, page


def view() -> rx.Component:
    """Show whose turn it is."""
    return page(
        header("Focus", back=("/", "Today")),
        lists.Focus.create(who=Shell.organization + " " + Shell.email, can=Shell.can),
        soft=True,
    )
