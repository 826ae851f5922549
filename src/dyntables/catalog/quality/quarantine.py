"""Rows that wait in quarantine, by digests of their values, and what people decided; the caller owns the transaction.

Rows come as JSON, an array of objects with ``image``, ``copies`` and ``rules``, as a query gives them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from dyntables.catalog.connection import Connection

_ROWS = "jsonb_to_recordset(%(rows)s::jsonb) AS c (image text, copies bigint, rules jsonb)"
_NEW = (
    "INSERT INTO dyntables.quarantined_row AS q (dynamic_table_id, image, copies, rules, first_seen) "
    f"SELECT %(id)s, c.image, c.copies, ARRAY(SELECT jsonb_array_elements_text(c.rules)), %(seen)s FROM {_ROWS} "
    "WHERE c.copies > 0 ON CONFLICT (dynamic_table_id, image) DO "
)


def record(connection: Connection, table_id: int, state: Mapping[str, Any]) -> None:
    """Record how the contents of a table are split; nothing if they are not."""
    connection.execute("UPDATE dyntables.dynamic_table SET quarantine = %s WHERE id = %s", (Jsonb(state), table_id))


def views(connection: Connection) -> list[int]:
    """Return the views of rows that wait, by OID; none in a catalog that does not know of them yet."""
    rows = connection.execute(
        "SELECT (to_jsonb(t) #>> '{quarantine,view}')::oid::bigint FROM dyntables.dynamic_table t "
        "WHERE to_jsonb(t) #>> '{quarantine,view}' IS NOT NULL"
    )
    return [view for (view,) in rows]


def change(connection: Connection, table_id: int, rows: str, seen: datetime) -> None:
    """Bring in by how many copies rows that break a rule are more, or fewer, as of an instant."""
    said = {"id": table_id, "rows": rows, "seen": seen}
    same = f"FROM {_ROWS} WHERE q.dynamic_table_id = %(id)s AND q.image = c.image AND q.copies + c.copies"
    connection.execute(f"DELETE FROM dyntables.quarantined_row q USING {same.removeprefix('FROM ')} <= 0", said)
    connection.execute(f"UPDATE dyntables.quarantined_row q SET copies = q.copies + c.copies {same} > 0", said)
    connection.execute(f"{_NEW} NOTHING", said)


def put(connection: Connection, table_id: int, rows: str, seen: datetime) -> None:
    """Record how many copies there are of rows that break a rule; those that were there are as old as they were."""
    said = {"id": table_id, "rows": rows, "seen": seen}
    connection.execute(f"{_NEW} UPDATE SET copies = excluded.copies, rules = excluded.rules", said)


def keep_only(connection: Connection, table_id: int, images: Sequence[str]) -> None:
    """Forget all rows but these."""
    connection.execute(
        "DELETE FROM dyntables.quarantined_row WHERE dynamic_table_id = %s AND image <> ALL (%s)",
        (table_id, list(images)),
    )


def decide(connection: Connection, table_id: int, images: Sequence[str], decision: str, by: str) -> None:
    """Record what somebody decided about rows."""
    connection.execute(
        "INSERT INTO dyntables.quarantine_decision (dynamic_table_id, image, decision, decided_by) "
        "SELECT %s, image, %s, %s FROM unnest(%s::text[]) image ON CONFLICT DO NOTHING",
        (table_id, decision, by, list(images)),
    )
