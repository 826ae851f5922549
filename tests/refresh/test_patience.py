"""A delta that costs far more than the query: it is given up, and not tried again each time."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

import dyntables
from dyntables.catalog.model import Trigger
from dyntables.engines.at_work import engine_on
from dyntables.engines.postgres.connection.session import connect
from dyntables.refresh.choice import choose, patience
from dyntables.refresh.runner import Refresher

# The server sees that no row of m satisfies the conditions, and where the delta leads it does not; nor do we, as a
# division can fail.
QUERY = (
    "SELECT p1.id, count(*) AS c FROM p p1, p p2, m m1, m m2, m m3 WHERE p1.t = p2.t AND "
    "((m1.n = 1 AND 10 / m2.k = 90 AND 10 / m3.k >= 0) OR (10 / m2.k = 80 AND m1.n = 2 AND 10 / m3.k >= 0)) "
    "GROUP BY p1.id"
)


@pytest.fixture
def dt(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[dyntables.Client]:
    monkeypatch.setattr(patience, "_LEAST", 0.1)
    monkeypatch.setattr(choose, "_NOTICEABLE", 0.05)
    with dyntables.connect(database_url) as client:
        client.execute("CREATE TABLE p (id integer, t integer); CREATE TABLE m (k integer, n integer)")
        client.execute("INSERT INTO p SELECT g, g % 7 FROM generate_series(1, 60) g")
        client.execute("INSERT INTO m SELECT g, 1 + g % 2 FROM generate_series(1, 400) g; ANALYZE p; ANALYZE m")
        yield client


def create(dt: dyntables.Client, mode: str, more: str = "") -> None:
    dt.execute(f"CREATE DYNAMIC TABLE t TARGET_LAG = '1 hour' REFRESH_MODE = {mode} {more} AS {QUERY}")
    assert dt.execute("SELECT refresh_mode FROM dyntables.dynamic_tables").rows == [("INCREMENTAL",)]
    # The machine's speed must not decide the test.
    dt.execute("UPDATE dyntables.dynamic_table SET costs = jsonb_set(costs, '{full,0}', '0.001')")


def change(dt: dyntables.Client) -> dict[str, Any]:
    dt.execute("UPDATE p SET t = (t + 1) % 7 WHERE id = 2")
    dt.execute("ALTER DYNAMIC TABLE t REFRESH")
    result = dt.execute("SELECT * FROM dyntables.refresh_history ORDER BY refresh_id DESC LIMIT 1")
    return dict(zip(result.columns, result.rows[0], strict=True))


@pytest.mark.pg(15, 18)
def test_one_changed_row_does_not_cost_more_than_some_queries(dt: dyntables.Client) -> None:
    create(dt, "AUTO")
    row = change(dt)
    assert (row["state"], row["refresh_action"], row["refresh_reason"]) == ("SUCCEEDED", "FULL", "CHEAPER_IN_FULL")
    assert "incremental was given up after 0." in row["choice"]
    tried = []
    for _ in range(5):
        dt.execute("UPDATE dyntables.dynamic_table SET costs = jsonb_set(costs, '{full,0}', '0.001')")
        row = change(dt)
        assert (row["refresh_action"], row["refresh_reason"]) == ("FULL", "CHEAPER_IN_FULL"), row
        tried.append("given up" in row["choice"])
    assert tried == [False, False, False, True, False]
    assert dt.execute("ALTER DYNAMIC TABLE t VERIFY").rows[0][1] is True
    assert dt.execute("SHOW statement_timeout").rows == [("0",)]


def test_incremental_that_was_asked_for_is_never_given_up(dt: dyntables.Client) -> None:
    create(dt, "INCREMENTAL")
    row = change(dt)
    assert (row["refresh_action"], row["choice"]) == ("INCREMENTAL", None)
    assert row["duration_ms"] > 100


def test_it_is_given_up_within_the_own_limit_of_a_table(dt: dyntables.Client) -> None:
    create(dt, "AUTO", "STATEMENT_TIMEOUT = '10 minutes'")
    assert change(dt)["refresh_reason"] == "CHEAPER_IN_FULL"


def test_what_it_waited_is_not_held_against_it(dt: dyntables.Client, database_url: str) -> None:
    create(dt, "AUTO")
    dt.execute("UPDATE p SET t = (t + 1) % 7 WHERE id = 2")
    [(table_id,)] = dt.execute("SELECT id FROM dyntables.dynamic_table").rows
    with connect(database_url) as connection:
        # As if it had done nothing but wait.
        [result] = Refresher(connection, engine_on(connection), blocked=time.monotonic).refresh(
            [table_id], Trigger.MANUAL
        )
    assert (result.action, result.reason) == ("FULL", "CHEAPER_IN_FULL")
    assert result.work is not None
    assert result.work.choice is not None
    assert "of them waiting" in result.work.choice.why
    [(points,)] = dt.execute("SELECT costs -> 'points' -> 'public.p' FROM dyntables.dynamic_table").rows
    assert all(seconds is None for _, seconds, *_ in (points or {}).values())


def test_waiting_for_a_lock_is_not_taking_too_long(dt: dyntables.Client, database_url: str) -> None:
    """Nobody knows of a manual refresh how long it waited; it must not turn to a full one, which would wait as well."""
    dt.execute("CREATE TABLE a (id integer PRIMARY KEY, v integer); CREATE TABLE b (id integer PRIMARY KEY, w integer)")
    dt.execute("INSERT INTO a VALUES (1, 1), (2, 2); INSERT INTO b VALUES (1, 1), (2, 2)")
    dt.execute("CREATE DYNAMIC TABLE t TARGET_LAG = '1 day' AS SELECT a.id, v, w FROM a JOIN b USING (id)")
    dt.execute("UPDATE a SET v = 3 WHERE id = 1")
    with connect(database_url) as other, other.transaction():
        other.execute("LOCK TABLE b IN ACCESS EXCLUSIVE MODE")
        waiting = threading.Thread(target=dt.execute, args=("ALTER DYNAMIC TABLE t REFRESH",))
        waiting.start()
        time.sleep(3)  # longer than the patience with a table of which so little is known
    waiting.join()
    last = dt.execute(
        "SELECT refresh_action, refresh_reason, choice FROM dyntables.refresh_history WHERE name = 't' "
        "ORDER BY refresh_id DESC LIMIT 1"
    ).rows[0]
    assert last[:2] == ("INCREMENTAL", "CHANGES"), last
    assert dt.execute("ALTER DYNAMIC TABLE t VERIFY").rows[0][1] is True
    assert dt.execute("SHOW lock_timeout").rows == [("0",)]
