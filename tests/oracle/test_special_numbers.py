"""NaN and infinity come into a sum and go out of it again: no sum can be taken back then."""

from __future__ import annotations

import pytest

import dyntables
from tests.support.refreshes import verified

QUERIES = {
    "sums": "SELECT g, sum(x) AS s, avg(y) AS a, count(*) AS n FROM t GROUP BY g",
    "extremes_too": "SELECT g, sum(x) AS s, min(y) AS least FROM t GROUP BY g",
    "no_groups": "SELECT sum(x) AS s, avg(y) AS a FROM t",
    "hidden": "SELECT g FROM t GROUP BY g HAVING sum(x) < 5",
    "floats": "SELECT g, sum(f) AS s FROM t GROUP BY g",
}
STEPS = [
    "INSERT INTO t VALUES (1, 'NaN', 'NaN', 'NaN')",
    "INSERT INTO t VALUES (1, 4, 5.25, 1), (2, 'Infinity', 'NaN', '-Infinity')",
    "UPDATE t SET x = 1, y = 2, f = 3 WHERE x = 'NaN'",
    "INSERT INTO t VALUES (2, '-Infinity', 1, 'Infinity')",
    "DELETE FROM t WHERE x = 'Infinity'",
    "DELETE FROM t WHERE x = '-Infinity'",
    "UPDATE t SET x = x",
]


@pytest.mark.pg(15, 18)
@pytest.mark.parametrize("name", QUERIES)
def test_special_numbers_come_and_go(database_url: str, name: str) -> None:
    with dyntables.connect(database_url) as client:
        client.execute("CREATE TABLE t (g integer, x numeric, y numeric(10, 2), f float8)")
        client.execute("INSERT INTO t VALUES (1, 1, 1, 1), (1, 2, 2, 2), (2, 3, 3, 3)")
        client.execute(
            f"CREATE DYNAMIC TABLE {name} TARGET_LAG = '1 minute' REFRESH_MODE = INCREMENTAL AS {QUERIES[name]}"
        )
        for step in STEPS:
            client.execute(step)
            row = verified(client, name)
            assert row["equal"], (step, row)
            assert row["action"] == "INCREMENTAL", (step, row)
