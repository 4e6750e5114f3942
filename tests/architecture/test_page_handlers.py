"""Every public method of a page's state can be called by anyone with a socket; so each has a permission."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_every_handler_of_the_page_has_a_permission():
    # In a process of its own: Reflex registers states for good, and tests of the page make some.
    code = "import leadflow.leadflow; from leadflow.ui import registry; print('\\n'.join(registry.unguarded()))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.strip() == ""
