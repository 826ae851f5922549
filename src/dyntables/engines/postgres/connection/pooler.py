"""A connection pooler before the server, such as PgBouncer: it must leave a session its backend.

Advisory locks, LISTEN, settings and temporary tables belong to the backend. A pooler that gives it to another client
after each transaction would lose them, and hand them to strangers. Nothing that is asked here changes the session.
"""

from __future__ import annotations

import select
from collections.abc import Callable

import psycopg
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus

from dyntables import clock
from dyntables.engines.postgres.connection.errors import translate
from dyntables.errors import ConnectionFailedError

_PATIENCE = 10.0  # as long as a connection may take
_BURSTS = (1, 2, 4, 8, 16, 32, 64)  # of one length, they may keep time with a pool that lends its backends in turn
_INSTEAD = (
    "Set pool_mode = session for this database or user of the pooler, or connect to the server itself: --database, "
    "DYNTABLES_DATABASE."
)


def require_own_backend(connection: psycopg.Connection, another: Callable[[], psycopg.Connection]) -> None:
    """Refuse a connection whose backend is lent out between transactions; ``another`` opens one to the same pool.

    A pooler answers for the server, and so makes up the process id that the protocol tells a client at the start. In
    its session mode the backend stays with the client, and a second one never sees it. In the other modes a backend
    that is free serves whoever comes next.

    Raises:
        ConnectionFailedError: the pooler lends it, or has no second backend, so that nobody can tell.
    """
    own = _backend(connection)
    if own == connection.info.backend_pid:
        return
    with another() as second:
        for burst in _BURSTS:
            others = {_backend(second) for _ in range(burst)}
            if len(others) > 1 or own in others or _backend(connection) != own:
                raise ConnectionFailedError(
                    "the connection pooler before the server gives the session to others after each transaction",
                    detail="What dyntables keeps in its session, such as locks and settings, would be lost, or reach "
                    "other clients of the pool.",
                    hint=_INSTEAD,
                )


def _backend(connection: psycopg.Connection) -> int:
    """Return the process id of the backend that serves a transaction of its own now; wait for one, but not for ever."""
    pgconn, until = connection.pgconn, clock.monotonic() + _PATIENCE
    try:
        pgconn.send_query(b"SELECT pg_catalog.pg_backend_pid()")
        while pgconn.is_busy():
            if not select.select([pgconn.socket], [], [], max(0.0, until - clock.monotonic()))[0]:
                raise ConnectionFailedError(
                    f"the server, or a connection pooler before it, gave no answer within {_PATIENCE:.0f} seconds",
                    hint="Raise pool_size of the pooler, or connect to the server itself: --database, "
                    "DYNTABLES_DATABASE.",
                    retryable=True,
                )
            pgconn.consume_input()
        result = pgconn.get_result()
        if result is None or result.status != ExecStatus.TUPLES_OK:
            raise psycopg.OperationalError("it went away") if result is None else error_from_result(result)
        while pgconn.get_result() is not None:
            pass
    except psycopg.Error as error:
        raise translate(error) from error
    return int(result.get_value(0, 0) or 0)
