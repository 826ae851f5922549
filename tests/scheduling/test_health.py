"""A table that fails: tried again by backoff, suspended after its number of failures, resumed by a success."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import dyntables
from dyntables.catalog.model import Trigger
from dyntables.engines.at_work import engine_on
from dyntables.engines.postgres.connection.session import connect
from dyntables.errors import DyntablesError, InvalidOptionError
from dyntables.refresh.result import RefreshResult
from dyntables.refresh.runner import Refresher


@pytest.fixture
def client(database_url: str) -> Iterator[dyntables.Client]:
    with dyntables.connect(database_url) as opened:
        opened.execute("CREATE TABLE s (id integer)")
        yield opened


def states(client: dyntables.Client) -> dict[str, tuple[Any, ...]]:
    rows = client.execute(
        "SELECT table_name, scheduling_state, suspend_reason, consecutive_failures FROM dyntables.dynamic_table"
    ).rows
    return {name: tuple(rest) for name, *rest in rows}


def refresh(client: dyntables.Client, *names: str) -> list[RefreshResult]:
    """Refresh as the scheduler does."""
    with connect(client.url) as connection:
        ids = [
            i
            for (i,) in connection.execute(
                "SELECT id FROM dyntables.dynamic_table WHERE table_name = ANY(%s)", [[*names]]
            )
        ]
        return Refresher(connection, engine_on(connection)).refresh(ids, Trigger.SCHEDULED)


def test_after_its_failures_a_table_is_suspended_with_its_readers_and_a_success_resumes_them(
    client: dyntables.Client,
) -> None:
    client.execute(
        "CREATE DYNAMIC TABLE t TARGET_LAG = '1 minute' SUSPEND_AFTER_FAILURES = 2 AS SELECT id, 10 / id AS q FROM s"
    )
    client.execute("CREATE DYNAMIC TABLE up TARGET_LAG = '1 minute' AS SELECT sum(q) AS q FROM t")
    client.execute("CREATE DYNAMIC TABLE other TARGET_LAG = '1 minute' AS SELECT count(*) AS n FROM s")
    client.execute("INSERT INTO s VALUES (0)")
    for failures, state in ((1, "RUNNING"), (2, "SUSPENDED"), (3, "SUSPENDED")):
        results = refresh(client, "t", "other")
        assert [(r.name, str(r.state)) for r in results] == [("t", "FAILED"), ("other", "SUCCEEDED")]
        assert states(client)["t"][0::2] == (state, failures)
    assert states(client)["t"][1] == "SUSPENDED_DUE_TO_ERRORS"
    assert states(client)["up"][:2] == ("SUSPENDED", "UPSTREAM_SUSPENDED_DUE_TO_ERRORS")
    assert states(client)["other"] == ("RUNNING", None, 0)
    client.execute("UPDATE s SET id = 5")
    assert [r.action for r in refresh(client, "t")] == ["INCREMENTAL"]
    assert {n: s[0] for n, s in states(client).items()} == {"t": "RUNNING", "up": "RUNNING", "other": "RUNNING"}
    assert client.execute("ALTER DYNAMIC TABLE up VERIFY").rows[0][1] is True


def test_readers_stay_suspended_while_something_else_that_they_read_fails(client: dyntables.Client) -> None:
    for name in ("a", "b"):
        client.execute(
            f"CREATE DYNAMIC TABLE {name} TARGET_LAG = '1 minute' SUSPEND_AFTER_FAILURES = 1 "
            "AS SELECT 10 / id AS q FROM s"
        )
    client.execute("CREATE DYNAMIC TABLE up TARGET_LAG = '1 minute' AS SELECT a.q FROM a JOIN b ON a.q = b.q")
    client.execute("INSERT INTO s VALUES (0)")
    refresh(client, "a", "b")
    client.execute("UPDATE s SET id = 1")
    refresh(client, "a")
    assert {n: s[0] for n, s in states(client).items()} == {"a": "RUNNING", "b": "SUSPENDED", "up": "SUSPENDED"}
    refresh(client, "b")
    assert {s[0] for s in states(client).values()} == {"RUNNING"}


def test_failures_of_manual_refreshes_do_not_count(client: dyntables.Client) -> None:
    client.execute(
        "CREATE DYNAMIC TABLE t TARGET_LAG = '1 minute' SUSPEND_AFTER_FAILURES = 1 AS SELECT 1 / id AS q FROM s"
    )
    client.execute("INSERT INTO s VALUES (0)")
    with pytest.raises(DyntablesError, match="division by zero"):
        client.execute("ALTER DYNAMIC TABLE t REFRESH")
    assert states(client)["t"] == ("RUNNING", None, 0)


def test_disabled_tables_are_refreshed_by_name_only(client: dyntables.Client) -> None:
    client.execute("CREATE DYNAMIC TABLE low SCHEDULER = DISABLE AS SELECT id FROM s")
    client.execute("CREATE DYNAMIC TABLE up TARGET_LAG = '1 minute' AS SELECT count(*) AS n FROM low")
    client.execute("INSERT INTO s VALUES (1)")
    assert [r.name for r in refresh(client, "up")] == ["up"]
    assert client.execute("SELECT n FROM up").rows == [(0,)]
    assert [row[0] for row in client.execute("ALTER DYNAMIC TABLE up REFRESH").rows] == ["public.up"]
    assert [row[0] for row in client.execute("ALTER DYNAMIC TABLE low REFRESH").rows] == ["public.low"]
    assert [(r.name, r.action) for r in refresh(client, "up")] == [("up", "INCREMENTAL")]
    assert client.execute("SELECT n FROM up").rows == [(1,)]
    assert client.execute("ALTER DYNAMIC TABLE up VERIFY").rows[0][1:4] == (True, 0, 0)


def test_options_are_set_shown_and_unset(client: dyntables.Client) -> None:
    client.execute("CREATE DYNAMIC TABLE t SCHEDULE = '0 6 * * * Europe/Berlin' AS SELECT id FROM s")
    options = "SELECT options - 'ignored' - 'cluster_by' FROM dyntables.dynamic_table"
    assert client.execute(options).rows[0][0]["schedule"] == "0 6 * * * Europe/Berlin"
    client.execute("ALTER DYNAMIC TABLE t SET SCHEDULE = 'USING CRON */5 * * * *' SUSPEND_AFTER_FAILURES = 3")
    found = client.execute(options).rows[0][0]
    assert (found["schedule"], found["suspend_after"]) == ("*/5 * * * *", 3)
    client.execute("ALTER DYNAMIC TABLE t UNSET SCHEDULE, SUSPEND_AFTER_FAILURES")
    assert not {"schedule", "suspend_after"} & set(client.execute(options).rows[0][0])
    for wrong in ("SCHEDULE = '0 6 * *'", "SCHEDULE = 5", "SUSPEND_AFTER_FAILURES = 'x'"):
        with pytest.raises(InvalidOptionError):
            client.execute(f"ALTER DYNAMIC TABLE t SET {wrong}")
