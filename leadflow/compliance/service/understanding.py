"""What a reply means to this organisation: the classifier's word, and the keywords that its packs add."""

from __future__ import annotations

from functools import lru_cache

from leadflow.compliance.rules.reading import read
from leadflow.compliance.rules.replies import classify
from leadflow.compliance.service.policies import policy
from leadflow.compliance.types import ReplyClass
from leadflow.kernel.db import UnitOfWork
from models.vocabulary import ReplyLabel, Suppress


def understand(uow: UnitOfWork, body: str) -> ReplyClass:
    """Classify a reply; one that is a keyword of the packs in force, and nothing else, ends all texts."""
    found = classify(body)
    if found.suppress is Suppress.YES or read(body).plain not in _plain(policy(uow).keywords):
        return found
    return ReplyClass(ReplyLabel.OPT_OUT, Suppress.YES)


@lru_cache(maxsize=64)
def _plain(words: tuple[str, ...]) -> frozenset[str]:
    return frozenset(read(word).plain for word in words)
