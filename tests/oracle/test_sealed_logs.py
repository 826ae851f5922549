"""A generation of a change log that a reader has consumed is not read again for it, though another still needs it."""

from __future__ import annotations

import psycopg
import pytest

import dyntables
from dyntables.engines.postgres.capture.captured import owed_condition
from dyntables.engines.postgres.capture.trigger_functions import log_table


@pytest.mark.pg(15, 18)
def test_a_reader_skips_generations_that_it_has_consumed(database_url: str) -> None:
    with dyntables.connect(database_url) as dt, psycopg.connect(database_url, autocommit=True) as connection:
        dt.execute("CREATE TABLE s (id int PRIMARY KEY, v int)")
        for name in ("quick", "slow"):
            dt.execute(
                f"CREATE DYNAMIC TABLE {name} TARGET_LAG = '1 minute' REFRESH_MODE = INCREMENTAL "
                "AS SELECT v, count(*) AS n FROM s GROUP BY v"
            )
        for start in range(0, 40_000, 10_000):
            dt.execute(f"INSERT INTO s SELECT i, i % 7 FROM generate_series({start}, {start + 9_999}) i")
            result = dt.execute("ALTER DYNAMIC TABLE quick REFRESH")
            assert dict(zip(result.columns, result.rows[0], strict=True))["action"] == "INCREMENTAL"
        oid = connection.execute("SELECT 's'::regclass::oid::int").fetchone()
        assert oid is not None
        log = log_table(oid[0])

        def scanned(table: str) -> set[str]:
            row = connection.execute(
                "SELECT frontier::text FROM dyntables.dynamic_table WHERE table_name = %s", (table,)
            ).fetchone()
            assert row is not None
            plan = connection.execute(f"EXPLAIN SELECT * FROM {log} WHERE {owed_condition()}", (row[0], row[0]))
            name = log.split(".")[1]
            return {word for (line,) in plan for word in line.split() if word.startswith(f"{name}_")}

        assert len(scanned("slow")) > len(scanned("quick"))
        slow = dt.execute("ALTER DYNAMIC TABLE slow REFRESH")
        assert dict(zip(slow.columns, slow.rows[0], strict=True))["action"] == "INCREMENTAL"
        for name in ("quick", "slow"):
            assert dt.execute(f"ALTER DYNAMIC TABLE {name} VERIFY").rows[0][1] is True
