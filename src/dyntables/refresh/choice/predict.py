"""Say what the next refresh of tables would do and read, without doing it.

The decision is the refresh's own (``rebuild_reason`` and the layout of storage); only the numbers of rows that come
through dynamic tables not yet refreshed are estimates.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import psycopg

from dyntables.catalog import graph
from dyntables.catalog.model import Action, Dependency, DynamicTable, RefreshReason
from dyntables.compiler.names import SYSTEM, VERSION
from dyntables.engines.postgres.capture.captured import owed_condition
from dyntables.engines.postgres.capture.trigger_functions import log_table
from dyntables.engines.postgres.definition.facts import estimated_rows, storage_oids
from dyntables.refresh.choice.adaptive import decide
from dyntables.refresh.choice.choose import Choice
from dyntables.refresh.incremental import rebuild_reason
from dyntables.refresh.sources.plans import PlanCache
from dyntables.refresh.sources.present import look

_PAST = 20


@dataclass(frozen=True, slots=True)
class Reads:
    """What a refresh would read of one source; ``rows`` is None where nothing is known before."""

    name: str
    rows: int | None
    exact: bool


@dataclass(frozen=True, slots=True)
class Prediction:
    """The next action of one table; ``written`` estimates the changes that tables above would get."""

    table: DynamicTable
    action: Action
    reason: RefreshReason
    reads: tuple[Reads, ...]
    written: int | None
    choice: Choice | None = None

    @property
    def rows(self) -> int | None:
        """The rows that it would read, if something is known of each source."""
        known = [r.rows for r in self.reads if r.rows is not None]
        return sum(known) if len(known) == len(self.reads) else None


def predict(
    connection: psycopg.Connection, tables: Mapping[int, DynamicTable], ids: Iterable[int], plans: PlanCache
) -> dict[int, Prediction]:
    """Return a prediction for each table and everything that it reads, those that are read first."""
    row = connection.execute(f"SELECT {SYSTEM}, now()").fetchone()
    assert row is not None
    found: dict[int, Prediction] = {}
    order = graph.topological(tables, graph.ancestors(tables, ids))
    present = look(connection, [tables[i] for i in order])
    for table_id in order:
        table = tables[table_id]
        reason = rebuild_reason(connection, table, row[0], present)
        if reason is None and plans.compiled(connection, table, present.facts) is None:
            reason = RefreshReason.DEFINITION_CHANGED
        found[table_id] = _cheaper(connection, tables, _one(connection, table, reason, found), row[1])
    return found


def _one(
    connection: psycopg.Connection,
    table: DynamicTable,
    reason: RefreshReason | None,
    below: Mapping[int, Prediction],
) -> Prediction:
    if reason is not None:
        action = Action.FULL if reason is RefreshReason.FULL_MODE else Action.REINITIALIZE
        return Prediction(table, action, reason, _everything(connection, table, below), _stored(connection, table))
    reads = tuple(
        found
        for dependency in table.dependencies
        if (found := _changes(connection, table, dependency, below)) is not None
    )
    if not reads:
        return Prediction(table, Action.NO_DATA, RefreshReason.NO_CHANGES, (), 0)
    predicted = Prediction(table, Action.INCREMENTAL, RefreshReason.CHANGES, reads, None)
    written = _written(connection, table, predicted.rows)
    return Prediction(table, Action.INCREMENTAL, RefreshReason.CHANGES, reads, written)


def _cheaper(
    connection: psycopg.Connection, tables: Mapping[int, DynamicTable], predicted: Prediction, now: datetime
) -> Prediction:
    """Make the choice between incremental and full that the refresh will make, if the changes are known."""
    if predicted.action is not Action.INCREMENTAL or predicted.rows is None:
        return predicted
    table, changes = predicted.table, {r.name: r.rows or 0 for r in predicted.reads}
    choice = decide(connection, tables, table, changes, now)
    if choice is None or choice.action is Action.INCREMENTAL:
        return replace(predicted, choice=choice)
    return replace(predicted, action=Action.FULL, reason=RefreshReason.CHEAPER_IN_FULL, choice=choice)


def _changes(
    connection: psycopg.Connection, table: DynamicTable, dependency: Dependency, below: Mapping[int, Prediction]
) -> Reads | None:
    """Return the changes of one source that a table has not consumed, or None."""
    if dependency.upstream is not None:
        parent = below[dependency.upstream]
        logged = _logged(connection, parent.table, table.consumed.get(str(parent.table.id), 0))
        if parent.action is Action.NO_DATA:
            return Reads(parent.table.qualified, logged, exact=True) if logged else None
        rows = None if parent.written is None else parent.written + logged
        return Reads(parent.table.qualified, rows, exact=False)
    if dependency.kind != "TABLE":
        return None
    row = connection.execute(
        f"SELECT count(*), {_NAME} FROM {log_table(dependency.relation)} WHERE {owed_condition()}",
        (dependency.relation, table.frontier, table.frontier),
    ).fetchone()
    return Reads(row[1], row[0], exact=True) if row and row[0] else None


_NAME = (
    "(SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
    "WHERE c.oid = %s)"
)


def _logged(connection: psycopg.Connection, parent: DynamicTable, consumed: int) -> int:
    """Return the number of a dynamic table's logged changes that a reader has not consumed."""
    exists = connection.execute("SELECT to_regclass(%s) IS NOT NULL", (parent.change_log,)).fetchone()
    if not exists or not exists[0] or parent.change_version <= consumed:
        return 0
    row = connection.execute(f"SELECT count(*) FROM {parent.change_log} WHERE {VERSION} > %s", (consumed,)).fetchone()
    return int(row[0]) if row else 0


def _everything(
    connection: psycopg.Connection, table: DynamicTable, below: Mapping[int, Prediction]
) -> tuple[Reads, ...]:
    """Return all rows of all sources: what a full refresh reads."""
    found = []
    for dependency in table.dependencies:
        if dependency.upstream is not None:
            parent = below[dependency.upstream].table
            found.append(Reads(parent.qualified, _stored(connection, parent), exact=False))
        elif dependency.kind != "VIEW":
            rows = estimated_rows(connection, [dependency.relation]).get(dependency.relation)
            row = connection.execute(f"SELECT {_NAME}", (dependency.relation,)).fetchone()
            found.append(Reads(str(row[0]) if row else "?", rows, exact=False))
    return tuple(found)


def _stored(connection: psycopg.Connection, table: DynamicTable) -> int | None:
    """Return the estimated number of rows of a table, if it has been built."""
    oid = storage_oids(connection, {table.id: table.storage}).get(table.id)
    return estimated_rows(connection, [oid]).get(oid) if oid is not None else None


def _written(connection: psycopg.Connection, table: DynamicTable, rows: int | None) -> int | None:
    """Estimate the changes that a table would hand on, by what its past refreshes made of theirs."""
    row = connection.execute(
        "SELECT sum(written), sum(read) FROM (SELECT rows_inserted + rows_deleted AS written, "
        "(SELECT sum(value::bigint) FROM jsonb_each_text(source_changes)) AS read FROM dyntables.refresh "
        "WHERE dynamic_table_id = %s AND action = 'INCREMENTAL' AND state = 'SUCCEEDED' ORDER BY id DESC LIMIT %s) r",
        (table.id, _PAST),
    ).fetchone()
    if rows is None or row is None or not row[1]:
        return rows
    return round(rows * float(row[0]) / float(row[1]))
