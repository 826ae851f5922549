"""Types whose operators are not the server's own, and types without an equality.

The truth is the user's text, run by the user: what we store and run of it may have lost its meaning.
"""

from __future__ import annotations

import psycopg
import pytest

import dyntables
from dyntables.compiler.plan.algebra.nodes import SqlType
from dyntables.compiler.reasons import NotIncremental, Reason
from dyntables.engines.postgres.definition.introspect import Introspection

EXTENSIONS = ("citext", "hstore", "ltree", "cube")
SETUP = """
CREATE TABLE member (id integer PRIMARY KEY, mail citext, tags hstore, place ltree NOT NULL, spot cube);
INSERT INTO member VALUES (1, 'Ann@x', 'c=>red', 'top.a', '(1,2)'), (2, 'Bob@x', 'c=>blue', 'top.b', '(3)');
CREATE TABLE blocked (mail citext, place ltree);
INSERT INTO blocked VALUES ('BOB@X', 'top.b');
"""
STEPS = (
    "INSERT INTO member VALUES (3, 'ANN@X', 'c=>red', 'top.a', '(1,2)'), (4, NULL, NULL, 'top', NULL)",
    "INSERT INTO blocked VALUES ('ann@X', 'top.a'); UPDATE member SET mail = 'bob@x' WHERE id = 1",
    "DELETE FROM member WHERE id = 2; UPDATE member SET mail = lower(mail), spot = '(3)', place = 'top.b'",
    "INSERT INTO blocked VALUES (NULL, 'top'); DELETE FROM member WHERE id = 3",
    "DELETE FROM blocked WHERE mail IS NULL; INSERT INTO member VALUES (5, 'New@x', 'a=>1, b=>2', 'top.c.d', '(0,0)')",
)
OPERATORS = {
    "per_mail": "SELECT mail, count(*) AS n, max(id) AS newest FROM member GROUP BY mail",
    "per_tags": "SELECT tags, count(*) AS n, min(mail) AS least FROM member GROUP BY tags",
    "per_place": "SELECT place, spot, count(DISTINCT mail) AS n FROM member GROUP BY place, spot",
    "spots": "SELECT DISTINCT spot FROM member",
    "numbered": "SELECT id, row_number() OVER (PARTITION BY mail ORDER BY id) AS n FROM member",
    "joined": "SELECT m.id, b.place FROM member m JOIN blocked b ON m.mail = b.mail",
    "kept": "SELECT m.id, b.place FROM member m LEFT JOIN blocked b ON m.mail = b.mail AND m.place <@ b.place",
    "unblocked": "SELECT id FROM member WHERE mail NOT IN (SELECT mail FROM blocked)",
    "marked": "SELECT id, mail IN (SELECT mail FROM blocked) AS found FROM member",
    "correlated": "SELECT id, (SELECT count(*) FROM blocked b WHERE b.mail = m.mail) AS n FROM member m",
    "within": "SELECT id FROM member m WHERE EXISTS (SELECT FROM blocked b WHERE m.place @> b.place)",
    "either": "SELECT mail FROM member UNION SELECT mail FROM blocked",
    "common": "SELECT mail, place FROM member INTERSECT ALL SELECT mail, place FROM blocked",
    "first_two": "SELECT id, mail FROM member ORDER BY mail, id LIMIT 2",
    "extremes": "SELECT place, min(mail) AS least, greatest(max(mail), 'm') AS most FROM member GROUP BY place",
}

IMPLICIT = {
    "pairs": "SELECT a.id, b.id AS other FROM member a JOIN member b USING (mail)",
    "two_columns": "SELECT a.id, b.id AS other, mail FROM member a LEFT JOIN member b USING (place, mail, id)",
    "whole": "SELECT mail, m.id, b.place FROM member m FULL JOIN blocked b USING (mail)",
    "chained": "SELECT mail, count(*) AS n FROM member m FULL JOIN blocked b USING (mail) "
    "FULL JOIN (SELECT mail, id AS other FROM member) o USING (mail) GROUP BY mail",
    "naturally": "WITH o AS (SELECT place, mail FROM blocked) SELECT id, mail FROM member NATURAL JOIN o",
    "others": "SELECT id FROM member WHERE mail IS DISTINCT FROM 'ann@x'",
    "alike": "SELECT m.id, b.place FROM member m JOIN blocked b ON m.mail IS NOT DISTINCT FROM b.mail",
    "tagged": "SELECT id, tags IS DISTINCT FROM 'c=>red' AS other, nullif(place, 'top.a') AS place FROM member",
    "kinds": "SELECT id, CASE mail WHEN 'ann@x' THEN 1 WHEN nullif(mail, 'bob@X') THEN 2 ELSE 3 END AS kind "
    "FROM member",
    "inside": "SELECT id FROM member m WHERE EXISTS "
    "(SELECT FROM blocked b WHERE CASE b.mail WHEN m.mail THEN true ELSE m.mail IS NOT DISTINCT FROM b.mail END)",
    "mixed": "SELECT id, nullif(mail::text, 'Ann@x') AS a, CASE id WHEN 1 THEN nullif(mail, 'ann@x') END AS b "
    "FROM member",
    "over_a_view": "SELECT id FROM known JOIN blocked USING (mail) WHERE mail = 'ann@x'",
}
VIEW = "CREATE VIEW known AS SELECT m.id, mail FROM member m JOIN member o USING (mail, place)"

# Boxes are equal by = if their areas are.
SHAPES = """
CREATE TABLE shape (id integer PRIMARY KEY, k integer, b box, p point, doc json, x jsonpath, points point[]);
INSERT INTO shape VALUES (1, 1, '(1,1),(0,0)', '(1,2)', '{"a":1}', '$.a', '{"(1,2)"}');
INSERT INTO shape VALUES (2, 1, '(2,1),(1,0)', '(1,2)', '{"a": 1}', '$.a', NULL);
CREATE TABLE wanted (id integer, b box, doc json);
INSERT INTO wanted VALUES (1, '(5,5),(4,4)', '{"a":1}');
"""
WITHOUT_EQUALITY = {
    "as_they_are": "SELECT b, p, doc, x, points FROM shape",
    "joined": "SELECT s.id, w.doc FROM shape s JOIN wanted w USING (b)",
    "padded": "SELECT s.doc, w.doc AS other, w.b FROM shape s FULL JOIN wanted w ON w.id = s.id",
    "kept": "SELECT s.id, w.id AS other, w.b FROM shape s LEFT JOIN wanted w ON s.b = w.b",
    "found": "SELECT id FROM shape WHERE b IN (SELECT b FROM wanted)",
    "missing": "SELECT id FROM shape WHERE b NOT IN (SELECT b FROM wanted)",
    "marked": "SELECT id, b IN (SELECT b FROM wanted) AS found, b IS DISTINCT FROM '(3,3),(2,2)' AS d FROM shape",
    "counted": "SELECT id, (SELECT count(*) FROM wanted w WHERE w.b = s.b) AS n FROM shape s",
    "overlapped": "SELECT s.id, q.n FROM shape s CROSS JOIN LATERAL "
    "(SELECT sum(w.id) AS n FROM wanted w WHERE w.b && s.b GROUP BY w.id % 2 HAVING s.doc::text <> '{}') q",
    "dependent": "SELECT s.*, count(w.id) AS n FROM shape s LEFT JOIN wanted w ON w.id = s.k GROUP BY s.id",
    "numbered": "SELECT id, b, doc, row_number() OVER (PARTITION BY k ORDER BY id) AS n FROM shape",
    "first": "SELECT id, b, doc, x FROM shape ORDER BY id LIMIT 2",
}
SHAPE_STEPS = (
    "UPDATE shape SET b = '(7,7),(6,6)' WHERE id = 1",
    """UPDATE shape SET doc = '{"a":1 }', b = '(9,9),(8,8)' WHERE id = 2;
    INSERT INTO wanted VALUES (2, '(1,1),(0,0)', '{}'), (3, NULL, NULL)""",
    """INSERT INTO shape SELECT i, i % 2, box(point(i, i), point(0, 0)), point(1, i), '{}', '$.b', '{}'
    FROM generate_series(3, 6) i""",
    "DELETE FROM wanted WHERE b IS NULL; UPDATE shape SET p = '(1,2)', k = 2 WHERE id = 3",
    """UPDATE wanted SET b = '(2,2),(0,0)', doc = '{"z":0}'""",
    "DELETE FROM shape WHERE id IN (1, 4)",
)


def extended(client: dyntables.Client) -> None:
    """Make the extensions, or skip where the server has come without them."""
    names = ", ".join(f"'{e}'" for e in EXTENSIONS)
    found = client.execute(f"SELECT count(*) FROM pg_available_extensions WHERE name IN ({names})").rows
    if found != [(len(EXTENSIONS),)]:
        pytest.skip("the server has no contrib modules")
    for name in EXTENSIONS:
        client.execute(f"CREATE EXTENSION {name}")


def create(client: dyntables.Client, definitions: dict[str, str], mode: str = "INCREMENTAL") -> None:
    for name, query in definitions.items():
        client.execute(f"CREATE DYNAMIC TABLE {name} TARGET_LAG = '1 hour' REFRESH_MODE = {mode} AS {query}")


def check(client: dyntables.Client, definitions: dict[str, str], step: str, actions: set[str]) -> None:
    """Refresh the tables, and compare them with the users' queries: they print the same, but for the case of a key."""
    for name, query in definitions.items():
        result = client.execute(f"ALTER DYNAMIC TABLE {name} REFRESH")
        row = dict(zip(result.columns, result.rows[0], strict=True))
        assert row["action"] in actions, (name, step, row)
        wanted, found = (sorted(str(r).lower() for r in client.execute(sql).rows) for sql in (query, f"TABLE {name}"))
        assert found == wanted, (name, step)


@pytest.mark.pg(15, 18)
def test_types_of_extensions(database_url: str) -> None:
    with dyntables.connect(database_url) as client:
        extended(client)
        client.execute(SETUP)
        create(client, OPERATORS)
        for step in STEPS:
            client.execute(step)
            check(client, OPERATORS, step, {"INCREMENTAL", "NO_DATA"})


@pytest.mark.pg(15, 18)
def test_operators_that_are_not_written(database_url: str) -> None:
    with dyntables.connect(database_url) as client:
        extended(client)
        client.execute(SETUP)
        client.execute(VIEW)
        create(client, IMPLICIT)
        in_full = {f"{name}_in_full": query for name, query in IMPLICIT.items()}
        create(client, in_full, "FULL")
        for step in STEPS:
            client.execute(step)
            check(client, IMPLICIT, step, {"INCREMENTAL", "NO_DATA"})
        check(client, in_full, "the end", {"FULL"})
        for name in in_full:
            result = client.execute(f"ALTER DYNAMIC TABLE {name} VERIFY")
            assert dict(zip(result.columns, result.rows[0], strict=True))["equal"], name


@pytest.mark.pg(15, 18)
def test_types_without_equality(database_url: str) -> None:
    with dyntables.connect(database_url) as client:
        client.execute(SHAPES)
        create(client, WITHOUT_EQUALITY)
        for step in SHAPE_STEPS:
            client.execute(step)
            check(client, WITHOUT_EQUALITY, step, {"INCREMENTAL", "NO_DATA"})


def test_an_operator_that_cannot_be_written(database_url: str) -> None:
    with dyntables.connect(database_url) as client:
        extended(client)
        client.execute(SETUP)
        with pytest.raises(dyntables.DyntablesError, match="by the search path") as raised:
            create(client, {"t": "SELECT id FROM member WHERE (id, mail) IN (SELECT 1, mail FROM blocked)"}, "AUTO")
        assert "OPERATOR" in str(raised.value.hint)


RIGHT_PLANS = (
    "SELECT m.mail OPERATOR(public.=) 'a'::public.citext FROM public.member m",
    "SELECT m.place OPERATOR(public.=) m.place FROM public.member m",
)
WRONG_PLANS = (
    "SELECT m.mail = 'a'::public.citext FROM public.member m",
    "SELECT m.place = m.place FROM public.member m",
    "SELECT m.place OPERATOR(public.@>) m.place FROM public.member m",
    "SELECT public.lower(m.place) FROM public.member m",
)


def test_a_plan_is_compared_with_its_query(database_url: str) -> None:
    with dyntables.connect(database_url) as client, psycopg.connect(database_url) as connection:
        extended(client)
        client.execute(SETUP)
        client.execute("CREATE FUNCTION lower(p ltree) RETURNS text LANGUAGE sql RETURN lower(p::text)")
        introspection = Introspection(connection, frozenset(), connection.info.user)
        introspection.canonical("SELECT m.id FROM public.member m WHERE m.mail OPERATOR(public.=) 'a'::public.citext")
        types = [SqlType("public.ltree", equals="OPERATOR(public.=)")]
        for plan in RIGHT_PLANS:
            introspection.prove(plan, types)
        for plan in WRONG_PLANS:
            with pytest.raises(NotIncremental) as raised:
                introspection.prove(plan, types)
            assert raised.value.reason.reason is Reason.OPERATOR, plan
