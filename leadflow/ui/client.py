"""The parts that run in the browser, wrapped for Python. Their code is in ``ui/react``; versions are pinned here."""

from __future__ import annotations

from typing import Any

import reflex as rx

from leadflow.ui.react import LIBRARY

EMPTY = rx.event.no_args_event_spec


class Bus(rx.Component):
    """Shows the server's messages as toasts; also those that other browser parts send."""

    library = LIBRARY["bus"]
    tag = "Bus"
    lib_dependencies: list[str] = ["sonner@2.0.8"]
    msg: rx.Var[dict[str, str]]


class Ticker(rx.Component):
    """Calls the server at an interval while ``on`` and the tab is in front: live progress."""

    library = LIBRARY["bus"]
    tag = "Ticker"
    every: rx.Var[int]
    """Milliseconds."""
    on: rx.Var[bool]
    on_tick: rx.EventHandler[EMPTY]


class Palette(rx.Component):
    """Ctrl-K: everything that the API finds, pages, commands, and what was opened last in this browser."""

    library = LIBRARY["search"]
    tag = "Palette"
    lib_dependencies: list[str] = ["cmdk@1.1.1"]
    places: rx.Var[list[dict[str, Any]]]
    """Pages and commands: ``kind href title words permission keys``."""
    can: rx.Var[list[str]]
    """Permissions of the user; places that ask for another are left out."""
    who: rx.Var[str]
    """Whose list of what was opened last it is."""
    on_light: rx.EventHandler[EMPTY]
    on_dark: rx.EventHandler[EMPTY]
    on_system: rx.EventHandler[EMPTY]


class PaletteButton(rx.Component):
    """The search field of the top bar; opens the palette."""

    library = LIBRARY["search"]
    tag = "PaletteButton"


class SearchResults(rx.Component):
    """All that is found for the words of the address: the first of each kind, or one kind page by page."""

    library = LIBRARY["search"]
    tag = "SearchResults"
    lib_dependencies: list[str] = ["cmdk@1.1.1"]


class Keys(rx.Component):
    """Global keys: a sequence to a path, or to the browser event ``lf:<word>``."""

    library = LIBRARY["shell"]
    tag = "Keys"
    map: rx.Var[dict[str, str]]
    asks: rx.Var[dict[str, str]]
    """By path, the permission without which a sequence leads nowhere."""
    can: rx.Var[list[str]]


class Press(rx.Component):
    """Presses the element ``target`` when the event ``lf:<name>`` comes."""

    library = LIBRARY["shell"]
    tag = "Press"
    name: rx.Var[str]
    target: rx.Var[str]


class Help(rx.Component):
    """The list of keys, on ``?``."""

    library = LIBRARY["shell"]
    tag = "Help"
    groups: rx.Var[list[dict[str, Any]]]
    """``title``, ``keys`` (keys, words, permission that it asks for) and what the whole group ``asks`` for."""
    can: rx.Var[list[str]]


class SideToggle(rx.Component):
    """Narrows the sidebar to its icons; remembered in the browser."""

    library = LIBRARY["shell"]
    tag = "SideToggle"


class JobsRing(rx.Component):
    """Progress of everything that runs, and the list of it."""

    library = LIBRARY["shell"]
    tag = "JobsRing"


class ApiForm(rx.Component):
    """A form whose fields go to the API as JSON; refusals show inside. Afterwards to ``next``, or it says ``done``.

    For what must not pass through a state: passwords, codes, keys. Where the password is needed once more, it asks.
    """

    library = LIBRARY["form"]
    tag = "ApiForm"
    url: rx.Var[str]
    method: rx.Var[str]
    next: rx.Var[str]
    done: rx.Var[str]
    """What is said when it was done."""
    label: rx.Var[str]
    lists: rx.Var[list[str]]
    """Fields that are sent as lists: checkboxes of one name."""
    numbers: rx.Var[list[str]]
    """Fields that are sent as numbers."""
    reveal: rx.Var[str]
    """Part of the answer that is shown, this once."""
    on_done: rx.EventHandler[EMPTY]


class Act(rx.Component):
    """A button that calls the API, asks first where ``sure`` says what, and tells the page when it was done."""

    library = LIBRARY["form"]
    tag = "Act"
    url: rx.Var[str]
    method: rx.Var[str]
    body: rx.Var[dict[str, Any]]
    done: rx.Var[str]
    sure: rx.Var[str]
    label: rx.Var[str]
    on_done: rx.EventHandler[EMPTY]


class Fetch(rx.Component):
    """A button that calls ``ask`` first, where the password may be asked for once more, and then takes the file."""

    library = LIBRARY["form"]
    tag = "Fetch"
    ask: rx.Var[str]
    href: rx.Var[str]
    label: rx.Var[str]


class ActSelect(rx.Component):
    """A select whose choice goes to the API at once, as the field ``name``."""

    library = LIBRARY["form"]
    tag = "ActSelect"
    url: rx.Var[str]
    method: rx.Var[str]
    name: rx.Var[str]
    value: rx.Var[str]
    options: rx.Var[list[list[str]]]
    label: rx.Var[str]
    done: rx.Var[str]
    disabled: rx.Var[bool]
    on_done: rx.EventHandler[EMPTY]


class PasswordDialog(rx.Component):
    """Asks for the password once more when an act needs it."""

    library = LIBRARY["form"]
    tag = "PasswordDialog"


class ResetForm(rx.Component):
    """Sets a new password with the token behind the ``#`` of a mailed link."""

    library = LIBRARY["form"]
    tag = "ResetForm"


class JoinForm(rx.Component):
    """Accepts the invitation whose token stands behind the ``#`` of a mailed link."""

    library = LIBRARY["form"]
    tag = "JoinForm"


class SecondFactor(rx.Component):
    """Sets one's own second factor up and takes it off again."""

    library = LIBRARY["form"]
    tag = "SecondFactor"
    on_done: rx.EventHandler[EMPTY]


class ApiButton(rx.Component):
    """A button that calls the API, forgets this browser's state and goes to ``next``."""

    library = LIBRARY["form"]
    tag = "ApiButton"
    url: rx.Var[str]
    next: rx.Var[str]
    body: rx.Var[dict[str, Any]]
    label: rx.Var[str]


class DemoLogins(rx.Component):
    """The demonstration sign-ins, where the API tells them (development only)."""

    library = LIBRARY["form"]
    tag = "DemoLogins"


class Uploader(rx.Component):
    """Sends one file raw to the API with progress, then goes to ``next`` with ``{id}`` filled in."""

    library = LIBRARY["upload"]
    tag = "Uploader"
    url: rx.Var[str]
    next: rx.Var[str]
    accept: rx.Var[str]
    title: rx.Var[str]
    hint: rx.Var[str]
    input_id: rx.Var[str]


class FileForm(rx.Component):
    """A form with one file: its fields go in the address, the file as the body; says what went wrong, or ``done``."""

    library = LIBRARY["upload"]
    tag = "FileForm"
    url: rx.Var[str]
    accept: rx.Var[str]
    label: rx.Var[str]
    done: rx.Var[str]
    submit: rx.Var[str]
    on_done: rx.EventHandler[EMPTY]


class Enclosure(rx.Component):
    """Sends a document beside a form as soon as it is chosen; its hash goes with the form as the field ``name``."""

    library = LIBRARY["upload"]
    tag = "Enclosure"
    url: rx.Var[str]
    name: rx.Var[str]
    accept: rx.Var[str]
    label: rx.Var[str]


class Grid(rx.Component):
    """A list of the API as a dense grid. Rows travel between the grid and the API, never through a state."""

    library = LIBRARY["grid"]
    tag = "Grid"
    lib_dependencies: list[str] = ["ag-grid-react@36.2.0", "ag-grid-community@36.2.0"]
    name: rx.Var[str]
    api: rx.Var[str]
    columns: rx.Var[list[dict[str, Any]]]
    params: rx.Var[list[str]]
    """Words of the address that are filters of the list."""
    fixed: rx.Var[dict[str, str]]
    """Filters that the page decides."""
    row_key: rx.Var[str]
    open_param: rx.Var[str]
    """Word of the address that holds the open row."""
    enter_href: rx.Var[str]
    """Where the key Enter leads, with the words of the present address but the open row's; ``{id}`` is the row's."""
    row_href: rx.Var[str]
    """Where a row leads instead, with fields of it like ``{id}``; a row without one of them leads nowhere."""
    density: rx.Var[str]
    label: rx.Var[str]
    empty_title: rx.Var[str]
    empty_text: rx.Var[str]
    empty_href: rx.Var[str]
    empty_action: rx.Var[str]
    cursor: rx.Var[bool]
    """Whether the list pages by its ``next`` mark only."""
    reload: rx.Var[int]
    """Another number makes the grid read its rows again, in place."""
    selectable: rx.Var[bool]
    """Whether rows can be chosen; ``SelectionBar`` of the same name shows what is."""
    viewed: rx.Var[bool]
    """Whether columns, height and order can be arranged and kept in views; the list has own fields, then, too."""
    explains: rx.Var[bool]
    """Whether an empty answer tells which part of the filter removed the rows; the list has ``/without``."""
    editable: rx.Var[bool]
    assignable: rx.Var[bool]
    """Whether cells whose column says ``edit`` can be changed in their place, and whether the assignee can be."""
    calls: rx.Var[bool]
    texts: rx.Var[bool]
    """Whether a row's best number can be called and texted: by buttons beside it, and by the keys ``C`` and ``T``."""


class Count(rx.Component):
    """How many rows the grid of that name holds."""

    library = LIBRARY["grid"]
    tag = "Count"
    grid: rx.Var[str]
    one: rx.Var[str]
    many: rx.Var[str]


class SearchBox(rx.Component):
    """Writes one word of the address as the user types."""

    library = LIBRARY["grid"]
    tag = "SearchBox"
    param: rx.Var[str]
    placeholder: rx.Var[str]


class Choice(rx.Component):
    """Chooses one word of the address from a list."""

    library = LIBRARY["grid"]
    tag = "Choice"
    param: rx.Var[str]
    options: rx.Var[list[list[str]]]
    label: rx.Var[str]


class Drawer(rx.Component):
    """The record beside a list, while the address holds ``param``; waits until ``shown`` is that record's id."""

    library = LIBRARY["address"]
    tag = "Drawer"
    param: rx.Var[str]
    shown: rx.Var[str]
    label: rx.Var[str]
    clear: rx.Var[list[str]]
    """Other words of the address that leave with the record."""


class FilterLink(rx.Component):
    """A link that takes the filter words of the present address along."""

    library = LIBRARY["address"]
    tag = "FilterLink"
    href: rx.Var[str]
    params: rx.Var[list[str]]


class Words(rx.Component):
    """Tabs, chips or folders that set one word of the address. ``items``: value, label, count, tone."""

    library = LIBRARY["address"]
    tag = "Words"
    param: rx.Var[str]
    items: rx.Var[list[list[Any]]]
    label: rx.Var[str]
    kind: rx.Var[str]
    clear: rx.Var[list[str]]
    asks: rx.Var[dict[str, str]]
    """By value, the permission without which it is left out."""
    can: rx.Var[list[str]]


class WordChip(rx.Component):
    """Takes one filter word out of the address; shown only while it is there."""

    library = LIBRARY["address"]
    tag = "WordChip"
    param: rx.Var[str]
    label: rx.Var[str]


class When(rx.Component):
    """An instant in the reader's own clock. ``kind``: ago, due, when, day, time."""

    library = LIBRARY["address"]
    tag = "When"
    at: rx.Var[str]
    kind: rx.Var[str]


class Compose(rx.Component):
    """A text box that counts carrier segments; Ctrl-Enter sends its form, the ``r`` key reaches it.

    What is typed survives leaving and reloading; the keys 1 to 9 put in what is kept ready.
    """

    library = LIBRARY["address"]
    tag = "Compose"
    name: rx.Var[str]
    label: rx.Var[str]
    placeholder: rx.Var[str]
    disabled: rx.Var[bool]
    rows: rx.Var[int]
    default_value: rx.Var[str]
    clear: rx.Var[int]
    """Another number empties the box."""
    draft: rx.Var[str]
    """Under which name this browser keeps what is typed, until it is sent or somebody signs out."""
    ready: rx.Var[list[Any]]
    """Answers that are kept ready: name, key, body, and what is missing."""
    on_typing: rx.EventHandler[EMPTY]


class ToEnd(rx.Component):
    """Scrolls ``target`` to its end when ``mark`` changes."""

    library = LIBRARY["address"]
    tag = "ToEnd"
    mark: rx.Var[str]
    target: rx.Var[str]


class Walk(rx.Component):
    """The ``j`` and ``k`` keys over a list of links."""

    library = LIBRARY["address"]
    tag = "Walk"
    target: rx.Var[str]
    active: rx.Var[str]


class Moment(rx.Component):
    """A date and hour by the reader's own clock, sent as UTC under ``name``."""

    library = LIBRARY["address"]
    tag = "Moment"
    name: rx.Var[str]
    label: rx.Var[str]
    value: rx.Var[str]
    clear: rx.Var[int]


class Shown(rx.Component):
    """Its children, only while the word ``param`` of the address is ``value``."""

    library = LIBRARY["address"]
    tag = "Shown"
    param: rx.Var[str]
    value: rx.Var[str]
    other: rx.Var[bool]
    """Turns it round: while the word is anything else."""


class Here(rx.Component):
    """Its children, unless they speak of another record than the address: a skeleton stands in until they do."""

    library = LIBRARY["address"]
    tag = "Here"
    shown: rx.Var[str]
    """Id of the record that the children speak of; empty where there is none."""


class AddressForm(rx.Component):
    """A form whose fields become words of the address ``to``."""

    library = LIBRARY["address"]
    tag = "AddressForm"
    to: rx.Var[str]
    label: rx.Var[str]


class WordLink(rx.Component):
    """A link that sets some words of the present address and keeps the others."""

    library = LIBRARY["address"]
    tag = "WordLink"
    words: rx.Var[dict[str, str]]


class LongSelect(rx.Component):
    """A select with a long, shared list of options, grouped; drawn only once it is touched."""

    library = LIBRARY["form"]
    tag = "LongSelect"
    label: rx.Var[str]
    value: rx.Var[str]
    groups: rx.Var[list[list[Any]]]
    disabled: rx.Var[bool]
    on_pick: rx.EventHandler[rx.event.passthrough_event_spec(str)]


class Download(rx.Component):
    """A link to a file of the API, which the router must not take for a page."""

    library = LIBRARY["form"]
    tag = "Download"
    href: rx.Var[str]
