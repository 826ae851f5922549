"""Refreshes that can be watched, limited, stopped and explained afterwards."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest

import dyntables
from dyntables.catalog.model import Trigger
from dyntables.errors import CatalogError, DyntablesError, InvalidOptionError, StatementSyntaxError

SLOW = "SELECT s.v, pg_sleep(0.2)::text AS nothing FROM s"


@pytest.fixture
def dt(database_url: str) -> Iterator[dyntables.Client]:
    with dyntables.connect(database_url) as client:
        client.execute("CREATE TABLE s (v integer); INSERT INTO s VALUES (1)")
        yield client


def slow_table(dt: dyntables.Client, options: str = "") -> None:
    """Make a table whose next refresh takes 20 seconds."""
    dt.execute(f"CREATE DYNAMIC TABLE t TARGET_LAG = '1 minute' REFRESH_MODE = FULL {options} AS {SLOW}")
    dt.execute("INSERT INTO s SELECT generate_series(2, 100)")


def in_background(url: str, statement: str) -> tuple[threading.Thread, list[DyntablesError]]:
    errors: list[DyntablesError] = []

    def work() -> None:
        with dyntables.connect(url) as client:
            try:
                client.execute(statement)
            except DyntablesError as error:
                errors.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    return thread, errors


def wait_for(condition: Callable[[], Any]) -> Any:
    for _ in range(500):
        if found := condition():
            return found
        time.sleep(0.02)
    raise AssertionError("it did not happen")


def last(dt: dyntables.Client, name: str = "t") -> dict[str, Any]:
    result = dt.execute(
        f"SELECT * FROM dyntables.refresh_history WHERE name = '{name}' ORDER BY refresh_id DESC LIMIT 1"
    )
    return dict(zip(result.columns, result.rows[0], strict=True))


@pytest.mark.pg(15, 18)
def test_progress_is_seen_and_cancel_stops_within_a_second(dt: dyntables.Client, database_url: str) -> None:
    slow_table(dt)
    thread, errors = in_background(database_url, "ALTER DYNAMIC TABLE t REFRESH")
    shown = (
        "SELECT name, refresh_action, phase, statement, statements, percent, estimated_end > started_at, blocked_by "
    )
    seen = wait_for(lambda: dt.execute(f"{shown} FROM dyntables.refresh_progress WHERE phase = 'build'").rows)
    assert seen[0][:5] == ("t", "FULL", "build", 1, 4)
    assert 0 < seen[0][5] <= 99
    assert seen[0][6:] == (True, [])
    [(began,)] = dt.execute("SELECT clock_timestamp()").rows
    dt.execute("ALTER DYNAMIC TABLE t CANCEL")
    thread.join()
    assert "was cancelled" in errors[0].message
    assert dt.execute("SELECT v FROM t").rows == [(1,)]
    row = last(dt)
    assert (row["refresh_end_time"] - began).total_seconds() < 1
    assert (row["state"], row["refresh_reason"], row["error"]["sqlstate"]) == ("CANCELLED", "CANCELLED", "57014")
    assert "pg_sleep" in row["failed_statement"]
    assert dt.execute("SELECT count(*) FROM dyntables.refresh_progress").rows == [(0,)]
    assert dt.execute("SELECT retry_at > now(), consecutive_failures FROM dyntables.dynamic_table").rows == [(True, 0)]
    assert dt.execute("SELECT count(*) FROM pg_class WHERE relname LIKE 't%\\_g%' AND relkind = 'r'").rows == [(1,)]


def test_a_cancelled_table_stops_those_above_and_not_its_siblings(dt: dyntables.Client, database_url: str) -> None:
    slow_table(dt)
    dt.execute("CREATE DYNAMIC TABLE sibling TARGET_LAG = '1 minute' AS SELECT count(*) AS n FROM s")
    dt.execute("INSERT INTO s VALUES (101)")
    dt.execute("CREATE DYNAMIC TABLE u TARGET_LAG = '1 minute' INITIALIZE = ON_SCHEDULE AS SELECT count(*) AS n FROM t")
    thread, _ = in_background(database_url, "ALTER DYNAMIC TABLE t, sibling, u REFRESH")
    wait_for(lambda: dt.execute("SELECT 1 FROM dyntables.refresh_progress WHERE phase = 'build'").rows)
    dt.execute("ALTER DYNAMIC TABLE t CANCEL")
    thread.join()
    assert [last(dt, name)["state"] for name in ("t", "u", "sibling")] == ["CANCELLED", "UPSTREAM_FAILED", "SUCCEEDED"]
    assert dt.execute("SELECT n FROM sibling").rows == [(101,)]


def test_cancel_of_what_does_not_run(dt: dyntables.Client) -> None:
    dt.execute("CREATE DYNAMIC TABLE t TARGET_LAG = '1 minute' AS SELECT v FROM s")
    with pytest.raises(CatalogError, match="is not being refreshed"):
        dt.execute("ALTER DYNAMIC TABLE t CANCEL")


def test_ctrl_c_keeps_the_contents_and_is_recorded(dt: dyntables.Client, database_url: str) -> None:
    slow_table(dt)
    program = f"import dyntables; dyntables.connect({database_url!r}).execute('ALTER DYNAMIC TABLE t REFRESH')"
    process = subprocess.Popen([sys.executable, "-c", program], stderr=subprocess.PIPE)
    # The server forgets a cancel that overtakes its statement.
    wait_for(
        lambda: (
            dt.execute(
                "SELECT 1 FROM dyntables.refresh_progress p JOIN pg_stat_activity a USING (pid) "
                "WHERE p.phase = 'build' AND a.wait_event = 'PgSleep'"
            ).rows
        )
    )
    [(began,)] = dt.execute("SELECT clock_timestamp()").rows
    os.kill(process.pid, signal.SIGINT)
    try:
        process.communicate(timeout=5)
    except subprocess.TimeoutExpired:  # on a busy machine the server may have forgotten the cancel: as people do, again
        [(began,)] = dt.execute("SELECT clock_timestamp()").rows
        os.kill(process.pid, signal.SIGINT)
        process.communicate()
    assert (last(dt)["refresh_end_time"] - began).total_seconds() < 1
    assert (last(dt)["state"], dt.execute("SELECT v FROM t").rows) == ("CANCELLED", [(1,)])


@pytest.mark.pg(15, 18)
def test_a_statement_timeout_fails_the_refresh(dt: dyntables.Client) -> None:
    slow_table(dt, "STATEMENT_TIMEOUT = '1 second'")
    with pytest.raises(DyntablesError, match="statement timeout"):
        dt.execute("ALTER DYNAMIC TABLE t REFRESH")
    assert (last(dt)["state"], last(dt)["error"]["sqlstate"]) == ("FAILED", "57014")
    dt.execute("ALTER DYNAMIC TABLE t UNSET STATEMENT_TIMEOUT; DELETE FROM s WHERE v > 2")
    dt.execute("ALTER DYNAMIC TABLE t REFRESH")
    assert dt.execute("SELECT v FROM t ORDER BY v").rows == [(1,), (2,)]


def test_a_lock_timeout_fails_the_refresh(dt: dyntables.Client, database_url: str) -> None:
    dt.execute("CREATE DYNAMIC TABLE t TARGET_LAG = '1 minute' REFRESH_MODE = FULL AS SELECT v FROM s")
    dt.execute("ALTER DYNAMIC TABLE t SET LOCK_TIMEOUT = '1 second'")
    with psycopg.connect(database_url) as holder:
        holder.execute("LOCK TABLE s IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(DyntablesError, match="lock timeout"):
            dt.execute("ALTER DYNAMIC TABLE t REFRESH")
    assert last(dt)["error"]["sqlstate"] == "55P03"
    assert dt.execute("ALTER DYNAMIC TABLE t VERIFY").rows[0][1] is True


def test_memory_and_workers_are_those_of_the_table(dt: dyntables.Client) -> None:
    settings = "current_setting('work_mem') AS m, current_setting('max_parallel_workers_per_gather') AS w"
    dt.execute(
        "CREATE DYNAMIC TABLE t TARGET_LAG = '1 minute' REFRESH_MODE = FULL WORK_MEM = '3MB' MAX_PARALLEL_WORKERS = 0 "
        f"AS SELECT {settings} FROM s"
    )
    assert dt.execute("SELECT * FROM t").rows == [("3MB", "0")]
    dt.execute("ALTER DYNAMIC TABLE t SET WORK_MEM = '5MB', MAX_PARALLEL_WORKERS = 1")
    dt.execute("ALTER DYNAMIC TABLE t REFRESH")
    assert dt.execute("SELECT * FROM t").rows == [("5MB", "1")]


@pytest.mark.parametrize(
    "option",
    ["WORK_MEM = '5'", "WORK_MEM = 5", "STATEMENT_TIMEOUT = '8 days'", "LOCK_TIMEOUT = 'soon'",
     "MAX_PARALLEL_WORKERS = -1", "MAX_ACTIVE_SESSIONS = 'few'"],
)  # fmt: skip
def test_limits_that_mean_nothing_are_refused(dt: dyntables.Client, option: str) -> None:
    with pytest.raises((InvalidOptionError, StatementSyntaxError)):
        dt.execute(f"CREATE DYNAMIC TABLE t TARGET_LAG = '1 minute' {option} AS SELECT v FROM s")


def test_a_failure_says_which_statement(dt: dyntables.Client) -> None:
    dt.execute("CREATE DYNAMIC TABLE t TARGET_LAG = '1 minute' AS SELECT v, 10 / v AS x FROM s")
    dt.execute("INSERT INTO s VALUES (0)")
    with pytest.raises(DyntablesError, match="division by zero"):
        dt.execute("ALTER DYNAMIC TABLE t REFRESH")
    row = last(dt)
    assert (row["state"], row["error"]["sqlstate"]) == ("FAILED", "22012")
    assert "10 / " in row["failed_statement"]
    assert dt.execute("SELECT * FROM t").rows == [(1, 10)]


def test_a_scheduled_refresh_waits_while_the_server_is_busy(dt: dyntables.Client, database_url: str) -> None:
    dt.execute("CREATE DYNAMIC TABLE t TARGET_LAG = '1 hour' MAX_ACTIVE_SESSIONS = 0 AS SELECT v FROM s")
    [(table_id,)] = dt.execute("SELECT id FROM dyntables.dynamic_table").rows
    dt.execute("INSERT INTO s VALUES (2)")
    with psycopg.connect(database_url, application_name="somebody") as busy:
        thread = threading.Thread(target=lambda: busy.execute("SELECT pg_sleep(1)"))
        thread.start()
        wait_for(lambda: dt.execute("SELECT 1 FROM pg_stat_activity WHERE query LIKE '%pg_sleep(1)' AND "
                                    "state = 'active' AND application_name = 'somebody'").rows)  # fmt: skip
        started = time.monotonic()
        [result] = dt._session.refresher.refresh([table_id], Trigger.SCHEDULED)
        assert time.monotonic() - started > 0.5
        thread.join()
    assert (str(result.action), dt.execute("SELECT count(*) FROM t").rows) == ("INCREMENTAL", [(2,)])
