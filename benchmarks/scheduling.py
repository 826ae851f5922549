"""The speed of scheduling: ticks that find nothing, chains, many tables, freshness, cancelling.

python -m benchmarks.scheduling                 # small tables, no TPC-H
python -m benchmarks.scheduling --freshness 60  # also 60 seconds of 200 orders/s with a target lag of one second
"""

from __future__ import annotations

import argparse
import contextlib
import statistics
import sys
import threading
import time

import psutil
import psycopg

import dyntables
from benchmarks.home import home_of
from dyntables.catalog.cache import TableCache
from dyntables.catalog.model import Trigger
from dyntables.demo.tpch.load import load
from dyntables.demo.tpch.workload import Workload
from dyntables.engines.at_work import engine_on
from dyntables.engines.postgres.connection.session import connect_unattended
from dyntables.errors import DyntablesError
from dyntables.refresh.choice.idle import sweep
from dyntables.refresh.runner import Refresher
from dyntables.scheduling.deadline import Starts, due
from dyntables.scheduling.scheduler import Scheduler

_DEPTH = 10
_TABLES = 60
_MANY = 1000


class Report:
    """Lines of a table: what, measured, target."""

    def __init__(self) -> None:
        self.missed = 0

    def line(self, what: str, milliseconds: float, target: float) -> None:
        """Print a line."""
        met = milliseconds <= target
        self.missed += not met
        print(f"| {what} | {milliseconds:,.1f} ms | ≤ {target:,g} ms | {'yes' if met else '**no**'} |", flush=True)


def _times(work: object, count: int) -> float:
    times = []
    for _ in range(count):
        started = time.monotonic()
        work()  # type: ignore[operator]
        times.append((time.monotonic() - started) * 1000)
    return statistics.median(times)


def ticks(url: str, report: Report, sources: int) -> None:
    """All of many tables are due and none has anything to do: look, sweep, commit, as the scheduler does."""
    with dyntables.connect(url) as client:
        client.execute("CREATE SCHEMA ticks")
        for number in range(sources):
            client.execute(f"CREATE TABLE ticks.s{number} (id integer, v integer)")
        for number in range(_MANY):
            client.execute(
                f"CREATE DYNAMIC TABLE ticks.t{number} TARGET_LAG = '1 minute' "
                f"AS SELECT v, count(*) AS n FROM ticks.s{number % sources} WHERE id > {number} GROUP BY v"
            )
    with connect_unattended(url, application_name="benchmark") as connection:
        cache, starts = TableCache(), Starts()
        cache.read(connection)
        ids = [i for i, t in cache.tables.items() if t.schema == "ticks"]

        def tick() -> None:
            tables = dict(cache.read(connection))
            due(tables, starts.of(tables), max(at for t in tables.values() if (at := t.contents.data_timestamp)))
            swept = sweep(connection, tables, ids)
            assert len(swept.done) == _MANY
            assert swept.began_at is not None
            cache.advance(swept.done, dict(swept.rows), swept.snapshot, swept.began_at, tables)

        tick()
        report.line(f"a tick over {_MANY:,} tables of {sources} sources, nothing to do", _times(tick, 15), 50)
        report.line(f"a look at {_MANY:,} tables of which none is due", _times(lambda: cache.read(connection), 15), 10)


def chain(url: str, report: Report) -> None:
    """A change goes through a chain of tables, each reading the one below."""
    with dyntables.connect(url) as client:
        client.execute("CREATE SCHEMA chain; CREATE TABLE chain.s (id integer PRIMARY KEY, g integer, v integer)")
        client.execute("INSERT INTO chain.s SELECT i, i % 1000, i FROM generate_series(1, 100000) i")
        below = "s"
        for number in range(_DEPTH):
            name = f"c{number}"
            query = (
                "SELECT g, count(*) AS n, sum(v) AS v FROM chain.s GROUP BY g"
                if number == 0
                else f"SELECT g, n, v + 1 AS v FROM chain.{below}"
            )
            client.execute(f"CREATE DYNAMIC TABLE chain.{name} TARGET_LAG = '1 minute' AS {query}")
            below = name
        _refreshes(client, report, f"a chain of {_DEPTH} tables, one changed row", [f"chain.{below}"], "chain.s", 100)


def many(url: str, report: Report) -> None:
    """Independent tables, each with a change."""
    with dyntables.connect(url) as client:
        client.execute("CREATE SCHEMA many; CREATE TABLE many.s (id integer PRIMARY KEY, g integer, v integer)")
        client.execute("INSERT INTO many.s SELECT i, i % 1000, i FROM generate_series(1, 100000) i")
        names = []
        for number in range(_TABLES):
            names.append(f"many.m{number}")
            client.execute(
                f"CREATE DYNAMIC TABLE many.m{number} TARGET_LAG = '1 minute' "
                f"AS SELECT g, count(*) AS n, sum(v + {number}) AS v FROM many.s GROUP BY g"
            )
        _refreshes(client, report, f"{_TABLES} independent tables, one changed row", names, "many.s", 500)


def _refreshes(
    client: dyntables.Client, report: Report, what: str, names: list[str], source: str, target: float
) -> None:
    with connect_unattended(client.url, application_name="benchmark") as connection:
        refresher = Refresher(connection, engine_on(connection))
        ids = [
            client.execute(f"SELECT id FROM dyntables.dynamic_table WHERE view_oid = '{n}'::regclass").rows[0][0]
            for n in names
        ]

        def change() -> None:
            client.execute(f"UPDATE {source} SET v = v + 1 WHERE id = 7")

        times = []
        for _ in range(12):
            change()
            started = time.monotonic()
            results = refresher.refresh(ids, Trigger.SCHEDULED)
            times.append((time.monotonic() - started) * 1000)
            assert {str(r.action) for r in results} == {"INCREMENTAL"}
        report.line(what, statistics.median(times[2:]), target)


def cancel(url: str, report: Report) -> None:
    """From a cancel to the end of a refresh that computes for long."""
    with dyntables.connect(url) as client, connect_unattended(url, application_name="benchmark") as connection:
        client.execute("CREATE SCHEMA cancel; CREATE TABLE cancel.s (id integer)")
        client.execute("INSERT INTO cancel.s SELECT generate_series(1, 30000)")
        client.execute(
            "CREATE DYNAMIC TABLE cancel.t TARGET_LAG = '1 hour' REFRESH_MODE = FULL INITIALIZE = ON_SCHEDULE "
            "AS SELECT count(*) AS n FROM cancel.s a, cancel.s b, cancel.s c WHERE a.id + b.id > c.id"
        )
        (table_id,) = client.execute("SELECT id FROM dyntables.dynamic_table WHERE schema_name = 'cancel'").rows[0]
        ended: list[float] = []

        def work() -> None:
            with contextlib.suppress(DyntablesError):
                Refresher(connection, engine_on(connection)).refresh([table_id], Trigger.MANUAL)
            ended.append(time.monotonic())

        thread = threading.Thread(target=work)
        thread.start()
        time.sleep(1.5)
        assert not ended
        started = time.monotonic()
        connection.cancel_safe()
        thread.join()
        report.line("a cancelled refresh has stopped after", (ended[0] - started) * 1000, 1000)


def freshness(url: str, report: Report, seconds: float, scale: float) -> None:
    """A marker row is committed every 50 ms beside 200 orders/s; how long until readers see it in the table."""
    load(url, scale=scale)
    with dyntables.connect(url) as client:
        client.execute("CREATE SCHEMA fresh; CREATE TABLE fresh.marker (id integer PRIMARY KEY)")
        client.execute(
            "CREATE DYNAMIC TABLE fresh.daily TARGET_LAG = '1 second' AS SELECT o_orderdate, count(*) AS n, "
            "sum(o_totalprice) AS revenue FROM tpch.orders GROUP BY o_orderdate"
        )
        client.execute(
            "CREATE DYNAMIC TABLE fresh.seen TARGET_LAG = '1 second' AS SELECT max(id) AS id FROM fresh.marker"
        )
        client.execute(
            "CREATE DYNAMIC TABLE fresh.whole TARGET_LAG = '1 second' AS SELECT d.revenue, s.id FROM "
            "(SELECT sum(revenue) AS revenue FROM fresh.daily) d CROSS JOIN fresh.seen s"
        )
    scheduler, workload, stop = Scheduler(url), Workload(url, rate=200, seed=1), threading.Event()
    threads = [threading.Thread(target=scheduler.run), threading.Thread(target=lambda: workload.run(stop))]
    for thread in threads:
        thread.start()
    try:
        lags = _markers(url, seconds)
    finally:
        stop.set()
        scheduler.stop()
        for thread in threads:
            thread.join()
    lags.sort()
    middle = lags[len(lags) // 2] * 1000
    print(f"| freshness, median of {len(lags):,} markers | {middle:,.1f} ms | | |")
    report.line("freshness, 99th percentile", lags[int(len(lags) * 0.99)] * 1000, 1000)
    with dyntables.connect(url) as client:
        for name in ("daily", "seen", "whole"):
            assert client.execute(f"ALTER DYNAMIC TABLE fresh.{name} VERIFY").rows[0][1], name


def _markers(url: str, seconds: float) -> list[float]:
    lags: list[float] = []
    waiting: list[tuple[int, float]] = []
    with psycopg.connect(url, autocommit=True) as connection:
        started, last, number = time.monotonic(), 0.0, 0
        while time.monotonic() - started < seconds or waiting:
            now = time.monotonic()
            if now - last > 0.05 and now - started < seconds:
                number, last = number + 1, now
                connection.execute("INSERT INTO fresh.marker VALUES (%s)", (number,))
                waiting.append((number, time.monotonic()))
            row = connection.execute("SELECT max(id) FROM fresh.whole").fetchone()
            seen, now = (row[0] or 0) if row else 0, time.monotonic()
            lags += [now - at for marker, at in waiting if marker <= seen]
            waiting = [w for w in waiting if w[0] > seen]
            time.sleep(0.005)
    return lags[20:]


def main() -> int:
    """Run everything on a fresh embedded server; return 1 if a target was missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--freshness", type=float, default=0.0, help="seconds of the stream of orders")
    parser.add_argument("--scale", type=float, default=0.1, help="of TPC-H, for the freshness")
    parser.add_argument("--sources", type=int, default=20, help="that the tables of a tick read")
    parser.add_argument("--only", default="", help="ticks, chain, many, cancel or freshness")
    options = parser.parse_args()
    report = Report()
    with home_of(None, "dyntables-bench-") as home, dyntables.connect(data_dir=home) as client:
        version = client.execute("SHOW server_version").rows[0][0]
        print(f"\ndyntables {dyntables.__version__}, PostgreSQL {version}, {psutil.cpu_count()} processors\n")
        print("| what | measured | target | met |\n|---|---|---|---|")
        for name, work in (("chain", chain), ("many", many), ("cancel", cancel)):
            if options.only in ("", name):
                work(client.url, report)
        if options.freshness:
            freshness(client.url, report, options.freshness, options.scale)
        if options.only in ("", "ticks"):
            ticks(client.url, report, options.sources)
    return 1 if report.missed else 0


if __name__ == "__main__":
    sys.exit(main())
