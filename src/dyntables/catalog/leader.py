"""The one row that says who leads, and in which epoch; whoever leads next, and every migration, raises it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from dyntables import locks
from dyntables.catalog.connection import Connection


@dataclass(frozen=True, slots=True)
class Leader:
    """Who leads, since when."""

    process: str
    since: datetime
    epoch: int


def begin_epoch(connection: Connection, process: str) -> int:
    """Note that the process of this session leads from now on; return its epoch."""
    row = connection.execute(
        "UPDATE dyntables.leader SET epoch = epoch + 1, process = %s, backend = pg_backend_pid(), "
        "since = clock_timestamp() RETURNING epoch",
        (process,),
    ).fetchone()
    assert row is not None
    return int(row[0])


def locked_epoch(connection: Connection) -> int | None:
    """Return the present epoch, and let it be that until the transaction ends."""
    row = connection.execute("SELECT epoch FROM dyntables.leader FOR SHARE", prepare=True).fetchone()
    return row[0] if row else None


def epoch_and_time(connection: Connection) -> tuple[int | None, datetime]:
    """Return the present epoch and what the server's clock says."""
    query = "SELECT clock_timestamp(), (SELECT epoch FROM dyntables.leader)"
    row = connection.execute(query, prepare=True).fetchone()
    assert row is not None
    return row[1], row[0]


def present_leader(connection: Connection) -> Leader | None:
    """Return who leads, if the session that does still lives."""
    row = connection.execute(
        "SELECT l.process, l.since, l.epoch FROM dyntables.leader l JOIN pg_locks k ON k.pid = l.backend "
        "WHERE k.locktype = 'advisory' AND k.objsubid = 1 AND k.granted AND k.classid = %s::bigint::oid",
        (locks.LEADER >> 32,),
    ).fetchone()
    return Leader(*row) if row else None
