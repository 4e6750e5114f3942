"""Columns of grids, and the small table for a page's few rows."""

from __future__ import annotations

from typing import Any

import reflex as rx

from leadflow.ui.tokens import Tones


def column(field: str, title: str, width: int, kind: str = "text", **more: Any) -> dict[str, Any]:  # noqa: ANN401 see the list
    """Describe one column of a grid.

    Args:
        field: path into the row, with dots.
        title: header.
        width: pixels.
        kind: ``text strong place names pill stack tags phone contact reasons money ago when day int figure year pct
            words mono``.
        more: ``sort`` (the API's sort key; absent means not sortable), ``initial`` (asc or desc), ``first``
            (direction of the first click), ``small`` (also on a phone), ``small_width``, ``flex``, ``pinned``,
            ``num``, ``sub`` (fields shown muted after a strong one), ``tones``, ``hint``, ``hide`` (until somebody
            shows it), ``edit`` (``status assignee tags money``: changed in its place) with ``cell``, its name there.
    """
    if "tones" in more:
        more["tones"] = {str(word): list(pair) for word, pair in more["tones"].items()}
    if "small_width" in more:
        more["smallWidth"] = more.pop("small_width")
    return {"field": field, "title": title, "width": width, "kind": kind, **more}


def options(tones: Tones) -> list[list[str]]:
    """List a vocabulary for a choice: value and label."""
    return [[str(word), label] for word, (_, label) in tones.items()]


def table(headers: list[Any], body: Any, label: str) -> rx.Component:  # noqa: ANN401 rows
    """Draw a plain table for at most a page of rows; longer lists are grids."""
    cells = [h if isinstance(h, rx.Component) else rx.el.th(h, scope="col") for h in headers]
    return rx.el.div(
        rx.el.table(
            rx.el.thead(rx.el.tr(*cells)), rx.el.tbody(body), class_name="t", custom_attrs={"aria-label": label}
        ),
        class_name="t-wrap",
    )
