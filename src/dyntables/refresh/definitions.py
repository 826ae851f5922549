"""From a definition's text to what a refresh needs: compiled stages, or the reasons for a full refresh."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import psycopg

from dyntables.catalog.model import Dependency, DynamicTable
from dyntables.compiler.plan.bind import bind
from dyntables.compiler.plan.nodes import SourceKind
from dyntables.compiler.program import Compiled, compile_plan
from dyntables.compiler.reasons import FullReason, NotIncremental
from dyntables.engines.postgres.introspect import Described, Introspection


@dataclass(frozen=True, slots=True)
class Reading:
    """A query as the server reads it, its dependencies, and whether it can be maintained."""

    described: Described
    dependencies: tuple[Dependency, ...]
    compiled: Compiled | None
    reason: FullReason | None


def read_definition(
    connection: psycopg.Connection, query: str, search_path: str, views: dict[int, int], storage: str
) -> Reading:
    """Let the server read a query, and compile it; ``views`` maps users' view OIDs to dynamic table ids."""
    introspection = Introspection(connection, frozenset(views))
    described = introspection.describe_query(query, search_path)
    compiled, reason = None, None
    try:
        with connection.transaction():
            connection.execute("SELECT set_config('search_path', '', true)")
            compiled = compile_plan(bind(described.view, introspection), storage)
    except NotIncremental as error:
        reason = error.reason
    needed = {s.oid: tuple(c.id for c in columns) for s, columns in compiled.sources.items()} if compiled else {}
    dependencies = []
    for oid in sorted(introspection.sources(described) | introspection.views(described)):
        upstream = views.get(oid)
        kind = introspection.dependency_kind(oid)
        dependencies.append(Dependency(oid, kind, upstream, needed.get(oid, ())))
    return Reading(described, tuple(dependencies), compiled, reason)


def fingerprint(connection: psycopg.Connection, dependencies: tuple[Dependency, ...]) -> dict[str, Any]:
    """Return what must not change about the sources between two incremental refreshes."""
    found: dict[str, Any] = {}
    rows = connection.execute(
        "SELECT c.oid, n.nspname, c.relname, c.relkind, "
        "(SELECT array_agg(relid::bigint ORDER BY relid) FROM pg_partition_tree(c.oid) WHERE c.relkind = 'p'), "
        "CASE WHEN c.relkind = 'v' AND t.version IS NULL THEN pg_get_viewdef(c.oid) END, t.version "
        "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "LEFT JOIN dyntables.dynamic_table t ON t.view_oid = c.oid WHERE c.oid = ANY(%s)",
        ([d.relation for d in dependencies],),
    ).fetchall()
    columns: dict[int, set[str]] = {}
    for dependency in dependencies:
        columns.setdefault(dependency.relation, set()).update(dependency.columns)
    types: dict[int, dict[str, str]] = {}
    for oid, name, number, type_ in connection.execute(
        "SELECT attrelid, attname, attnum, format_type(atttypid, atttypmod) FROM pg_attribute "
        "WHERE attrelid = ANY(%s) AND attnum > 0 AND NOT attisdropped",
        (list(columns),),
    ):
        if name in columns[oid]:
            types.setdefault(oid, {})[name] = f"{number}:{type_}"
    for oid, schema, name, kind, partitions, view, version in rows:
        entry: dict[str, Any] = {"name": f"{schema}.{name}", "kind": kind, "columns": types.get(oid, {})}
        if partitions:
            entry["partitions"] = partitions
        if version is not None:
            entry["version"] = version
        elif view is not None:
            entry["view"] = view
        found[str(oid)] = entry
    return found


def fits(present: Mapping[str, Any], table: DynamicTable) -> bool:
    """Tell whether a present fingerprint, which may cover more, agrees with the one that a table was built on."""
    if set(table.fingerprint) != {str(d.relation) for d in table.dependencies}:
        return False
    return all(
        relation in present
        and {**present[relation], "columns": None} == {**stored, "columns": None}
        and stored["columns"].items() <= present[relation]["columns"].items()
        for relation, stored in table.fingerprint.items()
    )


def table_dependencies(compiled: Compiled) -> list[tuple[int, str, str, dict[str, str]]]:
    """Return the captured tables of a definition as (oid, schema, name, column types)."""
    return [
        (source.oid, source.schema, source.name, {c.id: c.type.name for c in columns})
        for source, columns in compiled.sources.items()
        if source.kind is SourceKind.TABLE
    ]
