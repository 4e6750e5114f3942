"""Find Postgres and Redis: those of the environment, those that already run here, or our own for a while."""

from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from leadflow.kernel.schema import migrate
from leadflow.kernel.weaknesses import refuse_weak
from leadflow.local.folder import DataFolder
from leadflow.local.postgres import serving_postgres
from leadflow.local.redis import running_redis
from leadflow.settings import Environment, Settings, get_settings, provide, surroundings

LOCAL = frozenset({Environment.DEV, Environment.TEST})
"""Environments in which we may run services of our own and make secrets."""


def data_folder() -> DataFolder:
    """The data folder that the surroundings name, without needing any other setting."""
    return DataFolder(Path(surroundings().get("LF_DATA_DIR", ".leadflow")))


def settle() -> Settings:
    """The settings of this process, with what runs on the data folder filling the gaps in dev and test.

    Raises:
        leadflow.settings.BadSettings: something is missing, cannot be read, or is too weak for production.
    """
    if is_local():
        folder = data_folder()
        provide(folder.own() if folder.path.is_dir() else {})
        provide((folder.running() or {}).get("variables", {}))
    settings = get_settings()
    refuse_weak(settings)
    return settings


def is_local() -> bool:
    """Say whether the surroundings are those of one person's machine or of tests."""
    return surroundings().get("LF_ENV", Environment.DEV) in LOCAL


@contextmanager
def connected() -> Generator[Settings]:
    """Settings whose Postgres and Redis answer, for the length of one command.

    In dev, where none is named and none runs on the data folder, both are started, migrated, and stopped afterwards.

    Raises:
        leadflow.settings.BadSettings: as for ``settle``.
    """
    with ExitStack() as stack:
        named = surroundings()
        folder = data_folder()
        if is_local() and not {"DATABASE_URL", "REDIS_URL"} <= named.keys() and folder.running() is None:
            stack.enter_context(folder.held())
            provide(folder.own())
            provide(stack.enter_context(_own(folder)))
        yield settle()


@contextmanager
def _own(folder: DataFolder) -> Iterator[dict[str, str]]:
    with serving_postgres(folder.postgres) as server, running_redis(folder.redis) as redis_url:
        migrate(server.url)
        yield {"DATABASE_URL": server.runtime_url, "LF_OWNER_DATABASE_URL": server.url, "REDIS_URL": redis_url}
