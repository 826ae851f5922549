"""Conditions on the current time: rows enter and leave as time passes, without a change of their source."""

from __future__ import annotations

import time

import pytest

import dyntables
from tests.support.refreshes import verified

LAG = "TARGET_LAG = '1 minute' REFRESH_MODE = INCREMENTAL"


@pytest.mark.pg(15, 18)
def test_rows_cross_the_boundary_as_time_passes(database_url: str) -> None:
    with dyntables.connect(database_url) as client:
        client.execute("CREATE TABLE e (id integer PRIMARY KEY, g integer, at timestamptz, until timestamptz)")
        client.execute("CREATE INDEX ON e (at)")
        client.execute(
            "INSERT INTO e SELECT i, i % 3, now() - interval '1 hour' + i * interval '1 s', "
            "now() + i * interval '0.2 s' FROM generate_series(1, 2000) i"
        )
        client.execute(f"CREATE DYNAMIC TABLE recent {LAG} AS SELECT id FROM e WHERE at > now() - interval '1 hour'")
        client.execute(
            f"CREATE DYNAMIC TABLE live {LAG} AS SELECT g, count(*) n FROM e "
            "WHERE at <= CURRENT_TIMESTAMP AND until > LOCALTIMESTAMP AND g < 2 GROUP BY g"
        )
        client.execute(
            f"CREATE DYNAMIC TABLE late {LAG} AS SELECT g, min(until) u FROM e GROUP BY g "
            "HAVING min(until) < now() OR count(*) > 700"
        )
        client.execute(
            f"CREATE DYNAMIC TABLE asked {LAG} AS SELECT id FROM e WHERE EXISTS (SELECT FROM (VALUES (now())) v(n) "
            "WHERE v.n < e.until)"
        )
        client.execute(
            f"CREATE DYNAMIC TABLE padded {LAG} AS SELECT e.id, f.g, h.g AS hg FROM e "
            "LEFT JOIN e f ON f.id = e.id + 1 AND f.until > now() LEFT JOIN e h ON h.id = e.id - 1 AND e.until > now()"
        )
        before = client.execute("SELECT count(*) FROM recent").rows[0][0]
        time.sleep(1.2)
        for name in ("recent", "live", "asked", "padded"):
            row = verified(client, name)
            assert (row["equal"], row["action"]) == (True, "INCREMENTAL"), (name, row)
        assert verified(client, "late")["equal"]
        assert 1 <= before - client.execute("SELECT count(*) FROM recent").rows[0][0] < 100
        client.execute("UPDATE e SET until = now() - interval '1 s' WHERE id % 7 = 0")
        client.execute("DELETE FROM e WHERE id % 5 = 0")
        time.sleep(1.1)
        for name in ("recent", "live", "late", "asked", "padded"):
            row = verified(client, name)
            assert (row["equal"], row["action"]) == (True, "INCREMENTAL"), (name, row)


def test_a_table_that_time_does_not_move_is_no_data(database_url: str) -> None:
    with dyntables.connect(database_url) as client:
        client.execute("CREATE TABLE e (id integer, d date)")
        client.execute("INSERT INTO e VALUES (1, '2000-01-01')")
        client.execute(f"CREATE DYNAMIC TABLE old {LAG} AS SELECT id FROM e WHERE d < CURRENT_DATE")
        row = verified(client, "old")
        assert (row["equal"], row["action"]) == (True, "NO_DATA")


AS_VALUES = [
    "SELECT now() AS v FROM e",
    "SELECT d = CURRENT_DATE AS v FROM e",
    "SELECT (SELECT now()) AS v FROM e",
    "SELECT v FROM (VALUES (now())) t (v)",
    "SELECT s.age FROM e CROSS JOIN LATERAL (SELECT now() - e.d AS age) s",
    "SELECT s.age FROM e CROSS JOIN LATERAL (VALUES (now() - e.d)) s (age)",
    "SELECT s.at FROM e CROSS JOIN LATERAL (SELECT * FROM generate_series(e.d, now(), '1 year') x) s (at)",
]


def test_the_time_as_a_value_is_refused(database_url: str) -> None:
    with dyntables.connect(database_url) as client:
        client.execute("CREATE TABLE e (id integer, d date)")
        for query in AS_VALUES:
            with pytest.raises(dyntables.DyntablesError, match="current time"):
                client.execute(f"CREATE DYNAMIC TABLE t {LAG} AS {query}")
