"""What can be done with the leads that are chosen in the list: the bar over it, and what stands in the bar.

``lists.SelectionAct`` hands a handler what is chosen: ``{ids, count}``, or ``{filter, except_ids, count}`` where it is
the whole filter but some. It is what ``Selection`` and the bulk routes of the API take.
"""

from __future__ import annotations

import reflex as rx

from leadflow.ui import lists


def bar() -> rx.Component:
    """Say how many leads are chosen, and offer what can be done with them."""
    return lists.SelectionBar.create(*actions(), grid="leads", one="lead", many="leads")


def actions() -> tuple[rx.Component, ...]:
    """List what can be done."""
    return ()
