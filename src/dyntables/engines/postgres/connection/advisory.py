"""Advisory locks of a session, and the sessions that hold them."""

from __future__ import annotations

import psycopg


def try_lock(connection: psycopg.Connection, key: int) -> bool:
    """Take a lock with one key for the session, if nobody has it."""
    row = connection.execute("SELECT pg_try_advisory_lock(%s)", (key,)).fetchone()
    return bool(row and row[0])


def share_lock(connection: psycopg.Connection, class_: int, key: int) -> None:
    """Take a shared lock for the session."""
    connection.execute("SELECT pg_advisory_lock_shared(%s, %s)", (class_, key))


def end_holders(connection: psycopg.Connection, class_: int) -> None:
    """End the other sessions of this user in this database that hold or want a lock of a class."""
    connection.execute(
        "SELECT pg_terminate_backend(a.pid) FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid "
        "WHERE l.locktype = 'advisory' AND l.classid = %s AND l.objsubid = 2 AND a.datname = current_database() "
        "AND a.usename = current_user",
        (class_,),
    )
