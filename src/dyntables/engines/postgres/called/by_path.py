"""Functions that mean another thing in a refresh than where they were called: they look names up by the search_path.

A refresh has an empty one, as the server itself has when it refreshes a materialized view. What such a function does
not find is an error of the server's. What it finds otherwise is silent: the text of a citext is compared instead of the
citext, where the operator is in a schema of the caller's path. A body that the server has parsed, and a function that
sets its own path, are the same everywhere; those of extensions are written for any path.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import psycopg

from dyntables.compiler.names import quote
from dyntables.engines.postgres.connection.session import set_local

# Words of SQL stand for operators. A name after a dot has its schema. What takes a type that a body cannot meet is not
# found, nor what the server has for the very same types: that comes first on every path.
_FOUND = r"""
WITH RECURSIVE body AS (
    SELECT p.oid, ARRAY(SELECT o[1] FROM regexp_matches(p.prosrc, '[-+*/<>=~!@#%%^&|`?]+', 'g') o UNION
        SELECT b.operator FROM regexp_matches(lower(p.prosrc), '[[:alpha:]]+', 'g') w JOIN (VALUES ('in', '='),
        ('case', '='), ('nullif', '='), ('distinct', '='), ('using', '='), ('like', '~~'), ('ilike', '~~*'),
        ('between', '>='), ('between', '<=')) b (word, operator) ON b.word = w[1]) AS operators,
        ARRAY(SELECT trim('"' FROM w[1]) FROM regexp_matches(lower(p.prosrc),
        '(?<![[:alnum:]_$.])("?[[:alpha:]_][[:alnum:]_$]*"?)\s*\(', 'g') w) AS called,
        ARRAY(SELECT w[1] FROM regexp_matches(lower(p.prosrc), '[[:alpha:]_][[:alnum:]_$]*', 'g') w) AS words,
        coalesce(p.proallargtypes, p.proargtypes) || p.prorettype AS types
    FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang
    WHERE p.oid = ANY(%(functions)s) AND p.oid >= 16384 AND p.prosqlbody IS NULL AND l.lanname NOT IN ('c', 'internal')
        AND NOT EXISTS (SELECT FROM unnest(p.proconfig) c WHERE c LIKE 'search_path=%%')
        AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid
            AND d.deptype = 'e')
), part (oid, type) AS (
    SELECT oid, unnest(types) FROM body
    UNION SELECT b.oid, t.oid FROM body b JOIN pg_type t ON lower(t.typname) = ANY(b.words)
    UNION SELECT b.oid, f.prorettype FROM body b JOIN pg_proc f ON lower(f.proname) = ANY(b.words) AND f.oid >= 16384
    UNION SELECT p.oid, x.type FROM part p JOIN pg_type t ON t.oid = p.type CROSS JOIN LATERAL (
        SELECT unnest(ARRAY[t.typbasetype, t.typelem]) UNION ALL SELECT a.atttypid FROM pg_attribute a
        WHERE a.attrelid = t.typrelid AND t.typrelid <> 0 AND a.attnum > 0) x (type) WHERE x.type <> 0
), met AS (
    SELECT oid, array_agg(type) || ARRAY(SELECT oid FROM pg_type WHERE typtype = 'p') AS types FROM part GROUP BY oid
), other AS (
    SELECT b.oid, 'operator ' || o.oprname AS what, o.oprnamespace AS schema FROM body b JOIN met m USING (oid)
        JOIN pg_operator o ON o.oprname = ANY(b.operators) AND m.types @> array_remove(ARRAY[o.oprleft, o.oprright], 0)
    WHERE o.oprnamespace = ANY(%(schemas)s::regnamespace[]) AND EXISTS (SELECT FROM pg_operator s
        WHERE s.oprnamespace = 'pg_catalog'::regnamespace AND s.oprname = o.oprname)
        AND NOT EXISTS (SELECT FROM pg_operator s WHERE s.oprnamespace = 'pg_catalog'::regnamespace
        AND (s.oprname, s.oprleft, s.oprright) = (o.oprname, o.oprleft, o.oprright))
    UNION ALL
    SELECT b.oid, 'function ' || f.proname, f.pronamespace FROM body b JOIN met m USING (oid)
        JOIN pg_proc f ON lower(f.proname) = ANY(b.called) AND m.types @> f.proargtypes::oid[]
    WHERE f.pronamespace = ANY(%(schemas)s::regnamespace[]) AND EXISTS (SELECT FROM pg_proc s
        WHERE s.pronamespace = 'pg_catalog'::regnamespace AND s.proname = f.proname)
        AND NOT EXISTS (SELECT FROM pg_proc s WHERE s.pronamespace = 'pg_catalog'::regnamespace
        AND (s.proname, s.proargtypes) = (f.proname, f.proargtypes))
)
SELECT oid::regprocedure::text, what, schema::regnamespace::text FROM other ORDER BY 1, 2 LIMIT 1
"""
_SCHEMAS = "SELECT ARRAY(SELECT quote_ident(s) FROM unnest(current_schemas(false)) s WHERE s <> 'pg_catalog')"


@dataclass(frozen=True, slots=True)
class FoundByPath:
    """A function, ``what`` it finds by the path, and the schema in which that is."""

    function: str
    what: str
    schema: str


def found_by_path(
    connection: psycopg.Connection, functions: Iterable[int], path: str, owner: str
) -> FoundByPath | None:
    """Return a function that means another thing under an empty path than under the one of a definition, if one may.

    Bodies are not parsed but searched for words and signs, so it may name one that means the same; it takes none that
    does not for the same.

    Args:
        connection: to the server, in a transaction.
        functions: the OIDs of all that the definition calls, directly or not.
        path: the search_path where the definition was written.
        owner: who wrote it: its ``"$user"``.
    """
    with connection.transaction(force_rollback=True):
        set_local(connection, {"search_path": path.replace('"$user"', quote(owner))})
        row = connection.execute(_SCHEMAS).fetchone()
    schemas = row[0] if row is not None else []
    if not schemas:
        return None
    values = {"functions": list(functions), "schemas": schemas}
    found = connection.execute(_FOUND, values).fetchone()
    return FoundByPath(*found) if found is not None else None
