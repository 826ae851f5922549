"""One leader for a database, and a fence that keeps a deposed one from committing.

A leader holds an advisory lock on a connection that has a lease: the server itself ends the session if it is silent for
``LEASE_SECONDS``, so a leader that is stopped, or whose machine has vanished, loses the lock without anybody's help.
Every leadership has an epoch. A refresh locks and compares the epoch as the last thing before it commits; the next
leader, and every migration, raises it. Whoever was the leader before can finish a refresh, and cannot commit it.
"""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass

import psycopg

from dyntables import locks
from dyntables.catalog.migrate import applied_number, newest_number
from dyntables.engines.postgres.session import connect_unattended
from dyntables.errors import CatalogTooNewError, DeposedError

LEADER_LOCK = 0x64_79_6E_74_6C_64_72  # "dyntldr"
LEASE_SECONDS = 2.0


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


def connect_worker(url: str, fence: Fence) -> psycopg.Connection:
    """Open a connection on which a leadership refreshes; the next leader knows it by its lock, and ends it."""
    connection = connect_unattended(url, application_name="dyntables refresh")
    connection.execute("SELECT pg_advisory_lock_shared(%s, %s)", (locks.WORKER, fence.epoch))
    return connection


def try_to_lead(connection: psycopg.Connection) -> int | None:
    """Become the leader if nobody is; return the epoch of the leadership.

    Raises:
        CatalogTooNewError: a newer version has migrated the catalog.
    """
    check_version(connection)
    row = connection.execute("SELECT pg_try_advisory_lock(%s)", (LEADER_LOCK,)).fetchone()
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
