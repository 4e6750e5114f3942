"""Use cases of duplicates, by errand. This is the room's door: other rooms and the doors import only these names.

``searching`` finds pairs, ``looking`` shows them, ``merging`` makes two one, ``undoing`` takes that back, ``bulk`` does
it for many.
"""

from leadflow.duplicates.service.bulk import merge_sure, preview_sure, run_sure, run_undo, undo_job
from leadflow.duplicates.service.looking import (
    compare,
    dismiss,
    merges,
    pair,
    pairs,
    propose_again,
    searches,
)
from leadflow.duplicates.service.merging import merge, merge_pair
from leadflow.duplicates.service.searching import run_search, search, search_now
from leadflow.duplicates.service.undoing import unmerge

__all__ = [
    "compare",
    "dismiss",
    "merge",
    "merge_pair",
    "merge_sure",
    "merges",
    "pair",
    "pairs",
    "preview_sure",
    "propose_again",
    "run_search",
    "run_sure",
    "run_undo",
    "search",
    "search_now",
    "searches",
    "undo_job",
    "unmerge",
]
