"""What the documents point at is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / ".github").rglob("*.md")]
LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)")
PATH = re.compile(r"`((?:leadflow|models|workers|migrations|tests|docs|benchmarks|scripts)/[\w./-]+)`")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_link_and_every_path_leads_somewhere(document: Path):
    text = document.read_text()
    lost = [target for target in LINK.findall(text) if not (document.parent / target).exists()]
    lost += [target for target in PATH.findall(text) if not (ROOT / target).exists()]
    assert lost == []


def test_the_readme_says_what_it_is_in_five_lines_and_names_the_two_commands():
    readme = (ROOT / "README.md").read_text()
    first = readme.split("\n\n")[1]
    assert 3 <= len(first.splitlines()) <= 6
    assert "make up" in readme
    assert "make test" in readme


def test_every_decision_says_why_and_what_was_declined():
    for record in (ROOT / "docs/decisions").glob("[0-9]*.md"):
        text = record.read_text()
        assert all(f"## {part}" in text for part in ("Context", "Decision", "Consequences", "Declined")), record.name
