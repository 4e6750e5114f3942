"""Write tests/attack/permissions.txt: which permission each route and each event of the page asks for.

The file is a copy on purpose. A route or an event that asks for less than before differs from it, and so somebody has
to read the change: ``make permissions`` writes it anew, and the difference stands in the commit.
"""

from __future__ import annotations

import importlib
from pathlib import Path

RECORD = Path(__file__).resolve().parents[1] / "tests/attack/permissions.txt"


def present() -> list[str]:
    """List every route and event with its permission."""
    from leadflow.api.app import declared, routes  # noqa: PLC0415 Reflex reads its configuration when it is imported
    from leadflow.ui import registry  # noqa: PLC0415 same

    importlib.import_module("leadflow.leadflow")
    registry.entries_cached.cache_clear()
    doors = {
        f"{method} {route.path}": declared(route) or "?" for route in routes() for method in sorted(route.methods or ())
    }
    events = {
        "event " + name.replace("reflex___state____state.", ""): entry.permission.value
        for name, entry in registry.entries().items()
    }
    return [f"{what}  {permission}" for what, permission in sorted((doors | events).items())]


def recorded() -> list[str]:
    """Read the record."""
    return RECORD.read_text().splitlines()


if __name__ == "__main__":
    RECORD.write_text("\n".join(present()) + "\n")
