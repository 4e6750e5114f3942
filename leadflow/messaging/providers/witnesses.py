"""Who remembers, outside of the database, how far it has come: this process, a file on this machine, and Redis.

A restored backup brings back everything that the database knew, so the database cannot witness for itself. One witness
that has seen more is enough to stop; one that has forgotten says nothing. Redis speaks for machines that have no file
yet; the file for a Redis that was emptied.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import UUID

import structlog
from redis import Redis, RedisError

from leadflow.messaging.rules.restoring import Remembered

log = structlog.get_logger(__name__)

KEY = "leadflow:epochs"
"""A sorted set in Redis: installation to its highest beat."""
TIMEOUT_S = 1.0
STEP = 12
"""The file is written at every so many beats, and at the first: once a minute."""


class Witnesses:
    """What this process, its machine and Redis have seen of installations.

    Args:
        folder: on this machine, one small file an installation; None keeps none.
        redis_url: None asks no Redis.
    """

    def __init__(self, folder: Path | None, redis_url: str | None) -> None:
        self.folder = folder
        self._redis: Any = (
            Redis.from_url(redis_url, socket_connect_timeout=TIMEOUT_S, socket_timeout=TIMEOUT_S)  # pyright: ignore[reportUnknownMemberType]
            if redis_url
            else None
        )
        self._seen: dict[UUID, int] = {}
        self._written: dict[UUID, int] = {}
        self._lock = threading.Lock()

    def recall(self, installation: UUID) -> Remembered:
        """Say what this process has seen; the others are asked only where it has seen nothing yet."""
        known = self._seen.get(installation)
        return self.ask(installation) if known is None else Remembered(known)

    def ask(self, installation: UUID) -> Remembered:
        """Ask every witness anew."""
        known, told, whole = self._seen.get(installation), self._read(installation), True
        score: float | None = None
        try:
            score = self._redis.zscore(KEY, str(installation)) if self._redis else None
        except RedisError:
            whole = False
        beats = [beat for beat in (known, told, None if score is None else int(score)) if beat is not None]
        if beats:
            self._remember(installation, max(beats))
        return Remembered(max(beats, default=None), whole)

    def saw(self, installation: UUID, beat: int) -> None:
        """Remember a beat that was read from the database or committed to it; never one that was not."""
        self._remember(installation, beat)
        if beat >= self._written.get(installation, -STEP) + STEP:
            self._write(installation, beat)

    def tell(self, installation: UUID, beat: int) -> None:
        """The same, and let Redis know; of the clockwork."""
        self.saw(installation, beat)
        try:
            if self._redis:
                self._redis.zadd(KEY, {str(installation): beat}, gt=True)
        except RedisError:
            log.warning("epoch.redis_away")

    def _remember(self, installation: UUID, beat: int) -> None:
        with self._lock:
            self._seen[installation] = max(beat, self._seen.get(installation, beat))

    def _path(self, installation: UUID) -> Path | None:
        return None if self.folder is None else self.folder / f"{installation}.beat"

    def _read(self, installation: UUID) -> int | None:
        path = self._path(installation)
        if path is None:
            return None
        with suppress(OSError, ValueError):
            return int(path.read_text())
        return None

    def _write(self, installation: UUID, beat: int) -> None:
        """Replace the file as a whole; a disk that is full or read-only leaves the other witnesses."""
        path = self._path(installation)
        if path is None:
            return
        with self._lock:
            if beat <= self._written.get(installation, -1):
                return
            self._written[installation] = beat
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            fresh = path.with_suffix(f".{threading.get_ident()}")
            fresh.write_text(str(max(beat, self._read(installation) or 0)))
            fresh.replace(path)
        except OSError:
            log.warning("epoch.file_not_written")
