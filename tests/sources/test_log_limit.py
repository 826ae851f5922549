"""A reader that does not come for its changes does not fill the disk, and loses none silently."""

from __future__ import annotations

import time

import psycopg
import pytest

import dyntables
from dyntables.refresh.logs.prune import prune_history, trim_all
from dyntables.scheduling.housekeeper import Housekeeper
from tests.support.refreshes import refreshed

pytestmark = pytest.mark.pg(15, 18)

_LIMIT = 2_000_000


@pytest.fixture
def client(database_url: str):  # type: ignore[no-untyped-def]
    with dyntables.connect(database_url) as opened:
        opened.execute(f"UPDATE dyntables.setting SET value = '{_LIMIT}' WHERE name = 'log_limit'")
        opened.execute("CREATE TABLE s (id integer PRIMARY KEY, v integer)")
        opened.execute("INSERT INTO s SELECT i, i FROM generate_series(1, 10000) i")
        for name in ("quick", "lagging"):
            opened.execute(
                f"CREATE DYNAMIC TABLE {name} TARGET_LAG = '1 hour' REFRESH_MODE = INCREMENTAL "
                "AS SELECT v % 7 AS k, count(*) AS n FROM s "
                f"GROUP BY 1"
            )
        yield opened


def _log_bytes(client: dyntables.Client) -> int:
    return int(client.execute("SELECT log_bytes FROM dyntables.sources").rows[0][0])


def test_storage_stays_bounded_with_a_lagging_reader(client: dyntables.Client) -> None:
    suspended = client.execute("ALTER DYNAMIC TABLE lagging SUSPEND")
    assert any("log_limit" in n for n in suspended.notices)
    most = 0
    for round_ in range(40):
        client.execute(f"UPDATE s SET v = v + {1 + round_ % 3} WHERE id <= 3000")
        result = client.execute("ALTER DYNAMIC TABLE quick REFRESH")
        assert result.rows[0][result.columns.index("action")] == "INCREMENTAL"
        most = max(most, _log_bytes(client))
    # 6000 rows of 36 bytes and more each time: without the limit there would be over 10 MB.
    assert most < _LIMIT * 1.5
    assert client.execute("SELECT generations <= 40 FROM dyntables.sources").rows == [(True,)]
    marked = client.execute("SELECT name, reinitialize_reason FROM dyntables.source_readers ORDER BY name").rows
    assert marked == [("lagging", "LOG_LIMIT"), ("quick", None)]
    client.execute("ALTER DYNAMIC TABLE lagging RESUME")
    assert refreshed(client, "lagging") == ("REINITIALIZE", "LOG_LIMIT")
    client.execute("DELETE FROM s WHERE id < 9")
    assert refreshed(client, "lagging")[0] == "INCREMENTAL"
    assert refreshed(client, "quick")[0] == "INCREMENTAL"


def test_all_readers_suspended(client: dyntables.Client) -> None:
    """Nothing is refreshed, so only the housekeeping of the scheduler can notice."""
    with psycopg.connect(client.url, autocommit=True) as service:
        for _ in range(10):
            client.execute("UPDATE s SET v = v + 1")
            trim_all(service)
        assert _log_bytes(client) < _LIMIT * 1.5
    assert refreshed(client, "quick") == ("REINITIALIZE", "LOG_LIMIT")


def test_the_leader_keeps_house(client: dyntables.Client) -> None:
    client.execute("UPDATE s SET v = v + 1")
    client.execute("UPDATE dyntables.setting SET value = '100 kB' WHERE name = 'log_limit'")
    client.execute("INSERT INTO dyntables.audit (happened_at, action, object) VALUES ('2020-01-01', 'X', 'y')")
    old = "SELECT count(*) FROM dyntables.audit WHERE action = 'X'"
    problems: list[Exception] = []
    with Housekeeper(client.url, problems.append, seconds=0.05):
        deadline = time.monotonic() + 60
        while client.execute(old).rows == [(1,)] and time.monotonic() < deadline:
            time.sleep(0.05)
    assert problems == []
    assert client.execute(old).rows == [(0,)]
    assert refreshed(client, "lagging") == ("REINITIALIZE", "LOG_LIMIT")


def test_below_the_limit_nothing_is_given_up(client: dyntables.Client) -> None:
    client.execute("UPDATE s SET v = v + 1 WHERE id < 2000")
    with psycopg.connect(client.url, autocommit=True) as service:
        trim_all(service)
    assert refreshed(client, "quick") == ("INCREMENTAL", "CHANGES")
    assert refreshed(client, "lagging") == ("INCREMENTAL", "CHANGES")


def test_the_log_of_a_dynamic_table_is_bounded_too(client: dyntables.Client) -> None:
    client.execute("CREATE DYNAMIC TABLE wide TARGET_LAG = '1 hour' AS SELECT id, v FROM s WHERE id > 0")
    for name in ("above", "beside"):
        client.execute(
            f"CREATE DYNAMIC TABLE {name} TARGET_LAG = '2 hours' AS SELECT v % 3 AS k, count(*) AS n FROM wide "
            f"GROUP BY 1"
        )
    client.execute("ALTER DYNAMIC TABLE beside SUSPEND")
    for _ in range(10):
        client.execute("UPDATE s SET v = v + 1 WHERE id <= 5000")
        client.execute("ALTER DYNAMIC TABLE above REFRESH")
    log = client.execute("SELECT 'dyntables_log.d' || id FROM dyntables.dynamic_table WHERE table_name = 'wide'").rows[
        0
    ][0]
    assert client.execute(f"SELECT pg_relation_size('{log}')").rows[0][0] < _LIMIT * 1.5
    assert refreshed(client, "beside") == ("REINITIALIZE", "LOG_LIMIT")
    assert refreshed(client, "above")[0] in ("NO_DATA", "INCREMENTAL")
    client.execute("DELETE FROM s WHERE id < 9")
    assert refreshed(client, "beside")[0] == "INCREMENTAL"


def test_history_is_pruned_but_for_the_last_refresh(client: dyntables.Client) -> None:
    for _ in range(3):
        client.execute("ALTER DYNAMIC TABLE quick REFRESH")
    client.execute("UPDATE dyntables.refresh SET ended_at = ended_at - interval '31 days'")
    client.execute("UPDATE dyntables.audit SET happened_at = happened_at - interval '500 days'")
    with psycopg.connect(client.url, autocommit=True) as service:
        assert prune_history(service) == 5
        assert prune_history(service) == 0
    assert client.execute("SELECT name FROM dyntables.refresh_history ORDER BY name").rows == [("lagging",), ("quick",)]
