"""Write tests/fixtures/readings.tsv: how each judged reply is read today, its label, what it does, how sure that is.

The file is a copy on purpose, like that of ``scripts.permissions``: a change of the wordings shows in its commit which
replies are read otherwise from then on. ``make readings`` writes it anew.
"""

from __future__ import annotations

from pathlib import Path

from leadflow.compliance.rules.replies import classify
from scripts.train_replies import judged

RECORD = Path(__file__).resolve().parents[1] / "tests/fixtures/readings.tsv"


def present() -> list[str]:
    """Read every judged reply, in the order of the table."""
    lines: list[str] = []
    for one in judged():
        found = classify(one.text)
        words = (found.label, found.suppress, found.confidence, " ".join(one.text.split()))
        lines.append("\t".join(words))
    return lines


def recorded() -> list[str]:
    """Read the record."""
    return RECORD.read_text(encoding="utf-8").removesuffix("\n").split("\n")


if __name__ == "__main__":
    RECORD.write_text("\n".join(present()) + "\n", encoding="utf-8")
