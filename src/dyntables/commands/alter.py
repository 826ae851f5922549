"""ALTER DYNAMIC TABLE."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import psycopg

from dyntables.catalog import graph, store
from dyntables.catalog.model import DynamicTable, Trigger
from dyntables.commands.definition.freezing import changed_region, refuse_backfill
from dyntables.commands.definition.options import UNSET_SCHEDULING, scheduling_options
from dyntables.commands.session import Result, Session
from dyntables.compiler.names import quote_qualified
from dyntables.compiler.statements import (
    QualifiedName,
    Refresh,
    Resume,
    SetOptions,
    Suspend,
    UnsetOptions,
    Verify,
)
from dyntables.errors import CatalogError, InvalidOptionError, NotFoundError
from dyntables.refresh.result import RefreshResult

REFRESH_COLUMNS = [
    "name", "state", "action", "reason", "rows_inserted", "rows_deleted", "duration_ms", "data_timestamp", "error",
]  # fmt: skip
VERIFY_COLUMNS = ["name", "equal", "missing_rows", "extra_rows", "data_timestamp", "action", "frozen_rows"]


def find(session: Session, name: QualifiedName) -> DynamicTable:
    """Return the dynamic table of that name.

    Raises:
        CatalogError: there is none; the hint names similar ones.
    """
    schema, plain = session.resolve(name.parts)
    table = store.find(session.connection, schema, plain)
    if table is not None:
        return table
    row = session.connection.execute("SELECT to_regclass(%s)", (quote_qualified(schema, plain),)).fetchone()
    if row and row[0]:
        raise CatalogError(f'"{schema}.{plain}" is not a dynamic table')
    raise NotFoundError(
        f'dynamic table "{schema}.{plain}" does not exist', hint="SHOW DYNAMIC TABLES lists those that do."
    )


def refresh(session: Session, statement: Refresh) -> Result:
    """Refresh tables and what they read, now; a row for each table refreshed."""
    targets = [find(session, name).id for name in statement.names]
    results = session.refresher.refresh(targets, Trigger.MANUAL)
    _check_there(results, statement.names, targets)
    failed = [r for r in results if r.table_id in targets and r.error is not None]
    if failed and len(targets) == 1:
        assert failed[0].error is not None
        raise failed[0].error
    done = Result(REFRESH_COLUMNS, [refresh_row(r) for r in results], "ALTER DYNAMIC TABLE")
    if statement.copy_session:
        done.notices.append("COPY SESSION has no effect: a refresh has the rights of the owner")
    return done


def _check_there(results: list[RefreshResult], names: tuple[QualifiedName, ...], targets: list[int]) -> None:
    """Say if a table was dropped while its refresh waited."""
    refreshed = {r.table_id for r in results}
    for name, table_id in zip(names, targets, strict=True):
        if table_id not in refreshed:
            raise NotFoundError(f'dynamic table "{".".join(name.parts)}" was dropped by somebody else')


def refresh_row(result: RefreshResult) -> tuple[Any, ...]:
    """Return a refresh as a row of REFRESH_COLUMNS."""
    return (
        result.qualified,
        str(result.state),
        str(result.action) if result.action else None,
        str(result.reason) if result.reason else None,
        result.rows_inserted,
        result.rows_deleted,
        round(result.duration_ms, 3),
        result.data_timestamp,
        result.error.message if result.error else None,
    )


def verify(session: Session, statement: Verify) -> Result:
    """Refresh, and compare with the definition in the same snapshot."""
    table = find(session, statement.name)
    rows = [
        (
            f"{v.schema}.{v.name}",
            v.equal,
            v.missing_rows,
            v.extra_rows,
            v.data_timestamp,
            str(v.refresh.action),
            v.frozen_rows,
        )
        for v in session.refresher.verify([table.id])
    ]
    if not rows:
        raise NotFoundError(f'dynamic table "{table.qualified}" was dropped by somebody else')
    return Result(VERIFY_COLUMNS, rows, "ALTER DYNAMIC TABLE")


def suspend(session: Session, statement: Suspend) -> Result:
    """Suspend a table and everything that reads it."""
    connection = session.connection
    table = find(session, statement.name)
    tables = store.load_all(connection)
    with connection.transaction():
        _set_state(connection, table.id, "SUSPENDED", "USER_SUSPENDED")
        for reader in graph.descendants(tables, table.id):
            if tables[reader].scheduling_state == "RUNNING":
                _set_state(connection, reader, "SUSPENDED", "UPSTREAM_USER_SUSPENDED")
        store.audit(connection, "SUSPEND", table.qualified)
    result = _done()
    if table.incremental:
        result.notices.append(
            f'change logs keep what "{table.qualified}" has not consumed, up to the setting log_limit '
            f"({_log_limit(connection)}); beyond that it is computed anew when it is refreshed again"
        )
    return result


def resume(session: Session, statement: Resume) -> Result:
    """Resume a table, and those above it that were suspended because of it."""
    connection = session.connection
    table = find(session, statement.name)
    tables = store.load_all(connection)
    with connection.transaction():
        _set_state(connection, table.id, "RUNNING", None)
        for reader in graph.descendants(tables, table.id):
            if tables[reader].suspend_reason == "UPSTREAM_USER_SUSPENDED":
                _set_state(connection, reader, "RUNNING", None)
        connection.execute(
            "UPDATE dyntables.dynamic_table SET consecutive_failures = 0, retry_at = NULL WHERE id = %s", (table.id,)
        )
        store.audit(connection, "RESUME", table.qualified)
    return _done()


def set_options(session: Session, statement: SetOptions) -> Result:
    """Change the target lag, the comment or the scheduler."""
    connection, options = session.connection, statement.options
    table = find(session, statement.name)
    values: dict[str, Any] = {}
    if options.target_lag is not None:
        _check_lag(session, table, options.target_lag.seconds)
        values["target_lag_seconds"] = options.target_lag.seconds
        values["scheduled"] = True
    scheduling = scheduling_options(options, table.time_zone)
    if options.schedule is not None:
        values["scheduled"] = True
    if options.scheduler is not None:
        values["scheduled"] = options.scheduler != "DISABLE"
    if options.comment is not None:
        values["comment"] = options.comment
    refuse_backfill(options.backfill, altered=True)
    if (options.refresh_mode, options.initialize, options.dialect) != (None, None, None):
        raise InvalidOptionError(
            "REFRESH_MODE, INITIALIZE and DIALECT cannot be altered", hint="Use CREATE OR REPLACE DYNAMIC TABLE."
        )
    notices = [f"option {option} has no effect on PostgreSQL; it is kept as metadata" for option, _ in options.ignored]
    if options.ignored or scheduling:
        kept = {**table.options.get("ignored", {}), **dict(options.ignored)}
        values["options"] = {**table.options, "ignored": kept, **scheduling}
    if options.limits:
        kept = {**table.options.get("limits", {}), **dict(options.limits)}
        values["options"] = {**values.get("options", table.options), "limits": kept}
    if options.cluster_by:
        values["options"] = {**values.get("options", table.options), "cluster_by": list(options.cluster_by)}
        notices.append("the index is made when the storage of a table that is refreshed in full is built anew")
    if options.frozen is not None:
        changed, more = changed_region(session, replace(table, **values), options.frozen)
        values.update(changed)
        notices += more
    if values:
        with connection.transaction():
            store.update(connection, table.id, **values)
            store.audit(connection, "SET", table.qualified, **{k: str(v) for k, v in values.items()})
    result = _done()
    result.notices = notices
    return result


def unset_options(session: Session, statement: UnsetOptions) -> Result:
    """Return options to their defaults."""
    connection = session.connection
    table = find(session, statement.name)
    kept, limits = dict(table.options.get("ignored", {})), dict(table.options.get("limits", {}))
    own = dict(table.options)
    values: dict[str, Any] = {}
    with connection.transaction():
        for option in statement.names:
            if option in ("FROZEN WHERE", "IMMUTABLE WHERE"):
                values, _ = changed_region(session, table, None)
                own.pop("frozen", None)
                own["uses_clock"] = values.get("options", own).get("uses_clock")
            elif option == "COMMENT":
                store.update(connection, table.id, comment=None)
            elif option in ("TARGET_LAG", "REFRESH_MODE", "INITIALIZE", "DIALECT"):
                raise InvalidOptionError(f"{option} cannot be unset")
            elif option == "CLUSTER_BY":
                own["cluster_by"] = []
            elif option in UNSET_SCHEDULING:
                own.pop(UNSET_SCHEDULING[option], None)
            else:
                kept.pop(option, None)
                limits.pop(option, None)
        store.update(connection, table.id, **{**values, "options": {**own, "ignored": kept, "limits": limits}})
        store.audit(connection, "UNSET", table.qualified, options=list(statement.names))
    return _done()


def _check_lag(session: Session, table: DynamicTable, lag: int | None) -> None:
    tables = store.load_all(session.connection)
    for parent in graph.upstream(tables, table.id):
        other = tables[parent].target_lag_seconds
        if lag is not None and other is not None and other > lag:
            raise InvalidOptionError(
                f'the target lag of "{table.qualified}" cannot be below that of "{tables[parent].qualified}" '
                f"({other} seconds), which it reads"
            )
    check_readers_lag(tables, table, lag)


def check_readers_lag(tables: Mapping[int, DynamicTable], table: DynamicTable, lag: int | None) -> None:
    """Refuse a target lag (seconds) above that of a table that reads this one.

    Raises:
        InvalidOptionError: with the reader.
    """
    for reader in graph.consumers(tables, table.id):
        other = tables[reader].target_lag_seconds
        if lag is not None and other is not None and other < lag:
            raise InvalidOptionError(
                f'the target lag of "{table.qualified}" cannot be above that of "{tables[reader].qualified}" '
                f"({other} seconds), which reads it"
            )


def _set_state(connection: psycopg.Connection, table_id: int, state: str, reason: str | None) -> None:
    connection.execute(
        "UPDATE dyntables.dynamic_table SET scheduling_state = %s, suspend_reason = %s, "
        "suspended_at = CASE WHEN %s = 'SUSPENDED' THEN clock_timestamp() ELSE suspended_at END WHERE id = %s",
        (state, reason, state, table_id),
    )


def _log_limit(connection: psycopg.Connection) -> str:
    row = connection.execute("SELECT pg_size_pretty(dyntables.log_limit())").fetchone()
    return str(row[0]) if row else "?"


def _done() -> Result:
    return Result(["status"], [("statement executed",)], "ALTER DYNAMIC TABLE")
