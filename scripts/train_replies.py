"""Train the weights of ``leadflow.compliance.rules.likeness`` from the judged replies of the tests.

Run by hand when the replies or the reading change: ``python -m scripts.train_replies``. Logistic regression by AdaGrad,
standard library only, the same weights every time. tests/compliance/test_replies_held.py trains on the tuned part alone
and measures on the part that was held back.
"""

from __future__ import annotations

import csv
import gzip
import json
import math
import random
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from leadflow.compliance.rules.likeness import BIAS, features
from leadflow.compliance.rules.reading import read

ROOT = Path(__file__).parent.parent
JUDGED = ROOT / "tests" / "fixtures" / "replies.csv"
BLIND = ROOT / "tests" / "fixtures" / "replies_blind.csv"
TABLE = ROOT / "tests" / "compliance" / "data" / "phrases.csv"
WEIGHTS = ROOT / "leadflow" / "compliance" / "data" / "reply_weights.json.gz"

EPOCHS, RATE, DECAY, SEED = 25, 0.3, 1e-4, 1
BIAS_RATE = 0.02
SMALLEST = 0.03
"""Weights below this are left out of the file."""


class Judged(NamedTuple):
    """A reply and what it must do."""

    text: str
    label: str
    suppress: str
    split: str


def judged(path: Path = JUDGED) -> list[Judged]:
    """Read the judged replies; of the table every one counts as tuned."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [
        Judged(row["text"], row.get("label") or row["expected"], row["suppress"], row.get("split", "tuned"))
        for row in rows
    ]


def learnt() -> list[Judged]:
    """List every reply that the weights learn from: of the blind ones only the half that was read."""
    return [*judged(), *judged(TABLE), *(one for one in judged(BLIND) if one.split == "study")]


def train(replies: Iterable[Judged]) -> dict[str, float]:
    """Fit: which features speak for "no more texts"? A reply that a person should look at speaks against."""
    examples = [(sorted(features(read(one.text))), 1.0 if one.suppress == "yes" else 0.0) for one in replies]
    weights: dict[str, float] = {BIAS: 0.0}
    steps: dict[str, float] = {}
    shuffled = random.Random(SEED)  # noqa: S311 no secret
    for _ in range(EPOCHS):
        shuffled.shuffle(examples)
        for found, wanted in examples:
            _learn(weights, steps, found, wanted)
    return weights


def _learn(weights: dict[str, float], steps: dict[str, float], found: list[str], wanted: float) -> None:
    scale = 1 / math.sqrt(len(found))
    odds = weights[BIAS] + sum(weights.get(one, 0.0) for one in found) * scale
    error = 1 / (1 + math.exp(-max(-30.0, min(30.0, odds)))) - wanted
    weights[BIAS] -= BIAS_RATE * error
    for one in found:
        now = weights.get(one, 0.0)
        slope = error * scale + DECAY * now
        steps[one] = steps.get(one, 1e-2) + slope * slope
        weights[one] = now - RATE * slope / math.sqrt(steps[one])


def written(weights: Mapping[str, float]) -> bytes:
    """Write weights as they ship."""
    kept = {one: round(weight, 3) for one, weight in sorted(weights.items()) if abs(weight) >= SMALLEST or one == BIAS}
    text = json.dumps(kept, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return gzip.compress(text.encode(), mtime=0)


if __name__ == "__main__":
    WEIGHTS.write_bytes(written(train(learnt())))
