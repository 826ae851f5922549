"""Histories that once gave a wrong row, as small as they get."""

from __future__ import annotations

import pytest

import dyntables
from tests.oracle.test_random_histories import verified


@pytest.mark.pg(15, 18)
def test_extreme_of_a_row_that_leaves_while_its_group_moves(database_url: str) -> None:
    # The join's delta holds the deleted row once with weight +1 and once with −1: MAX must not believe the first.
    with dyntables.connect(database_url) as client:
        client.execute("CREATE TABLE customer (id integer PRIMARY KEY, nation text NOT NULL)")
        client.execute("CREATE TABLE orders (customer integer, day integer)")
        client.execute("INSERT INTO customer VALUES (1, 'a'), (2, 'a')")
        client.execute("INSERT INTO orders VALUES (1, 10), (1, 20), (2, 5)")
        client.execute(
            "CREATE DYNAMIC TABLE t TARGET_LAG = '1 minute' REFRESH_MODE = INCREMENTAL AS "
            "SELECT c.id, c.nation, max(o.day) AS last, min(o.day) AS first FROM customer c "
            "LEFT JOIN orders o ON o.customer = c.id GROUP BY c.id, c.nation"
        )
        client.execute("UPDATE customer SET nation = 'b' WHERE id = 1; DELETE FROM orders WHERE day = 20")
        row = verified(client, "t")
        assert row["equal"], client.execute("SELECT * FROM t").rows
        assert row["action"] == "INCREMENTAL"
        client.execute("UPDATE customer SET nation = 'c' WHERE id = 1; DELETE FROM orders WHERE customer = 1")
        assert verified(client, "t")["equal"]
