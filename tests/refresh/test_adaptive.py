"""AUTO and ADAPTIVE on a server: the cheaper action runs, says why, was predicted, and leaves the contents right."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

import dyntables
from dyntables.refresh.choice import patience

ROWS = 60_000
QUERY = (
    "SELECT g, n, total, rank() OVER (PARTITION BY g % 10 ORDER BY total DESC, g) AS place FROM ("
    "SELECT s.g, count(*) AS n, sum(s.v) AS total FROM s JOIN d ON d.g = s.g GROUP BY s.g) q"
)


@pytest.fixture
def dt(database_url: str) -> Iterator[dyntables.Client]:
    with dyntables.connect(database_url) as client:
        client.execute("CREATE TABLE s (id integer PRIMARY KEY, g integer, v integer); CREATE TABLE d (g integer)")
        client.execute(f"INSERT INTO s SELECT i, i % 3000, i FROM generate_series(1, {ROWS}) i")
        client.execute("INSERT INTO d SELECT generate_series(0, 2999); ANALYZE s; ANALYZE d")
        yield client


def create(dt: dyntables.Client, mode: str) -> None:
    dt.execute(f"CREATE DYNAMIC TABLE t TARGET_LAG = '1 minute' REFRESH_MODE = {mode} AS {QUERY}")
    assert dt.execute("SELECT refresh_mode FROM dyntables.dynamic_tables").rows == [("INCREMENTAL",)]


def refresh(dt: dyntables.Client, name: str = "t") -> dict[str, Any]:
    result = dt.execute(f"ALTER DYNAMIC TABLE {name} REFRESH")
    return next(r for row in result.rows if (r := dict(zip(result.columns, row, strict=True)))["name"].endswith(name))


def history(dt: dyntables.Client) -> dict[str, Any]:
    result = dt.execute("SELECT * FROM dyntables.refresh_history WHERE name = 't' ORDER BY refresh_id DESC LIMIT 1")
    return dict(zip(result.columns, result.rows[0], strict=True))


def predicted(dt: dyntables.Client) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(dt.execute("EXPLAIN CHANGES USING JSON t").rows[0][0])[0]
    return document


def expect_costs(dt: dyntables.Client, full: float) -> None:
    """Set what the build took: the machine's speed must not decide the test."""
    dt.execute(f"UPDATE dyntables.dynamic_table SET costs = jsonb_set(costs, '{{full,0}}', '{full}')")


@pytest.mark.pg(15, 18)
@pytest.mark.parametrize("mode", ["AUTO", "ADAPTIVE"])
def test_a_bulk_update_is_full_and_the_next_small_change_incremental(dt: dyntables.Client, mode: str) -> None:
    create(dt, mode)
    expect_costs(dt, 0.2)
    dt.execute("UPDATE s SET v = v + 1")
    prediction = predicted(dt)
    done = refresh(dt)
    assert (done["action"], done["reason"]) == ("FULL", "CHEAPER_IN_FULL")
    assert (prediction["action"], prediction["reason"]) == ("FULL", "CHEAPER_IN_FULL")
    row = history(dt)
    assert row["estimated_full_ms"] == pytest.approx(prediction["estimated_ms"]["full"], rel=0.01)
    assert row["estimated_incremental_ms"] == pytest.approx(prediction["estimated_ms"]["incremental"], rel=0.01)
    assert row["estimated_incremental_ms"] > row["estimated_full_ms"]
    assert f"{2 * ROWS:,} changed rows" in row["choice"]
    dt.execute("UPDATE s SET v = v - 5 WHERE id < 4")
    assert predicted(dt)["action"] == "INCREMENTAL"
    done = refresh(dt)
    assert (done["action"], done["reason"]) == ("INCREMENTAL", "CHANGES")
    assert history(dt)["estimated_incremental_ms"] is not None
    assert dt.execute("ALTER DYNAMIC TABLE t VERIFY").rows[0][1] is True


def test_incremental_never_falls_to_full_by_cost(dt: dyntables.Client) -> None:
    create(dt, "INCREMENTAL")
    expect_costs(dt, 0.001)
    dt.execute("UPDATE s SET v = v + 1")
    assert predicted(dt)["action"] == "INCREMENTAL"
    assert refresh(dt)["action"] == "INCREMENTAL"
    assert history(dt)["choice"] is None
    assert dt.execute("ALTER DYNAMIC TABLE t VERIFY").rows[0][1] is True


def test_a_table_above_a_full_refresh_stays_incremental(dt: dyntables.Client) -> None:
    create(dt, "AUTO")
    dt.execute("CREATE DYNAMIC TABLE u TARGET_LAG = '1 minute' AS SELECT g % 7 AS k, sum(total) AS x FROM t GROUP BY 1")
    expect_costs(dt, 0.2)
    dt.execute("UPDATE s SET v = v + 1 WHERE id > 6000")
    dt.execute("UPDATE dyntables.dynamic_table SET refresh_mode = 'INCREMENTAL' WHERE table_name = 'u'")
    assert refresh(dt, "u")["action"] == "INCREMENTAL"
    assert history(dt)["refresh_action"] == "FULL"
    for name in ("t", "u"):
        assert dt.execute(f"ALTER DYNAMIC TABLE {name} VERIFY").rows[0][1] is True


def test_an_incremental_refresh_that_takes_too_long_is_given_up(
    dt: dyntables.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "_LEAST", 0.02)
    create(dt, "AUTO")
    expect_costs(dt, 0.001)
    dt.execute("UPDATE dyntables.dynamic_table SET costs = jsonb_set(costs, '{points}', "
               "'{\"public.s\": {\"8\": [100000, 0.01, 4000000000, 0, 0]}}')")  # fmt: skip
    dt.execute("UPDATE s SET v = v + 1")
    done = refresh(dt)
    assert (done["state"], done["action"], done["reason"]) == ("SUCCEEDED", "FULL", "CHEAPER_IN_FULL")
    assert "incremental was given up after" in history(dt)["choice"]
    [(costs,)] = dt.execute("SELECT costs FROM dyntables.dynamic_table").rows
    [point] = costs["points"]["public.s"].values()
    assert point[1] > 0.01
    assert dt.execute("SHOW statement_timeout").rows == [("0",)]
    assert dt.execute("ALTER DYNAMIC TABLE t VERIFY").rows[0][1] is True


def test_refreshes_teach_the_model(dt: dyntables.Client) -> None:
    create(dt, "AUTO")
    dt.execute("UPDATE s SET v = 0 WHERE id = 1")
    assert refresh(dt)["action"] == "INCREMENTAL"
    [(costs,)] = dt.execute("SELECT costs FROM dyntables.dynamic_table").rows
    assert costs["full"][1] == ROWS + 3000
    assert list(costs["points"]) == ["public.s"]


@pytest.mark.pg(15, 18)
def test_what_can_no_longer_be_maintained_falls_back_loudly(dt: dyntables.Client, database_url: str) -> None:
    dt.execute("CREATE VIEW w AS SELECT g, v FROM s")
    for mode in ("AUTO", "INCREMENTAL"):
        dt.execute(
            f"CREATE DYNAMIC TABLE {mode.lower()}_t TARGET_LAG = '1 minute' REFRESH_MODE = {mode} AS "
            "SELECT g, sum(v) AS total FROM w GROUP BY g"
        )
    with psycopg.connect(database_url, autocommit=True) as other:
        other.execute("CREATE OR REPLACE VIEW w AS SELECT g, v FROM s WHERE random() >= 0")
    done = refresh(dt, "auto_t")
    assert (done["state"], done["action"], done["reason"]) == ("SUCCEEDED", "FULL", "NOT_INCREMENTAL")
    mode, why = dt.execute(
        "SELECT refresh_mode, refresh_mode_reason FROM dyntables.dynamic_tables WHERE name = 'auto_t'"
    ).rows[0]
    assert mode == "FULL"
    assert "random" in why
    with pytest.raises(dyntables.errors.UnsupportedQueryError, match="can no longer be refreshed incrementally"):
        dt.execute("ALTER DYNAMIC TABLE incremental_t REFRESH")
    assert dt.execute("SELECT sum(total) FROM incremental_t").rows == [(sum(range(1, ROWS + 1)),)]
