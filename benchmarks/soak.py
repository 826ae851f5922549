"""Hours of the six pipelines under 200 orders/s, with corrections, deletes, schema changes and suspended tables.

    python -m benchmarks.soak --minutes 60 --scale 1

The scheduler is a ``dyntables run`` process of its own. The report says how lag stood against its target, what the
process and the storage needed at the beginning and at the end, and whether every table equals its definition.
"""

from __future__ import annotations

import argparse
import itertools
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import psutil
from rich.console import Console

import dyntables
from benchmarks.home import home_of
from dyntables.demo.app import prepare
from dyntables.demo.tpch.workload import Workload
from dyntables.errors import DyntablesError

_SAMPLE_SECONDS = 5.0
_SIZES = """
SELECT coalesce(sum(pg_total_relation_size(c.oid)) FILTER (WHERE n.nspname = 'dyntables_log'), 0)::bigint,
       coalesce(sum(pg_total_relation_size(c.oid)) FILTER (WHERE n.nspname = 'dyntables_data'), 0)::bigint,
       count(*) FILTER (WHERE n.nspname = 'dyntables_data' AND c.relkind = 'r'),
       pg_total_relation_size('dyntables.refresh')
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'r'
"""

# The share of the time within the target, of that in which the table was not suspended.
_PROMISED = """
WITH marks AS (
    SELECT object, action, happened_at AS began,
           coalesce(lead(happened_at) OVER (PARTITION BY object ORDER BY id), clock_timestamp()) AS ended
    FROM dyntables.audit WHERE action IN ('SUSPEND', 'RESUME')
), suspended AS (
    SELECT object, range_agg(tstzrange(began, ended)) AS times FROM marks WHERE action = 'SUSPEND' GROUP BY 1
), teeth AS (
    SELECT dynamic_table_id AS id, ended_at AS began, lead(ended_at) OVER w AS ended, data_timestamp
    FROM dyntables.refresh WHERE state = 'SUCCEEDED' AND data_timestamp IS NOT NULL
    WINDOW w AS (PARTITION BY dynamic_table_id ORDER BY ended_at)
), promised AS (
    SELECT h.id, tstzmultirange(tstzrange(h.began, h.ended)) - coalesce(s.times, '{}') AS times,
           tstzrange(greatest(h.began, least(h.ended, h.data_timestamp + make_interval(secs => t.target_lag_seconds))),
                     h.ended) AS late
    FROM teeth h JOIN dyntables.dynamic_table t ON t.id = h.id
    LEFT JOIN suspended s ON s.object = t.schema_name || '.' || t.table_name WHERE h.ended IS NOT NULL
), lengths AS (
    SELECT p.id, sum(extract(epoch FROM upper(x) - lower(x))) AS whole,
           sum(extract(epoch FROM upper(x * p.late) - lower(x * p.late))) AS late
    FROM promised p, unnest(p.times) x GROUP BY 1
)
SELECT id, (1 - coalesce(late, 0) / whole)::float FROM lengths
"""


@dataclass(slots=True)
class Samples:
    """What was measured every few seconds."""

    memory: list[float] = field(default_factory=list)
    logs: list[float] = field(default_factory=list)
    storage: list[float] = field(default_factory=list)
    tables: list[int] = field(default_factory=list)
    history: list[float] = field(default_factory=list)

    def take(self, client: dyntables.Client, process: psutil.Process) -> None:
        """Measure once; in MiB."""
        logs, storage, tables, history = client.execute(_SIZES).rows[0]
        self.memory.append(process.memory_info().rss / 2**20)
        self.logs.append(logs / 2**20)
        self.storage.append(storage / 2**20)
        self.tables.append(tables)
        self.history.append(history / 2**20)

    def lines(self) -> Iterator[tuple[str, list[float]]]:
        """Return the series by name."""
        yield "memory of the scheduler, MiB", self.memory
        yield "change logs, MiB", self.logs
        yield "storage of the tables, MiB", self.storage
        yield "storage tables", [float(n) for n in self.tables]
        yield "refresh history, MiB", self.history


def _events(client: dyntables.Client, names: list[str]) -> Iterator[Callable[[], str]]:
    """Return, without end, things that happen to a database that is used."""

    def run(text: str) -> Callable[[], str]:
        def work() -> str:
            try:
                client.execute(text)
            except DyntablesError as error:
                return f"{text}: {error.message}"
            return text

        return work

    for number in itertools.count():
        victim = names[number % len(names)]
        yield run(f"ALTER TABLE tpch.orders ADD COLUMN extra_{number} integer DEFAULT 1")
        yield run(f"ALTER DYNAMIC TABLE {victim} SUSPEND")
        yield run(f"ALTER TABLE tpch.orders DROP COLUMN extra_{number}")
        yield run(f"ALTER DYNAMIC TABLE {victim} RESUME")
        yield run(f"ALTER TABLE tpch.orders ALTER COLUMN o_totalprice TYPE numeric({16 + number % 3}, 2)")
        yield run("UPDATE tpch.customer SET c_acctbal = c_acctbal + 1 WHERE c_custkey % 100 = 7")


def _soak(client: dyntables.Client, names: list[str], process: psutil.Process, seconds: float, rate: float) -> Samples:
    samples, stop = Samples(), threading.Event()
    workload = Workload(client.url, rate=rate, seed=1)
    thread = threading.Thread(target=lambda: workload.run(stop))
    thread.start()
    started, happened = time.monotonic(), 0
    events = _events(client, names)
    try:
        while (elapsed := time.monotonic() - started) < seconds:
            if elapsed > 20 * (happened + 1):
                happened += 1
                print(f"{elapsed:6.0f} s  {next(events)()}", flush=True)
            samples.take(client, process)
            stop.wait(_SAMPLE_SECONDS)
    finally:
        stop.set()
        thread.join()
    for name in names:
        client.execute(f"ALTER DYNAMIC TABLE {name} RESUME")
    print(f"\n{workload.counts}; {happened} events\n")
    return samples


def _report(client: dyntables.Client, samples: Samples, minutes: float) -> int:
    missed = 0
    ratios = dict(client.execute(_PROMISED).rows)
    print(
        "| table | target s | refreshes | mean lag s | p95 s | max s | within target |\n|---|---|---|---|---|---|---|"
    )
    for table_id, name, target, count, mean, p95, most in client.execute(
        "SELECT t.id, t.schema_name || '.' || t.table_name, t.target_lag_seconds, l.refreshes, l.mean_lag_sec, "
        "l.p95_lag_sec, l.maximum_lag_sec "
        f"FROM dyntables.lag_over('{minutes + 0.2:.1f} minutes') l JOIN dyntables.dynamic_table t "
        "ON t.id = l.dynamic_table_id WHERE l.refreshes > 0 ORDER BY 2"
    ).rows:
        within = ratios.get(table_id)
        missed += within is not None and within < 0.99
        ratio = "" if within is None else f"{within:.2%}"
        print(f"| {name} | {target} | {count} | {mean or 0:.1f} | {p95 or 0:.1f} | {most or 0:.1f} | {ratio} |")
    print("\n| measured | first tenth | last tenth | most |\n|---|---|---|---|")
    for label, series in samples.lines():
        tenth = max(1, len(series) // 10)
        first, last = statistics.mean(series[:tenth]), statistics.mean(series[-tenth:])
        print(f"| {label} | {first:,.1f} | {last:,.1f} | {max(series):,.1f} |")
    print("\n| refreshes | |\n|---|---|")
    for state, action, count in client.execute(
        "SELECT state, action, count(*) FROM dyntables.refresh GROUP BY 1, 2 ORDER BY 1, 2"
    ).rows:
        print(f"| {state} {action} | {count} |")
    return missed


def main() -> int:
    """Run for a while and report; return 1 if a table differs or missed its lag."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--rate", type=float, default=200)
    options = parser.parse_args()
    with home_of(None, "dyntables-soak-") as home, dyntables.connect(data_dir=home) as client:
        names = prepare(client, Console(), scale=options.scale)
        client.execute("DELETE FROM dyntables.refresh")
        command = [sys.executable, "-c", "from dyntables.cli import main; main()", "run", "--quiet", "-d", client.url]
        with subprocess.Popen(command) as process:
            try:
                lagging = [n for n in names if "full" not in n]
                samples = _soak(client, lagging, psutil.Process(process.pid), options.minutes * 60, options.rate)
            finally:
                process.terminate()
            print(f"the scheduler ended with {process.wait()}\n")
        missed = _report(client, samples, options.minutes)
        different = [n for n in names if not client.execute(f"ALTER DYNAMIC TABLE {n} VERIFY").rows[0][1]]
        print(f"\ndiffer from their definition: {', '.join(different) or 'none'}")
    return 1 if missed or different else 0


if __name__ == "__main__":
    sys.exit(main())
