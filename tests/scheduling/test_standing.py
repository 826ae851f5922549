"""A slow table over a fast one: refreshed over what that holds, without keeping it from its own refreshes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta

import psycopg
import pytest

import dyntables
from dyntables import locks
from dyntables.catalog.model import Trigger
from dyntables.engines.at_work import engine_on
from dyntables.engines.postgres.connection.session import connect
from dyntables.refresh.result import RefreshResult
from dyntables.refresh.runner import Refresher
from dyntables.refresh.standing import common_frontier, would_hold_back
from tests.support.processes import schedulers, wait_until
from tests.support.tables import NOW, table


@pytest.fixture
def client(database_url: str) -> Iterator[dyntables.Client]:
    with dyntables.connect(database_url) as opened:
        opened.execute("CREATE TABLE s (id integer)")
        opened.execute(
            "CREATE DYNAMIC TABLE fast TARGET_LAG = '1 second' AS SELECT id % 3 AS g, count(*) AS n "
            "FROM s GROUP BY id % 3"
        )
        yield opened


def test_inputs_stand_if_they_have_one_frontier_that_is_newer() -> None:
    old, new = {"frontier": "1:1:", "data_timestamp": NOW}, {"frontier": "2:2:", "data_timestamp": NOW + timedelta(1)}
    slow = table(3, reads=(1, 2), target_lag_seconds=600, expected_seconds=100.0, **old)
    assert common_frontier({1: table(1, **new), 2: table(2, **new), 3: slow}, 3) == ("2:2:", NOW + timedelta(1))
    assert common_frontier({1: table(1, **new), 2: table(2, **old), 3: slow}, 3) is None
    newer = table(3, reads=(1, 2), frontier="3:3:", data_timestamp=NOW + timedelta(2))
    assert common_frontier({1: table(1, **new), 2: table(2, **new), 3: newer}, 3) is None
    assert would_hold_back({1: table(1), 2: table(2), 3: slow}, 3)
    assert not would_hold_back({1: table(1, target_lag_seconds=None), 2: table(2), 3: slow}, 3)
    assert not would_hold_back({1: table(1, target_lag_seconds=3600), 2: table(2, target_lag_seconds=3600), 3: slow}, 3)


@pytest.mark.pg(15, 18)
def test_a_standing_refresh_takes_the_frontier_of_what_it_reads_and_loses_nothing(
    client: dyntables.Client, database_url: str
) -> None:
    client.execute(
        "CREATE DYNAMIC TABLE slow TARGET_LAG = '1 hour' AS SELECT n, count(*) AS groups FROM fast GROUP BY n"
    )
    ids = dict(client.execute("SELECT table_name, id FROM dyntables.dynamic_table").rows)
    stamps = "SELECT frontier::text, data_timestamp FROM dyntables.dynamic_table ORDER BY table_name"
    with connect(database_url) as connection:
        refresher = Refresher(connection, engine_on(connection))
        refresher.refresh([ids["slow"]], Trigger.SCHEDULED)
        assert refresher.refresh_standing(ids["slow"]) == []  # it is as new as what it reads
        for number in range(4):
            client.execute(f"INSERT INTO s SELECT generate_series(1, {number + 5})")
            refresher.refresh([ids["fast"]], Trigger.SCHEDULED)
            client.execute("INSERT INTO s VALUES (1)")
            results = refresher.refresh_standing(ids["slow"])
            assert results is not None
            assert [(r.name, r.action) for r in results] == [("slow", "INCREMENTAL")]
            fast, slow = client.execute(stamps).rows
            assert fast == slow
            expected = client.execute("SELECT n, count(*) FROM fast GROUP BY n ORDER BY 1").rows
            assert client.execute("SELECT n, groups FROM slow ORDER BY 1").rows == expected
        _, equal, missing, extra, _, action, _ = client.execute("ALTER DYNAMIC TABLE slow VERIFY").rows[0]
        assert (equal, missing, extra, action) == (True, 0, 0, "INCREMENTAL")


def test_a_rebuild_waits_for_who_reads_the_table_as_it_stands(client: dyntables.Client, database_url: str) -> None:
    (table_id,) = client.execute("SELECT id FROM dyntables.dynamic_table").rows[0]
    with psycopg.connect(database_url, autocommit=True) as reader, connect(database_url) as connection:
        reader.execute("SELECT pg_advisory_lock_shared(%s, %s)", (locks.STORAGE, table_id))
        client.execute("INSERT INTO s VALUES (1); TRUNCATE s")
        results: list[RefreshResult] = []
        refresher = Refresher(connection, engine_on(connection))
        thread = threading.Thread(target=lambda: results.extend(refresher.refresh([table_id], Trigger.SCHEDULED)))
        thread.start()
        waits = "SELECT FROM pg_locks WHERE locktype = 'advisory' AND classid = %s AND objid = %s AND NOT granted"
        wait_until(lambda: reader.execute(waits, (locks.STORAGE, table_id)).fetchone() is not None)
        assert not results, "it did not wait"
        reader.execute("SELECT pg_advisory_unlock_shared(%s, %s)", (locks.STORAGE, table_id))
        thread.join(30)
        assert [(r.state, r.reason) for r in results] == [("SUCCEEDED", "SOURCE_TRUNCATED")]


def test_the_fast_table_is_refreshed_while_the_slow_one_is_at_work(client: dyntables.Client, database_url: str) -> None:
    client.execute(
        "CREATE DYNAMIC TABLE slow TARGET_LAG = '8 seconds' REFRESH_MODE = FULL "
        "AS SELECT sum(n) AS n, (SELECT pg_sleep(4))::text AS slept FROM fast"
    )
    client.execute("UPDATE dyntables.dynamic_table SET expected_seconds = 3 WHERE table_name = 'slow'")
    during = (
        "SELECT max((SELECT count(*) FROM dyntables.refresh f JOIN dyntables.dynamic_table d "
        "ON d.id = f.dynamic_table_id WHERE d.table_name = 'fast' AND f.action = 'INCREMENTAL' "
        "AND f.started_at > r.started_at AND f.ended_at < r.ended_at)) FROM dyntables.refresh r "
        "JOIN dyntables.dynamic_table t ON t.id = r.dynamic_table_id "
        "WHERE t.table_name = 'slow' AND r.trigger = 'SCHEDULED' AND r.state = 'SUCCEEDED'"
    )
    with psycopg.connect(database_url, autocommit=True) as writer, schedulers(database_url):

        def overtaken() -> bool:
            writer.execute("INSERT INTO s VALUES (1)")
            return int(writer.execute(during).fetchone()[0] or 0) >= 2  # type: ignore[index]

        wait_until(overtaken, 60)
    for name in ("fast", "slow"):
        assert client.execute(f"ALTER DYNAMIC TABLE {name} VERIFY").rows[0][1:4] == (True, 0, 0)
