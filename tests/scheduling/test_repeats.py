"""Refreshes that find nothing again and again are one row of the history, and the figures stay those of many."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import psycopg
import pytest

import dyntables
from dyntables.catalog import store
from dyntables.catalog.model import RefreshReason, RefreshState
from dyntables.catalog.parts.contents import Look
from dyntables.refresh.choice.idle import Sweep
from dyntables.refresh.logs import prune as housekeeping
from dyntables.refresh.record.repeats import Repeat, write_repeats
from dyntables.scheduling.looks import Looks
from tests.support.tables import changed

_ROWS = (
    "SELECT state, reason, count, first_ended_at, ended_at, longest_lag_seconds FROM dyntables.refresh "
    "WHERE action = 'NO_DATA' ORDER BY id"
)


@pytest.fixture
def service(database_url: str) -> Iterator[psycopg.Connection]:
    with dyntables.connect(database_url) as client, psycopg.connect(database_url, autocommit=True) as connection:
        client.execute("CREATE TABLE s (id integer)")
        client.execute("CREATE DYNAMIC TABLE t TARGET_LAG = '1 second' AS SELECT count(*) AS n FROM s")
        yield connection


def _now(connection: psycopg.Connection) -> datetime:
    row = connection.execute("SELECT clock_timestamp()").fetchone()
    assert row is not None
    found: datetime = row[0]
    return found


def test_a_run_is_one_row_and_what_is_late_or_of_another_kind_has_its_own(service: psycopg.Connection) -> None:
    (table_id,) = store.load_all(service)
    at = _now(service)

    def write(seconds: float, lag: float, *, count: int = 1, skipped: bool = False) -> None:
        kind = (RefreshState.SKIPPED, RefreshReason.STILL_RUNNING) if skipped else (_FOUND, _NOTHING)
        end = at + timedelta(seconds=seconds)
        write_repeats(service, [Repeat(table_id, *kind, end, end, end - timedelta(seconds=lag), 1, end, count=count)])

    for seconds, lag in ((1, 0.8), (2, 0.9), (3, 0.7)):
        write(seconds, lag)
    write(6, 3.0)
    write(9, 3.0)
    write(10, 0.5)
    write(20, 10.0, count=5, skipped=True)
    write(21, 11.0, skipped=True)
    write(22, 0.5)
    write(23, 0.6)
    write(22 + 3600, 0.6)
    found = [
        (state, count, first and (first - at).total_seconds(), (end - at).total_seconds(), longest)
        for state, _, count, first, end, longest in service.execute(_ROWS).fetchall()
    ]
    assert found == [
        ("SUCCEEDED", 3, 1, 3, 0.9),
        ("SUCCEEDED", 1, None, 6, None),
        ("SUCCEEDED", 1, None, 9, None),
        ("SUCCEEDED", 1, None, 10, None),
        ("SKIPPED", 6, 20, 21, 11.0),
        ("SUCCEEDED", 2, 22, 23, 0.6),
        ("SUCCEEDED", 1, None, 3622, None),
    ]
    # A table that was dropped meanwhile is nobody's.
    write_repeats(service, [Repeat(-1, _FOUND, _NOTHING, at, at, at, 1, at)])


_FOUND, _NOTHING = RefreshState.SUCCEEDED, RefreshReason.NO_CHANGES


def test_looks_are_written_ever_more_rarely_and_before_the_table_is_refreshed(service: psycopg.Connection) -> None:
    tables = store.load_all(service)
    (table_id,) = tables
    at, looks, writes, rows = _now(service), Looks(), 0, "SELECT xmin::text, count FROM dyntables.refresh ORDER BY id"
    seen = service.execute(rows).fetchall()
    for number in range(1, 601):
        now = at + timedelta(seconds=number)
        tables[table_id] = changed(tables[table_id], look=Look(now - timedelta(seconds=0.9)))
        looks.note(Sweep(frozenset(tables), now, now), tables)
        looks.write(service)
        present = service.execute(rows).fetchall()
        writes, seen = writes + (present != seen), present
    assert writes <= 12
    looks.write(service, before=[table_id])
    assert [(count, longest) for _, _, count, _, _, longest in service.execute(_ROWS).fetchall()] == [(600, 0.9)]


def test_the_lag_of_a_calm_hour_is_that_of_its_looks(service: psycopg.Connection) -> None:
    (table_id,) = store.load_all(service)
    service.execute("DELETE FROM dyntables.refresh")
    now = _now(service)
    end, first = now - timedelta(seconds=10), now - timedelta(minutes=30)
    previous = end - timedelta(seconds=0.8)
    run = Repeat(
        table_id, _FOUND, _NOTHING, end, end, previous, 1, end, count=2238, first_ended_at=first, longest_lag=0.9
    )
    write_repeats(service, [run])
    service.execute("UPDATE dyntables.dynamic_table SET data_timestamp = %s", (first,))
    looked = "SELECT setval('dyntables_data.looks_' || %s, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint)"
    service.execute(looked, (table_id,))
    row = service.execute(
        "SELECT refreshes, mean_lag_sec, p95_lag_sec, maximum_lag_sec, time_within_target_lag_ratio, lag_sec "
        "FROM dyntables.lag"
    ).fetchone()
    assert row is not None
    refreshes, mean, p95, longest, within, lag = row
    assert 2238 <= refreshes <= 2260
    assert mean == pytest.approx(0.45, abs=0.02)
    assert p95 == pytest.approx(0.9, abs=0.01)
    assert longest == pytest.approx(0.9, abs=0.5)
    assert within == pytest.approx(1, abs=0.001)
    assert lag < 10


def test_a_year_of_history_is_pruned_as_it_comes(service: psycopg.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    """Forty rows in five days; then all that is older than 30 days goes, however many batches that takes."""
    monkeypatch.setattr(housekeeping, "_BATCH", 7)
    service.execute("TRUNCATE dyntables.refresh RESTART IDENTITY")
    rows = (
        "INSERT INTO dyntables.refresh (dynamic_table_id, run, trigger, state, action, started_at, ended_at) "
        "SELECT t.id, gen_random_uuid(), 'SCHEDULED', 'SUCCEEDED', 'INCREMENTAL', e.at, e.at "
        "FROM generate_series(1, 40) i, dyntables.dynamic_table t, "
        "LATERAL (SELECT now() - (365 - %s - i / 8.0) * interval '1 day' AS at) e"
    )
    kept = "UPDATE dyntables.setting SET value = (30 + 365 - %s) || ' days' WHERE name = 'history_retention'"
    for days in range(5, 366, 5):
        service.execute(rows, (days - 5,))
        service.execute(kept, (days,))
        assert housekeeping.prune_history(service) == (40 if days > 30 else 0), days
    assert service.execute("SELECT count(*) FROM dyntables.refresh").fetchone() == (6 * 40,)
    # Years later the last one is still there.
    service.execute("UPDATE dyntables.refresh SET ended_at = ended_at - interval '9 years'")
    housekeeping.prune_history(service)
    assert service.execute("SELECT count(*), max(id) = 73 * 40 FROM dyntables.refresh").fetchone() == (1, True)
