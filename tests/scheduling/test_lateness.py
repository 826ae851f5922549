"""Lag metrics from the history, skipped ticks, and the answer to "why is it late"."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta

import psycopg
import pytest
from typer.testing import CliRunner

import dyntables
from dyntables import clock
from dyntables.cli import app
from dyntables.scheduling.scheduler import Scheduler
from tests.support.processes import schedulers, wait_until


@pytest.fixture
def client(database_url: str) -> Iterator[dyntables.Client]:
    with dyntables.connect(database_url) as opened:
        opened.execute("CREATE TABLE s (id integer)")
        opened.execute("CREATE DYNAMIC TABLE low TARGET_LAG = DOWNSTREAM AS SELECT id FROM s")
        opened.execute("CREATE DYNAMIC TABLE t TARGET_LAG = '1 minute' AS SELECT count(*) AS n FROM low")
        yield opened


def why(client: dyntables.Client, name: str) -> dict[str, str]:
    rows = client.execute(
        f"SELECT w.* FROM dyntables.dynamic_table d, dyntables.why_late(d.id) w WHERE d.table_name = '{name}'"
    ).rows
    return dict(rows)


def test_lag_is_a_sawtooth_over_the_history(client: dyntables.Client) -> None:
    client.execute("DELETE FROM dyntables.refresh")
    # Four refreshes that took two seconds each, 10, 30 and 100 seconds apart; the last ended just now.
    client.execute(
        "INSERT INTO dyntables.refresh (dynamic_table_id, run, trigger, state, action, data_timestamp, started_at, "
        "ended_at, target_lag_seconds) SELECT t.id, gen_random_uuid(), 'SCHEDULED', 'SUCCEEDED', 'INCREMENTAL', "
        "now() - (a + 2) * interval '1 s', now(), now() - a * interval '1 s', 60 FROM dyntables.dynamic_table t, "
        "unnest(ARRAY[140, 130, 100, 0]) a WHERE t.table_name = 't'"
    )
    client.execute("UPDATE dyntables.dynamic_table SET data_timestamp = now() - interval '2 s' WHERE table_name = 't'")
    query = (
        "SELECT refreshes, lag_sec, mean_lag_sec, p95_lag_sec, maximum_lag_sec, time_above_target_lag_sec, "
        "time_within_target_lag_ratio FROM dyntables.lag WHERE name = 't'"
    )
    teeth, lag, mean, p95, highest, above, within = client.execute(query).rows[0]
    assert teeth == 4  # the fourth is the one that is open
    assert lag == pytest.approx(2, abs=1)
    # Teeth from 2 to 12, 2 to 32, 2 to 102 seconds.
    assert mean == pytest.approx((10 * 7 + 30 * 17 + 100 * 52) / 140, abs=1)
    assert highest == pytest.approx(102, abs=1)
    assert 32 < p95 < 102
    assert above == pytest.approx(42, abs=1)
    assert within == pytest.approx(1 - 42 / 140, abs=0.01)


def test_nothing_is_late_and_no_process_leads(client: dyntables.Client) -> None:
    found = why(client, "t")
    assert found["lag"].endswith("of 60 s")
    assert found["no scheduler"] == "no process leads: start dyntables run"
    assert set(found) == {"lag", "no scheduler"}


def test_it_says_who_blocks_the_refresh_of_what_it_reads(client: dyntables.Client, database_url: str) -> None:
    client.execute("ALTER DYNAMIC TABLE t SET TARGET_LAG = '1 second'")
    with psycopg.connect(database_url, application_name="nightly report") as blocker, schedulers(database_url):
        wait_until(lambda: "no scheduler" not in why(client, "t"))
        (storage,) = blocker.execute(
            "SELECT format('dyntables_data.t%s_g%s', id, generation) FROM dyntables.dynamic_table "
            "WHERE table_name = 'low'"
        ).fetchone() or ("",)
        blocker.execute(f"LOCK TABLE {storage} IN SHARE MODE")
        client.execute("INSERT INTO s VALUES (1)")
        wait_until(lambda: "blocked by" in why(client, "t"))
        found = why(client, "t")
        assert "nightly report" in found["blocked by"]
        assert "LOCK TABLE dyntables_data" in found["blocked by"]
        assert "public.low" in found["working"]
        assert "waits for Lock relation" in found["working"]
        skipped = "SELECT state, reason FROM dyntables.refresh WHERE state = 'SKIPPED'"
        wait_until(lambda: ("SKIPPED", "STILL_RUNNING") in client.execute(skipped).rows)
        blocker.rollback()
        wait_until(lambda: client.execute("SELECT n FROM t").rows == [(1,)])
        wait_until(lambda: "working" not in why(client, "t"))


def test_what_a_lock_of_somebody_else_takes_is_no_work(client: dyntables.Client, database_url: str) -> None:
    """Else one long lock makes a table start far too early, again and again, long after it has gone."""
    client.execute("ALTER DYNAMIC TABLE t SET TARGET_LAG = '5 seconds'")
    client.execute("INSERT INTO s VALUES (1)")
    client.execute("ALTER DYNAMIC TABLE t REFRESH")
    with psycopg.connect(database_url) as blocker, schedulers(database_url):
        (storage,) = blocker.execute(
            "SELECT format('dyntables_data.t%s_g%s', id, generation) FROM dyntables.dynamic_table "
            "WHERE table_name = 'low'"
        ).fetchone() or ("",)
        blocker.execute(f"LOCK TABLE {storage} IN SHARE MODE")
        client.execute("INSERT INTO s VALUES (1)")
        wait_until(lambda: "blocked by" in why(client, "t"))
        waits = "SELECT max(clock_timestamp() - query_start) > interval '5 s' FROM dyntables.activity"
        wait_until(lambda: client.execute(f"{waits} WHERE cardinality(blocked_by) > 0").rows == [(True,)])
        blocker.rollback()
        wait_until(lambda: client.execute("SELECT n FROM t").rows == [(2,)])
        expected = "SELECT table_name, expected_seconds FROM dyntables.dynamic_table"
        assert max(seconds for _, seconds in client.execute(expected).rows) < 1
        waited = "SELECT max(waited_ms) FROM dyntables.refresh WHERE action = 'INCREMENTAL'"
        assert client.execute(waited).rows[0][0] > 4000
        for number in (3, 4):
            client.execute("INSERT INTO s VALUES (1)")
            wait_until(lambda n=number: client.execute("SELECT n FROM t").rows == [(n,)])  # type: ignore[misc]
        apart = (
            "SELECT extract(epoch FROM max(started_at) - min(started_at))::float8 FROM (SELECT r.started_at "
            "FROM dyntables.refresh r JOIN dyntables.dynamic_table d ON d.id = r.dynamic_table_id "
            "WHERE d.table_name = 't' AND r.action = 'INCREMENTAL' ORDER BY r.id DESC LIMIT 2) x"
        )
        assert client.execute(apart).rows[0][0] > 0.5, "it refreshed without pause"


def test_it_names_what_fails_is_suspended_or_has_no_reader(client: dyntables.Client) -> None:
    assert "no reader" not in why(client, "low")
    client.execute("CREATE DYNAMIC TABLE lonely TARGET_LAG = DOWNSTREAM AS SELECT id FROM s")
    assert "no dynamic table reads it" in why(client, "lonely")["no reader"]
    client.execute("ALTER DYNAMIC TABLE low SUSPEND")
    assert why(client, "t")["suspended"]
    client.execute("UPDATE dyntables.dynamic_table SET consecutive_failures = 2 WHERE table_name = 'low'")
    assert why(client, "t")["failing"].startswith("public.low failed 2 times")


def test_the_verbs_print_it(client: dyntables.Client, database_url: str) -> None:
    runner = CliRunner()
    answer = runner.invoke(app, ["why", "public.t", "--database", database_url, "--format", "json"])
    assert answer.exit_code == 0, answer.output
    assert "no process leads" in answer.stdout
    assert runner.invoke(app, ["why", "nothing", "--database", database_url]).exit_code == 1
    shown = runner.invoke(app, ["show", "--database", database_url, "--format", "csv"])
    assert "within_target" in shown.stdout.splitlines()[0]
    assert "no process leads" not in shown.stdout
    assert "none: start dyntables run" in runner.invoke(app, ["doctor", "--database", database_url]).stdout


def test_a_jump_of_our_clock_changes_nothing(
    client: dyntables.Client, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A day ahead would refresh without pause, a day back never."""
    client.execute("ALTER DYNAMIC TABLE t SET TARGET_LAG = '1 second'")
    now, offset = clock.now, [0.0]
    latest = "SELECT coalesce(max(id), 0), (SELECT coalesce(max(n), 0) FROM t) FROM dyntables.refresh"
    spread = (
        "SELECT extract(epoch FROM max(started_at) - min(started_at))::float8 FROM dyntables.refresh "
        "WHERE action = 'INCREMENTAL'"
    )

    monkeypatch.setattr(clock, "now", lambda: now() + timedelta(days=offset[0]))
    scheduler = Scheduler(database_url)
    thread = threading.Thread(target=scheduler.run)
    thread.start()
    try:
        for days in (0.0, 1.0, -1.0):
            offset[0] = days
            (since, seen), rounds = client.execute(latest).rows[0], 4
            for number in range(seen + 1, seen + rounds + 1):
                client.execute("INSERT INTO s VALUES (1)")
                wait_until(lambda n=number: client.execute("SELECT n FROM t").rows == [(n,)])  # type: ignore[misc]
            ((spent,),) = client.execute(f"{spread} AND id > {since}").rows
            assert spent > 0.2 * (rounds - 1), "it refreshed without pause"
    finally:
        scheduler.stop()
        thread.join()


def test_a_server_whose_clock_went_back_refreshes_at_once(client: dyntables.Client, database_url: str) -> None:
    client.execute("INSERT INTO s VALUES (1)")
    client.execute("UPDATE dyntables.dynamic_table SET data_timestamp = now() + interval '1 day'")
    with schedulers(database_url):
        wait_until(lambda: client.execute("SELECT n FROM t").rows == [(1,)])
    assert client.execute("SELECT count(*) FROM dyntables.dynamic_table WHERE data_timestamp > now()").rows == [(0,)]
