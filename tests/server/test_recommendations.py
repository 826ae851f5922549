"""Recommendations count what the scheduler did, and not what people asked for or what happened while nobody led."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

import dyntables
from dyntables.server.read.system.recommendations import recommend

_HISTORY = """
INSERT INTO dyntables.refresh (dynamic_table_id, run, trigger, state, action, reason, data_timestamp, started_at,
    ended_at, duration_ms, target_lag_seconds, previous_data_timestamp)
SELECT t.id, gen_random_uuid(), %(trigger)s, 'SUCCEEDED', %(action)s, 'x', began, began,
    began + make_interval(secs => %(seconds)s), 1000 * %(seconds)s, t.target_lag_seconds,
    lag(began) OVER (ORDER BY began)
FROM dyntables.dynamic_table t, unnest(%(ages)s::interval[]) age, LATERAL (SELECT now() - age) b(began)
WHERE t.table_name = 't' ORDER BY began
"""


@pytest.fixture
def connection(database_url: str) -> Iterator[psycopg.Connection]:
    with dyntables.connect(database_url) as client:
        client.execute("CREATE TABLE s (id integer)")
        client.execute("CREATE DYNAMIC TABLE t TARGET_LAG = '1 minute' AS SELECT id FROM s")
    with psycopg.connect(database_url, autocommit=True) as opened:
        opened.execute("DELETE FROM dyntables.refresh")
        opened.execute("UPDATE dyntables.dynamic_table SET created_at = now() - interval '2 hours'")
        yield opened


def kinds(connection: psycopg.Connection) -> dict[str, str | None]:
    return {r.kind: r.statement for r in recommend(connection)}


def refreshed(connection: psycopg.Connection, trigger: str, action: str, seconds: float, *ages: str) -> None:
    given = {"trigger": trigger, "action": action, "seconds": seconds, "ages": [*ages]}
    connection.execute(_HISTORY, given)


def test_a_table_is_not_blamed_for_the_time_in_which_nobody_led(connection: psycopg.Connection) -> None:
    minutes = [f"{n / 2} minutes" for n in range(1, 19)]
    refreshed(connection, "SCHEDULED", "INCREMENTAL", 0.1, "55 minutes", *minutes)
    connection.execute("UPDATE dyntables.leader SET since = now() - interval '10 minutes'")
    [(ratio,)] = connection.execute("SELECT time_within_target_lag_ratio FROM dyntables.lag").fetchall()
    assert ratio < 0.5
    assert "OFTEN_LATE" not in kinds(connection)
    connection.execute("UPDATE dyntables.leader SET since = now() - interval '1 day'")
    assert "OFTEN_LATE" in kinds(connection)


def test_full_refreshes_that_people_asked_for_are_not_too_many(connection: psycopg.Connection) -> None:
    refreshed(connection, "MANUAL", "FULL", 10, "60 seconds", "40 seconds", "20 seconds")
    assert "FULL_TOO_OFTEN" not in kinds(connection)
    refreshed(connection, "SCHEDULED", "FULL", 10, "60 seconds", "40 seconds", "20 seconds")
    assert kinds(connection)["FULL_TOO_OFTEN"] == 'ALTER DYNAMIC TABLE "public"."t" SET TARGET_LAG = \'100 seconds\''
    connection.execute("UPDATE dyntables.dynamic_table SET target_lag_seconds = 3600")
    assert kinds(connection)["FULL_TOO_OFTEN"] is None, "a shorter lag is no help"
