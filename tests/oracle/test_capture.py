"""Change capture against the traps: late commits, TRUNCATE, COPY, MERGE, partitions, cascades, replica role."""

from __future__ import annotations

import psycopg
import pytest

import dyntables
from tests.support.refreshes import verified

pytestmark = pytest.mark.pg(15, 18)


@pytest.fixture
def client(database_url: str):  # type: ignore[no-untyped-def]
    with dyntables.connect(database_url) as opened:
        opened.execute("CREATE TABLE s (id integer PRIMARY KEY, k integer, v numeric(8,2))")
        opened.execute("INSERT INTO s SELECT i, i % 5, i FROM generate_series(1, 50) i")
        opened.execute(
            "CREATE DYNAMIC TABLE t TARGET_LAG = '1 minute' REFRESH_MODE = INCREMENTAL AS "
            "SELECT k, count(*) AS n, sum(v) AS total FROM s GROUP BY k"
        )
        yield opened


def expect(client: dyntables.Client, action: str, name: str = "t") -> None:
    row = verified(client, name)
    assert row["equal"], row
    assert row["action"] == action, row


def test_a_writer_that_commits_after_two_refreshes_is_counted_once(client: dyntables.Client) -> None:
    with psycopg.connect(client.url) as late, psycopg.connect(client.url, autocommit=True) as writer:
        late.execute("INSERT INTO s VALUES (1000, 1, 7)")
        writer.execute("INSERT INTO s VALUES (1001, 1, 8)")
        expect(client, "INCREMENTAL")
        writer.execute("UPDATE s SET v = v + 1 WHERE id = 1001")
        expect(client, "INCREMENTAL")
        late.commit()
        expect(client, "INCREMENTAL")
        expect(client, "NO_DATA")
    assert client.execute("SELECT count(*) FROM s WHERE id = 1000").rows == [(1,)]


def test_a_rolled_back_writer_leaves_nothing(client: dyntables.Client) -> None:
    with psycopg.connect(client.url) as writer:
        writer.execute("DELETE FROM s")
        writer.rollback()
    expect(client, "NO_DATA")


def test_truncate_reinitializes_with_its_reason(client: dyntables.Client) -> None:
    client.execute("TRUNCATE s")
    expect(client, "REINITIALIZE")
    reasons = client.execute("SELECT refresh_reason FROM dyntables.refresh_history ORDER BY refresh_id DESC LIMIT 1")
    assert reasons.rows == [("SOURCE_TRUNCATED",)]
    client.execute("INSERT INTO s VALUES (1, 1, 1)")
    expect(client, "INCREMENTAL")


def test_copy_merge_and_on_conflict_are_captured(client: dyntables.Client) -> None:
    with psycopg.connect(client.url, autocommit=True) as writer:
        with writer.cursor().copy("COPY s FROM STDIN") as copy:
            copy.write_row((2000, 1, 5))
        expect(client, "INCREMENTAL")
        writer.execute(
            "MERGE INTO s USING (VALUES (1, 99), (3000, 3)) AS n(id, v) ON s.id = n.id "
            "WHEN MATCHED THEN UPDATE SET v = n.v WHEN NOT MATCHED THEN INSERT VALUES (n.id, 4, n.v)"
        )
        expect(client, "INCREMENTAL")
        writer.execute("INSERT INTO s VALUES (1, 1, 1), (4000, 1, 1) ON CONFLICT (id) DO UPDATE SET k = 3")
        expect(client, "INCREMENTAL")


def test_an_update_that_changes_nothing_is_no_change(client: dyntables.Client) -> None:
    client.execute("UPDATE s SET v = v")
    row = verified(client, "t")
    assert row["equal"]
    assert client.execute(
        "SELECT rows_inserted, rows_deleted FROM dyntables.refresh_history ORDER BY refresh_id DESC LIMIT 1"
    ).rows == [(0, 0)]


def test_cascading_deletes_are_captured(client: dyntables.Client) -> None:
    client.execute("CREATE TABLE parent (id integer PRIMARY KEY); INSERT INTO parent VALUES (1), (2)")
    client.execute("CREATE TABLE child (id integer, p integer REFERENCES parent ON DELETE CASCADE)")
    client.execute("INSERT INTO child SELECT i, 1 + i % 2 FROM generate_series(1, 10) i")
    client.execute(
        "CREATE DYNAMIC TABLE ct TARGET_LAG = '1 minute' REFRESH_MODE = INCREMENTAL AS "
        "SELECT p, count(*) AS n FROM child GROUP BY p"
    )
    client.execute("DELETE FROM parent WHERE id = 1")
    expect(client, "INCREMENTAL", "ct")
    assert client.execute("SELECT * FROM ct").rows == [(2, 5)]


def test_writes_of_the_replica_role_are_captured(client: dyntables.Client) -> None:
    with psycopg.connect(client.url, autocommit=True) as writer:
        writer.execute("SET session_replication_role = replica")
        writer.execute("INSERT INTO s VALUES (5000, 1, 1)")
    expect(client, "INCREMENTAL")


def test_partitions_written_through_the_parent_and_directly(client: dyntables.Client) -> None:
    client.execute("CREATE TABLE p (id integer, v integer) PARTITION BY RANGE (id)")
    client.execute("CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (100)")
    client.execute("CREATE TABLE p2 PARTITION OF p FOR VALUES FROM (100) TO (200)")
    client.execute(
        "CREATE DYNAMIC TABLE pt TARGET_LAG = '1 minute' REFRESH_MODE = INCREMENTAL AS "
        "SELECT count(*) AS n, sum(v) AS s FROM p"
    )
    client.execute("INSERT INTO p VALUES (1, 1), (101, 2)")
    expect(client, "INCREMENTAL", "pt")
    client.execute("INSERT INTO p2 VALUES (102, 3); UPDATE p1 SET v = 10; UPDATE p SET id = id + 100 WHERE id = 1")
    expect(client, "INCREMENTAL", "pt")
    client.execute("ALTER TABLE p DETACH PARTITION p2")
    expect(client, "REINITIALIZE", "pt")


def test_refreshing_twice_is_refreshing_once_and_logs_are_trimmed(client: dyntables.Client) -> None:
    client.execute("INSERT INTO s SELECT i, i % 7, i FROM generate_series(10000, 30000) i")
    expect(client, "INCREMENTAL")
    expect(client, "NO_DATA")
    expect(client, "NO_DATA")
    rows = client.execute("SELECT count(*) FROM dyntables.log_generation WHERE closed_xid IS NOT NULL").rows
    assert rows == [(0,)]
    oid = client.execute("SELECT 's'::regclass::oid").rows[0][0]
    assert client.execute(f"SELECT count(*) FROM dyntables_log.c{oid}").rows == [(0,)]
    client.execute("DELETE FROM s WHERE id > 20000")
    expect(client, "INCREMENTAL")
