"""What conditions need to know of tables beside their rows in the catalog."""

from __future__ import annotations

from collections.abc import Sequence

from dyntables.alerts.seen import LastRefresh
from dyntables.catalog.connection import Connection


def last_refreshes(connection: Connection, ids: Sequence[int]) -> dict[int, LastRefresh]:
    """Return how the newest refresh of each table ended; skipped and cancelled ones say nothing."""
    rows = connection.execute(_LAST, (list(ids),), prepare=True)
    return {table_id: LastRefresh(*values) for table_id, *values in rows}


_LAST = """
SELECT i.id, r.state, r.action, r.reason, r.duration_ms, r.error ->> 'message'
FROM unnest(%s::bigint[]) AS i (id) CROSS JOIN LATERAL (
    SELECT * FROM dyntables.refresh r WHERE r.dynamic_table_id = i.id
    AND r.state IN ('SUCCEEDED', 'FAILED', 'UPSTREAM_FAILED') ORDER BY r.id DESC LIMIT 1) r
"""


def usual_durations(connection: Connection, ids: Sequence[int]) -> dict[int, float]:
    """Return the 95th percentile of milliseconds of the hundred refreshes before the last, of tables with ten."""
    return dict(connection.execute(_USUAL, (list(ids),)).fetchall())


_USUAL = """
SELECT i.id, r.usual FROM unnest(%s::bigint[]) AS i (id) CROSS JOIN LATERAL (
    SELECT percentile_cont(0.95) WITHIN GROUP (ORDER BY duration_ms) AS usual, count(*) AS number FROM (
        SELECT duration_ms FROM dyntables.refresh r WHERE r.dynamic_table_id = i.id AND r.state = 'SUCCEEDED'
        AND r.action <> 'NO_DATA' ORDER BY r.id DESC OFFSET 1 LIMIT 100) d) r
WHERE r.number >= 10
"""


def row_counts(connection: Connection, ids: Sequence[int]) -> dict[int, tuple[float, float]]:
    """Return about how many rows tables have, and had a day ago, of those that were not computed anew since."""
    rows = connection.execute(_ROWS, (list(ids),))
    return {table_id: (now, before) for table_id, now, before in rows}


_ROWS = """
SELECT t.id, c.reltuples::float8, greatest(0, c.reltuples - coalesce(r.added, 0))::float8
FROM dyntables.dynamic_table t
JOIN pg_class c ON c.oid = to_regclass(format('dyntables_data.t%%s_g%%s', t.id, t.generation)) AND c.reltuples >= 0
CROSS JOIN LATERAL (
    SELECT sum(rows_inserted - rows_deleted) AS added, bool_or(action IN ('FULL', 'REINITIALIZE')) AS anew
    FROM dyntables.refresh r WHERE r.dynamic_table_id = t.id AND r.state = 'SUCCEEDED'
    AND r.ended_at > clock_timestamp() - interval '1 day') r
WHERE t.id = ANY(%s) AND r.anew IS NOT TRUE
"""


def row_estimates(connection: Connection, ids: Sequence[int]) -> dict[int, float]:
    """Return about how many rows tables have, as the server estimates."""
    rows = connection.execute(
        "SELECT t.id, c.reltuples::float8 FROM dyntables.dynamic_table t JOIN pg_class c ON c.reltuples >= 0 "
        "AND c.oid = to_regclass(format('dyntables_data.t%%s_g%%s', t.id, t.generation)) WHERE t.id = ANY(%s)",
        (list(ids),),
    )
    return dict(rows.fetchall())


def log_ratios(connection: Connection, ids: Sequence[int]) -> dict[int, float]:
    """Return what change logs keep for tables, of what they may keep."""
    rows = connection.execute(
        "SELECT t.id, max(o.bytes_owed)::float8 / nullif(dyntables.log_limit(), 0) FROM dyntables.source_readers o "
        "JOIN dyntables.dynamic_table t ON (t.schema_name, t.table_name) = (o.schema_name, o.name) "
        "WHERE t.id = ANY(%s) GROUP BY t.id",
        (list(ids),),
    )
    return {table_id: ratio for table_id, ratio in rows if ratio is not None}


def broken_captures(connection: Connection, ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """Return the sources of tables whose capture is not as it was installed."""
    rows = connection.execute(
        "SELECT d.dynamic_table_id, array_agg(DISTINCT s.schema_name || '.' || s.name) FROM dyntables.sources s "
        "JOIN dyntables.dependency d ON d.relation = s.relation WHERE s.capture = 'BROKEN' "
        "AND d.dynamic_table_id = ANY(%s) GROUP BY 1",
        (list(ids),),
    )
    return {table_id: tuple(names) for table_id, names in rows}


def failing_rules(connection: Connection, ids: Sequence[int]) -> dict[int, tuple[int, tuple[str, ...]]]:
    """Return how many quality rules of tables, and of their sources, failed at their last check, and names of some.

    Of tables that have rules that are on and were checked; a rule of the severity INFO is for information.
    """
    rows = connection.execute(_QUALITY, {"ids": list(ids)}, prepare=True)
    return {table_id: (failed, tuple(names)) for table_id, failed, names in rows}


_QUALITY = """
SELECT r.dynamic_table_id, count(*) FILTER (WHERE l.state = 'FAILED'),
       coalesce((array_agg(r.rule_name ORDER BY r.rule_name) FILTER (WHERE l.state = 'FAILED'))[:3], '{}')
FROM (
    SELECT o.id, o.rule_name, o.dynamic_table_id FROM dyntables.quality_rule o
    WHERE o.enabled AND o.severity <> 'INFO' AND o.dynamic_table_id = ANY(%(ids)s)
    UNION ALL
    SELECT o.id, format('%%s of %%s', o.rule_name, o.relation::regclass), d.dynamic_table_id
    FROM dyntables.quality_rule o JOIN dyntables.dependency d ON d.relation = o.relation
    WHERE o.enabled AND o.severity <> 'INFO' AND d.dynamic_table_id = ANY(%(ids)s)) r
CROSS JOIN LATERAL (
    SELECT q.state FROM dyntables.quality_result q WHERE q.rule_id = r.id ORDER BY q.id DESC LIMIT 1) l
GROUP BY 1
"""
