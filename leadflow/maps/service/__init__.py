"""Use cases of the map. This is the room's door: other rooms and the doors import only these names.

``looking`` shows where leads are; ``geocoding`` sends addresses out where a person asked for it, and takes the answers.
"""

from leadflow.maps.service.geocoding import cancel, carry_out, configure, quote, run, runs, start
from leadflow.maps.service.looking import describe, find, marks, pin, rows, totals, unpin

__all__ = [
    "cancel",
    "carry_out",
    "configure",
    "describe",
    "find",
    "marks",
    "pin",
    "quote",
    "rows",
    "run",
    "runs",
    "start",
    "totals",
    "unpin",
]
