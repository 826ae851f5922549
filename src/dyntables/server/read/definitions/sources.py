"""Sources, whether their changes are captured, and what their readers have not consumed yet."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg.rows import dict_row

from dyntables.catalog import store
from dyntables.catalog.model import DynamicTable as Row
from dyntables.engines.postgres.capture.captured import broken, owed_condition
from dyntables.engines.postgres.capture.trigger_functions import log_table
from dyntables.engines.postgres.definition.facts import estimated_rows
from dyntables.server.schemas.sources import Backlog, Source

COUNT_TO = 100_000

_SOURCES = """
SELECT d.relation::bigint AS oid, min(d.kind) AS kind, n.nspname AS schema, c.relname AS name,
       s.schema_name, s.relation_name,
       CASE WHEN c.relkind IN ('r', 'p', 'm') THEN (SELECT sum(dyntables.size_of(x.relid)) FROM
           (SELECT c.oid AS relid UNION SELECT relid FROM dyntables.partition_tree(c.oid)) x)::bigint END AS bytes,
       s.relation IS NOT NULL AS captured, s.created_at AS since,
       coalesce(ARRAY(SELECT jsonb_object_keys(s.captured) ORDER BY 1), '{}') AS columns,
       coalesce((SELECT sum(dyntables.size_of(l.oid)) FROM pg_class l
           WHERE l.relnamespace = 'dyntables_log'::regnamespace AND l.relkind = 'r'
             AND l.relname ~ ('^c' || d.relation || '(_[0-9]+)?$')), 0)::bigint AS log_bytes,
       (SELECT count(*) FROM dyntables.log_generation g WHERE g.relation = d.relation)::integer AS generations,
       EXISTS (SELECT 1 FROM dyntables.dependency i JOIN dyntables.dynamic_table t ON t.id = i.dynamic_table_id
           WHERE i.relation = d.relation AND t.effective_mode = 'INCREMENTAL') AS wanted
FROM dyntables.dependency d LEFT JOIN pg_class c ON c.oid = d.relation
LEFT JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN dyntables.source s ON s.relation = d.relation
WHERE d.upstream_id IS NULL AND d.kind <> 'VIEW'
GROUP BY d.relation, n.nspname, c.oid, c.relname, c.relkind, s.relation, s.schema_name, s.relation_name, s.created_at
ORDER BY n.nspname, c.relname
"""


def load_sources(
    connection: psycopg.Connection, *, tables: dict[int, Row] | None = None, count_to: int = COUNT_TO
) -> list[Source]:
    """Return all sources; a backlog is counted up to a number of rows. ``tables`` are all of them, if at hand."""
    tables = store.load_all(connection) if tables is None else tables
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(_SOURCES).fetchall()
    counted = estimated_rows(connection, [r["oid"] for r in rows if r["kind"] == "TABLE" and r["name"]])
    # Not by the names of triggers: the owner of a table can give any trigger the name of ours.
    incomplete = set(broken(connection, [r["oid"] for r in rows if r["captured"] and r["name"]]))
    waiting = _backlogs(connection, tables, {r["oid"] for r in rows if r["captured"]}, count_to)
    return [
        _describe(
            {**row, "complete": row["oid"] not in incomplete},
            [t for t in tables.values() if _reads(t, row["oid"])],
            counted.get(row["oid"]),
            waiting.get(row["oid"], []),
        )
        for row in rows
    ]


def _reads(table: Row, oid: int) -> bool:
    return any(d.relation == oid for d in table.dependencies)


def _describe(row: dict[str, Any], readers: list[Row], rows: int | None, waiting: list[Backlog]) -> Source:
    problem = _problem(row)
    return Source(
        node=f"r{row['oid']}",
        schema_name=row["schema"] or row["schema_name"] or "",
        name=row["name"] or row["relation_name"] or f"(dropped, {row['oid']})",
        kind=row["kind"],
        exists=row["name"] is not None,
        rows=rows,
        bytes=row["bytes"],
        captured=row["captured"],
        healthy=problem is None,
        problem=problem,
        captured_columns=row["columns"],
        log_bytes=row["log_bytes"],
        log_generations=row["generations"],
        readers=[t.qualified for t in readers],
        backlog_rows=max((b.rows for b in waiting), default=0),
        backlog=waiting,
        since=row["since"],
    )


def _problem(row: dict[str, Any]) -> str | None:
    if row["name"] is None:
        return "the table does not exist any more; what reads it fails"
    if row["wanted"] and not row["captured"]:
        return "its changes are not captured; what reads it is computed anew at the next refresh"
    if row["captured"] and not row["complete"]:
        return "a capture trigger is missing or disabled; the next refresh repairs it and computes everything anew"
    return None


def _backlogs(
    connection: psycopg.Connection, tables: dict[int, Row], captured: set[int], count_to: int
) -> dict[int, list[Backlog]]:
    """Return, for each captured source, what each of its readers has not consumed; all of them by one query."""
    pairs = [(o, t) for t in tables.values() for o in sorted(captured) if t.contents.frontier and _reads(t, o)]
    owing = [(o, t) for o, t in pairs if t.incremental]
    query = " UNION ALL ".join(
        f"SELECT {number}, (SELECT count(*) FROM (SELECT 1 FROM {log_table(oid)} WHERE {owed_condition()} LIMIT %s) x)"
        for number, (oid, _) in enumerate(owing)
    )
    parameters = [p for _, t in owing for p in (t.contents.frontier, t.contents.frontier, count_to + 1)]
    rows: dict[int, int] = dict(connection.execute(query, parameters).fetchall()) if owing else {}
    counts = {(oid, table.id): int(rows[number]) for number, (oid, table) in enumerate(owing)}
    found: dict[int, list[Backlog]] = {}
    for oid, table in pairs:
        owed = counts.get((oid, table.id), 0)
        found.setdefault(oid, []).append(
            Backlog(schema_name=table.schema, name=table.name, rows=min(owed, count_to), truncated=owed > count_to)
        )
    return found
