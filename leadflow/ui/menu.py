"""The menu: what stands in the sidebar and under the ``g`` keys, in order. What each asks for is told by the places."""

from __future__ import annotations

from dataclasses import dataclass

from leadflow.search.rules import places
from leadflow.search.types import Place
from models.vocabulary import Permission


@dataclass(frozen=True, slots=True)
class Item:
    """One place to go."""

    path: str
    icon: str
    key: str
    """Second key after ``g``."""
    group: str = ""
    tab: bool = False
    """Whether it is among the tabs at the bottom of a phone."""

    @property
    def place(self) -> Place:
        """The page, with its title and what it asks for."""
        return places.page(self.path)

    @property
    def title(self) -> str:
        """As the place is called everywhere."""
        return self.place.title


MENU = (
    Item("/", "sun", "h", tab=True),
    Item("/inbox", "inbox", "i", tab=True),
    Item("/leads", "house", "l", tab=True),
    Item("/map", "map", "m"),
    Item("/board", "square-kanban", "p"),
    Item("/tasks", "list-checks", "t"),
    Item("/campaigns", "send", "c", tab=True),
    Item("/imports", "file-up", "u"),
    Item("/duplicates", "copy-check", "d"),
    Item("/compliance", "shield-check", "a", "Control"),
    Item("/settings", "settings-2", "s", "Control"),
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
        "C": "call",
        "T": "text",
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
    {"title": "Go to", "keys": [[f"g {item.key}", item.title, item.place.permission.value] for item in MENU]},
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
            ["Shift C", "Call its best number", Permission.CALL_PLACE.value],
            ["Shift T", "Text its best number", Permission.INBOX_REPLY.value],
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
    {"title": "Reviews", "asks": Permission.DECISION_REVIEW.value, "keys": [["a", "Agree"], ["d", "Disagree"]]},
    {
        "title": "Inbox",
        "asks": Permission.INBOX_READ.value,
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
