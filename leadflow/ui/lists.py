"""What stands around a grid, wrapped for Python: choosing rows, chips, views, columns, steps. See ``ui/react``."""

from __future__ import annotations

from typing import Any

import reflex as rx

from leadflow.ui.client import EMPTY
from leadflow.ui.react import LIBRARY


class SelectionBar(rx.Component):
    """What is chosen in the grid of that name, the way to choose the whole filter, and what can be done: the children.

    What is chosen never stands in the address. It is ``{ids}``, or ``{filter, except_ids}`` for a whole filter, as the
    bulk routes of the API take it; the event ``lf:selection`` tells it with ``grid`` and ``count``.
    """

    library = LIBRARY["selection"]
    tag = "SelectionBar"
    grid: rx.Var[str]
    one: rx.Var[str]
    many: rx.Var[str]


class SelectionAct(rx.Component):
    """A button that hands what is chosen to a handler: ``{ids, count}`` or ``{filter, except_ids, count}``."""

    library = LIBRARY["selection"]
    tag = "SelectionAct"
    grid: rx.Var[str]
    on_pick: rx.EventHandler[rx.event.passthrough_event_spec(dict)]


class FilterChips(rx.Component):
    """The chips of the address, a way to take each away or change it, and the way to a new one (key ``f``)."""

    library = LIBRARY["chips"]
    tag = "FilterChips"
    params: rx.Var[list[str]]
    """Words of the address that narrow the list, shown as chips too."""
    quiet: rx.Var[list[str]]
    """Those of them that a control beside shows already."""


class ChipList(rx.Component):
    """Chips that are kept elsewhere than in the address, in words, each with a way to take it away."""

    library = LIBRARY["chips"]
    tag = "ChipList"
    chips: rx.Var[list[str]]
    disabled: rx.Var[bool]
    on_take: rx.EventHandler[rx.event.passthrough_event_spec(str)]


class Columns(rx.Component):
    """Which columns the grid of that name shows, in which order, and how high its rows are."""

    library = LIBRARY["layout"]
    tag = "Columns"
    grid: rx.Var[str]


class ViewTabs(rx.Component):
    """Saved views of the grid of that name as tabs, with all that can be done with one (key ``v``)."""

    library = LIBRARY["views"]
    tag = "ViewTabs"
    lib_dependencies: list[str] = ["sonner@2.0.8"]
    grid: rx.Var[str]
    params: rx.Var[list[str]]
    path: rx.Var[str]


class PinnedViews(rx.Component):
    """The views that somebody has pinned, with how many leads each finds."""

    library = LIBRARY["views"]
    tag = "PinnedViews"
    path: rx.Var[str]


class Steps(rx.Component):
    """Steps from the open record to its neighbours in the list of the address: buttons, and ``j`` and ``k``."""

    library = LIBRARY["steps"]
    tag = "Steps"
    api: rx.Var[str]
    params: rx.Var[list[str]]
    open_param: rx.Var[str]
    path: rx.Var[str]
    one: rx.Var[str]
    in_path: rx.Var[bool]
    """The open record stands behind ``path``, not in a word of the address."""


class PhoneKeys(rx.Component):
    """Numbers by keys: a digit focuses the child with that ``data-phone``, and a letter presses its ``data-mark``."""

    library = LIBRARY["phones"]
    tag = "PhoneKeys"


class Reach(rx.Component):
    """Focuses the control ``target`` when the event ``lf:<name>`` comes."""

    library = LIBRARY["phones"]
    tag = "Reach"
    name: rx.Var[str]
    target: rx.Var[str]


class NoteBox(rx.Component):
    """A text box for a note: an ``@`` offers the names of the team, Ctrl-Enter sends its form."""

    library = LIBRARY["notes"]
    tag = "NoteBox"
    name: rx.Var[str]
    label: rx.Var[str]
    placeholder: rx.Var[str]
    rows: rx.Var[int]
    default_value: rx.Var[str]
    clear: rx.Var[int]
    """Another number empties the box."""


class Heard(rx.Component):
    """Tells the server that the event ``lf:<name>`` was fired in the browser."""

    library = LIBRARY["phones"]
    tag = "Heard"
    name: rx.Var[str]
    on_hear: rx.EventHandler[rx.event.no_args_event_spec]


class FieldList(rx.Component):
    """The organisation's own fields: made, changed, put in order, archived and brought back."""

    library = LIBRARY["fields"]
    tag = "FieldList"
    lib_dependencies: list[str] = ["sonner@2.0.8"]


class LeadFields(rx.Component):
    """What the own fields hold at one lead, each changed in its place."""

    library = LIBRARY["fields"]
    tag = "LeadFields"
    lead: rx.Var[str]
    fields: rx.Var[list[dict[str, Any]]]
    """Each with ``id name kind options value``; the value as JSON."""
    editable: rx.Var[bool]
    on_saved: rx.EventHandler[rx.event.no_args_event_spec]


class Board(rx.Component):
    """The pipeline: a column a status, cards that are moved by mouse, touch or keyboard."""

    library = LIBRARY["board"]
    tag = "Board"
    lib_dependencies: list[str] = ["@dnd-kit/core@6.3.1"]
    params: rx.Var[list[str]]
    """Words of the address that are filters."""
    stages: rx.Var[dict[str, list[str]]]
    """Tone and label of each status, in order."""
    fixed: rx.Var[bool]
    """Whether nothing may be moved."""


class TodayQueue(rx.Component):
    """Whose turn it is, most urgent first, and the way into focus mode; for who leads the team, how it keeps up."""

    library = LIBRARY["today"]
    tag = "TodayQueue"
    who: rx.Var[str]
    """Whose list of what was skipped today it is."""
    calls: rx.Var[bool]


class Focus(rx.Component):
    """The queue of Today, one at a time, worked by keys."""

    library = LIBRARY["today"]
    tag = "Focus"
    who: rx.Var[str]
    can: rx.Var[list[str]]
    """Permissions of the user."""


class Assignment(rx.Component):
    """The rules by which new leads go to members in turn, to make, change and put in order; and who is away."""

    library = LIBRARY["assignment"]
    tag = "Assignment"
    lib_dependencies: list[str] = ["sonner@2.0.8"]


class CallButton(rx.Component):
    """Asks the gate about a call at the click, shows what to dial or why not, and asks what came of it."""

    library = LIBRARY["call"]
    tag = "CallButton"
    number: rx.Var[str]
    lead: rx.Var[str]
    label: rx.Var[str]
    on_done: rx.EventHandler[EMPTY]


class TextButton(rx.Component):
    """Asks the gate about a first text at the click, and opens the inbox's composer for the number, or says why not."""

    library = LIBRARY["text"]
    tag = "TextButton"
    number: rx.Var[str]
    lead: rx.Var[str]
