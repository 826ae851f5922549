"""The scheduler: deadlines as a pure function, and a real one that keeps tables within their lag."""

from __future__ import annotations

import random
import threading
import time
from datetime import timedelta

import psycopg

import dyntables
from dyntables.scheduling.deadline import Starts, batches, company, due, next_start, start_at
from dyntables.scheduling.scheduler import Scheduler
from tests.support.tables import NOW, changed, table


def test_a_table_starts_early_enough_for_what_it_takes() -> None:
    slow, fast = table(1, expected_seconds=10.0), table(2, expected_seconds=0.1)
    tables = {1: slow, 2: fast}
    assert due(tables, Starts().of(tables), NOW + timedelta(seconds=20)) == []
    assert [d.table_id for d in due(tables, Starts().of(tables), NOW + timedelta(seconds=30))] == [1]
    assert [d.table_id for d in due(tables, Starts().of(tables), NOW + timedelta(seconds=59))] == [1, 2]


def test_suspended_downstream_and_failing_tables_wait() -> None:
    later = NOW + timedelta(hours=1)
    tables = {
        1: table(1, scheduling_state="SUSPENDED"),
        2: table(2, target_lag_seconds=None),
        3: table(3, scheduled=False),
        4: table(4, retry_at=later + timedelta(seconds=1)),
    }
    assert due(tables, Starts().of(tables), later) == []


def test_busy_tables_do_not_count_and_still_have_their_readers() -> None:
    tables = {1: table(1), 2: table(2, reads=(1,), target_lag_seconds=600)}
    first = next_start(Starts().of(tables))
    second = next_start(Starts().of(tables), {1})
    assert first is not None
    assert second is not None
    assert first < second


def test_what_shares_work_and_is_due_soon_goes_along() -> None:
    now, delays = NOW + timedelta(seconds=45), {1: 6.0}
    tables = {
        1: table(1),
        2: table(2, reads=(1,)),  # starts at 41 seconds
        3: table(3, reads=(1,), expected_seconds=0.0),  # at 43
        4: table(4, reads=(1,), target_lag_seconds=600),
        5: table(5),
    }
    early = NOW + timedelta(seconds=40)
    starts = Starts().of(tables, delays)
    starting = due(tables, starts, early)
    assert [d.table_id for d in starting] == [1]
    assert [d.table_id for d in company(tables, starts, starting, early)] == [2, 3]
    assert [d.table_id for d in company(tables, starts, starting, early, (2,))] == [3]
    waiting = {**tables, 2: table(2, reads=(1,), retry_at=now), 3: table(3, reads=(1,), expected_seconds=7.0)}
    assert company(waiting, Starts().of(waiting, delays), starting, early) == []


def test_what_has_not_changed_is_not_computed_again_and_the_rest_is_right() -> None:
    chance, starts = random.Random(1), Starts()
    tables, delays = {i: table(i, reads=(i - 1,) if i % 5 else ()) for i in range(40)}, {}
    for _ in range(300):
        before, chosen = dict(tables), chance.choice(list(tables))
        match chance.randrange(6):
            case 0:
                delays[chosen] = chance.random() * 20
            case 1:
                tables[chosen] = changed(tables[chosen], scheduling_state=chance.choice(["RUNNING", "SUSPENDED"]))
            case 2:
                retry = chance.choice([None, NOW + timedelta(seconds=chance.randrange(200))])
                tables[chosen] = changed(tables[chosen], retry_at=retry)
            case 3:
                del tables[chosen]
            case 4 if len(before) < 40:
                new = next(i for i in range(40) if i not in before)
                tables[new] = table(new, reads=(new - 1,) if new % 5 else (), expected_seconds=3.0)
            case _:
                tables[chosen] = changed(tables[chosen], expected_seconds=chance.random() * 10)
        assert starts.of(tables, delays) == {i: start_at(tables, i, delays) for i in tables}
    assert starts.of({}) == {}


def test_connected_tables_are_refreshed_together() -> None:
    tables = {1: table(1), 2: table(2, reads=(1,)), 3: table(3, reads=(1,)), 4: table(4)}
    assert sorted(sorted(b) for b in batches(tables, due(tables, Starts().of(tables), NOW + timedelta(minutes=2)))) == [
        [1, 2, 3],
        [4],
    ]


def test_two_schedulers_keep_tables_fresh_and_one_takes_over(database_url: str) -> None:
    with dyntables.connect(database_url) as client:
        client.execute("CREATE TABLE s (id integer)")
        client.execute("CREATE DYNAMIC TABLE t TARGET_LAG = '1 second' AS SELECT count(*) AS n FROM s")
        client.execute("CREATE DYNAMIC TABLE broken TARGET_LAG = '1 second' AS SELECT 1 / (5 - id) AS q FROM s")
        problems: list[Exception] = []
        schedulers = [Scheduler(database_url, on_problem=problems.append) for _ in range(2)]
        threads = [threading.Thread(target=s.run) for s in schedulers]
        for thread in threads:
            thread.start()
        try:
            with psycopg.connect(database_url, autocommit=True) as writer:
                for number in range(12):
                    writer.execute("INSERT INTO s VALUES (%s)", (number,))
                    time.sleep(0.1)
            assert _wait_for(client, 12)
            assert sum(s.leading for s in schedulers) == 1
            leader = next(s for s in schedulers if s.leading)
            leader.stop()
            client.execute("INSERT INTO s VALUES (100)")
            assert _wait_for(client, 13)
            assert [s.leading for s in schedulers if s is not leader] == [True]
            failed = client.execute("SELECT count(*) > 0 FROM dyntables.refresh_history WHERE state = 'FAILED'").rows
            assert failed == [(True,)]
        finally:
            for scheduler in schedulers:
                scheduler.stop()
            for thread in threads:
                thread.join()
        assert problems == []
        for name, state in (("t", True),):
            assert client.execute(f"ALTER DYNAMIC TABLE {name} VERIFY").rows[0][1] is state


def _wait_for(client: dyntables.Client, count: int) -> bool:
    for _ in range(200):
        if client.execute("SELECT n FROM t").rows == [(count,)]:
            return True
        time.sleep(0.05)
    return False
