"""The data folder: who runs on it, its secrets, its logs, its state file."""

import fcntl
import json
import os
import secrets
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

FIRST_KEY = "first"
"""The name of the only key that a made ring holds."""


class FolderInUse(RuntimeError):
    """Another process runs on this folder."""


class DataFolder:
    """One folder for everything that a local LeadFlow keeps. Only ``make clean-data`` removes it."""

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()
        self.postgres = self.path / "postgres"
        self.redis = self.path / "redis"
        self.logs = self.path / "logs"
        self.anchors = self.path / "anchors"
        self.carrier_log = self.path / "carrier.jsonl"
        self.lookups_book = self.path / "lookups.jsonl"
        self.state = self.path / "run.json"

    @contextmanager
    def held(self) -> Generator[None]:
        """Be the only one who runs services on this folder.

        Raises:
            FolderInUse: somebody else is.
        """
        self.make()
        descriptor = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            raise FolderInUse(f"LeadFlow already runs on {self.path}.") from None
        try:
            yield
        finally:
            self.state.unlink(missing_ok=True)
            os.close(descriptor)

    def make(self) -> None:
        """Make the folder. Others may walk through, as the account of Postgres has to, and not look around."""
        self.path.mkdir(parents=True, exist_ok=True)
        self.path.chmod(0o711)
        for folder in (self.logs, self.anchors):
            folder.mkdir(exist_ok=True, mode=0o700)

    def running(self) -> dict[str, Any] | None:
        """What the process that runs on this folder said of itself, or none when nothing does."""
        try:
            with self.held_shared():
                return None
        except FolderInUse:
            return json.loads(self.state.read_text()) if self.state.exists() else None

    @contextmanager
    def held_shared(self) -> Generator[None]:
        """Look at the folder while nobody runs on it, without keeping other lookers away.

        Raises:
            FolderInUse: somebody does.
        """
        path = self.path / "lock"
        if not path.exists():
            yield
            return
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            raise FolderInUse(f"LeadFlow already runs on {self.path}.") from None
        else:
            yield
        finally:
            os.close(descriptor)

    def write_state(self, state: Mapping[str, Any]) -> None:
        """Tell others what runs here. Holds passwords: only its owner may read it."""
        write_private(self.state, json.dumps(state, indent=1))

    def own(self) -> dict[str, str]:
        """The variables of everything that works on this folder: its secrets, and where its seals are anchored."""
        return self.secrets() | {"LF_ANCHOR_DIR": str(self.anchors)}

    def secrets(self) -> dict[str, str]:
        """The variables of this folder's own secrets, made on first use.

        They are for one machine and demo data: they lie beside the data that they protect.
        """
        path = self.path / "secrets.json"
        kept: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
        missing = {variable: made for variable, made in _made().items() if variable not in kept}
        if missing:
            self.make()
            write_private(path, json.dumps(kept | missing, indent=1))
        return kept | missing


def _made() -> dict[str, str]:
    return {
        "LF_SESSION_KEYS": json.dumps({FIRST_KEY: secrets.token_urlsafe(32)}),
        "LF_PHONE_PEPPER": secrets.token_urlsafe(32),
        "LF_AUDIT_SEAL_KEYS": json.dumps({FIRST_KEY: secrets.token_urlsafe(32)}),
        "LF_VAULT_KEYS": json.dumps({FIRST_KEY: secrets.token_urlsafe(32)}),
        "LF_TWILIO_ACCOUNT_SID": f"AC{secrets.token_hex(16)}",
        "LF_TWILIO_AUTH_TOKEN": secrets.token_hex(16),
    }


def write_private(path: Path, text: str) -> None:
    """Write ``text`` in one step, readable by its owner alone."""
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    fresh.replace(path)
