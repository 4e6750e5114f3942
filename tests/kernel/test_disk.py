"""A full disk is told as such, and nothing else is."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from leadflow.kernel import disk
from leadflow.kernel.disk import NoRoom


@pytest.mark.parametrize("number", sorted(disk.FULL))
def test_a_write_for_which_there_is_no_room_says_so(number: int):
    with pytest.raises(NoRoom, match="disk is full"), disk.keeping():
        raise OSError(number, "no")


def test_another_failure_of_a_write_stays_what_it_is():
    with pytest.raises(OSError, match="read-only") as caught, disk.keeping():
        raise OSError(errno.EROFS, "read-only")
    assert not isinstance(caught.value, NoRoom)


def test_a_device_that_takes_nothing_is_full():
    with pytest.raises(NoRoom), disk.keeping(), Path("/dev/full").open("wb", buffering=0) as device:
        device.write(b"x")


def test_room_is_looked_for_where_a_folder_will_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    assert disk.has_room(tmp_path / "not" / "yet")
    monkeypatch.setattr(disk, "LEAST", 1 << 62)
    assert not disk.has_room(tmp_path / "not" / "yet")
