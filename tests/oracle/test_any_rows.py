"""LIMIT and DISTINCT ON that leave open which rows are kept: some that are right, and the same ones everywhere."""

from __future__ import annotations

import dyntables
from tests.support.refreshes import verified

LAG = "TARGET_LAG = '1 minute' REFRESH_MODE ="
# v of the rows comes backwards, so that what the server finds first is never what an order puts first.
SCHEMA = (
    "CREATE TABLE s (id integer PRIMARY KEY, v integer, n numeric, name text, doc json, spot point)",
    "CREATE TABLE g (k integer, label text)",
    "INSERT INTO s SELECT i, (i * 7) % 5, CASE i % 3 WHEN 0 THEN 1 WHEN 1 THEN 1.0 ELSE 1.00 END, 'n' || i % 4, "
    "json_build_object('a', i % 2), point(i % 2, -i % 3) FROM generate_series(40, 1, -1) i",
    "INSERT INTO g VALUES (4, 'x'), (4, 'a'), (2, 'b'), (NULL, NULL), (1, 'b'), (3, 'c'), (2, 'a')",
    "CREATE VIEW nine AS SELECT v, name FROM s LIMIT 9",
)
STEPS = (
    "UPDATE s SET v = v; INSERT INTO s SELECT i, i % 4, 0.50, 'a', '{}', '(1,2)' FROM generate_series(-3, 0) i",
    "DELETE FROM s WHERE id IN (1, 2, 5, 8, 13); UPDATE s SET v = (v + 1) % 5, n = n + 0.00 WHERE id % 4 = 1",
    "DELETE FROM s WHERE v > 1; INSERT INTO g VALUES (0, 'z'), (1, 'a'); DELETE FROM g WHERE k = 4",
    "DELETE FROM s WHERE id > 6; DELETE FROM g WHERE k = 1",
    "DELETE FROM s",
    "INSERT INTO s SELECT i, i % 3, i, 'n' || i, '{\"a\": 1}', '(0,0)' FROM generate_series(300, 1, -1) i",
    "DELETE FROM s WHERE id % 3 <> 0",
)
# The query without LIMIT, LIMIT and OFFSET.
TOP = {
    "key": ("SELECT name, id FROM s", 5, 0),
    "bag": ("SELECT v FROM s", 7, 3),
    "odd": ("SELECT doc, spot FROM s WHERE v <> 3", 4, 0),
    "scales": ("SELECT n FROM s", 6, 2),
    "nothing": ("SELECT id FROM s", 0, 0),
    "all_but_two": ("SELECT id FROM s", 2**63 - 3, 2),
    "of_groups": ("SELECT v, count(*) AS c FROM s GROUP BY v", 3, 0),
    "of_distinct": ("SELECT DISTINCT name, v % 2 AS o FROM s", 4, 1),
    "of_union": ("SELECT name FROM s UNION ALL SELECT label FROM g", 8, 0),
    "of_join": ("SELECT s.id, g.label FROM s JOIN g ON g.k = s.v", 9, 1),
    "of_window": ("SELECT v, row_number() OVER (PARTITION BY v ORDER BY id) AS p FROM s", 6, 0),
    "of_sets": ("SELECT unnest(ARRAY[v, 9]) AS u FROM s", 5, 0),
    "ties": ("SELECT name FROM s ORDER BY v", 6, 2),
    "rest": ("SELECT v, name FROM s", None, 4),
    "constant": ("SELECT name FROM s ORDER BY NULL::integer", 3, 0),
}
# Those that another table reads.
READ = ("bag", "odd", "of_groups")
# A definition, and the same with an order that says which rows are kept.
NESTED = {
    "scalar": (
        "SELECT g.k, (SELECT s.name FROM s WHERE s.v = g.k LIMIT 1) AS f FROM g",
        "SELECT g.k, (SELECT s.name FROM s WHERE s.v = g.k ORDER BY 1 LIMIT 1) AS f FROM g",
    ),
    "scalar_unequal": (
        "SELECT g.k, (SELECT s.doc FROM s WHERE s.v < g.k LIMIT 1 OFFSET 1) AS f FROM g",
        'SELECT g.k, (SELECT s.doc FROM s WHERE s.v < g.k ORDER BY s.doc::text COLLATE "C" LIMIT 1 OFFSET 1) FROM g',
    ),
    "rest_of_each": (
        "SELECT g.k, q.n FROM g JOIN LATERAL (SELECT s.n FROM s WHERE s.v = g.k OFFSET 2) q ON true",
        'SELECT g.k, q.n FROM g, LATERAL (SELECT n FROM s WHERE v = g.k ORDER BY n, n::text COLLATE "C" OFFSET 2) q',
    ),
    "in_any_order": (
        "SELECT id FROM s WHERE v NOT IN (SELECT k FROM g WHERE k IS NOT NULL LIMIT 2)",
        "SELECT id FROM s WHERE v NOT IN (SELECT k FROM g WHERE k IS NOT NULL ORDER BY k LIMIT 2)",
    ),
    "of_each": (
        "SELECT g.label, q.id FROM g LEFT JOIN LATERAL (SELECT s.id FROM s WHERE s.v = g.k LIMIT 2) q ON true",
        "SELECT g.label, q.id FROM g LEFT JOIN LATERAL (SELECT id FROM s WHERE v = g.k ORDER BY id LIMIT 2) q ON true",
    ),
    "twice": (
        "WITH c AS (SELECT v, name FROM s LIMIT 7) SELECT a.v, b.name FROM c a JOIN c b USING (v)",
        "WITH c AS (SELECT v, name FROM s ORDER BY 1, 2 LIMIT 7) SELECT a.v, b.name FROM c a JOIN c b USING (v)",
    ),
    "twice_with_ties": (
        "WITH c AS (SELECT id FROM s ORDER BY v LIMIT 7) SELECT a.id FROM c a JOIN c b USING (id)",
        "SELECT id FROM s ORDER BY v, id LIMIT 7",
    ),
    "branches": (
        "(SELECT name FROM s LIMIT 3) UNION ALL (SELECT label FROM g ORDER BY k LIMIT 2) LIMIT 4",
        "(SELECT name FROM s ORDER BY 1 LIMIT 3) UNION ALL (SELECT label FROM g ORDER BY k, 1 LIMIT 2) "
        "ORDER BY 1 LIMIT 4",
    ),
    "through_a_view": (
        "SELECT w.name, count(*) AS c FROM nine w JOIN nine USING (v) GROUP BY w.name",
        "WITH c AS (SELECT v, name FROM s ORDER BY 1, 2 LIMIT 9) "
        "SELECT a.name, count(*) FROM c a JOIN c b USING (v) GROUP BY a.name",
    ),
    "first_of_each": (
        "SELECT DISTINCT ON (v) name, n FROM s",
        'SELECT DISTINCT ON (v) name, n FROM s ORDER BY v, name, n, n::text COLLATE "C"',
    ),
    "first_of_each_limited": (
        "SELECT DISTINCT ON (s.v) s.name FROM s ORDER BY s.v, s.n LIMIT 3",
        "SELECT DISTINCT ON (s.v) s.name FROM s ORDER BY s.v, s.n, s.name LIMIT 3",
    ),
    "one_row": ("SELECT (SELECT max(v) FROM s LIMIT 1) AS m FROM g", "SELECT (SELECT max(v) FROM s) FROM g"),
}


def _prints_the_same(client: dyntables.Client, left: str, right: str) -> bool:
    """Tell whether two queries have the same bag of rows, by what they print."""
    a, b = (f"SELECT q::text FROM ({side}) q" for side in (left, right))
    return client.execute(f"(({a}) EXCEPT ALL ({b})) UNION ALL (({b}) EXCEPT ALL ({a}))").rows == []


def _check_top(client: dyntables.Client, name: str) -> None:
    """Check that a table has a part of the rows of its query, and as many as it must."""
    query, limit, offset = TOP[name]
    part = f"SELECT q::text FROM (TABLE {name}) q EXCEPT ALL SELECT q::text FROM ({query}) q"
    assert client.execute(part).rows == [], name
    (there,), (kept,) = (client.execute(f"SELECT count(*) FROM ({q}) q").rows[0] for q in (query, f"TABLE {name}"))
    assert kept == min(there if limit is None else limit, max(0, there - offset)), name


def test_some_rows_are_kept_and_the_same_everywhere(database_url: str) -> None:
    with dyntables.connect(database_url) as client:
        for statement in SCHEMA:
            client.execute(statement)
        texts = {name: f"{q} LIMIT {limit} OFFSET {o}".replace("None", "ALL") for name, (q, limit, o) in TOP.items()}
        texts |= {name: text for name, (text, _) in NESTED.items()}
        for name, text in texts.items():
            client.execute(f"CREATE DYNAMIC TABLE {name} {LAG} INCREMENTAL AS {text}")
        for name in READ:
            client.execute(f"CREATE DYNAMIC TABLE on_{name} {LAG} INCREMENTAL AS SELECT * FROM {name}")
        client.execute(f"CREATE DYNAMIC TABLE in_full {LAG} FULL AS {texts['scales']}")
        for step in STEPS:
            client.execute(step)
            for name in texts:
                row = verified(client, name)
                assert row["equal"], (step, row)
                assert row["action"] in ("INCREMENTAL", "NO_DATA"), (step, row)
            for name in TOP:
                _check_top(client, name)
            for name in READ:
                row = verified(client, f"on_{name}")
                assert row["equal"], (step, row)
                assert row["action"] in ("INCREMENTAL", "NO_DATA"), (step, row)
                assert _prints_the_same(client, f"TABLE on_{name}", f"TABLE {name}"), (step, name)
            for name, (_, twin) in NESTED.items():
                assert _prints_the_same(client, f"TABLE {name}", twin), (step, name)
            assert verified(client, "in_full")["equal"], step
            assert _prints_the_same(client, "TABLE in_full", "TABLE scales"), step


def test_the_author_is_told_which_rows_are_kept(database_url: str) -> None:
    notes = {
        "SELECT name, id FROM s LIMIT 5": ["id"],
        "SELECT v, (SELECT k FROM g LIMIT 1) AS k FROM s LIMIT 5": ["k", "v, k"],
        "SELECT v FROM nine": ["v, name"],
        "SELECT name FROM s ORDER BY v LIMIT 5": [],
        "SELECT max(v) AS m FROM s LIMIT 1": [],
        "SELECT id FROM s WHERE EXISTS (SELECT 1 FROM g LIMIT 1) OFFSET 0": [],
    }
    with dyntables.connect(database_url) as client:
        for statement in SCHEMA:
            client.execute(statement)
        for query, first in notes.items():
            done = client.execute(f"CREATE OR REPLACE DYNAMIC TABLE t {LAG} AUTO INITIALIZE = ON_SCHEDULE AS {query}")
            told = "LIMIT without ORDER BY may keep any rows: those that are kept come first by "
            assert done.notices == [told + names for names in first], query
