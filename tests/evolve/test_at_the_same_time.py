"""Statements that change a pipeline while others use it: nothing hangs, nothing is left behind, errors are clear."""

from __future__ import annotations

import threading
import time
from typing import Any

import psycopg
import pytest

import dyntables
from dyntables import locks
from dyntables.catalog.model import Trigger
from dyntables.errors import EngineError, NotFoundError
from dyntables.refresh import one
from dyntables.refresh.logs.prune import trim_all
from tests.evolve.support import LAG, sources
from tests.support.processes import wait_until
from tests.support.refreshes import refreshed

QUERY = "SELECT k, sum(v) AS total FROM s GROUP BY k"


def held(connection: psycopg.Connection, table_id: int) -> bool:
    """Tell whether a session holds the lock of a table's refresh in this database."""
    row = connection.execute(
        "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND classid = %s AND objid = %s AND granted "
        "AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))",
        (locks.REFRESH, table_id),
    ).fetchone()
    assert row is not None
    return bool(row[0])


def waiting(connection: psycopg.Connection) -> bool:
    """Tell whether a session waits for the lock of a refresh."""
    row = connection.execute(
        "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted "
        "AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))"
    ).fetchone()
    assert row is not None
    return bool(row[0])


@pytest.mark.parametrize(
    "statement",
    [
        f"CREATE DYNAMIC TABLE u {LAG} AS {QUERY}",
        f"CREATE OR ALTER DYNAMIC TABLE t {LAG} AS SELECT k, sum(v) AS total, count(*) AS n FROM s GROUP BY k",
        "CREATE DYNAMIC TABLE u CLONE t",
        "ALTER DYNAMIC TABLE t REFRESH",
        "ALTER DYNAMIC TABLE t VERIFY",
        "ALTER DYNAMIC TABLE t RENAME TO u",
        "DROP DYNAMIC TABLE t",
        "UNDROP DYNAMIC TABLE t",
    ],
)
def test_not_inside_a_transaction_block(dt: dyntables.Client, statement: str) -> None:
    dt.execute(f"CREATE DYNAMIC TABLE t {LAG} AS {QUERY}")
    dt.execute("BEGIN; INSERT INTO s VALUES (10, 'k1', 1)")
    with pytest.raises(EngineError, match="inside a transaction block"):
        dt.execute(statement)
    dt.execute("COMMIT")
    assert refreshed(dt, "t") == ("INCREMENTAL", "CHANGES")


def test_a_drop_does_not_wait_for_who_reads_a_source(dt: dyntables.Client, database_url: str) -> None:
    dt.execute(f"CREATE DYNAMIC TABLE t {LAG} AS {QUERY}")
    with psycopg.connect(database_url) as reader, psycopg.connect(database_url, autocommit=True) as service:
        reader.execute("SELECT count(*) FROM s")
        started = time.monotonic()
        dt.execute("DROP DYNAMIC TABLE t")
        assert time.monotonic() - started < 5
        trim_all(service)
        assert sources(dt) == ["s"]
        reader.rollback()
        trim_all(service)
        assert sources(dt) == []
        assert service.execute("SELECT FROM pg_trigger WHERE tgname LIKE 'dyntables_capture%'").fetchall() == []


def test_a_refresh_that_waited_for_a_drop_says_so(dt: dyntables.Client, database_url: str) -> None:
    dt.execute(f"CREATE DYNAMIC TABLE low {LAG} AS {QUERY}; CREATE DYNAMIC TABLE t {LAG} AS SELECT total FROM low")
    errors: list[BaseException] = []

    def refresh() -> None:
        with dyntables.connect(database_url) as other:
            try:
                other.execute("ALTER DYNAMIC TABLE t REFRESH")
            except dyntables.DyntablesError as error:
                errors.append(error)

    with psycopg.connect(database_url, autocommit=True) as service:
        service.execute("SELECT pg_advisory_lock(%s, 1)", (locks.REFRESH,))
        thread = threading.Thread(target=refresh)
        thread.start()
        wait_until(lambda: waiting(service))
        # As a drop does that came first.
        service.execute("DELETE FROM dyntables.dynamic_table WHERE id = 2")
        service.execute("SELECT pg_advisory_unlock(%s, 1)", (locks.REFRESH,))
        thread.join()
    assert isinstance(errors[0], NotFoundError)


def test_a_statement_that_gives_up_waiting_keeps_no_lock(dt: dyntables.Client, database_url: str) -> None:
    dt.execute(f"CREATE DYNAMIC TABLE a {LAG} AS {QUERY}; CREATE DYNAMIC TABLE b {LAG} AS {QUERY}")
    with psycopg.connect(database_url, autocommit=True) as other:
        other.execute("SELECT pg_advisory_lock(%s, 2)", (locks.REFRESH,))
        dt.execute("SET lock_timeout = '50ms'")
        with pytest.raises(EngineError):
            dt.execute("ALTER DYNAMIC TABLE a SWAP WITH b")
        assert not held(other, 1)


def test_a_replacement_that_fails_after_somebody_refreshed_it_is_undone(
    dt: dyntables.Client, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    dt.execute(f"CREATE DYNAMIC TABLE t {LAG} AS {QUERY}")

    def refresh(self: Any, targets: list[int], trigger: Trigger) -> None:
        monkeypatch.undo()
        with dyntables.connect(database_url) as other:
            other.execute("ALTER DYNAMIC TABLE t REFRESH")
        raise EngineError("cancelled")

    monkeypatch.setattr("dyntables.refresh.runner.Refresher.refresh", refresh)
    with pytest.raises(EngineError, match="cancelled"):
        dt.execute(f"CREATE OR REPLACE DYNAMIC TABLE t {LAG} AS SELECT k, count(*) AS total FROM s GROUP BY k")
    assert refreshed(dt, "t") == ("REINITIALIZE", "DEFINITION_CHANGED")
    dt.execute("INSERT INTO s VALUES (10, 'k1', 1)")
    assert refreshed(dt, "t") == ("INCREMENTAL", "CHANGES")


def test_a_replaced_table_begins_its_log_with_its_contents(
    dt: dyntables.Client, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reader that is refreshed as soon as the replacement has committed misses nothing."""
    dt.execute(f"CREATE DYNAMIC TABLE low {LAG} REFRESH_MODE = INCREMENTAL AS {QUERY}")
    dt.execute(f"CREATE DYNAMIC TABLE t {LAG} REFRESH_MODE = INCREMENTAL AS SELECT sum(total) AS total FROM low")
    refresh = dyntables.refresh.runner.Refresher.refresh

    def and_then_others(self: Any, targets: list[int], trigger: Trigger) -> Any:
        monkeypatch.undo()
        results = refresh(self, targets, trigger)
        with dyntables.connect(database_url) as other:
            other.execute("ALTER DYNAMIC TABLE t REFRESH")
            other.execute("INSERT INTO s VALUES (10, 'k1', 1)")
            other.execute("ALTER DYNAMIC TABLE low REFRESH")
        return results

    monkeypatch.setattr("dyntables.refresh.runner.Refresher.refresh", and_then_others)
    dt.execute(
        f"CREATE OR REPLACE DYNAMIC TABLE low {LAG} REFRESH_MODE = INCREMENTAL "
        "AS SELECT k, 'x' AS more, sum(v) AS total FROM s GROUP BY k"
    )
    assert refreshed(dt, "t") == ("INCREMENTAL", "CHANGES")


@pytest.mark.parametrize("rewrite", ["ALTER TABLE u ADD COLUMN c float DEFAULT random()", "TRUNCATE u"])
@pytest.mark.parametrize("action", ["INCREMENTAL", "FULL"])
def test_a_source_that_is_rewritten_between_the_snapshot_and_its_reading(
    dt: dyntables.Client, database_url: str, monkeypatch: pytest.MonkeyPatch, rewrite: str, action: str
) -> None:
    """The server shows a rewritten table as empty to snapshots from before."""
    dt.execute("CREATE TABLE u (k text, n integer); INSERT INTO u SELECT k, 1 FROM s")
    dt.execute(
        f"CREATE DYNAMIC TABLE t {LAG} REFRESH_MODE = {action} "
        "AS SELECT s.id, u.n FROM s JOIN u ON u.k = s.k UNION ALL SELECT n, n FROM u"
    )
    dt.execute("INSERT INTO s VALUES (10, 'k1', 10)")
    before = one.freeze

    def and_rewrite(*arguments: Any) -> Any:
        monkeypatch.undo()
        with psycopg.connect(database_url, autocommit=True) as other:
            other.execute(rewrite.encode())
        return before(*arguments)

    monkeypatch.setattr("dyntables.refresh.one.freeze", and_rewrite)
    dt.execute("ALTER DYNAMIC TABLE t REFRESH")
    query = "SELECT s.id, u.n FROM s JOIN u ON u.k = s.k UNION ALL SELECT n, n FROM u"
    assert sorted(dt.execute("SELECT * FROM t").rows) == sorted(dt.execute(query).rows)
