"""Compute a whole query into a table, in the way that is fastest for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import psycopg

from dyntables import clock
from dyntables.catalog.model import DynamicTable
from dyntables.compiler.program import early_select
from dyntables.engines.postgres.definition.introspect import Introspection
from dyntables.refresh.choice.tactics import Tactic, choose_tactic, learn_tactic, load_tried, tactics
from dyntables.refresh.limits import settings
from dyntables.refresh.sources.definitions import determined

if TYPE_CHECKING:
    from dyntables.refresh.result import RefreshResult
    from dyntables.refresh.run import Run
    from dyntables.refresh.sources.definitions import Reading

Step = Callable[[str], int]


def compute(run: Run, table: DynamicTable, reading: Reading, result: RefreshResult, step: Step) -> int:
    """Let ``step`` run its statement with the query, in some form; return what it returns, the rows.

    A tactic that is tried for the first time is given up when it takes far longer than the fastest that is known.
    """
    early = _early(run.connection, table, reading)
    ways = tactics(_shared_buffers(run.connection), early=early is not None)
    tried, now = result.tried or load_tried(table.costs, table.version), run.data_timestamp.timestamp()
    tactic, limit = choose_tactic(tried, ways, now)
    result.trial |= limit is not None
    query = early if early is not None and tactic.early else determined(table, reading.compiled)
    started = clock.monotonic()
    try:
        with run.connection.transaction():
            _set(run.connection, table, tactic, limit)
            rows = step(query)
            _reset(run.connection, table, tactic)
    except psycopg.errors.QueryCanceled:
        if limit is None or clock.monotonic() - started < limit:
            raise
        result.tried = learn_tactic(tried, tactic.name, limit, now)
        return compute(run, table, reading, result, step)
    result.tried = learn_tactic(tried, tactic.name, clock.monotonic() - started, now)
    return rows


def _early(connection: psycopg.Connection, table: DynamicTable, reading: Reading) -> str | None:
    """Return the query with aggregates below joins, if it has that form and the same columns."""
    query = early_select(reading.compiled) if reading.compiled is not None else None
    if query is None:
        return None
    columns = _columns(connection, query, table.owner)
    same = columns is not None and columns == _columns(connection, table.maintained, table.owner)
    return query if same else None


def _columns(connection: psycopg.Connection, query: str, owner: str) -> tuple[object, ...] | None:
    """Return names and types of a query's columns, or None if the owner cannot have it parsed.

    It is only parsed, as its functions are not the service's to run. The owner parses it again: code of the owner's may
    have run since the definition was read, and replaced a type.
    """
    introspection = Introspection(connection, frozenset(), owner)
    names = introspection.column_names(query)
    return None if names is None else (names, introspection.describe(query))


def _shared_buffers(connection: psycopg.Connection) -> int:
    row = connection.execute("SELECT pg_size_bytes(current_setting('shared_buffers'))").fetchone()
    assert row is not None
    return int(row[0])


def _set(connection: psycopg.Connection, table: DynamicTable, tactic: Tactic, limit: float | None) -> None:
    chosen = {**tactic.settings, **settings(table)}
    if limit is not None and "statement_timeout" not in chosen:
        chosen["statement_timeout"] = f"{round(limit * 1000)}ms"
    for name, value in chosen.items():
        connection.execute("SELECT set_config(%s, %s, true)", (name, value))


def _reset(connection: psycopg.Connection, table: DynamicTable, tactic: Tactic) -> None:
    """Return to what the rest of the refresh runs under."""
    usual = {"work_mem": "64MB", "statement_timeout": "0", **settings(table)}
    for name in {*tactic.settings, "statement_timeout"}:
        if name in usual:
            connection.execute("SELECT set_config(%s, %s, true)", (name, usual[name]))
        else:
            connection.execute(f"SET LOCAL {name} TO DEFAULT")
