"""The history of refreshes: one row for each of a table, or for several in a row that found nothing."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from psycopg.types.json import Jsonb

from dyntables.catalog.connection import Connection


@dataclass(frozen=True, slots=True)
class Estimates:
    """What both ways were expected to take, in milliseconds, and why one was chosen."""

    incremental_ms: float | None = None
    full_ms: float | None = None
    choice: str | None = None


@dataclass(frozen=True, slots=True)
class Times:
    """Milliseconds: of the work alone, waiting for locks meanwhile, and waiting before it began."""

    worked: float
    blocked: float
    waited: float


@dataclass(frozen=True, slots=True)
class Done:
    """What a refresh did: rows inserted and deleted, the changes of each source, its statements, how it rebuilt."""

    rows: tuple[int, int] = (0, 0)
    changes: Mapping[str, int] = field(default_factory=dict)
    statements: Sequence[Mapping[str, Any]] = ()
    full_form: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One refresh of one table; ``kind``: trigger, state, action and reason.

    ``fresh_at``: as of when the contents were before. ``error`` is for everybody, ``error_values`` for who may read the
    rows.
    """

    table_id: int
    run: uuid.UUID
    kind: tuple[str, str, str | None, str | None]
    data_timestamp: datetime | None
    times: Times
    done: Done
    error: Mapping[str, Any] | None
    error_values: Mapping[str, Any] | None
    target_lag_seconds: int | None
    fresh_at: datetime | None
    estimates: Estimates


def add(connection: Connection, entries: Iterable[Entry]) -> None:
    """Add refreshes that end now."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO dyntables.refresh (dynamic_table_id, run, trigger, state, action, reason, data_timestamp, "
            "started_at, ended_at, duration_ms, rows_inserted, rows_deleted, source_changes, statements, error, "
            "target_lag_seconds, previous_data_timestamp, full_form, estimated_incremental_ms, estimated_full_ms, "
            "choice, waited_ms, error_values) VALUES (%s, %s, %s, %s, %s, %s, %s, "
            "clock_timestamp() - %s * interval '1 ms', clock_timestamp(), "
            "%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [_row(entry) for entry in entries],
        )


def add_repeated(connection: Connection, rows: list[dict[str, Any]], longest: timedelta) -> None:
    """Add refreshes that found nothing or were skipped, at most one of a table.

    Each goes to the last row of its table if that is of the same kind and began less than ``longest`` before, or else
    it is a row. ``rows``: as _REPEATED names what is in them.
    """
    connection.execute(_REPEATED, (json.dumps(rows), longest))


_REPEATED = """
WITH new AS (
    SELECT n.*, t.id IS NOT NULL AS known, l.id AS last_id
    FROM jsonb_to_recordset(%s::jsonb) AS n (id bigint, run uuid, state text, reason text, count integer,
        first timestamptz, began timestamptz, ended timestamptz, previous timestamptz, lag double precision,
        data timestamptz, target bigint, apart boolean)
    LEFT JOIN dyntables.dynamic_table t ON t.id = n.id
    LEFT JOIN LATERAL (
        SELECT r.* FROM dyntables.refresh r WHERE r.dynamic_table_id = n.id ORDER BY r.id DESC LIMIT 1
    ) l ON NOT n.apart AND (l.trigger, l.state, l.action, l.reason) = ('SCHEDULED', n.state, 'NO_DATA', n.reason)
        AND n.ended < coalesce(l.first_ended_at, l.ended_at) + %s AND (n.state = 'SKIPPED'
        OR (l.ended_at > l.previous_data_timestamp + l.target_lag_seconds * interval '1 s') IS NOT TRUE)
), added AS (
    UPDATE dyntables.refresh r SET run = n.run, count = r.count + n.count,
        first_ended_at = coalesce(r.first_ended_at, r.ended_at),
        longest_lag_seconds = greatest(r.longest_lag_seconds, n.lag,
            extract(epoch FROM r.ended_at - r.previous_data_timestamp)::double precision),
        started_at = n.began, ended_at = n.ended, duration_ms = 1000 * extract(epoch FROM n.ended - n.began),
        data_timestamp = n.data, previous_data_timestamp = n.previous, target_lag_seconds = n.target
    FROM new n WHERE r.id = n.last_id
)
INSERT INTO dyntables.refresh (dynamic_table_id, run, trigger, state, action, reason, data_timestamp, started_at,
    ended_at, duration_ms, rows_inserted, rows_deleted, source_changes, statements, target_lag_seconds,
    previous_data_timestamp, count, first_ended_at, longest_lag_seconds)
SELECT id, run, 'SCHEDULED', state, 'NO_DATA', reason, data, began, ended, 1000 * extract(epoch FROM ended - began),
    0, 0, '{}', '[]', target, previous, count, CASE WHEN count > 1 THEN first END, CASE WHEN count > 1 THEN lag END
FROM new WHERE last_id IS NULL AND known
"""


def _row(e: Entry) -> tuple[Any, ...]:
    return (
        e.table_id, e.run, *e.kind, e.data_timestamp, e.times.worked + e.times.blocked, e.times.worked, *e.done.rows,
        Jsonb(e.done.changes), Jsonb(list(e.done.statements)), _json(e.error), e.target_lag_seconds, e.fresh_at,
        e.done.full_form,
        e.estimates.incremental_ms, e.estimates.full_ms, e.estimates.choice, e.times.waited + e.times.blocked,
        _json(e.error_values),
    )  # fmt: skip


def _json(document: Mapping[str, Any] | None) -> Jsonb | None:
    return Jsonb(document) if document is not None else None


def now(connection: Connection) -> datetime:
    """Return the server's time, which goes on within a transaction."""
    row = connection.execute("SELECT clock_timestamp()").fetchone()
    assert row is not None
    found: datetime = row[0]
    return found


def handed_on(connection: Connection, table_id: int, last: int) -> float | None:
    """Return how many rows a table has changed for each row that it read, over its last refreshes by changes."""
    row = connection.execute(
        "SELECT sum(written), sum(read) FROM (SELECT rows_inserted + rows_deleted AS written, "
        "(SELECT sum(value::bigint) FROM jsonb_each_text(source_changes)) AS read FROM dyntables.refresh "
        "WHERE dynamic_table_id = %s AND action = 'INCREMENTAL' AND state = 'SUCCEEDED' ORDER BY id DESC LIMIT %s) r",
        (table_id, last),
    ).fetchone()
    return float(row[0]) / float(row[1]) if row and row[1] else None
