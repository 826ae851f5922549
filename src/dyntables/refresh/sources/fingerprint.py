"""What must not change about the sources between two incremental refreshes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import psycopg

from dyntables.catalog.model import Dependency, DynamicTable
from dyntables.engines.postgres.called.code import agrees, digests

# Nothing here may lock what it looks at: the leader asks this for all tables, and would wait for whoever locks one.
_RELATIONS = """
SELECT c.oid::bigint, n.nspname, c.relname, c.relkind, t.version, dyntables.capture_obstacle(c.oid),
    CASE WHEN c.relkind = 'v' AND t.version IS NULL THEN (SELECT md5(r.ev_action::text) FROM pg_rewrite r
        WHERE r.ev_class = c.oid AND r.rulename = '_RETURN') END,
    CASE WHEN c.relkind <> 'p' THEN c.relfilenode::text ELSE (
        SELECT md5(string_agg(pg_relation_filenode(p.relid)::text, ' ' ORDER BY p.relid))
        FROM dyntables.partition_tree(c.oid) p
    ) END,
    CASE WHEN c.relkind = 'p' THEN ARRAY(SELECT p.relid::bigint FROM dyntables.partition_tree(c.oid) p ORDER BY 1) END,
    CASE WHEN c.relkind = 'p' THEN ARRAY(
        SELECT m.member::bigint FROM dyntables.source_member m WHERE m.relation = c.oid AND m.born ORDER BY 1) END,
    c.relkind = 'p' AND EXISTS (SELECT m.member FROM dyntables.source_member m WHERE m.relation = c.oid
        EXCEPT SELECT dyntables.capture_members(c.oid)),
    c.relkind IN ('r', 'p') AND NOT dyntables.alterations_noted()
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN dyntables.dynamic_table t ON t.view_oid = c.oid WHERE c.oid = ANY(%s)
"""
_COLUMNS = """
SELECT a.attrelid::bigint, a.attname, a.xmin::text, concat_ws(':', a.attnum, a.atttypid, a.atttypmod, a.attcollation,
    CASE WHEN a.attgenerated <> '' THEN (SELECT md5(d.adbin::text) FROM pg_attrdef d
        WHERE d.adrelid = a.attrelid AND d.adnum = a.attnum) END)
FROM pg_attribute a WHERE a.attrelid = ANY(%s) AND a.attnum > 0 AND NOT a.attisdropped
"""
_FACTS = """
SELECT o::bigint, concat((SELECT string_agg(concat(a.attnum, a.attnotnull), ' ' ORDER BY a.attnum)
    FROM pg_attribute a WHERE a.attrelid = o AND a.attnum > 0 AND NOT a.attisdropped), ' / ',
    (SELECT string_agg(i.indkey::text, ' ' ORDER BY i.indexrelid) FROM pg_index i
    WHERE i.indrelid = o AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL))
FROM unnest(%s::oid[]) o
"""


def fingerprint(
    connection: psycopg.Connection, dependencies: Iterable[Dependency], *, prepare: bool | None = None
) -> dict[str, Any]:
    """Return the fingerprint of the relations that are depended on, by OID; ``prepare`` what is asked again and again.

    A connection that works for owners cannot: it deallocates what it has prepared.
    """
    used: dict[int, set[str]] = {}
    for dependency in dependencies:
        used.setdefault(dependency.relation, set()).update(dependency.columns)
    columns: dict[int, dict[str, str]] = {}
    versions: dict[int, dict[str, str]] = {}
    for oid, name, version, column in connection.execute(
        _COLUMNS, ([o for o, c in used.items() if c],), prepare=prepare
    ):
        if name in used[oid]:
            columns.setdefault(oid, {})[name] = column
            versions.setdefault(oid, {})[name] = version
    found: dict[str, Any] = {}
    relations = connection.execute(_RELATIONS, (list(used),), prepare=prepare)
    for oid, schema, name, kind, version, obstacle, view, files, partitions, born, vanished, unnoted in relations:
        entry: dict[str, Any] = {"name": [schema, name], "kind": kind, "columns": columns.get(oid, {})}
        optional = {
            "version": version, "view": view, "obstacle": obstacle, "partitions": partitions, "born": born or None,
            "vanished": vanished or None, "unnoted": unnoted or None,
        }  # fmt: skip
        entry |= {key: value for key, value in optional.items() if value is not None}
        if oid in columns:
            entry |= {"files": files, "versions": versions[oid]}
        found[str(oid)] = entry
    return found


def rewritten(connection: psycopg.Connection, table_id: int) -> bool:
    """Tell whether a source of a table was rewritten or truncated between the snapshot and the moment it was read.

    The server shows such a table as empty to older snapshots. Its catalog still has the old file in our snapshot, while
    the function looks at the present; from here on our lock on what was read keeps it as it is.
    """
    row = connection.execute(
        "SELECT EXISTS (SELECT FROM dyntables.dependency d CROSS JOIN LATERAL (SELECT d.relation AS oid UNION "
        "SELECT p.relid FROM dyntables.partition_tree(d.relation) p) m JOIN pg_class c ON c.oid = m.oid "
        "WHERE d.dynamic_table_id = %s AND c.relkind IN ('r', 'm') AND c.relfilenode <> pg_relation_filenode(c.oid))",
        (table_id,),
    ).fetchone()
    return bool(row and row[0])


def fits(present: Mapping[str, Any], table: DynamicTable) -> bool:
    """Tell whether a present fingerprint, which may cover more, agrees with the one that a table was built on."""
    if set(table.fingerprint) != {str(d.relation) for d in table.dependencies}:
        return False
    return all(
        relation in present and _agrees(present[relation], stored) for relation, stored in table.fingerprint.items()
    )


_APART = {"columns": None, "versions": None, "files": None, "partitions": None, "born": None, "unnoted": None}


def _agrees(present: Mapping[str, Any], stored: Mapping[str, Any]) -> bool:
    if {**present, **_APART} != {**stored, **_APART} or "vanished" in present:
        return False
    if not stored["columns"].items() <= present["columns"].items():
        return False
    had, has = set(stored.get("partitions", ())), set(present.get("partitions", ()))
    if not had <= has or not has - had <= set(present.get("born", ())):
        return False
    # A rewrite alone is VACUUM FULL, a new version of the column's row alone is SET STATISTICS; both together may be
    # ALTER COLUMN … TYPE … USING, which leaves the type as it was and changes the values. Where nobody notes what is
    # done and undone, such as names that were exchanged and exchanged back, the new version is all that is left of it.
    doubtful = stored.get("files") != present.get("files") or "unnoted" in present or "unnoted" in stored
    return not (doubtful and any(present["versions"][c] != v for c, v in stored.get("versions", {}).items()))


def present_code(
    connection: psycopg.Connection, tables: Iterable[DynamicTable], *, prepare: bool | None = None
) -> dict[str, str]:
    """Return how that which the definitions of incremental tables call is now."""
    return digests(connection, (name for t in tables if t.incremental for name in t.code or ()), prepare=prepare)


def calls_the_same(present: Mapping[str, str], table: DynamicTable) -> bool:
    """Tell whether what a definition calls is as it was when the contents were computed, as far as that is known."""
    return agrees(present, table.code or {})


def facts(connection: psycopg.Connection, tables: Iterable[int]) -> dict[int, str]:
    """Return what a plan takes from tables beside types: which columns are never NULL, and which are keys."""
    return dict(connection.execute(_FACTS, (sorted(tables),)).fetchall())
