"""Rows of silences and the routing tree, as text and JSON; ``alerts.noise`` gives them their meaning."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from dyntables.alerts.noise.matching import Matcher, parse_matcher
from dyntables.alerts.noise.silencing import Silence
from dyntables.catalog.connection import Connection

_COLUMNS = "id, matchers, starts_at, ends_at, author, reason"


def silences(connection: Connection, *, ended: bool = False) -> list[Silence]:
    """Return the silences that hold now or later; ``ended``: and those that are over."""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM dyntables.alert_silence WHERE %s OR ends_at > clock_timestamp() ORDER BY id", (ended,)
    )
    return [_silence(row) for row in rows]


def add_silence(
    connection: Connection,
    matchers: tuple[Matcher, ...],
    starts_at: datetime,
    ends_at: datetime,
    author: str,
    reason: str,
) -> Silence:
    """Add a silence."""
    row = connection.execute(
        "INSERT INTO dyntables.alert_silence (matchers, starts_at, ends_at, author, reason) "
        f"VALUES (%s, %s, %s, %s, %s) RETURNING {_COLUMNS}",
        ([str(m) for m in matchers], starts_at, ends_at, author, reason),
    ).fetchone()
    assert row is not None
    return _silence(row)


def expire_silence(connection: Connection, silence_id: int) -> bool:
    """End a silence now; tell whether it held, or was to."""
    cursor = connection.execute(
        "UPDATE dyntables.alert_silence SET ends_at = greatest(starts_at, clock_timestamp()) "
        "WHERE id = %s AND ends_at > clock_timestamp()",
        (silence_id,),
    )
    return bool(cursor.rowcount)


def route_document(connection: Connection) -> dict[str, Any] | None:
    """Return the routing tree that somebody has made, as JSON."""
    row = connection.execute("SELECT document FROM dyntables.alert_route").fetchone()
    return row[0] if row else None


def put_route(connection: Connection, document: dict[str, Any]) -> None:
    """Replace the routing tree."""
    connection.execute(
        "INSERT INTO dyntables.alert_route (document) VALUES (%s) "
        "ON CONFLICT (single) DO UPDATE SET document = excluded.document",
        (Jsonb(document),),
    )


def _silence(row: tuple[Any, ...]) -> Silence:
    silence_id, matchers, starts_at, ends_at, author, reason = row
    return Silence(silence_id, tuple(parse_matcher(m) for m in matchers), starts_at, ends_at, author, reason)
