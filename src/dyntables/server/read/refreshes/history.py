"""The history of refreshes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg.rows import dict_row

from dyntables.catalog import store
from dyntables.errors import NotFoundError
from dyntables.refresh.sources.altered import alterations
from dyntables.server.paging import decode_cursor, encode_cursor
from dyntables.server.schemas.base import Page
from dyntables.server.schemas.plans import Measured, MeasuredStage, MeasuredStatement
from dyntables.server.schemas.refreshes import Refresh, RefreshDetail, RefreshError, RefreshStatement, SourceAlteration

_SELECT = """
SELECT r.id, r.run::text AS run, r.dynamic_table_id AS table_id, t.schema_name, t.table_name AS name, r.state, r.action,
       r.reason, r.trigger, r.started_at, r.ended_at, r.duration_ms, r.data_timestamp, r.previous_data_timestamp,
       r.waited_ms, r.choice, r.full_form, r.estimated_incremental_ms, r.estimated_full_ms, r.target_lag_seconds,
       r.rows_inserted, r.rows_deleted, r.count, r.first_ended_at, r.longest_lag_seconds,
       r.error ->> 'code' AS error_code,
       r.error ->> 'message' AS error_message,
       greatest(0, extract(epoch FROM r.ended_at - r.previous_data_timestamp))::float8 AS lag_before_seconds,
       r.ended_at <= r.previous_data_timestamp + r.target_lag_seconds * interval '1 s' AS within_target
"""
_FROM = " FROM dyntables.refresh r JOIN dyntables.dynamic_table t ON t.id = r.dynamic_table_id "

_CONDITIONS = {
    "schema_name": "t.schema_name = %(schema_name)s",
    "name": "t.table_name = %(name)s",
    "states": "r.state = ANY(%(states)s)",
    "actions": "r.action = ANY(%(actions)s)",
    "trigger": "r.trigger = %(trigger)s",
    "run": "r.run::text = %(run)s",
    "begin": "r.ended_at >= %(begin)s",
    "end": "r.started_at < %(end)s",
    "late": "(r.ended_at > r.previous_data_timestamp + r.target_lag_seconds * interval '1 s') = %(late)s",
    "minimum_ms": "r.duration_ms >= %(minimum_ms)s",
}

REASONS = {
    "INITIAL": "The table was filled for the first time.",
    "CHANGES": "Sources changed.",
    "NO_CHANGES": "Nothing had changed.",
    "CHEAPER_IN_FULL": "Sources changed so much that computing everything is cheaper.",
    "NOT_INCREMENTAL": "The definition cannot be refreshed incrementally any more.",
    "FULL_MODE": "Its refresh mode is FULL.",
    "SOURCE_ALTERED": "A source was altered.",
    "FUNCTION_CHANGED": "A function that the definition calls was replaced, or something else that it relies on.",
    "SOURCE_TRUNCATED": "A source was truncated.",
    "ROWS_MOVED": "A MERGE moved rows between partitions, and it could not be told which the change log has.",
    "DEFINITION_CHANGED": "The definition, or the layout of the storage, changed.",
    "DEFINITION_ALTERED": "CREATE OR ALTER changed what it is computed from.",
    "UNDROPPED": "It had been dropped, and UNDROP brought it back.",
    "CLONED": "Its contents were copied from the table of which it is a clone.",
    "FROZEN_REGION_CHANGED": "The frozen region changed.",
    "QUARANTINE_CHANGED": "The rules that keep rows back changed.",
    "UPSTREAM_REINITIALIZED": "A table that it reads was built anew.",
    "CAPTURE_MISSING": "The change capture of a source was missing.",
    "INVARIANT_VIOLATED": "The changes did not fit what was stored, so everything was computed again.",
    "EXPRESSION_FAILED": "An expression failed while changes were computed, so everything was computed again.",
    "RECURSION_NEEDS_REBUILD": "Rows below WITH RECURSIVE were not only added, so everything was computed again.",
    "VIEW_MISSING": "Its view had been dropped by hand.",
    "OTHER_SERVER": "It had been filled on another server or database.",
    "UPSTREAM_FAILED": "A table that it reads failed.",
    "CANCELLED": "Somebody cancelled it; the table kept its contents.",
    "STILL_RUNNING": "It was due while its last refresh was still running.",
    "WORKERS_BUSY": "It was due while all workers were busy.",
    "ERROR": "An error ended it; the table kept its contents.",
}


@dataclass(frozen=True, slots=True)
class RefreshFilter:
    """Which refreshes to list; None does not matter."""

    schema_name: str | None = None
    name: str | None = None
    states: list[str] | None = None
    actions: list[str] | None = None
    trigger: str | None = None
    run: str | None = None
    begin: datetime | None = None
    end: datetime | None = None
    late: bool | None = None
    minimum_ms: float | None = None


def listed(connection: psycopg.Connection, wanted: RefreshFilter, limit: int, cursor: str | None) -> Page[Refresh]:
    """Return one page, the newest first."""
    after = decode_cursor(cursor, int)
    values: dict[str, Any] = {k: getattr(wanted, k) for k in _CONDITIONS}
    conditions = [_CONDITIONS[k] for k, v in values.items() if v is not None]
    if after is not None:
        conditions.append("r.id < %(after)s")
        values["after"] = after[0]
    where = f"WHERE {' AND '.join(conditions)} " if conditions else ""
    found = _refreshes(connection, f"{where}ORDER BY r.id DESC LIMIT %(limit)s", {**values, "limit": limit + 1})
    more = len(found) > limit
    return Page(items=found[:limit], next_cursor=encode_cursor(found[limit - 1].id) if more else None)


def between(connection: psycopg.Connection, first: int, last: int, most: int) -> list[Refresh]:
    """Return the refreshes of a range of ids, the newest ones if they are too many, in order."""
    values = {"first": first, "last": last, "most": most}
    tail = "WHERE r.id BETWEEN %(first)s AND %(last)s ORDER BY r.id DESC LIMIT %(most)s"
    return _refreshes(connection, tail, values)[::-1]


def detail(connection: psycopg.Connection, refresh_id: int, role: str | None) -> RefreshDetail:
    """Return one refresh with everything that is known of it; of values, what ``role`` may read of the table.

    Raises:
        NotFoundError: there is none of that id.
    """
    with connection.cursor(row_factory=dict_row) as cursor:
        cursor.execute(
            f"{_SELECT}, r.source_changes, r.statements, r.error || CASE WHEN %(role)s::name IS NULL "
            "OR has_table_privilege(%(role)s::name, t.view_oid, 'SELECT') THEN coalesce(r.error_values, '{}') "
            f"ELSE '{{}}' END AS error{_FROM}WHERE r.id = %(id)s",
            {"id": refresh_id, "role": role},
        )
        row = cursor.fetchone()
    if row is None:
        raise NotFoundError(f"refresh {refresh_id} does not exist", hint="Old refreshes are removed.")
    error, statements, changes = row.pop("error"), row.pop("statements"), row.pop("source_changes")
    siblings = _refreshes(connection, "WHERE r.run::text = %(run)s AND r.id <> %(id)s ORDER BY r.id", row)
    return RefreshDetail(
        **row,
        reason_text=REASONS.get(row["reason"] or ""),
        source_changes=changes or {},
        statements=[_statement(s) for s in statements or []],
        error=RefreshError.model_validate(error) if error else None,
        source_alterations=_alterations(connection, row),
        run_refreshes=siblings,
    )


def _alterations(connection: psycopg.Connection, refresh: dict[str, Any]) -> list[SourceAlteration]:
    if refresh["state"] != "FAILED":
        return []
    later = connection.execute(
        "SELECT EXISTS (SELECT FROM dyntables.refresh WHERE dynamic_table_id = %s AND id > %s AND state = 'SUCCEEDED')",
        (refresh["table_id"], refresh["id"]),
    ).fetchone()
    table = store.find(connection, refresh["schema_name"], refresh["name"])
    if table is None or (later is not None and later[0]):
        return []
    return [SourceAlteration(name=name, what=what) for name, what in alterations(connection, table)]


def measured(connection: psycopg.Connection, table_id: int) -> Measured | None:
    """Return what the newest refresh of a table that did work took, by stage."""
    row = connection.execute(
        "SELECT id, action, reason, coalesce(duration_ms, 0), coalesce(rows_inserted, 0), coalesce(rows_deleted, 0), "
        "source_changes, statements FROM dyntables.refresh WHERE dynamic_table_id = %s AND state = 'SUCCEEDED' "
        "AND action <> 'NO_DATA' ORDER BY id DESC LIMIT 1",
        (table_id,),
    ).fetchone()
    if row is None:
        return None
    by_stage: dict[int, list[MeasuredStatement]] = {}
    for statement in (_statement(s) for s in row[7] or []):
        taken = MeasuredStatement.model_validate(statement.model_dump(exclude={"stage"}))
        by_stage.setdefault(statement.stage, []).append(taken)
    return Measured(
        refresh_id=row[0],
        action=row[1],
        reason=row[2],
        milliseconds=row[3],
        rows_inserted=row[4],
        rows_deleted=row[5],
        source_changes=row[6] or {},
        stages=[_stage(number, taken) for number, taken in sorted(by_stage.items())],
    )


def _stage(number: int, statements: list[MeasuredStatement]) -> MeasuredStage:
    written = sum(s.rows for s in statements if s.purpose in ("INSERT", "UPDATE", "DELETE"))
    taken = round(sum(s.milliseconds for s in statements), 3)
    return MeasuredStage(stage=number, rows=written, milliseconds=taken, statements=statements)


def _statement(record: dict[str, Any]) -> RefreshStatement:
    return RefreshStatement(
        stage=int(record.get("stage", 0)),
        purpose=str(record.get("purpose", "")),
        label=str(record["label"]),
        rows=int(record.get("rows") or 0),
        milliseconds=float(record.get("ms") or 0),
    )


def _refreshes(connection: psycopg.Connection, tail: str, values: dict[str, Any]) -> list[Refresh]:
    with connection.cursor(row_factory=dict_row) as cursor:
        cursor.execute(_SELECT + _FROM + tail, values)
        return [Refresh.model_validate(row) for row in cursor]
