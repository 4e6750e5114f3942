"""Decides who is meant by an @name in a note. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from uuid import UUID


def mentioned(text: str, members: Mapping[UUID, str]) -> frozenset[UUID]:
    """Find the members whose name stands behind an ``@`` in a note, whatever the case.

    The whole name will do, and the first name alone where only one member has it. The longest name that fits is meant:
    ``@Ann Lee`` is Ann Lee, not Ann.

    Args:
        text: the note.
        members: names by id.
    """
    firsts = Counter(_words(name)[0] for name in members.values() if _words(name))
    called: dict[str, set[UUID]] = {}
    for key, name in members.items():
        words = _words(name)
        if words:
            called.setdefault(" ".join(words), set()).add(key)
            if firsts[words[0]] == 1:
                called.setdefault(words[0], set()).add(key)
    if not called:
        return frozenset()
    names = sorted(called, key=len, reverse=True)
    pattern = "|".join(r"\s+".join(map(re.escape, name.split())) for name in names)
    # A word before the @ makes it an e-mail address.
    found = re.findall(rf"(?<![\w@])@({pattern})(?!\w)", text.casefold())
    return frozenset(key for name in found for key in called[" ".join(name.split())])


def _words(name: str) -> list[str]:
    return name.casefold().split()
