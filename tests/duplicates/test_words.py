"""What the page says of the last search."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest

from leadflow.duplicates.types import SearchRow
from leadflow.pages.duplicates.state import told_of
from models.vocabulary import JobState

AT = datetime(2026, 12, 2, 18, tzinfo=UTC)
IMPORT = UUID(int=1)


@pytest.mark.parametrize(
    ("import_id", "compared", "proposed", "told"),
    [
        (None, 0, 0, "no two records are alike"),
        # Pairs of earlier searches stand below it: it must not read as if nothing had ever been compared.
        (IMPORT, 0, 0, "what an import brought is like nothing else"),
        (None, 1, 1, "1 pair compared, 1 may be one"),
        (None, 12_000, 31, "12,000 pairs compared, 31 may be one"),
        (IMPORT, 40, 2, "what an import brought, held against all else; 40 pairs compared, 2 may be one"),
    ],
)
def test_it_says_what_was_compared_and_what_was_found(
    import_id: UUID | None, compared: int, proposed: int, told: str
) -> None:
    assert told_of(SearchRow(UUID(int=2), JobState.DONE, import_id, AT, AT, compared, proposed, (), None)) == told
