"""The carrier's own book: one JSON object a line, appended, on disk before anything depends on it.

Writers that arrive while the disk is busy share the next flush (group commit), so that durability costs
one ``fdatasync`` for many lines. Nothing is ever rewritten: an outside checker can trust the file alone.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from leadflow.kernel.clock import Clock


class Ledger:
    """An append-only, durable JSON-lines file.

    Args:
        path: the file; made if absent, continued if present.
        clock: stamps every line (``at``, ISO 8601, UTC).
    """

    def __init__(self, path: Path, clock: Clock) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._clock = clock
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self._lines: list[bytes] = []
        self._waiting: list[asyncio.Future[None]] = []
        self._flushing: asyncio.Task[None] | None = None

    def read(self) -> Iterator[dict[str, Any]]:
        """Yield the lines written so far; a line that a crash cut short is skipped."""
        with self._path.open("rb") as lines:
            for line in lines:
                if line.endswith(b"}\n"):
                    yield orjson.loads(line)

    async def append(self, kind: str, **fields: Any) -> None:  # noqa: ANN401 any JSON value
        """Write one line; it is on disk when this returns."""
        line = orjson.dumps({"at": self._clock.now().isoformat(), "kind": kind, **fields})
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._lines.append(line + b"\n")
        self._waiting.append(done)
        if self._flushing is None or self._flushing.done():
            self._flushing = asyncio.create_task(self._flush())
        await done

    async def close(self) -> None:
        """Write what waits and close the file."""
        if self._flushing is not None:
            await self._flushing
        os.close(self._file)

    async def _flush(self) -> None:
        loop = asyncio.get_running_loop()
        while self._lines:
            data, waiting = b"".join(self._lines), self._waiting
            self._lines, self._waiting = [], []
            try:
                await loop.run_in_executor(None, self._write, data)
            except OSError as error:
                fail(waiting, error)
            else:
                settle(waiting)

    def _write(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[os.write(self._file, view) :]
        os.fdatasync(self._file)


def settle(waiting: list[asyncio.Future[None]]) -> None:
    """Tell every writer that its line is on disk."""
    for done in waiting:
        if not done.done():
            done.set_result(None)


def fail(waiting: list[asyncio.Future[None]], error: OSError) -> None:
    """Tell every writer that its line is not on disk."""
    for done in waiting:
        if not done.done():
            done.set_exception(error)
