"""Inner joins of which several inputs change at once: parents together with their children, the others not."""

from __future__ import annotations

import pytest

import dyntables
from tests.support.refreshes import follow

SCHEMA = """
CREATE TABLE region (rk integer PRIMARY KEY, region text);
CREATE TABLE customer (ck integer PRIMARY KEY, name text, rk integer);
CREATE TABLE orders (ok integer PRIMARY KEY, ck integer, price numeric(10,2), note json);
CREATE TABLE item (ok integer, n integer, part integer);
CREATE TABLE part (pk integer PRIMARY KEY, part text);
INSERT INTO region VALUES (1, 'one'), (2, 'two'), (3, NULL);
INSERT INTO customer VALUES (1, 'a', 1), (2, 'b', 2), (3, NULL, 2), (4, 'nowhere', 9);
INSERT INTO orders VALUES (1, 1, 10, '{}'), (2, 1, 20, '[1]'), (3, NULL, 5, NULL), (4, 7, 1.0, '{"a": 1}');
INSERT INTO item VALUES (1, 1, 3), (1, 2, 4), (1, 2, 4), (2, 1, 5), (NULL, 1, 3);
INSERT INTO part VALUES (3, 'c'), (4, 'd'), (5, NULL);
"""
QUERIES = {
    "rows": "SELECT r.region, c.name, o.price, o.note, p.part FROM region r JOIN customer c ON c.rk = r.rk "
    "JOIN orders o ON o.ck = c.ck JOIN item i ON i.ok = o.ok JOIN part p ON p.pk = i.part",
    "groups": "SELECT r.region, p.part, count(*) AS k, sum(o.price) AS s, min(i.n) AS least FROM region r "
    "JOIN customer c ON c.rk = r.rk JOIN orders o ON o.ck = c.ck JOIN item i ON i.ok = o.ok "
    "JOIN part p ON p.pk = i.part AND p.pk <> o.ok GROUP BY r.region, p.part",
    "nothing_kept": "SELECT count(*) AS k FROM region r JOIN customer c ON c.rk = r.rk "
    "JOIN orders o ON o.ck = c.ck, part p",
    "twice_one_table": "SELECT a.name, b.name AS other, r.region FROM customer a JOIN customer b ON b.ck = a.rk "
    "JOIN region r ON r.rk = b.rk",
}
STEPS = [
    "INSERT INTO orders VALUES (10, 2, 1.5, '1'); INSERT INTO item VALUES (10, 1, 3), (10, 2, 4), (10, 2, 4)",
    "UPDATE orders SET price = price + 1; UPDATE item SET n = n + 1 WHERE n = 2",
    "INSERT INTO item VALUES (11, 1, 5); "
    "INSERT INTO orders VALUES (11, 3, 1.50, NULL); DELETE FROM orders WHERE ok = 10",
    "DELETE FROM item WHERE ok = 1; DELETE FROM orders WHERE ok = 1",
    "UPDATE orders SET ok = ok + 100; UPDATE item SET ok = ok + 100",
    "UPDATE orders SET price = 1.5 WHERE price = 1.50; UPDATE item SET part = part",
    "UPDATE customer SET rk = 3 - rk WHERE rk < 3; "
    "UPDATE orders SET ck = 4 - ck WHERE ck < 4; DELETE FROM item WHERE n = 1",
    "INSERT INTO customer VALUES (5, 'e', 2); "
    "INSERT INTO orders VALUES (5, 5, 1, NULL); INSERT INTO item VALUES (5, 1, 4)",
    "UPDATE part SET part = 'x' WHERE pk = 4; "
    "INSERT INTO item VALUES (5, 2, 4); UPDATE region SET region = 'z' WHERE rk = 2",
    "DELETE FROM customer; DELETE FROM orders; DELETE FROM item",
    "INSERT INTO customer VALUES (1, 'new', 1); "
    "INSERT INTO orders VALUES (1, 1, 1, NULL); INSERT INTO item VALUES (1, 1, 3)",
]


@pytest.mark.pg(15, 18)
@pytest.mark.parametrize("name", QUERIES)
def test_several_inputs_change(database_url: str, name: str) -> None:
    with dyntables.connect(database_url) as client:
        client.execute(SCHEMA)
        follow(client, name, QUERIES[name], STEPS)


def test_what_parents_and_children_bring_about_meets_the_others_once(database_url: str) -> None:
    with dyntables.connect(database_url) as client:
        client.execute(SCHEMA)
        client.execute(
            f"CREATE DYNAMIC TABLE t TARGET_LAG = '1 minute' REFRESH_MODE = INCREMENTAL AS {QUERIES['rows']}"
        )
        client.execute(STEPS[0])
        client.execute("ALTER DYNAMIC TABLE t REFRESH")
        rows = client.execute(
            "SELECT statements FROM dyntables.refresh_history ORDER BY refresh_start_time DESC LIMIT 1"
        ).rows
    assert "delta of the joined inputs that changed" in [statement["label"] for statement in rows[0][0]]
