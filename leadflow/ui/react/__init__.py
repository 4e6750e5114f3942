"""The few parts that must run in the browser: grid, palette, keys, toasts, upload, login. No State in here."""

import reflex as rx

# http.js is imported by the others under its public path; asking for it here puts it there.
LIBRARY = {
    name: rx.asset(f"{name}.{suffix}", shared=True).importable_path
    for name, suffix in {
        "http": "js",
        "address": "jsx",
        "bus": "jsx",
        "call": "jsx",
        "cell": "jsx",
        "chips": "jsx",
        "form": "jsx",
        "grid": "jsx",
        "layout": "jsx",
        "selection": "jsx",
        "shell": "jsx",
        "steps": "jsx",
        "upload": "jsx",
        "views": "jsx",
    }.items()
}
