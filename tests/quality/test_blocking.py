"""ON VIOLATION BLOCK: what breaks a rule is not published, by whatever action, and leaves nothing behind."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import dyntables
from dyntables.catalog.model import Trigger
from dyntables.engines.at_work import engine_on
from dyntables.engines.postgres.connection.session import connect
from dyntables.errors import DyntablesError, QualityBlockedError
from dyntables.refresh.checks import CHECKS
from dyntables.refresh.runner import Refresher

STATE = (
    "SELECT frontier, consumed, change_version, generation, data_timestamp FROM dyntables.dynamic_table "
    "WHERE table_name = 't'"
)


@pytest.fixture
def dt(database_url: str) -> Iterator[dyntables.Client]:
    with dyntables.connect(database_url) as client:
        client.execute("CREATE TABLE s (id integer PRIMARY KEY, n integer); INSERT INTO s VALUES (1, 1), (2, 2)")
        yield client


def make(dt: dyntables.Client, mode: str) -> None:
    dt.execute(
        "CREATE DYNAMIC TABLE t (id, n, CONSTRAINT positive EXPECT (n > 0) ON VIOLATION BLOCK) "
        f"TARGET_LAG = '1 hour' REFRESH_MODE = {mode} AS SELECT id, n FROM s"
    )
    dt.execute("CREATE DYNAMIC TABLE above TARGET_LAG = '1 hour' REFRESH_MODE = INCREMENTAL AS SELECT id, n FROM t")


@pytest.mark.parametrize(
    ("mode", "change", "action"),
    [
        ("INCREMENTAL", "INSERT INTO s VALUES (3, -1)", "INCREMENTAL"),
        ("FULL", "INSERT INTO s VALUES (3, -1)", "FULL"),
        ("INCREMENTAL", "TRUNCATE s; INSERT INTO s VALUES (3, -1)", "REINITIALIZE"),
    ],
)
def test_what_breaks_a_rule_is_not_published(
    dt: dyntables.Client, database_url: str, mode: str, change: str, action: str
) -> None:
    make(dt, mode)
    logs = "SELECT count(*) FROM dyntables_log.d1" if mode == "INCREMENTAL" else "SELECT 0"
    before = (dt.execute(STATE).rows, dt.execute("SELECT * FROM t ORDER BY id").rows, dt.execute(logs).rows)
    dt.execute(change)
    ids = [i for (i,) in dt.execute("SELECT id FROM dyntables.dynamic_table ORDER BY id").rows]
    with connect(database_url) as connection:
        refresher = Refresher(connection, engine_on(connection), checks=CHECKS)
        for _ in range(2):
            blocked, waiting = refresher.refresh(ids, Trigger.MANUAL)
            assert isinstance(blocked.error, QualityBlockedError)
            assert (blocked.action, blocked.state, waiting.state) == (action, "FAILED", "UPSTREAM_FAILED")
            assert '"positive", expression(n > 0): 1 of ' in blocked.error.message
            assert blocked.error.detail == 'positive: [{"n": -1, "id": 3}]'
            after = (dt.execute(STATE).rows, dt.execute("SELECT * FROM t ORDER BY id").rows, dt.execute(logs).rows)
            assert after == before
    [(code, message)] = dt.execute(
        "SELECT error ->> 'code', error ->> 'message' FROM dyntables.refresh WHERE state = 'FAILED' LIMIT 1"
    ).rows
    assert (code, "-1" in message) == ("DT405", False)
    dt.execute("UPDATE s SET n = 9 WHERE n < 0")
    done = dt.execute("ALTER DYNAMIC TABLE above REFRESH").refreshes
    assert (done[0].action, done[0].state) == (action, "SUCCEEDED")
    [(equal,)] = [row[1:2] for row in dt.execute("ALTER DYNAMIC TABLE t VERIFY").rows]
    assert equal
    [(state, failed)] = dt.execute("SELECT state, failed FROM dyntables.quality_results ORDER BY id DESC LIMIT 1").rows
    assert (state, failed) == ("PASSED", 0)


def test_a_table_that_begins_badly_is_not_made(dt: dyntables.Client) -> None:
    dt.execute("INSERT INTO s VALUES (3, -1)")
    with pytest.raises(QualityBlockedError):
        make(dt, "INCREMENTAL")
    assert dt.execute("SELECT FROM dyntables.dynamic_table").rows == []
    assert dt.execute("SELECT FROM dyntables.quality_rule").rows == []


def test_a_rule_that_cannot_be_checked_does_not_block(dt: dyntables.Client) -> None:
    make(dt, "INCREMENTAL")
    dt.execute("CREATE QUALITY RULE div ON t CHECK expression(1 / (n - 7) > -9) ON VIOLATION BLOCK")
    dt.execute("INSERT INTO s VALUES (7, 7)")
    [done] = dt.execute("ALTER DYNAMIC TABLE t REFRESH").refreshes
    assert (done.action, done.state) == ("INCREMENTAL", "SUCCEEDED")
    states = dt.execute("SELECT rule_name, state FROM dyntables.quality_results ORDER BY id DESC LIMIT 2").rows
    assert sorted(states) == [("div", "ERROR"), ("positive", "PASSED")]


def test_a_rule_whose_column_goes_is_disabled(dt: dyntables.Client) -> None:
    make(dt, "INCREMENTAL")
    dt.execute("DROP DYNAMIC TABLE above")
    dt.execute("CREATE OR REPLACE DYNAMIC TABLE t TARGET_LAG = '1 hour' AS SELECT id, n AS m FROM s")
    [(enabled, reason)] = dt.execute("SELECT enabled, disabled_reason FROM dyntables.quality_rules").rows
    assert (enabled, '"n" does not exist' in reason or ".n does not exist" in reason) == (False, True)
    dt.execute("INSERT INTO s VALUES (3, -1)")
    assert [r.state for r in dt.execute("ALTER DYNAMIC TABLE t REFRESH").refreshes] == ["SUCCEEDED"]


def test_a_replacement_brings_its_rules_when_it_is_done(dt: dyntables.Client) -> None:
    make(dt, "INCREMENTAL")
    dt.execute("DROP DYNAMIC TABLE above")
    failing = "CREATE OR REPLACE DYNAMIC TABLE t (CONSTRAINT positive EXPECT (n >= 0)) TARGET_LAG = '1 hour' AS "
    with pytest.raises(DyntablesError):
        dt.execute(failing + "SELECT id, 1 / (n - 1) AS n FROM s")
    assert dt.execute("SELECT definition FROM dyntables.quality_rules").rows == [("expression(n > 0)",)]
    dt.execute(failing + "SELECT id, n FROM s")
    assert dt.execute("SELECT definition FROM dyntables.quality_rules").rows == [("expression(n >= 0)",)]


def test_rules_leave_and_come_back_with_their_table(dt: dyntables.Client) -> None:
    make(dt, "INCREMENTAL")
    dt.execute("DROP DYNAMIC TABLE t CASCADE")
    assert dt.execute("SELECT FROM dyntables.quality_rules").rows == []
    dt.execute("UNDROP DYNAMIC TABLE t")
    assert dt.execute("SELECT rule_name FROM dyntables.quality_rules").rows == [("positive",)]


def test_what_is_blocked_is_published_once_by_decision(dt: dyntables.Client) -> None:
    make(dt, "INCREMENTAL")
    dt.execute("INSERT INTO s VALUES (3, -1)")
    with pytest.raises(QualityBlockedError):
        dt.execute("ALTER DYNAMIC TABLE t REFRESH")
    [done] = dt.execute("ALTER DYNAMIC TABLE t REFRESH PUBLISH ANYWAY").refreshes
    assert (done.action, done.state) == ("INCREMENTAL", "SUCCEEDED")
    found = dt.execute("SELECT state, failed FROM dyntables.quality_results ORDER BY id DESC LIMIT 1").rows
    assert found == [("FAILED", 1)]
    trail = "SELECT action, object FROM dyntables.audit_trail WHERE action LIKE 'PUBLISH%'"
    assert dt.execute(trail).rows == [("PUBLISH ANYWAY", "public.t")]
    dt.execute("INSERT INTO s VALUES (4, 4)")
    with pytest.raises(DyntablesError, match="was not refreshed"):
        dt.execute("ALTER DYNAMIC TABLE above REFRESH")
    dt.execute("ALTER DYNAMIC TABLE t REFRESH PUBLISH ANYWAY")
    assert dt.execute("ALTER DYNAMIC TABLE above REFRESH").refreshes[-1].action == "INCREMENTAL"
    assert dt.execute("TABLE t EXCEPT ALL TABLE above").rows == []
