"""A leader tells of refreshes and of lateness, without a web server."""

from __future__ import annotations

import threading
import time
from datetime import timedelta

import psycopg

import dyntables
from dyntables.catalog.model import RefreshState
from dyntables.errors import ExpressionError
from dyntables.events import (
    Bus,
    Fact,
    LeaderChanged,
    RefreshEnded,
    SourceAltered,
    TableFailed,
    TableLate,
    TableRecovered,
)
from dyntables.refresh.result import RefreshResult
from dyntables.scheduling.scheduler import Scheduler
from dyntables.scheduling.telling import Lateness, facts_of
from tests.support.tables import NOW, changed, table

SECOND = timedelta(seconds=1)


def test_lateness_is_told_once_and_so_is_its_end() -> None:
    heard: list[Fact] = []
    lateness, one = Lateness(heard.append), {1: table(1)}
    lateness.look(one, NOW + 60 * SECOND)
    assert heard == []
    lateness.look(one, NOW + 61 * SECOND)
    lateness.look(one, NOW + 62 * SECOND)
    assert heard == [TableLate(1, "public.t1", 61.0, 60, NOW + 61 * SECOND)]
    fresh = {1: changed(one[1], data_timestamp=NOW + 62 * SECOND)}
    lateness.look(fresh, NOW + 62.1 * SECOND)  # a moment after the last look
    assert len(heard) == 1
    lateness.look(fresh, NOW + 63 * SECOND)
    lateness.look(fresh, NOW + 64 * SECOND)
    assert heard[1:] == [TableRecovered(1, "public.t1", NOW + 63 * SECOND)]


def test_a_target_counts_from_when_it_is_set() -> None:
    heard: list[Fact] = []
    lateness = Lateness(heard.append)
    lateness.look({1: table(1, target_lag_seconds=None)}, NOW + 61 * SECOND)
    assert heard == []
    read = {1: table(1, target_lag_seconds=None), 2: table(2, reads=(1,), data_timestamp=NOW + 61 * SECOND)}
    lateness.look(read, NOW + 62 * SECOND)
    lateness.look({**read, 2: changed(read[2], target_lag_seconds=600)}, NOW + 63 * SECOND)
    assert [(type(f), f.table_id) for f in heard if isinstance(f, TableLate | TableRecovered)] == [
        (TableLate, 1),
        (TableRecovered, 1),
    ]


def test_what_nobody_expects_to_be_fresh_is_not_late() -> None:
    heard: list[Fact] = []
    late = NOW + 61 * SECOND
    tables = {
        1: table(1, scheduling_state="SUSPENDED", suspend_reason="USER_SUSPENDED"),
        2: table(2, scheduled=False),
        3: table(3, target_lag_seconds=None),
        4: table(4, data_timestamp=None),
        5: table(5, scheduling_state="SUSPENDED", suspend_reason="SUSPENDED_DUE_TO_ERRORS"),
        6: table(6, target_lag_seconds=None),
        7: table(7, reads=(6,)),
    }
    lateness = Lateness(heard.append)
    lateness.look(tables, late)
    assert [f.table_id for f in heard if isinstance(f, TableLate)] == [5, 6, 7]
    suspended = {
        i: changed(t, scheduling_state="SUSPENDED", suspend_reason="USER_SUSPENDED") for i, t in tables.items()
    }
    lateness.look(suspended, late + SECOND)
    lateness.look({}, late + 2 * SECOND)
    assert len(heard) == 3


def test_a_listener_beside_a_scheduler_hears_what_happens(database_url: str) -> None:
    bus, heard = Bus(), []
    bus.listen(heard.append)
    with dyntables.connect(database_url) as client, psycopg.connect(database_url, autocommit=True) as other:
        client.execute("CREATE TABLE s (k int, v int); INSERT INTO s VALUES (1, 1)")
        client.execute("CREATE DYNAMIC TABLE t TARGET_LAG = '1 second' AS SELECT k, 10 / v AS v FROM s")
        other.execute("UPDATE dyntables.dynamic_table SET data_timestamp = data_timestamp - interval '1 hour'")
        scheduler = Scheduler(database_url, bus=bus)
        thread = threading.Thread(target=scheduler.run)
        thread.start()
        try:
            _wait(heard, TableLate)
            _wait(heard, TableRecovered)
            other.execute("UPDATE s SET v = 0")
            _wait(heard, TableFailed)
            other.execute("UPDATE s SET v = 2; ALTER TABLE s ALTER COLUMN v TYPE bigint")
            _wait(heard, SourceAltered)
        finally:
            scheduler.stop()
            thread.join()
    assert isinstance(heard[0], LeaderChanged)
    failed = next(f for f in heard if isinstance(f, TableFailed))
    ended = [f for f in heard if isinstance(f, RefreshEnded)]
    assert failed.name == "public.t"
    assert "division by zero" in failed.error_message
    assert {"SUCCEEDED", "FAILED"} <= {f.state for f in ended}
    assert {f.error_code for f in ended if f.state == "FAILED"} == {failed.error_code}


def _wait(heard: list[Fact], kind: type[Fact]) -> None:
    until = time.monotonic() + 60
    while not any(isinstance(fact, kind) for fact in heard):
        assert time.monotonic() < until, f"no {kind.__name__} among {heard}"
        time.sleep(0.02)


def test_what_is_told_quotes_no_rows() -> None:
    error = ExpressionError('invalid input syntax for type integer: "secret"', sqlstate="22P02")
    result = RefreshResult(1, "public", "t", RefreshState.FAILED, error=error)
    ended, failed = facts_of([result], NOW)
    assert isinstance(ended, RefreshEnded)
    assert isinstance(failed, TableFailed)
    for message in (ended.error_message, failed.error_message):
        assert message == 'invalid input syntax for type integer: "…"'
