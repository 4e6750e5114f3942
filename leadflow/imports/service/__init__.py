"""Use cases of imports, by errand. This is the room's door: other rooms and the doors import only these names.

A file goes through upload, check and commit. The check is the plan of the commit: verdicts, reasons and counts come
from the same tables that the commit carries out. Both may be killed and started again.

``receiving`` takes files in, ``checking`` works out what would become of each row, ``deciding`` takes the user's
decisions, ``writing`` carries them out, ``undoing`` takes
them back, ``looking`` tells.
"""

from leadflow.imports.service.checking import check
from leadflow.imports.service.deciding import (
    cancel,
    commit,
    keep_template,
    remap,
    reread,
    set_options,
    templates,
    use_template,
)
from leadflow.imports.service.looking import catalogue, listing, rejects_csv, report, rows
from leadflow.imports.service.receiving import dry_run, receive, upload, uploads
from leadflow.imports.service.setup import Setup, configure, folder, forget_file
from leadflow.imports.service.undoing import run_undo, undo, undo_preview
from leadflow.imports.service.writing import run_commit

__all__ = [
    "Setup",
    "cancel",
    "catalogue",
    "check",
    "commit",
    "configure",
    "dry_run",
    "folder",
    "forget_file",
    "keep_template",
    "listing",
    "receive",
    "rejects_csv",
    "remap",
    "report",
    "reread",
    "rows",
    "run_commit",
    "run_undo",
    "set_options",
    "templates",
    "undo",
    "undo_preview",
    "upload",
    "uploads",
    "use_template",
]
