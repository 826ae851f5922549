"""Rows of dynamic tables; the caller owns the transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from dyntables.catalog.connection import Connection
from dyntables.catalog.options import TableOptions
from dyntables.catalog.parts.declared import Declared
from dyntables.catalog.parts.schedule import SuspendReason


@dataclass(frozen=True, slots=True)
class Copied:
    """Contents that a table has from another: where and when they were computed, and where they are now.

    ``change_version``: of its change log. ``fingerprint``: of what it reads.
    """

    system: str | None
    data_timestamp: datetime
    generation: int
    change_version: int
    fingerprint: Mapping[str, Any]


def schema_of(connection: Connection, name: str) -> str | None:
    """Return the first schema of the search path that has a dynamic table of that name."""
    row = connection.execute(
        "SELECT schema_name FROM dyntables.dynamic_table WHERE table_name = %s "
        "AND schema_name = ANY(current_schemas(false)) "
        "ORDER BY array_position(current_schemas(false), schema_name::name) LIMIT 1",
        (name,),
    ).fetchone()
    return row[0] if row else None


def insert(connection: Connection, schema: str, name: str, owner: str, declared: Declared) -> int:
    """Record a new table; return its id."""
    values = _values(declared)
    columns, marks = ", ".join(values), ", ".join(["%s"] * len(values))
    row = connection.execute(
        f"INSERT INTO dyntables.dynamic_table (schema_name, table_name, owner_name, {columns}) "
        f"VALUES (%s, %s, %s, {marks}) RETURNING id",
        [schema, name, owner, *values.values()],
    ).fetchone()
    assert row is not None
    return int(row[0])


def define(connection: Connection, table_id: int, declared: Declared) -> None:
    """Give a table another definition, and what goes with it."""
    values = _values(declared)
    assignments = ", ".join(f"{column} = %s" for column in values)
    connection.execute(f"UPDATE dyntables.dynamic_table SET {assignments} WHERE id = %s", [*values.values(), table_id])


def _values(declared: Declared) -> dict[str, Any]:
    values = {"version": declared.definition.version, **declared.columns()}
    return {column: Jsonb(v) if isinstance(v, dict | list) else v for column, v in values.items()}


def set_reason(connection: Connection, table_id: int, reason: str | None) -> None:
    """Record why the next refresh computes a table anew; None is not at all."""
    connection.execute("UPDATE dyntables.dynamic_table SET reinitialize_reason = %s WHERE id = %s", (reason, table_id))


def compute_anew(connection: Connection, table_id: int, reason: str, fingerprint: Mapping[str, Any]) -> None:
    """Have a table computed anew from what its definition reads now, of which it has consumed nothing."""
    connection.execute(
        "UPDATE dyntables.dynamic_table SET reinitialize_reason = %s, frontier = NULL, fingerprint = %s WHERE id = %s",
        (reason, Jsonb(fingerprint), table_id),
    )


def become_copy(connection: Connection, table_id: int, copied: Copied, reason: str, suspended: SuspendReason) -> None:
    """Record that a table has the contents of another, is suspended until somebody wants it fresh, and why."""
    connection.execute(
        "UPDATE dyntables.dynamic_table SET system_identifier = %s, data_timestamp = %s, generation = %s, "
        "change_version = %s, fingerprint = %s, reinitialize_reason = %s, suspend_reason = %s, layout = NULL, "
        "frontier = NULL, consumed = '{}', costs = '{}', scheduling_state = 'SUSPENDED', "
        "suspended_at = clock_timestamp() WHERE id = %s",
        (
            copied.system,
            copied.data_timestamp,
            copied.generation,
            copied.change_version,
            Jsonb(copied.fingerprint),
            reason,
            suspended,
            table_id,
        ),
    )


def carry_over(
    connection: Connection, table_id: int, canonical: str, fingerprint: Mapping[str, Any], layout: str | None
) -> None:
    """Record how a table reads what has changed its columns, and nothing else."""
    connection.execute(
        "UPDATE dyntables.dynamic_table SET canonical = %s, fingerprint = %s, layout = %s WHERE id = %s",
        (canonical, Jsonb(fingerprint), layout, table_id),
    )


def set_frozen(connection: Connection, table_id: int, frozen: Mapping[str, Any]) -> None:
    """Record what is known of a table's frozen rows."""
    connection.execute("UPDATE dyntables.dynamic_table SET frozen = %s WHERE id = %s", (Jsonb(frozen), table_id))


def set_costs(connection: Connection, table_id: int, costs: Mapping[str, Any]) -> None:
    """Record what is known of a table's refreshes."""
    connection.execute("UPDATE dyntables.dynamic_table SET costs = %s WHERE id = %s", (Jsonb(costs), table_id))


def set_target_lag(connection: Connection, table_id: int, seconds: int | None) -> None:
    """Record the target lag of a table; None is DOWNSTREAM."""
    connection.execute("UPDATE dyntables.dynamic_table SET target_lag_seconds = %s WHERE id = %s", (seconds, table_id))


def set_scheduled(connection: Connection, table_id: int, *, scheduled: bool) -> None:
    """Record whether the scheduler refreshes a table."""
    connection.execute("UPDATE dyntables.dynamic_table SET scheduled = %s WHERE id = %s", (scheduled, table_id))


def set_comment(connection: Connection, table_id: int, comment: str | None) -> None:
    """Record what is said of a table."""
    connection.execute("UPDATE dyntables.dynamic_table SET comment = %s WHERE id = %s", (comment, table_id))


def set_options(connection: Connection, table_id: int, options: TableOptions) -> None:
    """Record the options of a table that the catalog keeps as they are."""
    connection.execute(
        "UPDATE dyntables.dynamic_table SET options = %s WHERE id = %s", (Jsonb(options.document()), table_id)
    )


def set_view(connection: Connection, table_id: int, view: str, *, system: str | None = None) -> None:
    """Record the view of a table, by its quoted name, and the server and database that it is in if it is the first."""
    connection.execute(
        "UPDATE dyntables.dynamic_table SET view_oid = %s::regclass, "
        "system_identifier = coalesce(%s, system_identifier) WHERE id = %s",
        (view, system, table_id),
    )


def delete(connection: Connection, table_id: int) -> None:
    """Remove a table from the catalog, with everything that belongs to it."""
    connection.execute("DELETE FROM dyntables.dynamic_table WHERE id = %s", (table_id,))
