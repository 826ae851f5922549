"""Rows that win, keep and lose their match, step by step, for every kind of join that asks for one."""

from __future__ import annotations

import pytest

import dyntables
from tests.support.refreshes import verified

QUERIES = {
    "left_rows": "SELECT l.id, r.y FROM l LEFT JOIN r ON r.l_id = l.id",
    "full_rows": "SELECT l.id, r.y FROM l FULL JOIN r ON r.l_id = l.id",
    "semi_rows": "SELECT id FROM l WHERE EXISTS (SELECT 1 FROM r WHERE r.l_id = l.id)",
    "anti_rows": "SELECT id FROM l WHERE id NOT IN (SELECT l_id FROM r WHERE l_id IS NOT NULL)",
    "mark_rows": "SELECT id, id IN (SELECT l_id FROM r) AS found FROM l",
}
STEPS = [
    "INSERT INTO r VALUES (1, 'first')",
    "INSERT INTO r VALUES (1, 'second'), (9, 'nobody')",
    "DELETE FROM r WHERE y = 'first'",
    "DELETE FROM r WHERE y = 'second'",
    "INSERT INTO l VALUES (9)",
    "UPDATE r SET l_id = 2",
    "INSERT INTO r VALUES (NULL, 'null')",
    "DELETE FROM l WHERE id = 2",
]


@pytest.mark.parametrize("name", QUERIES)
def test_matches_come_and_go(database_url: str, name: str) -> None:
    with dyntables.connect(database_url) as client:
        client.execute("CREATE TABLE l (id integer); CREATE TABLE r (l_id integer, y text)")
        client.execute("INSERT INTO l VALUES (1), (2), (2)")
        client.execute(
            f"CREATE DYNAMIC TABLE {name} TARGET_LAG = '1 minute' REFRESH_MODE = INCREMENTAL AS {QUERIES[name]}"
        )
        for step in STEPS:
            client.execute(step)
            row = verified(client, name)
            assert row["equal"], (step, row)
            assert row["action"] == "INCREMENTAL", (step, row)
