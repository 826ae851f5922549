"""The graph of sources and dynamic tables, its critical paths, and the lineage of columns."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import psycopg
from psycopg.rows import dict_row

from dyntables import clock
from dyntables.catalog import graph
from dyntables.catalog.quality.results import Standing, standings
from dyntables.engines.postgres.definition.facts import estimated_rows
from dyntables.server.read.tables.listed import Listed, load, row_upstream, shown_standing
from dyntables.server.schemas.graph import CriticalPath, CriticalStep, Graph, GraphEdge, GraphNode, NodeKind
from dyntables.server.schemas.tables import ColumnEdge, DynamicTable

_RELATIONS = """
SELECT DISTINCT ON (d.relation) d.relation::bigint AS oid, d.kind, n.nspname AS schema, c.relname AS name,
       CASE WHEN d.kind = 'TABLE' THEN dyntables.size_of(c.oid) END AS bytes,
       EXISTS (SELECT 1 FROM dyntables.source s WHERE s.relation = d.relation) AS captured
FROM dyntables.dependency d LEFT JOIN pg_class c ON c.oid = d.relation
LEFT JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE d.upstream_id IS NULL ORDER BY d.relation
"""
_CHANGES = """
SELECT t.id, (SELECT r.source_changes FROM dyntables.refresh r WHERE r.dynamic_table_id = t.id
              AND r.action = 'INCREMENTAL' AND r.state = 'SUCCEEDED' ORDER BY r.id DESC LIMIT 1)
FROM dyntables.dynamic_table t
"""
# The state of each table at an instant: its last refresh until then.
_PAST = """
SELECT t.id, r.state, r.action, CASE WHEN r.ended_at > %(at)s THEN r.longest_lag_seconds
       ELSE extract(epoch FROM %(at)s - r.data_timestamp)::float8 END AS lag
FROM dyntables.dynamic_table t JOIN LATERAL (SELECT * FROM dyntables.refresh r WHERE r.dynamic_table_id = t.id
    AND coalesce(r.first_ended_at, r.ended_at) <= %(at)s ORDER BY r.id DESC LIMIT 1) r ON true
WHERE t.created_at <= %(at)s
"""
_LINEAGE = """
SELECT schema_name, table_name AS name, column_name AS column, source_schema, source_table AS source_name,
       source_column, kind, expression FROM dyntables.column_lineage
WHERE (%(schema)s::text IS NULL OR schema_name = %(schema)s) AND (%(name)s::text IS NULL OR table_name = %(name)s)
ORDER BY schema_name, table_name, position
"""


def read_graph(connection: psycopg.Connection, at: datetime | None = None) -> Graph:
    """Return the graph; with ``at``, the tables that existed then and how they were, in today's shape."""
    listed = load(connection)
    with connection.cursor(row_factory=dict_row) as cursor:
        relations = {row["oid"]: row for row in cursor.execute(_RELATIONS)}
        past = {row["id"]: row for row in cursor.execute(_PAST, {"at": at})} if at is not None else None
    changes = {i: c or {} for i, c in connection.execute(_CHANGES)}
    counted = estimated_rows(connection, [o for o, r in relations.items() if r["kind"] == "TABLE" and r["name"]])
    shown = {i: t for i, t in listed.tables.items() if past is None or i in past}
    names = {oid: f"{r['schema']}.{r['name']}" for oid, r in relations.items()}
    edges = [e for i in shown for e in _edges(listed, i, names, changes.get(i, {}))]
    used = {e.source for e in edges}
    levels = _levels(listed)
    quality = standings(connection)[1] if past is None else {}
    nodes = [_relation(r, counted.get(oid), quality.get(oid)) for oid, r in relations.items() if f"r{oid}" in used]
    nodes += [_table(t, levels[i], past[i] if past is not None else None) for i, t in shown.items()]
    return Graph(at=at or clock.now(), nodes=nodes, edges=edges)


def critical_path(listed: Listed, table: DynamicTable) -> CriticalPath:
    """Return the chain of refreshes below a table that takes longest."""
    best: dict[int, tuple[float, list[int]]] = {}
    for i in graph.topological(listed.rows, graph.ancestors(listed.rows, [table.id])):
        below = max((best[u] for u in row_upstream(listed.rows[i])), key=lambda b: b[0], default=(0.0, []))
        best[i] = (below[0] + listed.rows[i].health.expected_seconds, [*below[1], i])
    seconds, path = best[table.id]
    steps = [listed.tables[i] for i in path]
    return CriticalPath(
        seconds=seconds,
        steps=[
            CriticalStep(
                node=f"t{t.id}",
                schema_name=t.schema_name,
                name=t.name,
                expected_seconds=t.expected_seconds,
                lag_seconds=t.lag_seconds,
            )
            for t in steps
        ],
    )


def column_edges(connection: psycopg.Connection, schema: str | None, name: str | None) -> list[ColumnEdge]:
    """Return where columns come from, of one table or of all."""
    with connection.cursor(row_factory=dict_row) as cursor:
        cursor.execute(_LINEAGE, {"schema": schema, "name": name})
        return [ColumnEdge.model_validate(row) for row in cursor]


def _edges(listed: Listed, table_id: int, names: Mapping[int, str], changes: Mapping[str, int]) -> list[GraphEdge]:
    edges = []
    for dependency in listed.rows[table_id].dependencies:
        upstream = dependency.upstream
        source = f"t{upstream}" if upstream is not None else f"r{dependency.relation}"
        parent = listed.rows.get(upstream) if upstream is not None else None
        name = parent.qualified if parent is not None else names.get(dependency.relation, "")
        columns = list(dependency.columns)
        edges.append(GraphEdge(source=source, target=f"t{table_id}", columns=columns, rows=changes.get(name)))
    return edges


def _levels(listed: Listed) -> dict[int, int]:
    levels: dict[int, int] = {}
    for i in graph.topological(listed.rows, listed.rows):
        levels[i] = 1 + max((levels[u] for u in row_upstream(listed.rows[i])), default=0)
    return levels


def _relation(row: Mapping[str, Any], rows: int | None, quality: Standing | None) -> GraphNode:
    return GraphNode(
        id=f"r{row['oid']}",
        kind=NodeKind(row["kind"]),
        schema_name=row["schema"] or "",
        name=row["name"] or f"(dropped, {row['oid']})",
        level=0,
        rows=rows,
        bytes=row["bytes"],
        captured=row["captured"],
        quality=shown_standing(quality),
    )


def _table(table: DynamicTable, level: int, past: Mapping[str, Any] | None) -> GraphNode:
    last = table.last_refresh
    shared = table.model_dump(
        include={
            "schema_name", "name", "rows", "bytes", "mode", "status", "health", "quality", "scheduling_state",
            "lag_seconds", "target_lag_seconds", "effective_target_lag_seconds", "expected_seconds",
        }
    )  # fmt: skip
    if past is not None:
        shared |= {"lag_seconds": past["lag"], "status": None, "health": None, "quality": None}
    return GraphNode(
        **shared,
        id=f"t{table.id}",
        kind=NodeKind.DYNAMIC_TABLE,
        level=level,
        table_id=table.id,
        last_state=past["state"] if past is not None else last.state if last else None,
        last_action=past["action"] if past is not None else last.action if last else None,
        running=past is None and table.running is not None,
    )
