"""Find the built page, or build it: once a set of sources, shared by everything that needs it."""

import fcntl
import shutil
from collections.abc import Callable
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]
CHECKOUT = PACKAGE.parent
CACHE = CHECKOUT / ".leadflow-build"
"""Where a checkout keeps its built pages and the npm packages. Not data: it may be removed at any time."""
KEPT = 3
"""Built pages that are kept, so that going back a commit needs no build."""


def page(say: Callable[[str], None]) -> Path:
    """The folder of the page that belongs to this code.

    In a checkout it is built unless these very sources were built before; an installed package carries it.

    Args:
        say: hears a line before anything that takes longer than a second.

    Raises:
        leadflow.ui.build.BuildFailed: Node, npm or the bundler refused.
    """
    # Imported here: it wakes a part of Reflex, which `leadflow up` needs only when there is something to build.
    from leadflow.ui import build  # noqa: PLC0415

    if not (CHECKOUT / "rxconfig.py").is_file():
        return build.BUILT
    CACHE.mkdir(exist_ok=True)
    target = CACHE / f"page-{build.digest(CHECKOUT)[:16]}"
    with (CACHE / "lock").open("w") as lock:
        # Two starts at once: the second waits and finds the page there.
        fcntl.flock(lock, fcntl.LOCK_EX)
        build.ensure(CHECKOUT, target, CACHE / "work", say)
        _forget_old(target)
    return target


def _forget_old(current: Path) -> None:
    others = sorted(
        (path for path in CACHE.glob("page-*") if path != current),
        key=lambda path: path.stat().st_mtime,
        reverse=True,
    )
    for path in others[KEPT - 1 :]:
        shutil.rmtree(path, ignore_errors=True)
