"""Rows that come and go between two refreshes: nothing is computed of them, so nothing can fail for them."""

from __future__ import annotations

import pytest

import dyntables
from tests.support.refreshes import verified

QUERIES = {
    "arithmetic": "SELECT g, sum(100 / x) AS s FROM t GROUP BY g",
    "overflow": "SELECT g, sum(x * 1000000) AS s FROM t GROUP BY g",
    "cast": "SELECT g, sum(y::integer) AS s FROM t GROUP BY g",
    "condition": "SELECT g, count(*) AS n FROM t WHERE 100 / x > 1 GROUP BY g",
    "aggregate_filter": "SELECT g, count(*) FILTER (WHERE 100 / x > 1) AS n FROM t GROUP BY g",
    "joined": "SELECT t.g, u.id FROM t JOIN t u ON u.g = t.g WHERE 100 / t.x > 1",
    "outer": "SELECT u.id, t.id AS other FROM u LEFT JOIN t ON t.id = u.id AND 100 / t.x > 1",
}


@pytest.mark.pg(15, 18)
@pytest.mark.parametrize("name", QUERIES)
def test_rows_that_passed_by_cannot_make_a_refresh_fail(database_url: str, name: str) -> None:
    with dyntables.connect(database_url) as client:
        client.execute("CREATE TABLE t (id integer PRIMARY KEY, g integer, x integer, y text)")
        client.execute("CREATE TABLE u (id integer)")
        client.execute(
            "INSERT INTO t SELECT i, i % 3, i, i FROM generate_series(1, 10) i; INSERT INTO u VALUES (1), (2)"
        )
        client.execute(
            f"CREATE DYNAMIC TABLE {name} TARGET_LAG = '1 minute' REFRESH_MODE = INCREMENTAL AS {QUERIES[name]}"
        )
        client.execute("INSERT INTO t VALUES (20, 1, 0, 'none'), (21, 1, 2147483647, '')")
        client.execute("UPDATE t SET x = 7, y = '7' WHERE id = 20")
        client.execute("DELETE FROM t WHERE id = 21")
        row = verified(client, name)
        assert row["equal"], row
        assert row["action"] == "INCREMENTAL", row
