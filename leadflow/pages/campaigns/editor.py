"""The message box of the builder, for Python."""

from __future__ import annotations

import reflex as rx


class Editor(rx.Component):
    """A text box with merge-field buttons; tells the server what rests in it, and what it held on leaving."""

    library = rx.asset("editor.jsx", shared=True).importable_path
    tag = "Editor"
    value: rx.Var[str]
    fields: rx.Var[list[list[str]]]
    """Name and meaning of each merge field."""
    disabled: rx.Var[bool]
    label: rx.Var[str]
    on_rest: rx.EventHandler[rx.event.passthrough_event_spec(str)]
    on_leave: rx.EventHandler[rx.event.passthrough_event_spec(str)]
