"""Start programs that never outlive us, and stop them politely, then for certain."""

import json
import os
import pwd
import secrets
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

LAUNCHER = Path(__file__).with_name("launch.py")


@dataclass(frozen=True, slots=True)
class Account:
    """The Unix user that a service runs as."""

    uid: int
    gid: int
    name: str


def service_account(home: Path) -> Account | None:
    """The account for services that refuse root, or none when we are an ordinary user.

    Data that exists keeps its owner; otherwise an account named ``leadflow``, otherwise ``nobody``.
    """
    if os.geteuid() != 0:
        return None
    owner = home.stat().st_uid if home.exists() else 0
    if owner:
        entry = pwd.getpwuid(owner)
        return Account(entry.pw_uid, entry.pw_gid, entry.pw_name)
    for name in ("leadflow", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid, entry.pw_name)
    raise RuntimeError("Postgres does not run as root, and this machine has no user named leadflow or nobody.")


def private_folder(path: Path, account: Account | None) -> Path:
    """Make ``path`` a folder that only ``account`` may read, and answer it."""
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    if account and path.stat().st_uid != account.uid:
        os.chown(path, account.uid, account.gid)
    return path


def kept_password(path: Path, account: Account | None) -> str:
    """The password in ``path``, made once; only the owner of the file, which is ``account``, may read it."""
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(32))
        if account:
            os.chown(path, account.uid, account.gid)
    return path.read_text()


def reachable(path: Path, account: Account) -> bool:
    """Say whether ``account`` may walk down to ``path`` by the permission bits of its folders."""
    return all(_may_enter(folder.stat(), account) for folder in path.resolve().parents)


def _may_enter(folder: os.stat_result, account: Account) -> bool:
    if folder.st_uid == account.uid:
        return bool(folder.st_mode & 0o100)
    return bool(folder.st_mode & (0o010 if folder.st_gid == account.gid else 0o001))


def start(
    argv: Sequence[str | Path],
    *,
    account: Account | None = None,
    needs: Sequence[Path] = (),
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    stdin: IO[bytes] | int = subprocess.DEVNULL,
    output: IO[bytes] | int = subprocess.DEVNULL,
    at_parents_death: signal.Signals = signal.SIGTERM,
) -> subprocess.Popen[bytes]:
    """Start ``argv`` in a session of its own, so that Ctrl-C in our terminal reaches only us.

    Args:
        argv: the program as an absolute path, and its arguments.
        account: whom to become first; none means to stay as we are.
        needs: paths that the program must be able to walk down to, besides itself.
        env: the whole environment; none means ours.
        cwd: folder to start in.
        stdin: as for ``subprocess``.
        output: where both standard output and standard error go.
        at_parents_death: the signal that the program gets when the thread that called this ends, however it ends.
    """
    spec = {
        "argv": [str(word) for word in argv],
        "parent": os.getpid(),
        "signal": int(at_parents_death),
        "account": [account.uid, account.gid] if account else None,
        "search": account is not None and not all(reachable(path, account) for path in (Path(argv[0]), *needs)),
    }
    return subprocess.Popen(
        [sys.executable, "-I", "-S", str(LAUNCHER), json.dumps(spec)],
        env=env,
        cwd=cwd,
        stdin=stdin,
        stdout=output,
        stderr=output,
        start_new_session=True,
    )


def stop(process: subprocess.Popen[bytes], first: signal.Signals = signal.SIGTERM, *, patience_s: float = 25) -> int:
    """Ask ``process`` to end, wait, then end its whole session for certain. Answers its exit code."""
    if process.poll() is None:
        process.send_signal(first)
    try:
        process.wait(patience_s)
    except subprocess.TimeoutExpired:
        pass
    finally:
        end_session(process.pid)
    return process.wait()


def end_session(pid: int) -> None:
    """Kill whatever is left of the session that ``pid`` led."""
    try:
        os.killpg(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return
