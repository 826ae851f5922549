"""Top-k: the reserve saves reading the input, and when it is used up the input is read."""

from __future__ import annotations

from typing import Any

import pytest

import dyntables
from tests.support.refreshes import verified

LAG = "TARGET_LAG = '1 minute' REFRESH_MODE = INCREMENTAL"
REREAD = "first rows, from the input"


def _labels(client: dyntables.Client) -> list[Any]:
    rows = client.execute("SELECT statements FROM dyntables.refresh_history ORDER BY refresh_start_time DESC LIMIT 1")
    return [statement["label"] for statement in rows.rows[0][0]]


@pytest.mark.pg(15, 18)
@pytest.mark.parametrize("limit", ["LIMIT 5", "OFFSET 3 LIMIT 5", "FETCH FIRST 5 ROWS WITH TIES"])
def test_the_input_is_read_only_when_the_reserve_is_used_up(database_url: str, limit: str) -> None:
    with dyntables.connect(database_url) as client:
        client.execute("CREATE TABLE s (id integer PRIMARY KEY, v integer)")
        client.execute("INSERT INTO s SELECT i, i FROM generate_series(1, 1000) i")
        client.execute(f"CREATE DYNAMIC TABLE t {LAG} AS SELECT id, v FROM s ORDER BY v DESC {limit}")
        steps = [
            ("INSERT INTO s VALUES (2000, 995), (2001, 3)", False),
            ("DELETE FROM s WHERE v > 990", False),
            ("UPDATE s SET v = v + 1 WHERE v BETWEEN 950 AND 985", False),
            ("DELETE FROM s WHERE v > 800", True),
            ("DELETE FROM s WHERE v > 10", True),
            ("INSERT INTO s SELECT i, 7 FROM generate_series(3000, 3300) i", False),
            ("DELETE FROM s", None),
            ("INSERT INTO s VALUES (1, 1)", False),
        ]
        for statement, reread in steps:
            client.execute(statement)
            row = verified(client, "t")
            assert row["action"] == "INCREMENTAL" or statement.startswith("INSERT INTO s VALUES (2000"), (
                statement,
                row,
            )
            if "7 FROM" not in statement or "TIES" in limit:
                assert row["equal"], (statement, row)
            if reread is not None and row["action"] == "INCREMENTAL":
                assert (REREAD in _labels(client)) is reread, statement
