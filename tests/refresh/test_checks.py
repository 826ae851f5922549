"""Checks look at new contents before they are recorded, and what they refuse is not there."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import dyntables
from dyntables.catalog.model import DynamicTable, RefreshState, Trigger
from dyntables.engines.at_work import engine_on
from dyntables.engines.postgres.connection.session import connect
from dyntables.errors import RefreshError
from dyntables.refresh.result import Work
from dyntables.refresh.run import Run
from dyntables.refresh.runner import Refresher


class NoNegatives:
    """Refuses contents with a negative number."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, str]] = []

    def __call__(self, run: Run, table: DynamicTable, work: Work) -> None:
        row = run.workspace(table).row(f"SELECT count(*) FILTER (WHERE n < 0), count(*) FROM {table.qualified}")
        self.seen.append((str(work.action), f"{row[0]} of {row[1]}"))
        if row[0]:
            raise RefreshError(f'"{table.qualified}" has {row[0]} negative numbers')


@pytest.fixture
def dt(database_url: str) -> Iterator[dyntables.Client]:
    with dyntables.connect(database_url) as client:
        yield client


def test_a_check_refuses_what_it_does_not_like(dt: dyntables.Client, database_url: str) -> None:
    lag = "TARGET_LAG = '1 hour' REFRESH_MODE = INCREMENTAL"
    dt.execute("CREATE TABLE s (n integer); INSERT INTO s VALUES (1)")
    dt.execute(f"CREATE DYNAMIC TABLE t {lag} AS SELECT n FROM s")
    dt.execute(
        "CREATE DYNAMIC TABLE above TARGET_LAG = '1 hour' REFRESH_MODE = INCREMENTAL AS SELECT n + 1 AS n FROM t"
    )
    ids = [i for (i,) in dt.execute("SELECT id FROM dyntables.dynamic_table ORDER BY id").rows]
    check = NoNegatives()
    with connect(database_url) as connection:
        refresher = Refresher(connection, engine_on(connection), checks=[check])
        dt.execute("INSERT INTO s VALUES (-1)")
        refused, held_back = refresher.refresh(ids, Trigger.MANUAL)
        assert (refused.state, refused.action, refused.rows_inserted) == (RefreshState.FAILED, "INCREMENTAL", 0)
        assert "1 negative numbers" in str(refused.error)
        assert held_back.state is RefreshState.UPSTREAM_FAILED
        assert dt.execute("SELECT n FROM t").rows == [(1,)]
        dt.execute("UPDATE s SET n = 2 WHERE n < 0")
        assert [r.state for r in refresher.refresh(ids, Trigger.MANUAL)] == [RefreshState.SUCCEEDED] * 2
    assert check.seen == [("INCREMENTAL", "1 of 2"), ("INCREMENTAL", "0 of 2"), ("INCREMENTAL", "0 of 2")]
    assert sorted(dt.execute("SELECT n FROM t").rows) == [(1,), (2,)]
    assert sorted(dt.execute("SELECT n FROM above").rows) == [(2,), (3,)]


def test_a_rebuild_that_is_refused_keeps_all_stages(dt: dyntables.Client, database_url: str) -> None:
    """The view would keep its own storage from being dropped, nothing keeps that of the stages below."""
    dt.execute("CREATE TABLE s (k integer, n integer); INSERT INTO s VALUES (1, 1), (1, 2), (2, 3)")
    dt.execute(
        "CREATE DYNAMIC TABLE t TARGET_LAG = '1 hour' REFRESH_MODE = INCREMENTAL AS "
        "SELECT rows, count(*) AS n FROM (SELECT k, count(*) AS rows FROM s GROUP BY k) g GROUP BY rows"
    )
    [(table_id,)] = dt.execute("SELECT id FROM dyntables.dynamic_table").rows
    with connect(database_url) as connection:
        refresher = Refresher(connection, engine_on(connection), checks=[NoNegatives()])
        dt.execute("INSERT INTO s VALUES (3, 1)")
        [done] = refresher.refresh([table_id], Trigger.MANUAL)
        assert (done.state, done.action) == (RefreshState.SUCCEEDED, "INCREMENTAL")
        dt.execute("TRUNCATE s")
        refuse = Refresher(connection, engine_on(connection), checks=[_refuse])
        stages = "SELECT count(*) FROM pg_class WHERE relname ~ '^t[0-9]+_g[0-9]+_s[0-9]+$'"
        kept = dt.execute(stages).rows
        [refused] = refuse.refresh([table_id], Trigger.MANUAL)
        assert (refused.state, refused.action) == (RefreshState.FAILED, "REINITIALIZE")
        assert dt.execute(stages).rows == kept
        [done] = refresher.refresh([table_id], Trigger.MANUAL)
        assert done.action == "REINITIALIZE"
        dt.execute("INSERT INTO s VALUES (1, 1), (1, 2), (2, 3)")
        [found] = refresher.verify([table_id])
        assert (found.refresh.action, found.equal) == ("INCREMENTAL", True)


def _refuse(run: Run, table: DynamicTable, work: Work) -> None:
    raise RefreshError("no")
