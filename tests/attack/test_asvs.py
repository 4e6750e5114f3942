"""What docs/security/asvs.md names as shown must exist: a test that was renamed or removed leaves a gap unseen."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = ("docs/security/asvs.md", "SECURITY_CHECKLIST.md")
NAMED = re.compile(r"`((?:[a-z_]+/)+test_[a-z_]+\.py)(?:::(test_\w+))?`")


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_test_that_is_named_exists(document: str) -> None:
    found = NAMED.findall((ROOT / document).read_text())
    assert found
    missing: list[str] = []
    for file, test in found:
        path = ROOT / "tests" / file.removeprefix("tests/")
        names = {node.name for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef)}
        if test and test not in names:
            missing.append(f"{file}::{test}")
    assert missing == []


def test_every_row_says_its_state() -> None:
    rows = [line for line in (ROOT / DOCUMENTS[0]).read_text().splitlines() if re.match(r"\| (\d|V10)", line)]
    assert len(rows) > 100
    silent = [row for row in rows if not re.search(r"met|\*\*Gap|not used|not ours|deviates|production refuses|`", row)]
    assert silent == []
