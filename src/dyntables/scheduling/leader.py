"""One leader for a database, and a fence that keeps a deposed one from committing.

A leader holds an advisory lock on a connection that has a lease: the server itself ends the session if it is silent for
``LEASE_SECONDS``, so a leader that is stopped, or whose machine has vanished, loses the lock without anybody's help. A
thread that does nothing else renews it: what the leader does on other connections may take as long as it takes.
Every leadership has an epoch. A refresh locks and compares the epoch as the last thing before it commits; the next
leader, and every migration, raises it. Whoever was the leader before can finish a refresh, and cannot commit it.
"""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass

import psycopg

from dyntables import locks
from dyntables.catalog.migrate import applied_number, newest_number
from dyntables.engines.postgres.connection.session import connect_unattended
from dyntables.errors import CatalogTooNewError, DeposedError

# Renewed at a quarter of it: all may stand still for three seconds, and whoever waits leads within five.
LEASE_SECONDS = 4.0
LOOK_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Fence:
    """What every commit of a leadership checks."""

    epoch: int

    def __call__(self, connection: psycopg.Connection) -> None:
        """Lock the epoch until the end of the transaction.

        Raises:
            DeposedError: another process leads. In a REPEATABLE READ transaction the server itself raises a
                serialization failure if that happened after the snapshot.
        """
        row = connection.execute("SELECT epoch FROM dyntables.leader FOR SHARE", prepare=True).fetchone()
        if row is None or row[0] != self.epoch:
            raise DeposedError(
                "the refresh was not committed: this process does not lead any more",
                detail=f"It led in epoch {self.epoch}, the present one is {row[0] if row else 'unknown'}.",
            )


class Lease:
    """Renews the lease in a thread of its own, until it is left; the session then ends, and with it the leadership.

    Args:
        connection: holds the lock; nobody else uses it from here on.
        on_lost: called once, from the thread, if the session has ended by itself.
    """

    def __init__(self, connection: psycopg.Connection, on_lost: Callable[[], None]) -> None:
        self._connection, self._on_lost = connection, on_lost
        self._lost: psycopg.Error | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._renew, name="lease", daemon=True)

    def __enter__(self) -> Lease:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        self._connection.close()

    def check(self) -> None:
        """Go on while the lease holds.

        Raises:
            DeposedError: its session has ended.
        """
        if self._lost is not None:
            raise DeposedError(
                "this process does not lead any more: the session of its lease has ended",
                detail=str(self._lost).strip(),
                hint="It looks again whether it may.",
            ) from self._lost

    def _renew(self) -> None:
        while not self._stop.wait(LEASE_SECONDS / 4):
            try:
                self._connection.execute("SELECT 1")
            except psycopg.Error as error:
                self._lost = error
                self._on_lost()
                return


def connect_leader(url: str) -> psycopg.Connection:
    """Open the connection on which a process leads, with a lease."""
    lease = f"{LEASE_SECONDS * 1000:.0f}ms"
    return connect_unattended(
        url,
        application_name="dyntables scheduler",
        idle_session_timeout=lease,
        idle_in_transaction_session_timeout=lease,
        statement_timeout=lease,
    )


def connect_looks(url: str, fence: Fence) -> psycopg.Connection:
    """Open the connection on which a leadership looks for what is due; no statement takes longer than it may."""
    return _connect(url, fence, "dyntables looks", statement_timeout=f"{LOOK_SECONDS * 1000:.0f}ms")


def connect_worker(url: str, fence: Fence) -> psycopg.Connection:
    """Open a connection on which a leadership refreshes."""
    return _connect(url, fence, "dyntables refresh")


def _connect(url: str, fence: Fence, application_name: str, **settings: str) -> psycopg.Connection:
    """Open a connection of a leadership; the next leader knows it by its lock, and ends it."""
    connection = connect_unattended(url, application_name=application_name, **settings)
    connection.execute("SELECT pg_advisory_lock_shared(%s, %s)", (locks.WORKER, fence.epoch))
    return connection


def try_to_lead(connection: psycopg.Connection) -> int | None:
    """Become the leader if nobody is; return the epoch of the leadership.

    Raises:
        CatalogTooNewError: a newer version has migrated the catalog.
    """
    check_version(connection)
    row = connection.execute("SELECT pg_try_advisory_lock(%s)", (locks.LEADER,)).fetchone()
    if not row or not row[0]:
        return None
    # What a former leader still has at work could not commit; it would only hold the tables' locks.
    connection.execute(
        "SELECT pg_terminate_backend(a.pid) FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid "
        "WHERE l.locktype = 'advisory' AND l.classid = %s AND l.objsubid = 2 AND a.datname = current_database() "
        "AND a.usename = current_user",
        (locks.WORKER,),
    )
    row = connection.execute(
        "UPDATE dyntables.leader SET epoch = epoch + 1, process = %s, backend = pg_backend_pid(), "
        "since = clock_timestamp() RETURNING epoch",
        (f"{socket.gethostname()}:{os.getpid()}",),
    ).fetchone()
    assert row is not None
    return int(row[0])


def check_version(connection: psycopg.Connection) -> None:
    """Refuse to work on a catalog that a newer version has migrated."""
    applied, known = applied_number(connection), newest_number()
    if applied > known:
        raise CatalogTooNewError(
            f"the catalog is at migration {applied}, this process knows {known}: it stops",
            hint="A newer version of dyntables has upgraded the database; start that one here, too.",
        )
