"""The Makefile is the way in, and its help tells all of it."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MAKEFILE = (ROOT / "Makefile").read_text()


def _make(*words: str) -> str:
    done = subprocess.run(["make", *words], cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S607 a developer has make
    return done.stdout


def test_help_lists_every_target():
    told = _make("help")
    targets = re.findall(r"^\.PHONY: (\S+)$", MAKEFILE, re.MULTILINE)
    assert {"up", "test", "check", "bench", "lock", "page", "wheel", "clean-data", "screenshots"} <= set(targets)
    assert [target for target in targets if not re.search(rf"^  {target} +\S", told, re.MULTILINE)] == []


def test_bare_make_helps():
    assert _make() == _make("help")


def test_only_one_target_removes_data():
    removing = [line for line in MAKEFILE.splitlines() if ".leadflow" in line and "rm -rf" in line]
    assert len(removing) == 1
    assert re.search(r"^clean-data:.*\n.*rm -rf \.leadflow", MAKEFILE, re.MULTILINE)


def test_ci_ends_by_calling_make_test():
    script = (ROOT / ".ci/run").read_text()
    assert script.startswith("#!/usr/bin/env bash")
    assert [line for line in script.splitlines() if line.startswith("make ")][-1] == "make test || alone"
