"""What a function finds by the search_path of its caller, a refresh would not find: such definitions are refused."""

from __future__ import annotations

import pytest

import dyntables
from dyntables.errors import DyntablesError, InvalidQueryError

SCHEMA = """
CREATE EXTENSION citext; CREATE EXTENSION intarray;
CREATE SCHEMA other; CREATE EXTENSION hstore SCHEMA other;
CREATE TYPE pair AS (a citext, b citext);
CREATE TABLE t (id integer PRIMARY KEY, a citext, b citext, n integer[]);
INSERT INTO t VALUES (1, 'A', 'a', '{1,2}'), (2, 'b', 'c', '{2}');
CREATE FUNCTION same(a citext, b citext) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN a = b; END';
CREATE FUNCTION listed(a citext) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT a IN ('a', 'b') $$;
CREATE FUNCTION liked(a citext) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT a LIKE 'a%' $$;
CREATE FUNCTION replaced(a citext) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT replace(a, 'a', 'x') $$;
CREATE FUNCTION above(a citext) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT public.replaced(a)';
CREATE FUNCTION in_text(a text, b text) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT a::public.citext = b';
CREATE FUNCTION in_row(p pair) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT p.a = p.b';
CREATE FUNCTION shares(a integer[], b integer[]) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT a @> b';
CREATE FUNCTION plain(i integer) RETURNS text LANGUAGE plpgsql IMMUTABLE AS
    $$ BEGIN IF i = 1 OR i BETWEEN 3 AND 4 THEN RETURN replace(i::text, '1', '2'); END IF; RETURN i + 1; END $$;
CREATE FUNCTION as_text(a citext) RETURNS text LANGUAGE sql IMMUTABLE AS
    'SELECT pg_catalog.replace(a::pg_catalog.text, ''a'', ''x'')';
CREATE FUNCTION atomic(a citext, b citext) RETURNS boolean LANGUAGE sql IMMUTABLE RETURN a = b;
CREATE FUNCTION fixed(a citext, b citext) RETURNS boolean LANGUAGE sql IMMUTABLE SET search_path = public
    AS 'SELECT a = b';
CREATE FUNCTION stored(a other.hstore) RETURNS text LANGUAGE plpgsql IMMUTABLE AS
    'BEGIN RETURN a = a; EXCEPTION WHEN undefined_function THEN RETURN ''none''; END';
"""
REFUSED = {
    "same(a, b)": "same(citext,citext) finds the operator =",
    "listed(a)": "listed(citext) finds the operator =",
    "liked(a)": "liked(citext) finds the operator ~~",
    "replaced(a)": "replaced(citext) finds the function replace",
    "above(a)": "replaced(citext) finds the function replace",
    "in_text(a, b)": "in_text(text,text) finds the operator =",
    "in_row(ROW(a, b)::pair)": "in_row(pair) finds the operator =",
    "shares(n, n)": "shares(integer[],integer[]) finds the operator @>",
}
KEPT = [
    "replace(a, 'a', 'x')",
    "regexp_replace(a, b, 'x')",
    "plain(id)",
    "as_text(a)",
    "atomic(a, b)",
    "fixed(a, b)",
    "stored('a=>1'::other.hstore)",
]
SAME = "SELECT id, same(a, b) AS s FROM t"


def differ(client: dyntables.Client, name: str, query: str) -> list[tuple[object, ...]]:
    both = f"(TABLE {name} EXCEPT ALL {query}) UNION ALL ({query} EXCEPT ALL TABLE {name})"
    return client.execute(both).rows


def action(client: dyntables.Client, name: str) -> str:
    result = client.execute(f"ALTER DYNAMIC TABLE {name} REFRESH")
    return str(dict(zip(result.columns, result.rows[0], strict=True))["action"])


@pytest.mark.pg(15, 18)
def test_what_is_found_by_the_path_is_refused(database_url: str) -> None:
    with dyntables.connect(database_url) as client:
        client.execute(SCHEMA)
        for expression, message in REFUSED.items():
            with pytest.raises(InvalidQueryError) as error:
                client.execute(f"CREATE DYNAMIC TABLE d TARGET_LAG = '1 hour' AS SELECT id, {expression} AS v FROM t")
            assert message in str(error.value).replace("public.", ""), expression
        for number, expression in enumerate(KEPT):
            query = f"SELECT id, {expression} AS v FROM t"
            client.execute(
                f"CREATE DYNAMIC TABLE d{number} TARGET_LAG = '1 hour' REFRESH_MODE = INCREMENTAL AS {query}"
            )
            client.execute(f"UPDATE t SET a = upper(b::text), n = '{{{number}}}' WHERE id = 2")
            assert action(client, f"d{number}") == "INCREMENTAL"
            assert differ(client, f"d{number}", query) == []


def test_the_hint_helps_and_a_function_that_is_replaced_is_seen(database_url: str) -> None:
    create = f"CREATE DYNAMIC TABLE d TARGET_LAG = '1 hour' REFRESH_MODE = INCREMENTAL AS {SAME}"
    with dyntables.connect(database_url) as client:
        client.execute(SCHEMA)
        with pytest.raises(InvalidQueryError) as error:
            client.execute(create)
        assert error.value.hint is not None
        client.execute(error.value.hint)
        client.execute(create)
        client.execute("UPDATE t SET b = 'B' WHERE id = 2")
        assert action(client, "d") == "INCREMENTAL"
        assert differ(client, "d", SAME) == []
        assert client.execute("SELECT s FROM d ORDER BY id").rows == [(True,), (True,)]
        client.execute("ALTER FUNCTION same(citext, citext) RESET search_path")
        with pytest.raises(DyntablesError, match="finds the operator = of schema public by the search_path"):
            action(client, "d")
