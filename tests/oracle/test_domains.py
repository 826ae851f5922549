"""Domains that take no NULL, in definitions whose rows have NULLs in the end or on the way there.

A padded row, a subquery without a row, a group without one, a row that has none before it: what the server makes of
these it does not check, and so nothing that is generated may.
"""

from __future__ import annotations

import dyntables
from tests.oracle.test_types import check, create

DOMAINS = """
CREATE DOMAIN needed AS integer NOT NULL CHECK (value > 0);
CREATE DOMAIN listed AS integer[] NOT NULL;
CREATE DOMAIN document AS json NOT NULL;
CREATE DOMAIN told AS text NOT NULL CHECK (value <> '');
CREATE TABLE item (id integer PRIMARY KEY, k integer, v needed, w numeric, l listed, j document, s told);
CREATE TABLE part (id integer, k integer, v needed, w numeric, l listed, j document, s told);
CREATE FUNCTION doubled(n integer) RETURNS TABLE (twice public.needed, text public.told) LANGUAGE sql IMMUTABLE
    AS $$ SELECT (2 * n)::public.needed, ('t' || n)::public.told WHERE n > 1 $$;
INSERT INTO item VALUES (1, 1, 1, 1.0, '{1}', '{}', 'a'), (2, 1, 2, 1.00, '{2}', '[]', 'b');
INSERT INTO part VALUES (1, 1, 1, 1, '{1}', '{}', 'a');
"""
CHECKED = {
    "left_padded": "SELECT i.id, p.v, coalesce(p.v, 7) AS w FROM item i LEFT JOIN part p ON p.id = i.id AND p.k = i.k",
    "both_padded": "SELECT i.v, p.v AS other FROM item i FULL JOIN part p ON p.id = i.id",
    "values_of": "SELECT p.id, (SELECT i.v FROM item i WHERE i.id = p.id) AS v FROM part p",
    "single": "SELECT i.id, (SELECT p.v FROM part p WHERE p.id = i.id) AS v FROM item i",
    "rolled_up": "SELECT k, v, count(*) AS n FROM item GROUP BY ROLLUP (k, v)",
    "summed": "SELECT i.k, count(p.v) AS n, min(p.v) AS m FROM item i LEFT JOIN part p ON p.id = i.id GROUP BY i.k",
    "together": "SELECT v FROM item UNION ALL SELECT 5",
    "scaled": "SELECT i.id, (SELECT count(*) FROM part p WHERE p.k < scale(i.w)) AS n FROM item i",
    "looked_up": "SELECT id, (SELECT max(p.id) FROM part p WHERE p.k <= i.k AND i.v IS NOT NULL) AS m FROM item i",
    "looked_up_odd": "SELECT id, (SELECT max(p.id) FROM part p WHERE p.k <= i.k AND i.j IS NOT NULL) AS m FROM item i",
    "first_of": "SELECT i.id, (SELECT p.l FROM part p WHERE p.k = i.id ORDER BY p.id, p.v LIMIT 1) AS l FROM item i",
    "only_list": "SELECT i.id, (SELECT p.l FROM part p WHERE p.id = 77 + i.k) AS l FROM item i",
    "no_list": "SELECT i.id, (SELECT p.l FROM part p WHERE p.id = 77) AS l FROM item i",
    "beside": "SELECT i.id, q.v, q.s FROM item i LEFT JOIN LATERAL "
    "(SELECT p.v, p.s FROM part p WHERE p.k <= i.k ORDER BY p.id, p.v LIMIT 1) q ON true",
    "grouped_beside": "SELECT i.id, q.* FROM item i LEFT JOIN LATERAL "
    "(SELECT p.s, max(p.v) AS m FROM part p WHERE p.k <= i.k AND i.v > 0 GROUP BY p.s) q ON q.m > 1",
    "called_beside": "SELECT i.id, f.twice, f.text FROM item i LEFT JOIN LATERAL doubled(i.v) f ON true",
    "asked": "SELECT i.id, p.v FROM item i LEFT JOIN part p ON p.id = i.id AND EXISTS "
    "(SELECT FROM item o WHERE o.k = i.k AND o.v = p.v)",
    "asked_fully": "SELECT i.v, p.v AS other, p.s FROM item i FULL JOIN part p ON p.id = i.id AND EXISTS "
    "(SELECT FROM item o WHERE o.k = i.k AND o.v = p.v)",
    "merged": "SELECT v, s, i.id, p.id AS other FROM item i FULL JOIN part p USING (v, s)",
    "dependent": "SELECT i.id, i.v, i.j, i.l, count(p.id) AS n FROM item i LEFT JOIN part p ON p.k = i.k GROUP BY i.id",
    "in_sets": "SELECT v, s, count(*) AS n FROM item GROUP BY GROUPING SETS ((v), (s), ())",
    "in_cube": "SELECT l, v, min(s) AS m FROM item GROUP BY CUBE (l, v)",
    "before": "SELECT id, lag(v) OVER w AS a, lead(s) OVER w AS b, nth_value(v, 2) OVER w AS c FROM item "
    "WINDOW w AS (PARTITION BY k ORDER BY id)",
    "of_none": "SELECT max(v) FILTER (WHERE id > 3) AS m, min(s) FILTER (WHERE id > 3) AS s, sum(v) AS t FROM item",
    "collected": "SELECT k, array_agg(v ORDER BY id) FILTER (WHERE id > 1) AS vs, max(l) AS l FROM item GROUP BY k",
    "twice_padded": "SELECT i.id, p.v, q.s, q.l FROM item i LEFT JOIN (part p LEFT JOIN item q ON q.v = p.v) "
    "ON p.id = i.id",
    "windowed_padding": "SELECT i.id, p.v, count(*) OVER (PARTITION BY p.v) AS n FROM item i "
    "LEFT JOIN part p ON p.id = i.id",
    "any_of": "SELECT i.id, i.v = ANY (SELECT p.v FROM part p WHERE p.k <= i.k) AS found FROM item i",
    "less": "SELECT v, s FROM item EXCEPT ALL SELECT v, s FROM part",
    "top": "SELECT id, v, s FROM item ORDER BY v DESC, id LIMIT 2",
    "top_of_each": "SELECT DISTINCT ON (k) k, v, s FROM item ORDER BY k, v, id",
    "ordered_array": "SELECT i.id, ARRAY(SELECT p.v FROM part p WHERE p.k = i.k ORDER BY p.v) AS vs FROM item i",
}
CHECKED_STEPS = (
    "INSERT INTO part VALUES (2, 1, 3, 2, '{3}', '[3]', 'a')",
    "DELETE FROM part WHERE id = 1; INSERT INTO item VALUES (5, 2, 5, NULL, '{}', '1', 'c'), "
    "(6, 2, 5, 1.000, '{5}', '2', 'd')",
    "UPDATE part SET id = 5, v = 9; UPDATE item SET w = 1.00 WHERE id = 1",
    "DELETE FROM item WHERE id < 3",
)

# NULLs that the server lets into such columns: it does not check what a subquery without a row gives.
HOLES = """
CREATE TABLE hole (id integer PRIMARY KEY, k integer, v needed, s told);
INSERT INTO hole SELECT 9, 1, (SELECT v FROM item WHERE id = 99), 'a';
"""
OVER_HOLES = {
    "rows": "SELECT id, v, s FROM hole",
    "groups": "SELECT v, s, count(*) AS n FROM hole GROUP BY v, s",
    "padded": "SELECT h.id, i.id AS other, h.v FROM hole h LEFT JOIN item i ON i.v = h.v",
    "numbered": "SELECT id, v, row_number() OVER (PARTITION BY v ORDER BY id) AS n FROM hole",
    "firsts": "SELECT id, v FROM hole ORDER BY id LIMIT 2",
    "united": "SELECT v FROM hole UNION ALL SELECT v FROM item",
}
HOLE_STEPS = (
    "INSERT INTO hole SELECT n, 1, (SELECT v FROM item WHERE id = 99), (SELECT s FROM item WHERE id = n) "
    "FROM generate_series(1, 3) n",
    "UPDATE hole SET k = 2 WHERE id <> 2",
    "DELETE FROM hole WHERE id IN (1, 9)",
)


def test_no_null_is_taken_for_a_value_of_a_domain(database_url: str) -> None:
    with dyntables.connect(database_url) as client:
        client.execute(DOMAINS)
        create(client, CHECKED)
        for step in CHECKED_STEPS:
            client.execute(step)
            check(client, CHECKED, step, {"INCREMENTAL", "NO_DATA"})


def test_nulls_that_the_server_has_let_in(database_url: str) -> None:
    with dyntables.connect(database_url) as client:
        client.execute(DOMAINS + HOLES)
        create(client, OVER_HOLES)
        for step in HOLE_STEPS:
            client.execute(step)
            check(client, OVER_HOLES, step, {"INCREMENTAL"})


def test_a_column_of_a_domain_that_is_added_can_be_read_at_once(database_url: str) -> None:
    with dyntables.connect(database_url) as client:
        client.execute(DOMAINS)
        create(client, {"t": "SELECT id FROM item"})
        client.execute(
            "CREATE OR ALTER DYNAMIC TABLE t TARGET_LAG = '1 hour' REFRESH_MODE = INCREMENTAL AS SELECT id, v FROM item"
        )
        assert client.execute("SELECT * FROM t ORDER BY id").rows == [(1, None), (2, None)]
        check(client, {"t": "SELECT id, v FROM item"}, "a column", {"REINITIALIZE"})
