"""The few parts that must run in the browser: grid, map, palette, keys, toasts, upload, login. No State in here."""

import reflex as rx

# http.js and atlas.js are imported by the others under their public paths; asking for them here puts them there.
LIBRARY = {
    name: rx.asset(f"{name}.{suffix}", shared=True).importable_path
    for name, suffix in {
        "http": "js",
        "address": "jsx",
        "assignment": "jsx",
        "atlas": "js",
        "board": "jsx",
        "bus": "jsx",
        "call": "jsx",
        "cell": "jsx",
        "chips": "jsx",
        "fields": "jsx",
        "form": "jsx",
        "grid": "jsx",
        "layout": "jsx",
        "selection": "jsx",
        "map": "jsx",
        "notes": "jsx",
        "phones": "jsx",
        "search": "jsx",
        "shell": "jsx",
        "split": "jsx",
        "steps": "jsx",
        "text": "jsx",
        "today": "jsx",
        "upload": "jsx",
        "views": "jsx",
    }.items()
}
