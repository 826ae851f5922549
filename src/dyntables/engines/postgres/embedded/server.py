"""Start, share and stop the embedded server.

The home of a server is one folder: ``data`` (the database cluster), ``run`` (its Unix socket; nothing listens on TCP),
``log``, and the locks. Several processes share one server:

- ``home.lock`` is held, exclusively and briefly, by whoever starts, adopts or stops the server.
- ``users.lock`` is held, shared, by every user for as long as it uses the server. Who leaves and gets it exclusively
  was the last one, and stops the server.

The server is nobody's child: it runs in a session of its own, so that Ctrl-C in a terminal, or the end of the process
that happened to start it, does not take it away from the others. A user that is killed leaves its server running; the
next start adopts it, and if none comes a watchdog (`watchdog.py`) stops it within about a second. A server that is
killed recovers from its log at the next start: fsync is on.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self
from urllib.parse import quote, urlencode

import psycopg

from dyntables.engines.postgres.embedded import process
from dyntables.engines.postgres.embedded.account import choose_account
from dyntables.engines.postgres.embedded.binaries import Binaries, find_binaries, make_reachable, read_version
from dyntables.engines.postgres.embedded.cluster import (
    USER,
    default_home,
    launch_server,
    log_file,
    make_home,
    require_reachable,
    require_version,
)
from dyntables.errors import EmbeddedServerError

DATABASE = "dyntables"

_START_SECONDS = 120.0


@dataclass(slots=True)
class EmbeddedServer:
    """A running server, and our use of it; also a context manager that stops using it at the end."""

    url: str
    data_dir: Path
    version: str
    pid: int
    socket_dir: Path
    log: Path
    _users: BinaryIO | None = field(default=None, repr=False)

    @property
    def major(self) -> int:
        """The major version, such as 18."""
        return int(self.version.split(".")[0])

    def url_for(self, database: str) -> str:
        """Return the URL of another database of this server."""
        return _url(self.socket_dir, database)

    def stop(self) -> None:
        """Stop using the server; the last user stops the server itself. A second call does nothing."""
        if self._users is None:
            return
        users, self._users = self._users, None
        with users, _closed_door(self.data_dir):
            try:
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
            process.stop(self.pid, self.data_dir / "data")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def start_embedded(
    data_dir: Path | None = None,
    *,
    binaries: Path | None = None,
    extra_settings: Mapping[str, str] | None = None,
) -> EmbeddedServer:
    """Use the server of a data folder, starting it, or making it, if need be.

    Args:
        data_dir: the home of the server; by default ``/var/lib/dyntables`` for root, the user's data folder otherwise.
        binaries: the folder of another PostgreSQL's programs.
        extra_settings: server settings over the sized ones; they count when this call starts the server.

    Raises:
        EmbeddedServerError: the server could not be prepared or started.
    """
    home = (data_dir or default_home()).expanduser().absolute()
    try:
        return _start(home, find_binaries(binaries), extra_settings or {})
    except OSError as error:
        raise EmbeddedServerError("could not prepare the embedded server", detail=str(error)) from error


def _start(home: Path, binaries: Binaries, extra_settings: Mapping[str, str]) -> EmbeddedServer:
    data = home / "data"
    account = choose_account(data)
    require_reachable(home, account)
    make_home(home)
    with contextlib.ExitStack() as undo, _closed_door(home):
        users = undo.enter_context(_open_lock(home / "users.lock"))
        fcntl.flock(users, fcntl.LOCK_SH)
        binaries = make_reachable(binaries, account, home / "binaries")
        version = read_version(binaries, account)
        require_version(data, version)
        pid = _adopt(home)
        if pid is None:
            pid = launch_server(home, binaries, account=account, version=version, extra_settings=extra_settings)
        undo.callback(_abandon, pid, home, users)
        postmaster = process.wait_until_ready(pid, data, seconds=_START_SECONDS, log=log_file(home))
        if not _is_locked(home / "watchdog.lock"):
            process.launch_watchdog(home, pid)
        socket_dir = Path(postmaster.socket_dir)
        _ensure_database(socket_dir)
        undo.pop_all()
    return EmbeddedServer(_url(socket_dir, DATABASE), home, version, pid, socket_dir, log_file(home), users)


def _adopt(home: Path) -> int | None:
    """Return the pid of a server that runs already; one that is stopping is waited for."""
    data = home / "data"
    postmaster = process.read_postmaster(data)
    if postmaster is None or not process.alive(postmaster.pid, data):
        return None
    if postmaster.status == "stopping":
        process.wait_for_end(postmaster.pid, data, seconds=_START_SECONDS)
        return None
    return postmaster.pid


def _ensure_database(socket_dir: Path) -> None:
    try:
        with psycopg.connect(_url(socket_dir, "postgres"), autocommit=True, connect_timeout=30) as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
            if found is None:
                connection.execute(f"CREATE DATABASE {DATABASE}")
    except psycopg.Error as error:
        raise EmbeddedServerError("could not connect to the embedded server", detail=str(error)) from error


def _abandon(pid: int, home: Path, users: BinaryIO) -> None:
    """Undo a failed start, unless somebody else uses the server."""
    with contextlib.suppress(BlockingIOError):
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        process.stop(pid, home / "data")


@contextlib.contextmanager
def _closed_door(home: Path) -> Iterator[None]:
    """Keep every other start, stop and watchdog of this home waiting."""
    with _open_lock(home / "home.lock") as door:
        fcntl.flock(door, fcntl.LOCK_EX)
        yield


def _open_lock(path: Path) -> BinaryIO:
    """Open a lock file that nobody else can open: whoever can may hold the lock."""
    file = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600), "ab")
    # Those of earlier versions were everybody's.
    if os.fstat(file.fileno()).st_uid == os.geteuid():
        os.fchmod(file.fileno(), 0o600)
    return file


def _is_locked(path: Path) -> bool:
    with _open_lock(path) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _url(socket_dir: Path, database: str) -> str:
    # The port is said, so that a PGPORT of the caller does not lead elsewhere.
    where = {"host": str(socket_dir), "port": "5432", "user": USER}
    return f"postgresql:///{quote(database)}?{urlencode(where, safe='/')}"
