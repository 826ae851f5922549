"""STABLE is a promise for one statement only: what may change between two refreshes makes a definition FULL."""

from __future__ import annotations

import psycopg
import pytest

import dyntables
from dyntables.refresh.sources.definitions import Terms, read_definition
from tests.support.refreshes import verified

SCHEMA = """
CREATE TYPE mood AS ENUM ('low', 'high');
CREATE TABLE t (id integer PRIMARY KEY, s text, at timestamptz, day date, ts timestamp, clock time, n numeric,
    m mood, x xid, cfg regconfig);
CREATE FUNCTION steady(n integer) RETURNS integer LANGUAGE sql STABLE RETURN n;
CREATE FUNCTION fixed(n integer) RETURNS integer LANGUAGE sql IMMUTABLE RETURN n;
CREATE FUNCTION alike(n numeric, s text) RETURNS boolean LANGUAGE sql STABLE RETURN n::text = s;
CREATE OPERATOR === (LEFTARG = numeric, RIGHTARG = text, FUNCTION = alike);
CREATE FUNCTION plus(a integer, b integer) RETURNS integer LANGUAGE sql STABLE RETURN a + b;
CREATE AGGREGATE total(integer) (SFUNC = plus, STYPE = integer, INITCOND = '0');
CREATE FUNCTION fine(n integer) RETURNS boolean LANGUAGE sql STABLE RETURN n > 0;
CREATE DOMAIN checked AS integer CHECK (fine(value));
CREATE DOMAIN over_it AS checked;
CREATE DOMAIN past AS timestamptz CHECK (value < now());
CREATE FUNCTION to_mood(n integer) RETURNS mood LANGUAGE plpgsql STABLE AS $$ BEGIN RETURN 'low'; END $$;
CREATE CAST (integer AS mood) WITH FUNCTION to_mood(integer);
CREATE FUNCTION plain(n integer, d integer DEFAULT steady(1)) RETURNS integer LANGUAGE sql IMMUTABLE RETURN n + d;
CREATE FUNCTION nested(n integer, d integer DEFAULT plain(1)) RETURNS integer LANGUAGE sql IMMUTABLE RETURN n + d;
CREATE FUNCTION since(n integer, d date DEFAULT CURRENT_DATE) RETURNS date LANGUAGE sql IMMUTABLE RETURN d + n;
CREATE FUNCTION given(n integer, d integer DEFAULT 7) RETURNS integer LANGUAGE sql IMMUTABLE RETURN n + d;
CREATE VIEW below AS SELECT id, steady(id) AS s FROM t;
"""

# What each expression is refused for, or None.
EXPRESSIONS = {
    "plain(id)": "STABLE_FUNCTION", "nested(id)": "STABLE_FUNCTION", "since(id)": "CURRENT_TIME", "given(id)": None,
    "steady(id)": "STABLE_FUNCTION", "fixed(id)": None, "n === s": "STABLE_FUNCTION", "id::checked": "STABLE_FUNCTION",
    "id::over_it": "STABLE_FUNCTION", "id::mood": "STABLE_FUNCTION", "at::past": "CURRENT_TIME",
    "'now'::text::timestamp": "CURRENT_TIME", "('no' || 'w')::timestamptz": "CURRENT_TIME",
    "coalesce(s, 'Today 12:00')::date": "CURRENT_TIME", "('{' || 'now}')::date[]": "CURRENT_TIME",
    "s::timetz": "CURRENT_TIME", "clock::timetz": "STABLE_FUNCTION", "at::timetz": None,
    "timezone('UTC', at::timetz)": "STABLE_FUNCTION", "age(at)": "CURRENT_TIME", "age(x)": "STABLE_FUNCTION",
    "age(at, ts)": None, "s::date": None, "s::timestamptz": None, "day::text": None, "at::text": None, "at < day": None,
    "at - interval '1 month'": None, "to_char(at, 'TMMonth')": None, "date_trunc('day', at)": None,
    "at AT TIME ZONE 'Europe/Berlin'": None, "s::interval": None, "s::money": None, "n::money": None, "s::xml": None,
    "m::text": None, "s::mood": None, "enum_last(m)": "STABLE_FUNCTION", "enum_range(m)": "STABLE_FUNCTION",
    "to_tsvector(s)": None, "to_tsvector('english', s)": None, "to_tsvector(s::regconfig, s)": "STABLE_FUNCTION",
    "cfg::text": "STABLE_FUNCTION", "obj_description(id::oid)": "STABLE_FUNCTION", "to_regclass(s)": "STABLE_FUNCTION",
    "s::regclass": "STABLE_FUNCTION", "id::regclass::text": "STABLE_FUNCTION",
    "concat('t'::regclass, s)": "STABLE_FUNCTION", "has_table_privilege(s, 'select')": "STABLE_FUNCTION",
    "pg_current_snapshot()": "STABLE_FUNCTION", "inet_client_addr()": "SESSION_FUNCTION",
    "current_setting('x.y')": "SESSION_FUNCTION", "pg_column_size(s)": "STABLE_FUNCTION",
    "version()": "STABLE_FUNCTION",
    "jsonb_build_object('a', day)": None, "format('%s', at)": None, "array_to_string(ARRAY[day], ',')": None,
    "random()": "VOLATILE_FUNCTION", "clock_timestamp()": "CURRENT_TIME",
}  # fmt: skip
QUERIES = {f"SELECT id, {expression} AS v FROM t": reason for expression, reason in EXPRESSIONS.items()} | {
    "SELECT total(id) AS v FROM t": "STABLE_FUNCTION",
    "SELECT s FROM below": "STABLE_FUNCTION",
    "SELECT id FROM t WHERE id IN (SELECT fixed(b.id) FROM t b WHERE b.n === b.s)": "STABLE_FUNCTION",
    "SELECT id FROM t WHERE at > now() - interval '1 day'": None,
}


@pytest.mark.pg(15, 18)
def test_what_may_change_by_itself_is_refreshed_in_full(database_url: str) -> None:
    with dyntables.connect(database_url) as client, psycopg.connect(database_url, autocommit=True) as connection:
        client.execute(SCHEMA)
        owner = connection.info.user
        found, expected = {}, {}
        for query, reason in QUERIES.items():
            reading = read_definition(connection, query, "public", {}, "dyntables_data.none", Terms(owner))
            found[query] = str(reading.reason.reason) if reading.reason else None
            expected[query] = reason
        assert found == expected
        trusting = Terms(owner, trusts_stable=True)
        for query in ("SELECT s FROM below", "SELECT id, n === s AS v, id::mood AS m, id::checked AS c FROM t"):
            assert read_definition(connection, query, "public", {}, "dyntables_data.none", trusting).reason is None
        for query in ("SELECT id, enum_last(m) AS v FROM t", "SELECT id, 'now'::text::date AS v FROM t"):
            assert read_definition(connection, query, "public", {}, "dyntables_data.none", trusting).reason is not None


def test_the_owner_answers_for_stable_functions(database_url: str) -> None:
    with dyntables.connect(database_url) as client:
        client.execute(SCHEMA)
        client.execute("INSERT INTO t (id) VALUES (1)")
        created = client.execute("CREATE DYNAMIC TABLE d TARGET_LAG = '1 minute' AS SELECT id, steady(id) AS s FROM t")
        assert "STABLE" in created.notices[0]

        def refresh() -> tuple[str, str]:
            result = client.execute("ALTER DYNAMIC TABLE d REFRESH")
            row = dict(zip(result.columns, result.rows[0], strict=True))
            assert row["state"] == "SUCCEEDED"
            return row["action"], row["reason"]

        assert refresh() == ("FULL", "FULL_MODE")
        client.execute("ALTER DYNAMIC TABLE d SET TRUST_STABLE_FUNCTIONS = TRUE, COMMENT = 'trusted'")
        shown = client.execute("SHOW CREATE DYNAMIC TABLE d").rows[0][0]
        assert "TRUST_STABLE_FUNCTIONS = TRUE" in shown
        assert "COMMENT = 'trusted'" in shown
        assert refresh() == ("REINITIALIZE", "DEFINITION_ALTERED")
        client.execute("INSERT INTO t (id) VALUES (2)")
        assert refresh() == ("INCREMENTAL", "CHANGES")
        verified(client, "d")
        client.execute(f"CREATE OR ALTER {shown.removeprefix('CREATE ')}")
        assert refresh() == ("NO_DATA", "NO_CHANGES")
        client.execute("ALTER DYNAMIC TABLE d UNSET TRUST_STABLE_FUNCTIONS")
        assert refresh() == ("FULL", "FULL_MODE")
        verified(client, "d")
        with pytest.raises(dyntables.errors.UnsupportedQueryError, match="STABLE") as refused:
            client.execute(
                "CREATE DYNAMIC TABLE e TARGET_LAG = '1 minute' REFRESH_MODE = INCREMENTAL AS "
                "SELECT id, steady(id) AS s FROM t"
            )
        assert "TRUST_STABLE_FUNCTIONS" in str(refused.value.hint)
        assert refused.value.span is not None
