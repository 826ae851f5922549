"""Functions that are STABLE: the users' own, by every way to call them, and all of the server's.

What such a function depends on changes beside the sources: a table that it reads, a setting, the names of things, the
time. A table must equal its definition all the same, so that it is refreshed in full; only a function that gives the
same for the same arguments may be trusted, or one of the server's that depends on settings alone.
"""

from __future__ import annotations

from contextlib import closing

import psycopg
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from psycopg import sql

import dyntables
from tests.oracle.generation.laboratory import Laboratory, WrongResultError
from tests.oracle.generation.model import Case, Definition, Pick, Step
from tests.oracle.generation.special.kind import SpecialKind

TABLES = (
    "DROP SCHEMA IF EXISTS lib CASCADE",
    "CREATE SCHEMA lib",
    "CREATE TABLE lib.rate (v integer)",
    "INSERT INTO lib.rate VALUES (1)",
    "CREATE TABLE lib.named ()",
    "CREATE TYPE lib.mood AS ENUM ('low', 'high')",
    "CREATE TABLE t (id integer PRIMARY KEY, k integer, n integer, s text, at timestamptz, m lib.mood, o oid, r "
    "regclass)",
    "INSERT INTO t SELECT i, i % 3, i, (ARRAY['x1', 'lib.named', 'day', 'UTC'])[i], '2024-07-01 12:00Z', 'low', r, r "
    "FROM generate_series(1, 4) i, LATERAL (SELECT (ARRAY['lib.rate', 'lib.named']::regclass[])[1 + i % 2] AS r) r",
    "CREATE TABLE u (id integer, n integer)",
    "INSERT INTO u SELECT i, i FROM generate_series(1, 3) i",
)
# Bodies, and whether they give the same for the same argument.
BODIES = {
    "sql RETURN n + 1": True,
    "sql AS 'SELECT n * 2'": True,
    "plpgsql AS 'BEGIN RETURN n - 1; END'": True,
    "sql RETURN n + (SELECT max(v) FROM lib.rate)": False,
    "sql AS 'SELECT n + count(*)::integer FROM lib.rate'": False,
    "plpgsql AS 'DECLARE r integer; BEGIN EXECUTE ''SELECT $1 + sum(v)::integer FROM lib.rate'' INTO r USING n; "
    "RETURN r; END'": False,
    "sql AS $$SELECT n + coalesce(current_setting('lib.rate', true), '0')::integer$$": False,
    "sql AS 'SELECT n + extract(epoch FROM clock_timestamp())::integer'": False,
    "plpgsql AS 'BEGIN RETURN n + length(lib.rate_name()); END'": False,
}  # fmt: skip
# How the function is called: what has to be made for it, and the expression over t.
CALLS = {
    "call": ("", "lib.f(t.n)"),
    "operator": ("CREATE OPERATOR lib.@+ (RIGHTARG = integer, FUNCTION = lib.f)", "(OPERATOR(lib.@+) t.n)"),
    "cast": (
        "CREATE TYPE lib.boxed AS (n integer); CREATE FUNCTION lib.boxed(n integer) RETURNS lib.boxed "
        "LANGUAGE sql STABLE AS 'SELECT ROW(lib.f(n))::lib.boxed'; CREATE CAST (integer AS lib.boxed) WITH "
        "FUNCTION lib.boxed(integer)",
        "(t.n::lib.boxed).n",
    ),
    "domain": ("CREATE DOMAIN lib.checked AS integer CHECK (lib.f(value) IS NOT NULL)", "t.n::lib.checked::integer"),
    "aggregate": (
        "CREATE FUNCTION lib.step(s integer, n integer) RETURNS integer LANGUAGE sql STABLE AS 'SELECT s + lib.f(n)'; "
        "CREATE AGGREGATE lib.total(integer) (SFUNC = lib.step, STYPE = integer, INITCOND = '0')",
        "(SELECT lib.total(u.n) FROM u WHERE u.id = t.k)",
    ),
    "argument": (
        "CREATE FUNCTION lib.g(n integer, d integer DEFAULT lib.f(1)) RETURNS integer LANGUAGE sql IMMUTABLE "
        "RETURN n + d",
        "lib.g(t.n)",
    ),
    "view": ("CREATE VIEW made AS SELECT id, lib.f(n) AS v FROM t", "(SELECT v FROM made WHERE made.id = t.id)"),
    "nested": ("", "abs(coalesce(nullif(lib.f(t.n), 0), 1))"),
    "argument_of_another": (
        "CREATE FUNCTION lib.h(n integer) RETURNS integer LANGUAGE sql IMMUTABLE RETURN n", "lib.h(lib.f(t.n))"
    ),
}  # fmt: skip
FORMS = (
    "SELECT t.id, {e} AS v FROM t",
    "SELECT t.id FROM t WHERE {e} > 3",
    "SELECT {e} AS v, count(*) AS n FROM t GROUP BY 1",
    "SELECT t.k, sum({e}) AS v FROM t GROUP BY t.k HAVING max({e}) > 1",
    "SELECT t.id, u.id AS other FROM t LEFT JOIN u ON {e} = u.n",
    "SELECT t.id, rank() OVER (ORDER BY {e}) AS r FROM t",
    "SELECT u.id FROM u WHERE EXISTS (SELECT FROM t WHERE {e} = u.n)",
    "SELECT {e} AS v FROM t UNION SELECT n FROM u",
    "WITH q AS (SELECT t.id, {e} AS v FROM t) SELECT a.id, b.v FROM q a JOIN q b USING (id)",
    "SELECT l.v FROM t, LATERAL (SELECT {e} AS v) l",
)
RATE_NAME = "CREATE FUNCTION lib.rate_name() RETURNS text LANGUAGE sql STABLE AS $$SELECT 'x'$$"
# What changes beside the sources; and what else only the server's own functions see.
HIDDEN = (
    "INSERT INTO lib.rate VALUES (9)",
    "UPDATE lib.rate SET v = v + 1",
    "CREATE OR REPLACE FUNCTION lib.rate_name() RETURNS text LANGUAGE sql STABLE AS $$SELECT 'longer'$$",
    "ALTER DATABASE {database} SET lib.rate = '7'",
    "ALTER TABLE lib.rate RENAME COLUMN v TO w; ALTER TABLE lib.rate RENAME COLUMN w TO v",
    "ALTER TYPE lib.mood ADD VALUE IF NOT EXISTS 'middle' BEFORE 'high'",
    "COMMENT ON TABLE lib.rate IS 'of the day'; GRANT SELECT ON lib.rate TO PUBLIC",
    "CREATE TABLE IF NOT EXISTS lib.x1 (); ALTER TABLE lib.rate ADD COLUMN IF NOT EXISTS more integer",
    "CREATE INDEX IF NOT EXISTS rate_index ON lib.rate (v); ANALYZE lib.rate",
)
OF_NAMES = (
    "ALTER TABLE IF EXISTS lib.named RENAME TO renamed",
    "ALTER TABLE IF EXISTS lib.renamed RENAME TO named",
    "ALTER TYPE lib.mood RENAME VALUE 'low' TO 'least'; ALTER TYPE lib.mood RENAME VALUE 'least' TO 'low'",
    "ALTER SCHEMA lib RENAME TO other; ALTER SCHEMA other RENAME TO lib",
    "ALTER DATABASE {database} SET TimeZone = 'Asia/Tokyo'",
    "ALTER DATABASE {database} SET DateStyle = 'German'",
)
# A value for each type of argument.
ARGUMENTS = {
    "integer": "t.n", "bigint": "t.n", "smallint": "1::smallint", "text": "t.s", "oid": "t.o", "regclass": "t.r",
    "timestamp with time zone": "t.at", "timestamp without time zone": "t.at::timestamp", "date": "t.at::date",
    "boolean": "(t.n > 1)", "anyenum": "t.m", "anyelement": "t.m", '"any"': "t.at", "name": "t.s::name",
    "interval": "'1 day'::interval", "numeric": "t.n::numeric", "double precision": "t.n::float8",
    "cstring": "'1'::cstring", "jsonb": "to_jsonb(t.at)", "json": "to_json(t.at)", "anyarray": "ARRAY[t.at]",
    "anynonarray": "t.at", "money": "t.n::money", "regconfig": "'english'::regconfig",
    "time with time zone": "'10:00Z'::timetz", "time without time zone": "'10:00'::time", "xid": "'3'::xid",
    "record": "ROW(t.at)", "bytea": "'a'::bytea", "tid": "'(0,1)'::tid", "regtype": "'lib.mood'::regtype",
    "anycompatible": "t.at", "regproc": "'now'::regproc", "tsvector": "'a'::tsvector", "tsquery": "'a'::tsquery",
}  # fmt: skip
_BUILT_IN = """
SELECT p.proname, ARRAY(
    SELECT format_type(a, NULL) FROM unnest(p.proargtypes::oid[]) WITH ORDINALITY x (a, n) ORDER BY n)
FROM pg_proc p WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.provolatile = 's' AND p.prokind = 'f'
    AND p.prorettype NOT IN ('trigger'::regtype, 'internal'::regtype, 'void'::regtype, 'event_trigger'::regtype)
    AND p.proname !~ '^pg_stat_get|^pg_read|^pg_ls|^pg_get_wal|_in$|^ts_(rewrite|debug|parse)|^pg_hba|^pg_wal|xml'
    AND NOT p.proretset ORDER BY 1, p.oid
"""


def stable_cases(laboratory: Laboratory) -> SearchStrategy[Case]:
    """Return cases of the users' functions and of those that the server has."""
    return st.one_of(_own_cases(), _built_in_cases(_built_in(laboratory.writer)))


def _built_in(connection: psycopg.Connection) -> tuple[str, ...]:
    """Return a call of each function for whose arguments there are values, unless it fails."""
    calls = [
        f"pg_catalog.{name}({', '.join(ARGUMENTS[a] for a in arguments)})"
        for name, arguments in connection.execute(_BUILT_IN).fetchall()
        if all(a in ARGUMENTS for a in arguments)
    ]
    with connection.transaction(force_rollback=True):
        connection.execute("CREATE SCHEMA tried; SET LOCAL search_path = tried")
        for statement in TABLES:
            connection.execute(statement.encode())
        return tuple(call for call in calls if _runs(connection, f"SELECT ({call})::text FROM t"))


def _runs(connection: psycopg.Connection, query: str) -> bool:
    try:
        with connection.transaction():
            connection.execute(query.encode())
    except psycopg.Error:
        return False
    return True


@st.composite
def _own_cases(draw: st.DrawFn) -> Case:
    pick = Pick(draw)
    body, way = pick.one(list(BODIES)), pick.one(list(CALLS))
    language, _, text = body.partition(" ")
    make, expression = CALLS[way]
    schema = [
        *TABLES,
        RATE_NAME,
        f"CREATE FUNCTION lib.f(n integer) RETURNS integer LANGUAGE {language} STABLE {text}",
        *([make] if make else []),
    ]
    query = pick.one(FORMS).replace("{e}", expression)
    uses = {"stable", way} | ({"honest"} if BODIES[body] else set())
    trusted = BODIES[body] and pick.chance(50)
    definitions = (
        Definition("d0", query, frozenset(uses | ({"trusted"} if trusted else set()))),
        Definition("above", "SELECT count(*) AS n FROM d0", frozenset({"aggregate"})),
    )
    return Case(tuple(schema), definitions, tuple(_steps(pick, HIDDEN)))


@st.composite
def _built_in_cases(draw: st.DrawFn, calls: tuple[str, ...]) -> Case:
    pick = Pick(draw)
    form = pick.one(
        ("SELECT t.id, t.n, {e}::text AS v FROM t", "SELECT {e}::text AS v, count(*) AS n FROM t GROUP BY 1")
    )
    definitions = [
        Definition(f"d{at}", form.replace("{e}", call), frozenset({"stable", "built_in"}))
        for at, call in enumerate(pick.some(calls, 4))
    ]
    return Case((*TABLES, RATE_NAME), tuple(definitions), tuple(_steps(pick, (*HIDDEN, *OF_NAMES))))


def _steps(pick: Pick, hidden: tuple[str, ...]) -> list[Step]:
    steps: list[Step] = []
    for _ in range(pick.number(1, 2)):
        steps += [Step("replace", pick.one(hidden)) for _ in range(pick.number(1, 3))]
        first = pick.number(1, 6)
        steps += [Step("write", f"UPDATE t SET n = n + 1 WHERE id = {first}")] if pick.chance(50) else []
        steps += [Step("write", f"DELETE FROM u WHERE id = {first}")] if pick.chance(20) else []
        steps.append(Step("refresh"))
    return steps


class Depending:
    """Checks cases: what depends on more than its sources is refreshed in full, by whichever session."""

    def __init__(self, laboratory: Laboratory) -> None:
        self.laboratory = laboratory

    def check(self, case: Case) -> None:
        """Run a case."""
        lab = self.laboratory
        writer = lab.writer
        database = sql.Identifier(writer.info.dbname)
        with lab.schema(case) as schema:
            try:
                modes = {d.name: self._create(d) for d in case.definitions}
                lab.tally.histories += 1
                for step in case.steps:
                    if step.act == "replace":
                        writer.execute(step.sql.replace("{database}", database.as_string(writer)))
                    elif step.act == "refresh":
                        self._refresh(case, modes, schema)
                    else:
                        lab.act(step)
            finally:
                writer.execute(sql.SQL("ALTER DATABASE {} RESET ALL").format(database))

    def _create(self, definition: Definition) -> str:
        lab, name = self.laboratory, definition.name
        trusted = "TRUST_STABLE_FUNCTIONS = TRUE" if "trusted" in definition.uses else ""
        lab.client.execute(f"CREATE DYNAMIC TABLE {name} TARGET_LAG = '1 hour' {trusted} AS {definition.query}")
        lab.settle()
        lab.tally.definitions += 1
        mode, why = lab.mode(name)
        lab.tally.incremental += mode == "INCREMENTAL"
        lab.tally.uses[f"{mode}: {why.split(':')[0]}"] += 1
        if "stable" in definition.uses and "built_in" not in definition.uses:
            expected = "INCREMENTAL" if trusted else "FULL"
            if mode != expected or (mode == "FULL" and not why.startswith(("STABLE_FUNCTION", "READING_FUNCTION"))):
                raise WrongResultError(f"the mode of {name} is {mode} for {why}")
        return mode

    def _refresh(self, case: Case, modes: dict[str, str], schema: str) -> None:
        """Refresh all in a new session, and compare what would not be another at each look."""
        with closing(dyntables.connect(self.laboratory.url)) as client:
            client.execute(f"SET search_path = {schema}")
            for definition in case.definitions:
                if modes[definition.name] == "INCREMENTAL":
                    action = self.laboratory.verify(definition.name, client)["action"]
                    allowed = {"INCREMENTAL", "NO_DATA"}
                else:
                    result = client.execute(f"ALTER DYNAMIC TABLE {definition.name} REFRESH")
                    action, allowed = dict(zip(result.columns, result.rows[0], strict=True))["action"], {"FULL"}
                if action not in allowed:
                    why = self.laboratory.why(definition.name)
                    raise WrongResultError(f"the refresh of {definition.name} was {action}: {why}")


KIND = SpecialKind("stable", stable_cases, lambda lab: Depending(lab).check)
