"""Changes that a table has not consumed: in the log of a source by snapshot, in that of a dynamic table by version."""

from __future__ import annotations

from collections.abc import Collection

import psycopg

from dyntables.compiler.names import VERSION, WEIGHT, literal
from dyntables.compiler.plan.algebra.nodes import Column
from dyntables.engines.port import Weights
from dyntables.engines.postgres.capture.captured import owed_condition, owed_rows
from dyntables.engines.postgres.capture.trigger_functions import log_table


def owed_of_source(oid: int, columns: tuple[Column, ...], frontier: str) -> str:
    """Return a FROM item of a source's changes that a snapshot does not see."""
    return owed_rows(log_table(oid), columns, owed_condition(literal(frontier)))


def owed_of_dynamic_table(log: str, columns: tuple[Column, ...], consumed: int) -> str:
    """Return a FROM item of a dynamic table's changes after a version."""
    return owed_rows(log, columns, f"{VERSION} > {int(consumed)}")


def count_owed(connection: psycopg.Connection, items: Collection[str]) -> list[Weights]:
    """Count the rows of several items, each log looked at once, by one query."""
    if not items:
        return []
    looks = ", ".join(f"(SELECT ARRAY[count(*), min({WEIGHT}), max({WEIGHT})] FROM {rows} o)" for rows in items)
    found = connection.execute(f"SELECT {looks}").fetchone()
    assert found is not None
    return [Weights(*weights) for weights in found]


def nothing_owed(oid: int, frontier: str) -> tuple[str, list[str]]:
    """Return the condition, with its parameters, that a source's log has nothing that a snapshot does not see."""
    return f"NOT EXISTS (SELECT 1 FROM {log_table(oid)} WHERE {owed_condition()})", [frontier, frontier]


def count_in_log(connection: psycopg.Connection, oid: int, frontier: str | None) -> tuple[int, str | None]:
    """Return the number of a source's changes that a snapshot does not see, and ``schema.name`` of the source."""
    row = connection.execute(
        f"SELECT count(*), {_NAME} FROM {log_table(oid)} WHERE {owed_condition()}", (oid, frontier, frontier)
    ).fetchone()
    return (row[0], row[1]) if row else (0, None)


def count_in_own_log(connection: psycopg.Connection, log: str, consumed: int) -> int:
    """Return the number of a dynamic table's changes after a version; none without a log."""
    exists = connection.execute("SELECT to_regclass(%s) IS NOT NULL", (log,)).fetchone()
    if not exists or not exists[0]:
        return 0
    row = connection.execute(f"SELECT count(*) FROM {log} WHERE {VERSION} > %s", (consumed,)).fetchone()
    return int(row[0]) if row else 0


_NAME = (
    "(SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
    "WHERE c.oid = %s)"
)
