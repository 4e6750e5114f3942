"""Every judged reply is read as the record says; whoever changes a wording sees in the record what it changes."""

from __future__ import annotations

from scripts.readings import present, recorded


def test_each_judged_reply_is_read_as_recorded() -> None:
    differing = [pair for pair in zip(recorded(), present(), strict=True) if pair[0] != pair[1]]
    assert not differing, "look at what changed, then `make readings`"
