"""The menu: what stands in the sidebar, the palette and under the ``g`` keys, in order."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Item:
    """One place to go."""

    path: str
    title: str
    icon: str
    key: str
    """Second key after ``g``."""
    group: str = ""
    tab: bool = False
    """Whether it is among the tabs at the bottom of a phone."""


MENU = (
    Item("/", "Today", "sun", "h", tab=True),
    Item("/inbox", "Inbox", "inbox", "i", tab=True),
    Item("/leads", "Leads", "house", "l", tab=True),
    Item("/map", "Map", "map", "m"),
    Item("/board", "Pipeline", "square-kanban", "p"),
    Item("/tasks", "Tasks", "list-checks", "t"),
    Item("/campaigns", "Campaigns", "send", "c", tab=True),
    Item("/imports", "Imports", "file-up", "u"),
    Item("/duplicates", "Duplicates", "copy-check", "d"),
    Item("/compliance", "Compliance", "shield-check", "a", "Control"),
    Item("/settings", "Settings", "settings-2", "s", "Control"),
)

KEYS_OF: dict[str, dict[str, str]] = {
    "/duplicates": {"m": "merge-pair", "n": "not-one"},
    "/leads": {
        "x": "pick",
        "J": "pick-down",
        "K": "pick-up",
        "f": "filter",
        "v": "views",
        "e": "edit",
        "o": "page",
        "n": "note",
        "s": "status",
        "a": "assign",
        "t": "tag",
        "m": "map",
    },
}
"""Keys that mean something else, or something at all, on the pages of one place of the menu."""

KEYS = (
    {
        "title": "Everywhere",
        "keys": [
            ["Ctrl K", "Search and commands"],
            ["/", "Search everything"],
            ["?", "This list"],
            ["Esc", "Close, clear"],
        ],
    },
    {"title": "Go to", "keys": [[f"g {item.key}", item.title] for item in MENU]},
    {
        "title": "Lists",
        "keys": [["j", "Next row or record"], ["k", "Previous row or record"], ["Enter", "Open, a lead as a page"]],
    },
    {
        "title": "Leads",
        "keys": [
            ["f", "Filter"],
            ["v", "Views"],
            ["m", "Map beside the list, or not"],
            ["e", "Change this cell"],
            ["x", "Choose this row, or not"],
            ["Shift J", "Carry the choice down"],
            ["Shift K", "Carry the choice up"],
            ["Ctrl A", "Choose the rows that are loaded"],
            ["Esc", "Choose nothing"],
        ],
    },
    {
        "title": "A lead",
        "keys": [
            ["o", "Open its page"],
            ["s", "Status"],
            ["a", "Assign"],
            ["t", "Tag"],
            ["n", "Note"],
            ["1 … 9", "Go to a number"],
            ["c", "That number is correct"],
            ["w", "Wrong"],
            ["x", "Dead"],
            ["d", "Do not contact"],
        ],
    },
    {"title": "Duplicates", "keys": [["m", "Merge"], ["n", "Not a duplicate"], ["u", "Undo"]]},
    {"title": "Reviews", "keys": [["a", "Agree"], ["d", "Disagree"]]},
    {
        "title": "Inbox",
        "keys": [
            ["r", "Reply"],
            ["1 … 9", "An answer that is kept ready"],
            ["v", "Verified"],
            ["q", "Qualified"],
            ["p", "Priority"],
            ["w", "Wrong number"],
            ["d", "Do not contact"],
            ["u", "Undo"],
            ["h", "Snooze"],
            ["a", "Assign"],
            [".", "All actions"],
        ],
    },
)
