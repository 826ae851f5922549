"""A tick that finds nothing: tables advance together without a run, and never past a change."""

from __future__ import annotations

import time

import psycopg
import pytest

import dyntables
from dyntables.catalog import store
from dyntables.refresh.idle import skip_unchanged
from tests.oracle.test_random_histories import verified


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
