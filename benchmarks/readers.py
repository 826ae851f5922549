"""Many readers in a loop during many full refreshes, in both forms: no error, no empty or mixed read, and the latency.

    python -m benchmarks.readers --readers 50 --refreshes 100

All rows of the source carry one number, which each round raises in one statement. A read must find all rows, with one
number, and never an older one than before.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import threading
import time
from dataclasses import dataclass, field

import psycopg

import dyntables
from benchmarks.home import home_of

ROWS = 400  # so few that a difference in all of them is applied as such
_READ = "SELECT count(*), count(DISTINCT v), min(v) FROM read_by_many"


@dataclass
class Report:
    """What readers met; latencies in milliseconds."""

    wrong: list[str] = field(default_factory=list)
    quiet: list[float] = field(default_factory=list)
    busy: list[float] = field(default_factory=list)
    forms: dict[str, int] = field(default_factory=dict)

    @property
    def reads(self) -> int:
        """All reads."""
        return len(self.quiet) + len(self.busy)


def run(url: str, *, readers: int, refreshes: int, quiet_seconds: float, pause: float = 0.02) -> Report:
    """Let readers read, at first without refreshes, then during them."""
    report, stop, refreshing = Report(), threading.Event(), threading.Event()
    with dyntables.connect(url) as client:
        client.execute(f"CREATE TABLE many AS SELECT i AS id, 0 AS v FROM generate_series(1, {ROWS}) i")
        client.execute(
            "CREATE DYNAMIC TABLE read_by_many TARGET_LAG = '1 hour' REFRESH_MODE = FULL AS SELECT id, v FROM many"
        )
        threads = [threading.Thread(target=_read, args=(url, report, stop, refreshing, pause)) for _ in range(readers)]
        for thread in threads:
            thread.start()
        try:
            time.sleep(quiet_seconds)
            refreshing.set()
            for number in range(refreshes):
                _refresh(client, report, "SWAP" if number % 2 else "DIFF")
        finally:
            stop.set()
            for thread in threads:
                thread.join()
    return report


def _refresh(client: dyntables.Client, report: Report, form: str) -> None:
    """Change every row, and refresh in one form."""
    other = "DIFF" if form == "SWAP" else "SWAP"
    client.execute("UPDATE many SET v = v + 1")
    client.execute(
        "UPDATE dyntables.dynamic_table SET costs = costs || jsonb_build_object('forms', jsonb_build_object("
        f"'{form}', jsonb_build_array(0.001, extract(epoch FROM now()), 0), "
        f"'{other}', jsonb_build_array(99, extract(epoch FROM now()), 0)))"
    )
    client.execute("ALTER DYNAMIC TABLE read_by_many REFRESH")
    [(used,)] = client.execute("SELECT full_form FROM dyntables.refresh_history ORDER BY refresh_id DESC LIMIT 1").rows
    report.forms[used] = report.forms.get(used, 0) + 1


def _read(url: str, report: Report, stop: threading.Event, refreshing: threading.Event, pause: float) -> None:
    last = 0
    try:
        with psycopg.connect(url, autocommit=True) as connection:
            while not stop.is_set():
                busy, started = refreshing.is_set(), time.perf_counter()
                row = connection.execute(_READ, prepare=True).fetchone()
                (report.busy if busy else report.quiet).append((time.perf_counter() - started) * 1000)
                if row is None or row[:2] != (ROWS, 1) or row[2] < last:
                    report.wrong.append(f"read {row} after {last}")
                    return
                last = row[2]
                time.sleep(pause)
    except psycopg.Error as error:
        report.wrong.append(f"{type(error).__name__}: {error}")


def main() -> int:
    """Print one line; return 1 if a read went wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--readers", type=int, default=50)
    parser.add_argument("--refreshes", type=int, default=100)
    options = parser.parse_args()
    with home_of(None, "dyntables-bench-") as home, dyntables.connect(data_dir=home) as client:
        report = run(client.url, readers=options.readers, refreshes=options.refreshes, quiet_seconds=10)
    for wrong in report.wrong[:5]:
        print(wrong, file=sys.stderr)
    quiet, busy = (statistics.quantiles(times, n=100) for times in (report.quiet, report.busy))
    print(
        f"{options.readers} readers, {report.reads:,} reads, {report.forms.get('SWAP', 0)} swaps, "
        f"{report.forms.get('DIFF', 0)} differences: {len(report.wrong)} wrong or failed; p50 and p99 without refresh "
        f"{quiet[49]:.1f} and {quiet[98]:.1f} ms, during refreshes {busy[49]:.1f} and {busy[98]:.1f} ms"
    )
    return 1 if report.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
