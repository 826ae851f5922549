"""What a definition calls that somebody may replace, and how it is now: functions, their callees, domains, labels.

Each thing has a name (a letter, and its OID), and its state is a digest of what its results depend on. Which things
there are is found when a table is computed anew; how they are is asked at each refresh, by one query for all tables,
and not at all for tables that use nothing but what came with the server.

What a string body calls is not known to the server: every function, type and operator that has a name which occurs in
it counts, and that another function of that name appears.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import psycopg

from dyntables.engines.postgres.called.calls import Calls
from dyntables.engines.postgres.called.resolution import FIRST_OF_USERS

# Domains over domains, arrays, ranges and composite types, all the way down.
_TYPES = """
WITH RECURSIVE part (oid) AS (
    SELECT unnest(%(types)s::oid[])
    UNION
    SELECT x.oid FROM part p JOIN pg_type t ON t.oid = p.oid
    LEFT JOIN pg_range r ON r.rngtypid = t.oid LEFT JOIN pg_range m ON m.rngmultitypid = t.oid
    CROSS JOIN LATERAL (
        SELECT unnest(ARRAY[t.typbasetype, t.typelem, r.rngsubtype, m.rngtypid])
        UNION ALL SELECT a.atttypid FROM pg_attribute a
        WHERE a.attrelid = t.typrelid AND t.typrelid <> 0 AND a.attnum > 0
    ) x (oid) WHERE x.oid <> 0 AND p.oid >= 16384
)
SELECT oid::bigint FROM part WHERE oid >= 16384
"""
_OF_TYPES = """
SELECT f::bigint FROM pg_type t, unnest(ARRAY[t.typinput, t.typoutput]::oid[]) f WHERE t.oid = ANY(%(types)s)
UNION SELECT d.refobjid::bigint FROM pg_constraint k JOIN pg_depend d ON d.classid = 'pg_constraint'::regclass
    AND d.objid = k.oid AND d.refclassid = 'pg_proc'::regclass WHERE k.contypid = ANY(%(types)s)
UNION SELECT p.amproc::bigint FROM pg_opclass c JOIN pg_amproc p ON p.amprocfamily = c.opcfamily
    AND p.amproclefttype = c.opcintype WHERE c.opcintype = ANY(%(types)s) AND c.opcdefault
UNION SELECT o.oprcode::bigint FROM pg_opclass c JOIN pg_amop p ON p.amopfamily = c.opcfamily
    AND p.amoplefttype = c.opcintype JOIN pg_operator o ON o.oid = p.amopopr
    WHERE c.opcintype = ANY(%(types)s) AND c.opcdefault
UNION SELECT castfunc::bigint FROM pg_cast WHERE castsource = ANY(%(types)s) OR casttarget = ANY(%(types)s)
"""
_OF_OPERATORS = "SELECT oprcode::bigint FROM pg_operator WHERE oid = ANY(%(operators)s)"
# What is called by a body that the server has parsed, by defaults of arguments, and by aggregates.
_BELOW = """
SELECT d.refclassid::regclass::text, d.refobjid::bigint, NULL FROM pg_depend d
WHERE d.classid = 'pg_proc'::regclass AND d.objid = ANY(%(functions)s)
    AND d.refclassid IN ('pg_proc'::regclass, 'pg_type'::regclass, 'pg_operator'::regclass) AND d.refobjid >= 16384
UNION SELECT 'pg_proc', f::bigint, NULL FROM pg_aggregate a, unnest(ARRAY[aggtransfn, aggfinalfn, aggcombinefn,
    aggserialfn, aggdeserialfn, aggmtransfn, aggminvtransfn, aggmfinalfn]::oid[]) f
    WHERE aggfnoid = ANY(%(functions)s::oid[]) AND f >= 16384
"""
# What has a name that other bodies may mean: a word of theirs, or, for a name that is quoted and for an operator, a
# part of their text. A body with names written in escapes may mean anything. Operators of C are left out: a type of an
# extension brings many that are called as any other is, and they are not replaced one by one. So are rows of tables.
_NAMED = """
WITH body AS (
    SELECT lower(replace(p.prosrc, '""', '"')) AS text, p.prosrc ~* 'u&["'']' AS escaped
    FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang
    WHERE p.oid = ANY(%(functions)s) AND p.prosqlbody IS NULL AND l.lanname NOT IN ('c', 'internal')
), word AS (
    SELECT DISTINCT w[1] AS word FROM body, regexp_matches(text, '[a-z_][a-z0-9_$]*', 'g') w
), ours AS (
    SELECT oid FROM pg_namespace WHERE nspname IN ('dyntables', 'dyntables_log', 'dyntables_data')
), named (catalog, oid, name) AS (
    SELECT 'pg_proc', oid, lower(proname) FROM pg_proc WHERE oid >= 16384 AND pronamespace NOT IN (SELECT oid FROM ours)
    UNION ALL SELECT 'pg_type', t.oid, lower(t.typname) FROM pg_type t LEFT JOIN pg_class c ON c.oid = t.typrelid
    WHERE t.oid >= 16384 AND t.typnamespace NOT IN (SELECT oid FROM ours) AND coalesce(c.relkind, 'c') = 'c'
    UNION ALL SELECT 'pg_operator', o.oid, o.oprname FROM pg_operator o JOIN pg_proc p ON p.oid = o.oprcode
    JOIN pg_language l ON l.oid = p.prolang WHERE o.oid >= 16384 AND l.lanname NOT IN ('c', 'internal')
)
SELECT catalog, oid::bigint, CASE catalog WHEN 'pg_proc' THEN name END FROM named WHERE EXISTS (
    SELECT FROM body WHERE escaped OR CASE WHEN name ~ '^[a-z_][a-z0-9_$]*$' THEN name IN (SELECT word FROM word)
        ELSE strpos(text, name) > 0 END)
"""
_SEARCHES = """
SELECT EXISTS (SELECT FROM pg_proc WHERE oid = ANY(%(functions)s) AND oid < 16384
    AND proname ~ 'tsvector|tsquery|^ts_(headline|lexize|match)')
"""
_COLLATIONS = "SELECT oid::bigint FROM pg_collation WHERE oid = ANY(%(collations)s) AND collversion IS NOT NULL"

_DIGESTS = """
SELECT 'f' || p.oid, md5(concat_ws('|', p.prosrc, p.probin, p.prosqlbody, p.proargdefaults, p.proconfig, p.provolatile,
    p.proisstrict, p.prosecdef, p.prolang, p.prorettype, p.proargtypes, a.aggtransfn::oid, a.aggfinalfn::oid,
    a.agginitval, a.aggcombinefn::oid, a.aggfinalextra, a.aggtranstype))
FROM pg_proc p LEFT JOIN pg_aggregate a ON a.aggfnoid = p.oid WHERE p.oid = ANY(%(f)s)
UNION ALL
SELECT 'n' || lower(proname), md5(string_agg(oid::text, ' ' ORDER BY oid)) FROM pg_proc
WHERE oid >= 16384 AND lower(proname) = ANY(%(n)s) GROUP BY lower(proname)
UNION ALL
SELECT 'o' || oid, oprcode::oid::text FROM pg_operator WHERE oid = ANY(%(o)s)
UNION ALL
SELECT 't' || t.oid, md5(concat_ws('|', t.typinput::oid, t.typoutput::oid, t.typnotnull,
    (SELECT string_agg(k.conbin::text, '|' ORDER BY k.oid) FROM pg_constraint k WHERE k.contypid = t.oid),
    (SELECT string_agg(concat_ws(':', castsource, casttarget, castfunc, castcontext, castmethod), ' ' ORDER BY c.oid)
    FROM pg_cast c WHERE t.oid IN (castsource, casttarget))))
FROM pg_type t WHERE t.oid = ANY(%(t)s)
UNION ALL
SELECT 'e' || oid, md5(enumlabel) FROM pg_enum WHERE enumtypid = ANY(%(t)s)
UNION ALL
SELECT 'l' || oid, concat_ws('|', collversion, pg_collation_actual_version(oid)) FROM pg_collation
WHERE oid = ANY(%(l)s)
"""
_SEARCH_DIGEST = """
UNION ALL SELECT 's', md5(concat(
    (SELECT string_agg(concat_ws(':', oid, cfgname, cfgnamespace, cfgparser), ' ' ORDER BY oid) FROM pg_ts_config),
    (SELECT string_agg(concat_ws(':', mapcfg, maptokentype, mapseqno, mapdict), ' '
        ORDER BY mapcfg, maptokentype, mapseqno)
    FROM pg_ts_config_map),
    (SELECT string_agg(concat_ws(':', oid, dicttemplate, dictinitoption), ' ' ORDER BY oid) FROM pg_ts_dict)))
"""


class _Walk:
    """Collects what is called, level by level."""

    def __init__(self, connection: psycopg.Connection, calls: Calls) -> None:
        self.connection = connection
        self.functions: set[int] = set()
        self.types: set[int] = set()
        self.operators = _users(calls.operators)
        self.words: set[str] = set()
        functions = _users(calls.functions) | self._ask(_OF_OPERATORS, operators=self.operators)
        functions |= self._new_types(calls.types | calls.read | calls.printed | calls.domains)
        while functions := functions - self.functions:
            self.functions |= functions
            functions = self._below(functions)

    def _below(self, functions: set[int]) -> set[int]:
        found: set[int] = set()
        types: set[int] = set()
        operators: set[int] = set()
        places = {"pg_proc": found, "pg_type": types, "pg_operator": operators}
        for query in (_BELOW, _NAMED):
            for catalog, oid, name in self.connection.execute(query, {"functions": list(functions)}):
                places[catalog].add(oid)
                self.words |= {name} - {None}
        self.operators |= operators
        return found | self._ask(_OF_OPERATORS, operators=operators) | self._new_types(types)

    def _new_types(self, types: set[int]) -> set[int]:
        """Add types with all that they are made of; return their functions."""
        new = self._ask(_TYPES, types=_users(types)) - self.types
        self.types |= new
        return self._ask(_OF_TYPES, types=new)

    def _ask(self, query: str, **oids: set[int]) -> set[int]:
        if not any(oids.values()):
            return set()
        rows = self.connection.execute(query, {name: list(values) for name, values in oids.items()})
        return _users(oid for (oid,) in rows)


def reached(connection: psycopg.Connection, calls: Calls) -> set[int]:
    """Return the OIDs of users' functions that a definition calls, directly or not."""
    return _Walk(connection, calls).functions


def replaceable(connection: psycopg.Connection, calls: Calls) -> dict[str, str]:
    """Return what can be replaced of that which a definition calls, directly or not, each with its present digest."""
    walk = _Walk(connection, calls)
    collations = connection.execute(_COLLATIONS, {"collations": list(calls.collations)}) if calls.collations else ()
    names = {f"f{f}" for f in walk.functions} | {f"t{t}" for t in walk.types} | {f"n{w}" for w in walk.words}
    names |= {f"o{o}" for o in walk.operators} | {f"l{c}" for (c,) in collations}
    row = connection.execute(_SEARCHES, {"functions": list(calls.functions)}).fetchone() if calls.functions else None
    names |= {"s"} if row is not None and row[0] else set()
    return digests(connection, names)


def digests(connection: psycopg.Connection, names: Iterable[str], *, prepare: bool | None = None) -> dict[str, str]:
    """Return the present digests of things by name, labels of enumerations included; of what is gone there is none."""
    by_kind: dict[str, list[str]] = {}
    for name in sorted(set(names)):
        by_kind.setdefault(name[0], []).append(name[1:])
    if not by_kind:
        return {}
    query = _DIGESTS + (_SEARCH_DIGEST if "s" in by_kind else "")
    oids = {kind: [int(oid) for oid in by_kind.get(kind, ())] for kind in "ftol"}
    return dict(connection.execute(query, {**oids, "n": by_kind.get("n", [])}, prepare=prepare).fetchall())


def agrees(present: Mapping[str, str], stored: Mapping[str, str]) -> bool:
    """Tell whether everything is as it was; what has come since, such as a new label, changes nothing."""
    return all(present.get(name) == digest for name, digest in stored.items())


def _users(oids: Iterable[int]) -> set[int]:
    return {oid for oid in oids if oid >= FIRST_OF_USERS}
