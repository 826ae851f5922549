"""A change log keeps what a reader will owe itself, also one that is being computed, and no more than that."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import psycopg
import pytest

import dyntables
from dyntables import locks
from dyntables.engines.postgres.capture import captured, rotation
from dyntables.refresh.logs import trim as upkeep
from dyntables.refresh.logs.prune import trim_all
from tests.evolve.support import LAG
from tests.support.processes import wait_until
from tests.support.refreshes import refreshed

pytestmark = pytest.mark.pg(15, 18)

QUERY = "SELECT k, sum(v) AS total, count(*) AS n FROM s GROUP BY k"
MANY = "INSERT INTO s SELECT 'b', 1 FROM generate_series(1, 500)"


@pytest.fixture
def dt(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[dyntables.Client]:
    monkeypatch.setattr(rotation, "_ROTATE_BYTES", 8192)
    monkeypatch.setattr(upkeep, "_TRIM_BYTES", 1)
    with dyntables.connect(database_url) as client:
        client.execute("CREATE TABLE s (k text, v integer); INSERT INTO s SELECT 'a', i FROM generate_series(1, 9) i")
        client.execute(f"CREATE DYNAMIC TABLE quick {LAG} REFRESH_MODE = INCREMENTAL AS {QUERY}")
        yield client


def generations(dt: dyntables.Client) -> list[int]:
    return [r[0] for r in dt.execute("SELECT generation FROM dyntables.log_generation ORDER BY 1").rows]


def test_a_writer_from_before_a_first_refresh_that_commits_during_it(dt: dyntables.Client, database_url: str) -> None:
    dt.execute(
        "CREATE FUNCTION slow(x integer) RETURNS integer IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN "
        "IF x = 5 THEN PERFORM pg_advisory_xact_lock_shared(77); END IF; RETURN x; END $$"
    )

    def create() -> None:
        with dyntables.connect(database_url) as other:
            query = QUERY.replace("sum(v)", "sum(slow(v))")
            other.execute(f"CREATE DYNAMIC TABLE late {LAG} REFRESH_MODE = INCREMENTAL AS {query}")

    with psycopg.connect(database_url) as writer, psycopg.connect(database_url, autocommit=True) as gate:
        dt.execute(MANY)
        writer.execute("INSERT INTO s VALUES ('a', 1000)")
        gate.execute("SELECT pg_advisory_lock(77)")
        dt.execute("ALTER DYNAMIC TABLE quick REFRESH")
        assert generations(dt) == [0, 1]
        # The definition is stored without waiting for the writer: what it reads is captured already.
        thread = threading.Thread(target=create)
        thread.start()
        wait_until(lambda: gate.execute("SELECT FROM pg_locks WHERE objid = 77 AND NOT granted").fetchall())
        writer.commit()
        for _ in range(3):
            dt.execute("INSERT INTO s VALUES ('c', 1); ALTER DYNAMIC TABLE quick REFRESH")
        gate.execute("SELECT pg_advisory_unlock(77)")
        thread.join()
    assert refreshed(dt, "late") == ("INCREMENTAL", "CHANGES")


def test_a_statement_from_before_a_rotation_that_writes_after_it(dt: dyntables.Client, database_url: str) -> None:
    """Its session may still have the old trigger function, and its transaction id is younger than the rotation."""
    dt.execute(f"CREATE DYNAMIC TABLE slow {LAG} REFRESH_MODE = INCREMENTAL AS {QUERY}")
    with psycopg.connect(database_url, autocommit=True) as writer, psycopg.connect(database_url) as holder:
        for _ in range(9):
            writer.execute("INSERT INTO s VALUES ('a', 1)")
        dt.execute(MANY)
        with writer.cursor() as cursor, cursor.copy("COPY s FROM STDIN") as copy:
            # As long as it lives, what is closed is neither sealed nor dropped.
            holder.execute("SELECT pg_current_xact_id()")
            dt.execute("ALTER DYNAMIC TABLE quick REFRESH")
            holder.rollback()
            dt.execute("INSERT INTO s VALUES ('c', 1); ALTER DYNAMIC TABLE slow REFRESH")
            copy.write(b"a\t1000\n")
    with psycopg.connect(database_url, autocommit=True) as service:
        for _ in range(3):
            dt.execute("INSERT INTO s VALUES ('c', 1); ALTER DYNAMIC TABLE quick REFRESH")
            trim_all(service)
    refreshed(dt, "slow")
    refreshed(dt, "quick")
    dt.execute("DELETE FROM s WHERE v = 1000")
    assert refreshed(dt, "slow") == ("INCREMENTAL", "CHANGES")


def test_nothing_is_kept_for_a_reader_that_is_computed_anew_anyway(dt: dyntables.Client) -> None:
    dt.execute(f"CREATE DYNAMIC TABLE above {LAG} REFRESH_MODE = INCREMENTAL AS SELECT sum(total) AS t FROM quick")
    dt.execute("CREATE DYNAMIC TABLE copy CLONE above")
    for _ in range(3):
        dt.execute("INSERT INTO s VALUES ('c', 1); ALTER DYNAMIC TABLE above REFRESH")
    assert dt.execute("SELECT count(*) FROM dyntables_log.d1").rows == [(0,)]
    assert refreshed(dt, "copy") == ("REINITIALIZE", "CLONED")


def test_a_log_is_kept_while_a_reader_is_computed_anew(dt: dyntables.Client, database_url: str) -> None:
    dt.execute(f"CREATE DYNAMIC TABLE above {LAG} REFRESH_MODE = INCREMENTAL AS SELECT sum(total) AS t FROM quick")
    with psycopg.connect(database_url, autocommit=True) as other:
        other.execute("UPDATE dyntables.dynamic_table SET reinitialize_reason = 'LOG_LIMIT' WHERE table_name = 'above'")
        other.execute("SELECT pg_advisory_lock(%s, 2)", (locks.REFRESH,))
        dt.execute("INSERT INTO s VALUES ('c', 1); ALTER DYNAMIC TABLE quick REFRESH")
        assert dt.execute("SELECT count(*) FROM dyntables_log.d1").rows == [(1,)]
        other.execute("SELECT pg_advisory_unlock(%s, 2)", (locks.REFRESH,))
        trim_all(other)
        assert dt.execute("SELECT count(*) FROM dyntables_log.d1").rows == [(0,)]


def test_a_source_that_was_not_captured_for_a_time(dt: dyntables.Client, database_url: str) -> None:
    """As when a table is made anew between the definition of a table and its first refresh."""
    with psycopg.connect(database_url, autocommit=True) as service:
        captured.release(service, dt.execute("SELECT 's'::regclass::oid::integer").rows[0][0])
    dt.execute("INSERT INTO s VALUES ('c', 1)")
    dt.execute(f"CREATE DYNAMIC TABLE other {LAG} REFRESH_MODE = INCREMENTAL AS {QUERY}")
    assert refreshed(dt, "quick") == ("REINITIALIZE", "CAPTURE_MISSING")
    dt.execute("INSERT INTO s VALUES ('c', 1)")
    assert refreshed(dt, "quick") == ("INCREMENTAL", "CHANGES")
