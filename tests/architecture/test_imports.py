"""Who may import whom, as import-linter's contracts say; run here too, so that ``make test`` alone tells."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_every_contract_is_kept():
    program = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([program, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]


def test_a_worker_never_wakes_the_web():
    code = (
        "import sys, workers.main as m; m.load_handlers(); "
        "print([n for n in ('reflex', 'fastapi') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_help_is_quick_because_it_imports_no_room():
    code = (
        "import sys; from leadflow.cli import main; "
        "print([n for n in sys.modules if n in ('sqlalchemy', 'reflex') or n.endswith('.service')])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
