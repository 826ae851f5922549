"""Several ``dyntables run`` processes on one database: one leads, another takes over, nothing is lost or done twice."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator

import psycopg
import pytest

import dyntables
from dyntables import locks
from dyntables.catalog.model import Trigger
from dyntables.engines.at_work import engine_on
from dyntables.engines.postgres.connection.session import connect
from dyntables.engines.postgres.embedded import EmbeddedServer
from dyntables.errors import DeposedError
from dyntables.refresh import runner
from dyntables.refresh.runner import Refresher
from dyntables.scheduling.leader import LEASE_SECONDS, Fence
from tests.support.processes import SchedulerProcess, leader_pid, schedulers, wait_until
from tests.support.proxy import proxy_of

# By its cost a refresh of a few rows may be full where the machine is busy.
MODE = "REFRESH_MODE = INCREMENTAL"


@pytest.fixture
def connection(database_url: str) -> Iterator[psycopg.Connection]:
    """A database with a chain of two tables and a lag of a second."""
    with dyntables.connect(database_url) as client:
        client.execute("CREATE TABLE s (id integer, v integer)")
        client.execute(
            f"CREATE DYNAMIC TABLE t TARGET_LAG = DOWNSTREAM {MODE} AS SELECT v, count(*) AS n FROM s GROUP BY v"
        )
        client.execute(f"CREATE DYNAMIC TABLE top TARGET_LAG = '1 second' {MODE} AS SELECT sum(n) AS n FROM t")
    with psycopg.connect(database_url, autocommit=True) as opened:
        yield opened


def total(connection: psycopg.Connection) -> int:
    row = connection.execute("SELECT n FROM top").fetchone()
    assert row is not None
    return int(row[0] or 0)


def insert(connection: psycopg.Connection, rows: int) -> None:
    connection.execute("INSERT INTO s SELECT i, i %% 3 FROM generate_series(1, %s) i", (rows,))


def leading(connection: psycopg.Connection, processes: list[SchedulerProcess]) -> SchedulerProcess:
    wait_until(lambda: leader_pid(connection) in [p.pid for p in processes])
    return next(p for p in processes if p.pid == leader_pid(connection))


def assert_right(database_url: str, *, rebuilt: int = 0) -> None:
    """The contents equal the definitions, every run went forward, and no change was followed by a rebuild."""
    with dyntables.connect(database_url) as client:
        for name in ("t", "top"):
            assert client.execute(f"ALTER DYNAMIC TABLE {name} VERIFY").rows[0][1:4] == (True, 0, 0)
        succeeded = "SELECT count(*) FROM dyntables.refresh WHERE state = 'SUCCEEDED'"
        backward = client.execute(f"{succeeded} AND data_timestamp <= previous_data_timestamp").rows
        assert backward == [(0,)]
        twice = client.execute(f"{succeeded} GROUP BY dynamic_table_id, previous_data_timestamp HAVING count(*) > 1")
        assert twice.rows == [], "two refreshes began from the same state"
        actions = client.execute(
            "SELECT action, reason FROM dyntables.refresh WHERE reason NOT IN ('INITIAL') "
            "AND action IN ('FULL', 'REINITIALIZE') AND state <> 'CANCELLED'"
        ).rows
        assert len(actions) == rebuilt, actions


@pytest.mark.pg(15, 18)
def test_another_process_takes_over_after_kill_9(connection: psycopg.Connection, database_url: str) -> None:
    with schedulers(database_url, database_url) as processes:
        first = leading(connection, processes)
        insert(connection, 10)
        wait_until(lambda: total(connection) == 10)
        first.send(signal.SIGKILL)
        insert(connection, 5)
        wait_until(lambda: leader_pid(connection) not in (None, first.pid))
        wait_until(lambda: total(connection) == 15)
    assert_right(database_url)


def test_a_stopped_leader_is_deposed_and_comes_back_as_a_reserve(
    connection: psycopg.Connection, database_url: str
) -> None:
    with schedulers(database_url, database_url) as processes:
        first = leading(connection, processes)
        first.send(signal.SIGSTOP)
        insert(connection, 10)
        wait_until(lambda: leader_pid(connection) not in (None, first.pid))
        wait_until(lambda: total(connection) == 10)
        second = leading(connection, processes)
        first.send(signal.SIGCONT)
        insert(connection, 10)
        wait_until(lambda: total(connection) == 20)
        assert leader_pid(connection) == second.pid
        second.send(signal.SIGKILL)
        insert(connection, 10)
        wait_until(lambda: leader_pid(connection) == first.pid)
        wait_until(lambda: total(connection) == 30)
    assert_right(database_url)


def test_a_leader_that_vanished_from_the_network_loses_its_lease(
    connection: psycopg.Connection, database_url: str, server: EmbeddedServer
) -> None:
    with proxy_of(server.socket_dir) as proxy, schedulers(proxy.url(database_url)) as remote:
        wait_until(lambda: leader_pid(connection) == remote[0].pid)
        with schedulers(database_url) as near:
            insert(connection, 10)
            wait_until(lambda: total(connection) == 10)
            proxy.freeze()
            insert(connection, 10)
            wait_until(lambda: leader_pid(connection) == near[0].pid)
            wait_until(lambda: total(connection) == 20)
            proxy.thaw()
            insert(connection, 10)
            wait_until(lambda: total(connection) == 30)
    assert_right(database_url)


def leadership(connection: psycopg.Connection) -> tuple[object, ...]:
    row = connection.execute("SELECT epoch, backend FROM dyntables.leader").fetchone()
    assert row is not None
    return tuple(row)


def test_a_slow_look_and_a_stall_do_not_end_the_lease(connection: psycopg.Connection, database_url: str) -> None:
    with schedulers(database_url, database_url) as processes:
        first = leading(connection, processes)
        insert(connection, 10)
        wait_until(lambda: total(connection) == 10)
        before = leadership(connection)
        insert(connection, 5)
        with connection.transaction():
            connection.execute("LOCK TABLE dyntables.dynamic_table")  # every look waits
            time.sleep(LEASE_SECONDS + 1)
        wait_until(lambda: total(connection) == 15)
        first.send(signal.SIGSTOP)
        time.sleep(LEASE_SECONDS / 2)
        first.send(signal.SIGCONT)
        insert(connection, 5)
        wait_until(lambda: total(connection) == 20)
        assert leadership(connection) == before
    assert_right(database_url)


def test_a_leader_whose_lease_was_ended_commits_nothing_more(connection: psycopg.Connection, database_url: str) -> None:
    with dyntables.connect(database_url) as client:
        client.execute(
            "CREATE DYNAMIC TABLE slow TARGET_LAG = '1 second' REFRESH_MODE = FULL INITIALIZE = ON_SCHEDULE "
            "AS SELECT count(*) AS n FROM s, LATERAL (SELECT pg_sleep(60) WHERE s.id >= 0) p"
        )
    insert(connection, 1)
    running = (
        "SELECT pid FROM pg_stat_activity WHERE query LIKE 'CREATE TABLE dyntables_data%' AND state = 'active' "
        "AND wait_event = 'PgSleep'"
    )
    ours = "SELECT DISTINCT pid FROM pg_locks WHERE locktype = 'advisory' AND classid = %s AND objid = %s::bigint::oid"
    with schedulers(database_url, database_url):
        wait_until(lambda: connection.execute(running).fetchone())
        epoch, backend = leadership(connection)
        assert len(connection.execute(ours, (locks.WORKER, epoch)).fetchall()) >= 2  # of looks, and at work
        connection.execute("SELECT pg_terminate_backend(%s)", (backend,))
        assert wait_until(lambda: leadership(connection)[0] != epoch) < 5
        wait_until(lambda: not connection.execute(ours, (locks.WORKER, epoch)).fetchall())
        insert(connection, 4)
        wait_until(lambda: total(connection) == 5)
        wait_until(lambda: connection.execute(running).fetchone())
        ended = "SELECT 1 FROM dyntables.refresh JOIN dyntables.dynamic_table t ON t.id = dynamic_table_id "
        assert not connection.execute(f"{ended} WHERE t.table_name = 'slow' AND state = 'SUCCEEDED'").fetchall()
    assert_right(database_url)


def test_sigterm_finishes_what_runs_and_starts_no_more(connection: psycopg.Connection, database_url: str) -> None:
    with dyntables.connect(database_url) as client:
        client.execute(
            "CREATE DYNAMIC TABLE slow TARGET_LAG = '1 second' REFRESH_MODE = FULL INITIALIZE = ON_SCHEDULE "
            "AS SELECT count(*) AS n FROM s, LATERAL (SELECT pg_sleep(4) WHERE s.id >= 0) p"
        )
    insert(connection, 1)
    running = "SELECT 1 FROM pg_stat_activity WHERE query LIKE 'CREATE TABLE dyntables_data%' AND state = 'active'"
    with schedulers(database_url) as (process,):
        wait_until(lambda: connection.execute(running).fetchone())
        process.send(signal.SIGTERM)
        row = connection.execute("SELECT count(*) FROM dyntables.refresh").fetchone()
        insert(connection, 1)
        assert process.wait() == 0, process.output()
    after = connection.execute(
        "SELECT t.table_name, r.state FROM dyntables.refresh r "
        "JOIN dyntables.dynamic_table t ON t.id = r.dynamic_table_id "
        "WHERE r.state <> 'SKIPPED' ORDER BY r.id OFFSET %s",
        row,
    ).fetchall()
    # A refresh of the other table may have been at work, too, when the signal came.
    assert ("slow", "SUCCEEDED") in after
    assert len(after) <= 3


def test_an_old_process_stops_when_the_catalog_is_newer(connection: psycopg.Connection, database_url: str) -> None:
    with schedulers(database_url, database_url) as processes:
        waiting = "SELECT 1 FROM pg_stat_activity WHERE application_name = 'dyntables scheduler' HAVING count(*) = 2"
        wait_until(lambda: connection.execute(waiting).fetchone())
        connection.execute("INSERT INTO dyntables.migration (number, name, checksum) VALUES (9999, 'future', 'x')")
        connection.execute("UPDATE dyntables.leader SET epoch = epoch + 1")
        for process in processes:
            assert process.wait() == 1
            assert "the catalog is at migration 9999" in process.output()
            assert "Traceback" not in process.output()


def test_a_deposed_leader_cannot_commit(
    connection: psycopg.Connection, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    contents = "SELECT frontier::text, data_timestamp FROM dyntables.dynamic_table ORDER BY id"
    with connect(database_url) as own:
        connection.execute("UPDATE dyntables.leader SET epoch = 7")
        refresher = Refresher(own, engine_on(own), Fence(7))
        ids = [i for (i,) in connection.execute("SELECT id FROM dyntables.dynamic_table")]
        insert(connection, 3)
        refresher.refresh(ids, Trigger.SCHEDULED)
        assert total(connection) == 3
        insert(connection, 3)
        before = connection.execute(contents).fetchall()
        original = runner.write_history

        def depose(run: runner.Run) -> None:
            """Let another process become the leader after the work, before the commit."""
            original(run)
            connection.execute("UPDATE dyntables.leader SET epoch = 8")

        monkeypatch.setattr(runner, "write_history", depose)
        with pytest.raises(DeposedError, match="does not lead any more"):
            refresher.refresh(ids, Trigger.SCHEDULED)
        assert total(connection) == 3
        assert connection.execute(contents).fetchall() == before
    assert_right(database_url)
