"""What the catalog says of a table's contents: as of which snapshot they are, where they are, and what they cost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from dyntables.catalog.connection import Connection
from dyntables.catalog.parts.definition import EffectiveMode


def record_success(
    connection: Connection,
    table_id: int,
    *,
    frontier: str,
    data_timestamp: datetime,
    system: str,
    expected_seconds: float,
    costs: Mapping[str, Any],
) -> None:
    """Move a table's frontier to a snapshot, in the transaction that brought its contents there."""
    connection.execute(
        "UPDATE dyntables.dynamic_table SET frontier = %s::pg_snapshot, data_timestamp = %s, "
        "system_identifier = %s, reinitialize_reason = NULL, consecutive_failures = 0, retry_at = NULL, "
        "expected_seconds = %s, costs = %s WHERE id = %s",
        (frontier, data_timestamp, system, expected_seconds, Jsonb(costs), table_id),
    )


def record_failure(connection: Connection, table_id: int, failures: int, wait: float) -> None:
    """Record how often a table has failed in a row, and that it is tried again after so many seconds."""
    connection.execute(
        "UPDATE dyntables.dynamic_table SET consecutive_failures = %s, "
        "retry_at = clock_timestamp() + %s * interval '1 s' WHERE id = %s",
        (failures, wait, table_id),
    )


def rest(connection: Connection, table_id: int) -> None:
    """Let a table wait for a target lag, 10 seconds to an hour, before it is tried again."""
    connection.execute(
        "UPDATE dyntables.dynamic_table SET retry_at = clock_timestamp() + "
        "least(3600, greatest(10, coalesce(target_lag_seconds, 60))) * interval '1 s' WHERE id = %s",
        (table_id,),
    )


def advance(connection: Connection, ids: Iterable[int], snapshot: str) -> list[tuple[int, str]]:
    """Move the frontiers of tables whose contents are those of a snapshot; return the new ``xmin`` of each row.

    If the commit is lost in a crash, the tables are only older.
    """
    connection.execute("SET LOCAL synchronous_commit = off")
    return connection.execute(
        "UPDATE dyntables.dynamic_table SET frontier = %s::pg_snapshot, data_timestamp = now() "
        "WHERE id = ANY(%s) RETURNING id, xmin::text",
        (snapshot, list(ids)),
        prepare=True,
    ).fetchall()


def count_change(connection: Connection, table_id: int) -> None:
    """Let readers know that the contents have changed."""
    connection.execute(
        "UPDATE dyntables.dynamic_table SET change_version = change_version + 1 WHERE id = %s", (table_id,)
    )


def change_version(connection: Connection, table_id: int) -> int:
    """Return how often the contents have changed."""
    row = connection.execute("SELECT change_version FROM dyntables.dynamic_table WHERE id = %s", (table_id,)).fetchone()
    assert row is not None
    return int(row[0])


def record_consumed(connection: Connection, table_id: int, parents: list[int]) -> None:
    """Record the change version of every dynamic table that this one now reflects."""
    if parents:
        connection.execute(
            "UPDATE dyntables.dynamic_table SET consumed = "
            "(SELECT coalesce(jsonb_object_agg(id::text, change_version), '{}') "
            "FROM dyntables.dynamic_table WHERE id = ANY(%s)) WHERE id = %s",
            (parents, table_id),
        )


def record_generation(connection: Connection, table_id: int, generation: int, layout: str | None) -> None:
    """Record which storage is in use, and the layout of hidden state in it."""
    connection.execute(
        "UPDATE dyntables.dynamic_table SET generation = %s, layout = %s WHERE id = %s", (generation, layout, table_id)
    )


def record_frozen(connection: Connection, table_id: int, state: Mapping[str, Any]) -> None:
    """Record where the frozen rows are, and up to where."""
    connection.execute("UPDATE dyntables.dynamic_table SET frozen = %s WHERE id = %s", (Jsonb(state), table_id))


def record_computed_from(
    connection: Connection,
    table_id: int,
    *,
    view_oid: int,
    fingerprint: Mapping[str, Any],
    code: Mapping[str, str],
    change_version: int,
) -> None:
    """Record what the contents were computed from, and the view that shows them."""
    connection.execute(
        "UPDATE dyntables.dynamic_table SET view_oid = %s, fingerprint = %s, code = %s, change_version = %s "
        "WHERE id = %s",
        (view_oid, Jsonb(fingerprint), Jsonb(code), change_version, table_id),
    )


def record_code(connection: Connection, table_id: int, code: Mapping[str, str]) -> None:
    """Record what a definition calls, and how that is."""
    connection.execute("UPDATE dyntables.dynamic_table SET code = %s WHERE id = %s", (Jsonb(code), table_id))


def record_mode(connection: Connection, table_id: int, mode: EffectiveMode, reasons: list[dict[str, Any]]) -> None:
    """Record the effective mode of a table, and why it is this one."""
    connection.execute(
        "UPDATE dyntables.dynamic_table SET effective_mode = %s, mode_reasons = %s WHERE id = %s",
        (mode, Jsonb(reasons), table_id),
    )
