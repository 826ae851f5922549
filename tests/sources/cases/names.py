"""What a definition names, under another name: functions, operators, types and the like."""

from __future__ import annotations

from tests.sources.cases.case import ALTERED, REINIT, SETUP, Case

_NAMED = (
    SETUP
    + """
CREATE SCHEMA x;
CREATE TYPE x.color AS ENUM ('red', 'blue', 'very green');
CREATE TYPE x.pair AS (a integer, b x.color);
CREATE DOMAIN x.positive AS integer CHECK (value > 0);
CREATE COLLATION x.bytes FROM "C";
CREATE FUNCTION x.twice(integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT $1 * 2';
CREATE FUNCTION x.twice(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT $1 || $1';
CREATE FUNCTION x.thrice(integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT $1 * 3';
CREATE AGGREGATE x.total(integer) (SFUNC = int4pl, STYPE = integer, INITCOND = 0);
CREATE OPERATOR x.#+ (LEFTARG = integer, RIGHTARG = integer, FUNCTION = int4pl);
ALTER TABLE s ADD c x.color DEFAULT 'red', ADD p x.pair, ADD d x.positive DEFAULT 1, ADD l text DEFAULT 'x';
UPDATE s SET c = CASE id % 3 WHEN 0 THEN 'red' WHEN 1 THEN 'blue' ELSE 'very green' END::x.color,
    p = ROW(id, 'blue');
"""
)
_CALLS = "SELECT id, x.twice(k) AS t, x.twice(l) AS l, k OPERATOR(x.#+) id AS s FROM s"
_TYPES = (
    "SELECT id, c, (p).a AS a, (k + 1)::x.positive AS d FROM s "
    r"""WHERE c <> 'red' OR c = ANY ('{blue,"very green"}'::x.color[])"""
)
_GROUPED = "SELECT c, count(*) AS n, max((p).a) AS a FROM s WHERE (p).b = 'blue' GROUP BY c"


def _named(name: str, what: str, change: str | tuple[str, ...], *expected: str, query: str = _CALLS) -> Case:
    steps = (change,) if isinstance(change, str) else change
    return Case(name, what, (*steps, INTO), *expected, setup=_NAMED, query=query)


INTO = "INSERT INTO s (id, k, v) VALUES (9000, 1, 1)"
NAMES = [
    _named("rename_function", "ALTER FUNCTION … RENAME", 'ALTER FUNCTION x.twice(integer) RENAME TO "double It"'),
    _named(
        "exchange_functions",
        "functions exchange their names",
        "ALTER FUNCTION x.twice(integer) RENAME TO w; ALTER FUNCTION x.thrice RENAME TO twice; "
        "ALTER FUNCTION x.w RENAME TO thrice",
    ),
    _named(
        "move_function", "ALTER FUNCTION … SET SCHEMA", "CREATE SCHEMA y; ALTER FUNCTION x.twice(text) SET SCHEMA y"
    ),
    _named(
        "replace_function_by_another",
        "DROP FUNCTION, and another takes its name",
        "DROP FUNCTION x.twice(integer); ALTER FUNCTION x.thrice RENAME TO twice",
        REINIT,
        ALTERED,
    ),
    _named(
        "move_operator",
        "ALTER OPERATOR … SET SCHEMA",
        "CREATE SCHEMA y; ALTER OPERATOR x.#+ (integer, integer) SET SCHEMA y",
    ),
    _named("rename_schema_of_functions", "ALTER SCHEMA … RENAME of functions", "ALTER SCHEMA x RENAME TO y"),
    _named("rename_schema_of_types", "ALTER SCHEMA … RENAME of types", "ALTER SCHEMA x RENAME TO y", query=_TYPES),
    _named("rename_enum_type", "ALTER TYPE … RENAME of an enum", "ALTER TYPE x.color RENAME TO colour", query=_TYPES),
    _named("rename_domain", "ALTER DOMAIN … RENAME", "ALTER DOMAIN x.positive RENAME TO above_zero", query=_TYPES),
    Case(
        "rename_collation",
        "ALTER COLLATION … RENAME",
        ("ALTER COLLATION x.bytes RENAME TO b", INTO),
        "FULL",
        "FULL_MODE",
        setup=_NAMED,
        query="SELECT id, l COLLATE x.bytes AS l FROM s",
        next="FULL",
    ),
    _named(
        "rename_attribute",
        "ALTER TYPE … RENAME ATTRIBUTE",
        "ALTER TYPE x.pair RENAME ATTRIBUTE a TO first",
        query=_GROUPED,
    ),
    _named(
        "rename_aggregate",
        "ALTER AGGREGATE … RENAME",
        "ALTER AGGREGATE x.total (integer) RENAME TO sum_of",
        query="SELECT k, x.total(id) AS n FROM s GROUP BY k",
    ),
    _named(
        "rename_enum_value",
        "ALTER TYPE … RENAME VALUE: what is printed may be another text",
        "ALTER TYPE x.color RENAME VALUE 'blue' TO 'navy'",
        REINIT,
        "FUNCTION_CHANGED",
        query=_GROUPED,
    ),
    _named(
        "exchange_enum_values",
        "values of an enum exchange their names, below digests of whole rows",
        "ALTER TYPE x.color RENAME VALUE 'blue' TO 'w'; ALTER TYPE x.color RENAME VALUE 'red' TO 'blue'; "
        "ALTER TYPE x.color RENAME VALUE 'w' TO 'red'",
        REINIT,
        ALTERED,
        query=_TYPES,
    ),
    Case(
        "rename_function_below_view",
        "ALTER FUNCTION … RENAME below a view",
        ("ALTER FUNCTION x.twice(integer) RENAME TO double_it; ALTER SCHEMA x RENAME TO y", INTO),
        setup=_NAMED + "CREATE VIEW w AS SELECT k, x.twice(id) AS t, c FROM s",
        query="SELECT k, sum(t) AS total, max(c) AS c FROM w GROUP BY k",
    ),
    Case(
        "rename_column_of_view",
        "RENAME COLUMN of a view",
        ("ALTER VIEW w RENAME t TO u", INTO),
        setup=_NAMED + "CREATE VIEW w AS SELECT k, id AS t FROM s",
        query="SELECT k, sum(t) AS total FROM w GROUP BY k",
    ),
    Case(
        "rename_column_in_full",
        "RENAME COLUMN below a full refresh",
        ("ALTER TABLE s RENAME k TO kk", "INSERT INTO s (id, kk, v) VALUES (9000, 1, 1)"),
        "FULL",
        "FULL_MODE",
        query="SELECT k, string_agg(v::text, ',' ORDER BY random()) IS NULL AS n FROM s GROUP BY k",
        follow="INSERT INTO s (id, kk, v) VALUES (9001, 1, 1)",
        next="FULL",
    ),
]
