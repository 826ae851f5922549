"""The lag is judged in Python and, over many rows, in SQL: of random histories both say the same."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

import psycopg
import pytest

import dyntables
from dyntables import clock
from dyntables.health.lag import is_late, lag_at
from dyntables.health.teeth import Tooth, share_within
from dyntables.server.read.tables.lag_series import lag_series
from dyntables.server.read.tables.listed import load_one

HOUR = timedelta(hours=1)
# While a history is asked about, its open tooth grows, on a busy machine by seconds.
SLACK = 3.0


@dataclass(frozen=True)
class Ended:
    """A refresh: when it ended, and as of when the contents are since."""

    at: datetime
    data: datetime


def history(now: datetime) -> list[Ended]:
    """Return refreshes of which the first ended before the hour, and all others in it."""
    ends = [now - HOUR - timedelta(seconds=random.uniform(1, 900))]
    ends += sorted(now - timedelta(seconds=random.uniform(1, 3500)) for _ in range(random.randint(1, 12)))
    found: list[Ended] = []
    for end in ends:
        took = timedelta(seconds=random.choice([0.1, 5, 60, 400]) * random.random())
        found.append(Ended(end, max(end - took, found[-1].data if found else datetime.min.replace(tzinfo=end.tzinfo))))
    return found


def teeth(ended: list[Ended], now: datetime, since: datetime) -> list[Tooth]:
    """Return the lag between the ends of refreshes, and since the last, as far as it lies after ``since``."""
    stretches = [*((a.data, a.at, b.at) for a, b in pairwise(ended)), (ended[-1].data, ended[-1].at, now)]
    return [
        Tooth((max(begin, since) - data).total_seconds(), (end - data).total_seconds())
        for data, begin, end in stretches
        if end > since
    ]


def store(connection: psycopg.Connection, ended: list[Ended], target: int) -> None:
    connection.execute("DELETE FROM dyntables.refresh")
    connection.execute(
        "UPDATE dyntables.dynamic_table SET target_lag_seconds = %s, data_timestamp = %s, created_at = %s",
        (target, ended[-1].data, ended[0].at - HOUR),
    )
    for number, refresh in enumerate(ended):
        before = ended[number - 1].data if number else refresh.data - timedelta(seconds=10)
        connection.execute(
            "INSERT INTO dyntables.refresh (dynamic_table_id, run, trigger, state, action, data_timestamp, "
            "previous_data_timestamp, started_at, ended_at, target_lag_seconds) SELECT id, gen_random_uuid(), "
            "'SCHEDULED', 'SUCCEEDED', 'INCREMENTAL', %s, %s, %s, %s, %s FROM dyntables.dynamic_table",
            (refresh.data, before, refresh.data, refresh.at, target),
        )


def test_sql_and_python_judge_random_histories_alike(database_url: str) -> None:
    with dyntables.connect(database_url) as client, psycopg.connect(database_url, autocommit=True) as connection:
        client.execute("CREATE TABLE s (id integer); CREATE DYNAMIC TABLE t TARGET_LAG = '1 day' AS SELECT id FROM s")
        for _ in range(25):
            target = random.choice([20, 60, 300, 1200])
            ended = history(clock.now())
            store(connection, ended, target)
            lag, highest, above, over = connection.execute(
                "SELECT lag_sec, maximum_lag_sec, time_above_target_lag_sec, time_within_target_lag_ratio "
                "FROM dyntables.lag_over('1 hour')"
            ).fetchone() or (None, None, None, None)
            _, listed = load_one(connection, "public", "t")
            now = clock.now()
            series = lag_series(connection, listed, now - HOUR, now, 1000)

            said = (target, ended)
            since_first = teeth(ended[1:], now, ended[1].at)
            seconds, share = sum(t.seconds for t in since_first), share_within(since_first, target)
            assert share is not None
            assert lag == pytest.approx(lag_at(ended[-1].data, now), abs=SLACK), said
            assert highest == pytest.approx(max(t.high for t in since_first), abs=SLACK), said
            assert above == pytest.approx(seconds * (1 - share), abs=SLACK), said
            assert over == pytest.approx(share, abs=SLACK / seconds), said

            whole_hour = share_within(teeth(ended, now, now - HOUR), target)
            assert listed.within_target_ratio == pytest.approx(whole_hour, abs=SLACK / 3600), said
            assert series.within_target_ratio == pytest.approx(whole_hour, abs=SLACK / 3600), said
            if abs(lag - target) > SLACK:
                assert (lag > target) == is_late(lag_at(ended[-1].data, now), target), said
