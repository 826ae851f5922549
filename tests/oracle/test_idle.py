"""A tick that finds nothing: tables advance together without a run, never past a change, and nothing is written."""

from __future__ import annotations

import time
from datetime import timedelta

import psycopg
import pytest

import dyntables
from dyntables.catalog import store
from dyntables.catalog.parts.contents import Look
from dyntables.engines.postgres.connection.session import connect_unattended
from dyntables.refresh.choice.idle import WRITTEN_EVERY, skip_unchanged, sweep
from tests.support.refreshes import verified
from tests.support.tables import changed


@pytest.mark.pg(15, 18)
def test_unchanged_tables_advance_and_changed_ones_do_not(database_url: str) -> None:
    with dyntables.connect(database_url) as client, psycopg.connect(database_url, autocommit=True) as other:
        client.execute("CREATE TABLE a (id integer); CREATE TABLE b (id integer)")
        client.execute("CREATE DYNAMIC TABLE ta TARGET_LAG = '1 minute' AS SELECT count(*) AS n FROM a")
        client.execute("CREATE DYNAMIC TABLE tb TARGET_LAG = '1 minute' AS SELECT count(*) AS n FROM b")
        client.execute("CREATE DYNAMIC TABLE up TARGET_LAG = '1 minute' AS SELECT max(n) AS n FROM ta")
        client.execute("ALTER TABLE b ADD COLUMN v integer")
        client.execute("CREATE DYNAMIC TABLE tv TARGET_LAG = '1 minute' AS SELECT sum(v) AS n FROM b")
        ids = {t.name: i for i, t in store.load_all(other).items()}

        def skipped() -> set[str]:
            tables = store.load_all(other)
            done = skip_unchanged(other, tables, tables)
            return {tables[i].name for i in done}

        stamps = "SELECT data_timestamp FROM dyntables.dynamic_tables ORDER BY name"
        before = client.execute(stamps).rows
        time.sleep(0.01)
        assert skipped() == {"ta", "tb", "tv", "up"}
        assert all(new > old for (new,), (old,) in zip(client.execute(stamps).rows, before, strict=True))
        client.execute("INSERT INTO a VALUES (1)")
        assert skipped() == {"tb", "tv"}
        with psycopg.connect(database_url) as late:
            late.execute("INSERT INTO b VALUES (1)")
            assert skipped() == {"tb", "tv"}
            late.commit()
        assert skipped() == set()
        for name in ids:
            assert verified(client, name)["equal"]
        assert skipped() == {"ta", "tb", "tv", "up"}
        client.execute("TRUNCATE a")
        assert skipped() == {"tb", "tv"}
        client.execute("ALTER TABLE b ALTER COLUMN id TYPE bigint")
        assert skipped() == {"tv"}
        for name in ids:
            assert verified(client, name)["equal"]


def test_a_source_without_a_log_keeps_nobody_else_from_advancing(database_url: str) -> None:
    with dyntables.connect(database_url) as client, psycopg.connect(database_url, autocommit=True) as other:
        for name in ("a", "b"):
            client.execute(f"CREATE TABLE {name} (id integer)")
            client.execute(f"CREATE DYNAMIC TABLE t{name} TARGET_LAG = '1 minute' AS SELECT count(*) AS n FROM {name}")
        (oid,) = client.execute("SELECT 'b'::regclass::oid::bigint").rows[0]
        client.execute(f"DROP TABLE dyntables_log.c{oid} CASCADE")
        tables = store.load_all(other)
        assert {tables[i].name for i in skip_unchanged(other, tables, tables)} == {"ta"}


@pytest.mark.pg(15, 18)
def test_a_look_takes_no_transaction_id_and_is_seen_by_everybody_until_a_crash(database_url: str) -> None:
    with dyntables.connect(database_url) as client, psycopg.connect(database_url, autocommit=True) as leader:
        client.execute("CREATE TABLE s (id integer)")
        client.execute("CREATE DYNAMIC TABLE t TARGET_LAG = '1 minute' AS SELECT count(*) AS n FROM s")
        client.execute("CREATE DYNAMIC TABLE up TARGET_LAG = '1 minute' AS SELECT max(n) AS n FROM t")
        shown = "SELECT min(data_timestamp), max(lag_sec) FROM dyntables.dynamic_tables"
        stored = "SELECT id, frontier::text, data_timestamp FROM dyntables.dynamic_table ORDER BY id"
        tables, before, rows = store.load_all(leader), client.execute(shown).rows[0], client.execute(stored).rows
        with leader.transaction():
            found = sweep(leader, tables, tables)
            assert leader.execute("SELECT pg_current_xact_id_if_assigned() IS NULL").fetchone() == (True,)
        assert found.done == set(tables)
        assert found.rows == ()
        after = client.execute(shown).rows[0]
        assert before[0] < found.began_at == after[0]
        assert client.execute(stored).rows == rows
        assert {t.fresh_at for t in store.load_all(leader).values()} == {found.began_at}
        # A crash resets what is not logged; a table is then as old as its last refresh.
        leader.execute("SELECT setval(c.oid, 1, false) FROM pg_class c WHERE relkind = 'S' AND relname LIKE 'looks%'")
        assert client.execute(shown).rows[0][0] == before[0]
        # What was noted elsewhere, and came here with a dump, means nothing.
        sweep(leader, tables, tables)
        leader.execute("UPDATE dyntables.dynamic_table SET system_identifier = 'elsewhere'")
        assert client.execute(shown).rows[0][0] == before[0]


def test_a_frontier_is_written_when_it_is_old_or_waited_for(database_url: str) -> None:
    with dyntables.connect(database_url) as client, psycopg.connect(database_url, autocommit=True) as leader:
        client.execute("CREATE TABLE s (id integer)")
        for name in ("a", "b"):
            client.execute(f"CREATE DYNAMIC TABLE {name} TARGET_LAG = '1 minute' AS SELECT count(*) AS n FROM s")
        client.execute(
            "CREATE DYNAMIC TABLE slow TARGET_LAG = '10 minutes' REFRESH_MODE = FULL AS SELECT a.n FROM a, b"
        )
        a, b, slow = sorted(store.load_all(leader))

        def written(**of_slow: float) -> set[int]:
            tables = store.load_all(leader)
            tables[slow] = changed(tables[slow], **of_slow)
            return {i for i, _ in sweep(leader, tables, [a, b]).rows}

        assert written() == set()
        # It will be refreshed over what these hold, for which they must stand at one frontier.
        assert written(expected_seconds=30.0) == {a, b}
        query = "UPDATE dyntables.dynamic_table SET data_timestamp = data_timestamp + %s WHERE id = %s"
        leader.execute(query, (-WRITTEN_EVERY, a))
        assert written() == {a}
        leader.execute(query, (timedelta(days=1), b))
        assert written() == {b}
        assert client.execute("SELECT count(*) FROM dyntables.dynamic_table WHERE data_timestamp > now()").rows == [
            (0,)
        ]


def test_a_change_after_many_looks_is_followed(database_url: str) -> None:
    """The frontier stays where it was, and so does what the log owes."""
    with dyntables.connect(database_url) as client, psycopg.connect(database_url, autocommit=True) as leader:
        client.execute("CREATE TABLE s (id integer); INSERT INTO s VALUES (1)")
        client.execute("CREATE DYNAMIC TABLE t TARGET_LAG = '1 minute' AS SELECT count(*) AS n FROM s")
        tables = store.load_all(leader)
        for number in range(3):
            with psycopg.connect(database_url) as late:
                late.execute("INSERT INTO s VALUES (2)")
                found = sweep(leader, tables, tables)
                assert found.done == set(tables)
                tables = {i: changed(t, look=Look(found.began_at, found.snapshot)) for i, t in tables.items()}
                late.commit()
            assert not sweep(leader, tables, tables).done
            row = client.execute("ALTER DYNAMIC TABLE t VERIFY").rows[0]
            assert (row[1], row[5]) == (True, "INCREMENTAL")
            assert client.execute("SELECT n FROM t").rows == [(number + 2,)]
            tables = store.load_all(leader)


@pytest.mark.pg(15, 18)
def test_a_look_is_planned_once(database_url: str) -> None:
    # Where a plan for any number of sources looks dearer to the server than one for each, planning takes the time.
    with dyntables.connect(database_url) as client, connect_unattended(database_url, application_name="look") as looks:
        for n in range(4):
            client.execute(f"CREATE TABLE s{n} (id integer PRIMARY KEY, v integer)")
            client.execute(
                f"CREATE DYNAMIC TABLE t{n} TARGET_LAG = '1 minute' AS SELECT v, count(*) AS n FROM s{n} GROUP BY v"
            )
        tables = store.load_all(looks)
        for _ in range(8):
            assert skip_unchanged(looks, tables, tables) == set(tables)
        planned = looks.execute("SELECT statement, custom_plans FROM pg_prepared_statements WHERE custom_plans > 5")
        assert planned.fetchall() == []
