"""``make clean-data``: remove the data folder, unless something runs on it."""

from __future__ import annotations

import shutil
import sys

from leadflow.local.folder import FolderInUse
from leadflow.local.services import data_folder


def main() -> int:
    """Remove the folder. The only thing that ever does."""
    folder = data_folder()
    if not folder.path.is_dir():
        return _say(f"There is no data in {folder.path}.", 0)
    try:
        with folder.held():
            shutil.rmtree(folder.path)
    except FolderInUse as failure:
        return _say(f"{failure} End it first.", 1)
    return _say(f"Removed {folder.path}.", 0)


def _say(text: str, code: int) -> int:
    sys.stderr.write(text + "\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
