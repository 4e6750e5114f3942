"""How much does a reply resemble those that were judged before? A linear model for wordings that no rule foresaw.

Pure but for reading the weights that ship with the program (``data/reply_weights.json.gz``, made by
``scripts/train_replies.py``). The score is the logarithm of the odds that the writer wants no more texts.
"""

from __future__ import annotations

import gzip
import json
import math
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from itertools import pairwise

from leadflow.compliance.rules.reading import Reading

BIAS = ""
"""The feature that every reply has."""
_SIZES = (4, 5)
"""Letters of a fragment of words."""
_LONGEST = 6
_BY = 3


def features(text: Reading) -> frozenset[str]:
    """Take a reply apart: words, neighbours, neighbours but one, fragments, its first word, length, and a question."""
    words = text.plain.split()
    found = {f"w:{word}" for word in words}
    found.update(f"b:{one} {two}" for one, two in pairwise(words))
    found.update(f"s:{one} {two}" for one, two in zip(words, words[2:], strict=False))
    padded = f" {text.plain} "
    found.update(f"c:{padded[at : at + size]}" for size in _SIZES for at in range(len(padded) - size + 1))
    found.add(f"n:{min(len(words) // _BY, _LONGEST)}")
    found.update([f"f:{words[0]}"] if words else [])
    found.update(["?"] if text.asks else [])
    return frozenset(found)


def score(text: Reading, weights: Mapping[str, float]) -> float:
    """Answer the logarithm of the odds; 0 is even, above means that the writer wants no more texts."""
    found = features(text)
    return weights.get(BIAS, 0.0) + sum(weights.get(one, 0.0) for one in sorted(found)) / math.sqrt(len(found))


@lru_cache(maxsize=1)
def shipped() -> Mapping[str, float]:
    """Read the weights that ship with the program."""
    raw = files("leadflow.compliance").joinpath("data", "reply_weights.json.gz").read_bytes()
    weights: dict[str, float] = json.loads(gzip.decompress(raw))
    return weights
