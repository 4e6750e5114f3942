"""The few parts that must run in the browser: grid, map, palette, keys, toasts, upload, login. No State in here."""

from concurrent.futures import ThreadPoolExecutor

import reflex as rx

# http.js and atlas.js are imported by the others under their public paths; asking for them here puts them there.
_SCRIPTS = (
    "http.js",
    "address.jsx",
    "assignment.jsx",
    "atlas.js",
    "board.jsx",
    "bus.jsx",
    "call.jsx",
    "cell.jsx",
    "chips.jsx",
    "fields.jsx",
    "form.jsx",
    "grid.jsx",
    "layout.jsx",
    "selection.jsx",
    "map.jsx",
    "notes.jsx",
    "phones.jsx",
    "search.jsx",
    "shell.jsx",
    "split.jsx",
    "steps.jsx",
    "text.jsx",
    "today.jsx",
    "upload.jsx",
    "views.jsx",
)


def _published() -> dict[str, str]:
    return {script.partition(".")[0]: rx.asset(script, shared=True).importable_path for script in _SCRIPTS}


with ThreadPoolExecutor(1) as _pool:
    # Reflex finds its caller by reading the whole stack, source lines included. Here, in the midst of many imports,
    # that took a third of the time in which the page's process starts; a thread of its own has next to no stack.
    LIBRARY = _pool.submit(_published).result()
