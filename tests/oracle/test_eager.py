"""Aggregates over a star: changed facts are grouped before they meet their dimensions, whose rows give the keys."""

from __future__ import annotations

import pytest

import dyntables
from tests.support.refreshes import follow

SCHEMA = """
CREATE TABLE nation (nk integer PRIMARY KEY, nation text NOT NULL);
CREATE TABLE customer (ck integer PRIMARY KEY, name text, nk integer);
CREATE TABLE orders (ok integer PRIMARY KEY, ck integer, price numeric(10,2), day date);
CREATE TABLE item (ok integer, n integer, amount integer);
INSERT INTO nation VALUES (1, 'one'), (2, 'two');
INSERT INTO customer VALUES (1, 'a', 1), (2, 'b', 2), (3, NULL, 2), (4, 'nowhere', 9);
INSERT INTO orders VALUES (1, 1, 10, '2026-01-01'), (2, 1, 20, '2026-01-02'), (3, NULL, 5, NULL), (4, 7, 1, NULL);
INSERT INTO item VALUES (1, 1, 3), (1, 2, 4), (2, 1, 5);
"""
JOINED = "FROM customer c JOIN nation n ON n.nk = c.nk"
QUERIES = {
    "inner_star": "SELECT c.ck, c.name, n.nation, count(*) AS k, sum(o.price) AS s, min(o.day) AS d, "
    f"max(o.price * 2) AS m {JOINED} JOIN orders o ON o.ck = c.ck GROUP BY c.ck, n.nation",
    "padded_star": "SELECT c.ck, c.name, n.nation, count(o.ok) AS k, sum(o.price) AS s, min(o.day) AS d "
    f"{JOINED} LEFT JOIN orders o ON o.ck = c.ck AND o.price > 1 GROUP BY c.ck, n.nation",
    "two_facts": f"SELECT c.ck, n.nation, c.name || '!' AS name, sum(i.amount) AS s, count(*) AS k {JOINED} "
    "JOIN orders o ON o.ck = c.ck JOIN item i ON i.ok = o.ok WHERE n.nation <> 'three' GROUP BY c.ck, n.nation",
    "key_alone": "SELECT k, count(*) AS customers FROM (SELECT c.ck, count(o.ok) AS k FROM customer c "
    "LEFT JOIN orders o ON o.ck = c.ck GROUP BY c.ck) x GROUP BY k",
    "hidden_groups": f"SELECT c.ck, n.nation, avg(o.price) AS a {JOINED} JOIN orders o ON o.ck = c.ck "
    "GROUP BY c.ck, n.nation HAVING count(*) > 1 AND min(o.price) > 1",
    "key_of_a_fact": "SELECT c.ck, o.price, count(*) AS k FROM customer c JOIN orders o ON o.ck = c.ck "
    "GROUP BY c.ck, o.price",
    "several_nations": "SELECT c.ck, n.nation, count(*) AS k FROM customer c JOIN nation n ON n.nk >= c.nk "
    "JOIN orders o ON o.ck = c.ck GROUP BY c.ck, n.nation",
}
STEPS = [
    "INSERT INTO orders VALUES (10, 1, 1.5, '2025-01-01')",
    "INSERT INTO orders VALUES (11, 2, 7, NULL), (12, 2, 8, '2026-05-05'), (13, 9, 1, NULL), (14, 4, 2, NULL)",
    "INSERT INTO item VALUES (11, 1, 7), (12, 1, 8), (2, 2, 9), (99, 1, 1)",
    "UPDATE orders SET price = price WHERE ck = 1",
    "UPDATE orders SET ck = 3 WHERE ok = 11",
    "DELETE FROM orders WHERE ok IN (10, 13)",
    "UPDATE orders SET ck = NULL WHERE ok = 12",
    "UPDATE orders SET ck = 2, price = 3 WHERE ck IS NULL",
    "INSERT INTO customer VALUES (9, 'late', 1); INSERT INTO orders VALUES (20, 9, 4, '2026-02-02')",
    "UPDATE customer SET name = 'moved', nk = 1 WHERE ck = 2",
    "UPDATE nation SET nk = 9 WHERE nk = 2",
    "INSERT INTO nation VALUES (2, 'three')",
    "INSERT INTO orders VALUES (21, 9, 4, '2026-02-02'), (22, 3, 4, '2026-02-02'), (23, 4, 4, '2026-02-02')",
    "DELETE FROM orders WHERE ck = 9",
    "INSERT INTO orders VALUES (24, 9, 6, '2026-02-02')",
    "DELETE FROM orders",
    "INSERT INTO orders SELECT i, i % 5, i, '2026-03-03' FROM generate_series(100, 130) i",
]


@pytest.mark.pg(15, 18)
@pytest.mark.parametrize("name", QUERIES)
def test_facts_and_dimensions_change(database_url: str, name: str) -> None:
    with dyntables.connect(database_url) as client:
        client.execute(SCHEMA)
        follow(client, name, QUERIES[name], STEPS)


def _program(client: dyntables.Client, changed: str) -> list[str]:
    client.execute(changed)
    client.execute("ALTER DYNAMIC TABLE t REFRESH")
    rows = client.execute("SELECT statements FROM dyntables.refresh_history ORDER BY refresh_start_time DESC LIMIT 1")
    return [statement["label"] for statement in rows.rows[0][0]]


def test_keys_are_looked_up_only_for_groups_that_are_not_stored(database_url: str) -> None:
    label = "groups that are new, with their keys"
    with dyntables.connect(database_url) as client:
        client.execute(SCHEMA)
        client.execute(f"CREATE DYNAMIC TABLE t TARGET_LAG = '1 minute' AS {QUERIES['inner_star']}")
        assert label not in _program(client, "INSERT INTO orders VALUES (10, 1, 1, NULL)")
        assert label in _program(client, "INSERT INTO orders VALUES (11, 2, 1, NULL)")
        assert label not in _program(client, "UPDATE customer SET name = 'x' WHERE ck = 2")
