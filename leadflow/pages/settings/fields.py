"""/settings: the organisation's own fields."""

from __future__ import annotations

import reflex as rx

from leadflow.ui import lists
from leadflow.ui.shell import may
from models.vocabulary import Permission


def view() -> rx.Component:
    """Show the fields to whoever may change them."""
    return rx.cond(
        may(Permission.FIELD_WRITE),
        lists.FieldList.create(),
        rx.el.p("Owners and managers make the fields. Yours to fill they are beside each lead.", class_name="dim"),
    )
