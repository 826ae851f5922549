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

from dyntables import locks
from dyntables.catalog import Connection
from dyntables.catalog.leader import begin_epoch, locked_epoch
from dyntables.catalog.migrate import applied_number, newest_number
from dyntables.engines.postgres.connection.activity import sign_of_life
from dyntables.engines.postgres.connection.advisory import end_holders, share_lock, try_lock
from dyntables.engines.postgres.connection.errors import translated
from dyntables.engines.postgres.connection.session import connect_unattended
from dyntables.errors import CatalogTooNewError, DeposedError, DyntablesError

# Renewed at a quarter of it: all may stand still for three seconds, and whoever waits leads within five.
LEASE_SECONDS = 4.0
LOOK_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Fence:
    """What every commit of a leadership checks."""

    epoch: int

    def __call__(self, connection: Connection) -> None:
        """Lock the epoch until the end of the transaction.

        Raises:
            DeposedError: another process leads. In a REPEATABLE READ transaction the server itself raises a
                serialization failure if that happened after the snapshot.
        """
        present = locked_epoch(connection)
        if present != self.epoch:
            raise DeposedError(
                "the refresh was not committed: this process does not lead any more",
                detail=f"It led in epoch {self.epoch}, the present one is {'unknown' if present is None else present}.",
            )


class Lease:
    """Renews the lease in a thread of its own, until it is left; the session then ends, and with it the leadership.

    Args:
        connection: holds the lock; nobody else uses it from here on.
        on_lost: called once, from the thread, if the session has ended by itself.
    """

    def __init__(self, connection: Connection, on_lost: Callable[[], None]) -> None:
        self._connection, self._on_lost = connection, on_lost
        self._lost: DyntablesError | None = None
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
                detail=self._lost.message,
                hint="It looks again whether it may.",
            ) from self._lost

    def _renew(self) -> None:
        while not self._stop.wait(LEASE_SECONDS / 4):
            try:
                with translated():
                    sign_of_life(self._connection)
            except DyntablesError as error:
                self._lost = error
                self._on_lost()
                return


def connect_leader(url: str) -> Connection:
    """Open the connection on which a process leads, with a lease."""
    lease = f"{LEASE_SECONDS * 1000:.0f}ms"
    return connect_unattended(
        url,
        application_name="dyntables scheduler",
        idle_session_timeout=lease,
        idle_in_transaction_session_timeout=lease,
        statement_timeout=lease,
    )


def connect_looks(url: str, fence: Fence) -> Connection:
    """Open the connection on which a leadership looks for what is due; no statement takes longer than it may."""
    return _connect(url, fence, "dyntables looks", statement_timeout=f"{LOOK_SECONDS * 1000:.0f}ms")


def connect_worker(url: str, fence: Fence) -> Connection:
    """Open a connection on which a leadership refreshes."""
    return _connect(url, fence, "dyntables refresh")


def _connect(url: str, fence: Fence, application_name: str, **settings: str) -> Connection:
    """Open a connection of a leadership; the next leader knows it by its lock, and ends it."""
    connection = connect_unattended(url, application_name=application_name, **settings)
    share_lock(connection, locks.WORKER, fence.epoch)
    return connection


def try_to_lead(connection: Connection) -> int | None:
    """Become the leader if nobody is; return the epoch of the leadership.

    Raises:
        CatalogTooNewError: a newer version has migrated the catalog.
    """
    check_version(connection)
    if not try_lock(connection, locks.LEADER):
        return None
    # What a former leader still has at work could not commit; it would only hold the tables' locks.
    end_holders(connection, locks.WORKER)
    return begin_epoch(connection, f"{socket.gethostname()}:{os.getpid()}")


def check_version(connection: Connection) -> None:
    """Refuse to work on a catalog that a newer version has migrated."""
    applied, known = applied_number(connection), newest_number()
    if applied > known:
        raise CatalogTooNewError(
            f"the catalog is at migration {applied}, this process knows {known}: it stops",
            hint="A newer version of dyntables has upgraded the database; start that one here, too.",
        )
