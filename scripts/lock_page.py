"""Pin the page's npm packages anew: build the page without a lock, and keep what npm chose in ``reflex.lock/``.

The lock keeps versions and checksums; the addresses that packages came from are taken out, so that it works with
whatever registry a machine has.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from leadflow.ui import build

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "reflex.lock"


def main() -> None:
    """Build in a folder of its own, then take its lock."""
    with tempfile.TemporaryDirectory(prefix="leadflow-lock-") as scratch:
        root, work = Path(scratch) / "root", Path(scratch) / "work"
        shutil.copytree(ROOT, root, ignore=shutil.ignore_patterns(".*", "reflex.lock", "_web", "node_modules"))
        build.build(root, Path(scratch) / "page", work)
        shutil.rmtree(LOCK, ignore_errors=True)
        shutil.copytree(work / "reflex.lock", LOCK)
    path = LOCK / "package-lock.json"
    path.write_text(json.dumps(without_addresses(json.loads(path.read_text())), indent=2) + "\n")
    sys.stderr.write(f"Pinned {len(json.loads(path.read_text())['packages']) - 1} npm packages.\n")


def without_addresses(lock: dict[str, Any]) -> dict[str, Any]:
    """Take out where each package was downloaded, and leave its version and checksum."""
    for package in lock.get("packages", {}).values():
        package.pop("resolved", None)
        package.pop("funding", None)
    return lock


if __name__ == "__main__":
    main()
