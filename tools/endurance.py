"""``make endurance``: ten tables with a target lag of one second, idle and under writes, and what that leaves behind.

make endurance MINUTES=60                      # idle for a quarter of it, then under writes
make endurance ARGS="--rows 50 --version 15"   # changed rows a second, the version of the server

Printed are transaction ids, WAL, rows added to the system catalogs, rows of the history and memory of the scheduler; at
the end each table is compared with its definition, and the exit code is 1 if one differs.
"""

from __future__ import annotations

import argparse
import random
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psutil
import psycopg

import dyntables
from dyntables.engines.postgres.embedded import start_embedded
from tests.support.processes import SchedulerProcess
from tests.support.servers import binaries_for, server_home

_CATALOGS = ("pg_attribute", "pg_class", "pg_type", "pg_depend", "pg_constraint", "pg_index", "pg_proc", "pg_statistic")
_SAMPLE_SECONDS = 30.0
# Looks are written ever more rarely from the first on.
_SETTLE_SECONDS = 200.0

_SOURCES = """
CREATE TABLE customers (id integer PRIMARY KEY, name text NOT NULL, region integer NOT NULL);
CREATE TABLE orders (id bigint PRIMARY KEY, customer integer NOT NULL, amount numeric(12, 2) NOT NULL,
    state text NOT NULL);
CREATE TABLE stock (id integer PRIMARY KEY, product integer NOT NULL, pieces integer NOT NULL);
INSERT INTO customers SELECT i, 'customer ' || i, i % 7 FROM generate_series(1, 2000) i;
INSERT INTO orders SELECT i, i % 2000 + 1, i % 900 + 0.5, (ARRAY['new', 'paid', 'sent'])[i % 3 + 1]
    FROM generate_series(1, 20000) i;
INSERT INTO stock SELECT i, i % 500, i % 40 FROM generate_series(1, 5000) i
"""
_TABLES = {
    "by_state": "SELECT state, count(*) AS n, sum(amount) AS amount FROM orders GROUP BY state",
    "by_customer": "SELECT customer, count(*) AS n, sum(amount) AS amount FROM orders GROUP BY customer",
    "named": "SELECT o.id, c.name, c.region, o.amount FROM orders o JOIN customers c ON c.id = o.customer",
    "by_region": "SELECT region, count(*) AS n, sum(amount) AS amount FROM named GROUP BY region",
    "large": "SELECT id, customer, amount FROM orders WHERE amount > 800",
    "without_orders": "SELECT c.id FROM customers c WHERE NOT EXISTS (SELECT FROM orders o WHERE o.customer = c.id)",
    "ranked": "SELECT id, row_number() OVER (PARTITION BY customer ORDER BY amount DESC, id) AS place FROM orders",
    "highest": "SELECT id, amount FROM orders ORDER BY amount DESC, id LIMIT 20",
    "products": "SELECT product, sum(pieces) AS pieces, min(pieces) AS least FROM stock GROUP BY product",
    "scarce": "SELECT product, pieces FROM products WHERE pieces < 100",
}


@dataclass(frozen=True, slots=True)
class Look:
    """Counters of a server and of the scheduler at one moment; bytes and counts only grow, memory does not."""

    at: float
    xids: int
    wal: int
    catalog: dict[str, int]
    history: int
    refreshes: int
    history_bytes: int
    memory: int


def look(connection: psycopg.Connection, scheduler: SchedulerProcess) -> Look:
    """Read the counters, without taking a transaction id."""
    row = connection.execute(
        "SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint, pg_current_wal_insert_lsn() - '0/0'::pg_lsn, "
        "(SELECT count(*) FROM dyntables.refresh), (SELECT count(*) FROM dyntables.refresh WHERE action <> 'NO_DATA'), "
        "pg_total_relation_size('dyntables.refresh')"
    ).fetchone()
    assert row is not None
    added = connection.execute(
        "SELECT relname, n_tup_ins FROM pg_stat_sys_tables WHERE relname = ANY(%s)", (list(_CATALOGS),)
    ).fetchall()
    memory = psutil.Process(scheduler.pid).memory_info().rss
    return Look(time.monotonic(), row[0], int(row[1]), dict(added), row[2], row[3], row[4], memory)


class Writer:
    """Writes to the sources at a steady rate, from a thread of its own."""

    def __init__(self, url: str, rows_per_second: float) -> None:
        self.rows = 0
        self._url, self._rate = url, rows_per_second
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._random, self._next = random.Random(1), 1_000_000

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Write meanwhile."""
        self._stop.clear()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        yield
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        began, written = time.monotonic(), 0
        with psycopg.connect(self._url, autocommit=True) as connection:
            while not self._stop.is_set():
                written += self._write(connection)
                self._stop.wait(max(0.0, began + written / self._rate - time.monotonic()))
        self.rows += written

    def _write(self, connection: psycopg.Connection) -> int:
        """Make one change of one to five rows."""
        chance, some = self._random.random(), self._random.randint(1, 20_000)
        if chance < 0.4:
            count = self._random.randint(1, 5)
            query = "INSERT INTO orders SELECT i, 1 + i %% 2000, i %% 997, 'new' FROM generate_series(%s, %s) i"
            self._next += count
            return connection.execute(query, (self._next - count, self._next - 1)).rowcount
        if chance < 0.6:
            return connection.execute("UPDATE orders SET amount = amount + 1 WHERE id = %s", (some,)).rowcount
        if chance < 0.7:
            return connection.execute("DELETE FROM orders WHERE id = %s", (some,)).rowcount
        return connection.execute("UPDATE stock SET pieces = pieces + 1 WHERE id = %s", (some % 5000 + 1,)).rowcount


def report(what: str, before: Look, after: Look, rows: int) -> None:
    """Print what happened between two looks."""
    hours = (after.at - before.at) / 3600
    catalog = {name: after.catalog[name] - before.catalog[name] for name in before.catalog}
    refreshes, wal = after.refreshes - before.refreshes, after.wal - before.wal
    added = ", ".join(f"{name} {count}" for name, count in catalog.items() if count)
    lines = {
        "seconds": f"{after.at - before.at:.0f}",
        "rows changed": f"{rows:,}",
        "refreshes with work": f"{refreshes:,}",
        "transaction ids an hour": f"{(after.xids - before.xids) / hours:,.0f}",
        "WAL an hour": f"{wal / hours / 1e6:,.1f} MB",
        "WAL for each changed row": f"{wal / rows / 1e3:.1f} kB" if rows else "",
        "rows added to the history an hour": f"{(after.history - before.history) / hours:,.0f}",
        "size of the history": f"{before.history_bytes / 1e6:.1f} → {after.history_bytes / 1e6:.1f} MB",
        "rows added to catalogs for each refresh": f"{sum(catalog.values()) / refreshes:.2f}" if refreshes else "",
        "rows added to catalogs": added or "none",
        "memory of the scheduler": f"{before.memory / 1e6:.1f} → {after.memory / 1e6:.1f} MB",
    }
    print(f"\n| {what} | |\n|---|---|")
    for name, value in lines.items():
        if value:
            print(f"| {name} | {value} |")
    sys.stdout.flush()


def endure(connection: psycopg.Connection, scheduler: SchedulerProcess, seconds: float) -> tuple[Look, Look]:
    """Wait, and say now and then how it stands; return the first and the last look."""
    first = last = look(connection, scheduler)
    while last.at - first.at < seconds:
        time.sleep(min(_SAMPLE_SECONDS, max(0.1, seconds - (last.at - first.at))))
        last = look(connection, scheduler)
    return first, last


def main() -> int:
    """Run it; return 1 if a table differs from its definition."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--rows", type=float, default=20, help="changed rows a second")
    parser.add_argument("--version", type=int, default=18, help="of the embedded server")
    options = parser.parse_args()
    idle, loaded = options.minutes * 60 / 4, options.minutes * 60 * 3 / 4
    with (
        server_home() as home,
        start_embedded(home, binaries=binaries_for(options.version)) as server,
        dyntables.connect(server.url) as client,
    ):
        client.execute(_SOURCES)
        writer = Writer(client.url, options.rows)
        with psycopg.connect(client.url, autocommit=True) as connection:
            own = _own_wal(connection, writer, min(20.0, loaded / 4))
            for name, query in _TABLES.items():
                client.execute(f"CREATE DYNAMIC TABLE {name} TARGET_LAG = '1 second' AS {query}")
            scheduler = SchedulerProcess(client.url, "--quiet")
            try:
                time.sleep(min(_SETTLE_SECONDS, idle))
                report("idle", *endure(connection, scheduler, idle), 0)
                with writer.at_work():
                    time.sleep(10)
                    first, last = endure(connection, scheduler, loaded)
                report("under writes", first, last, int(options.rows * (last.at - first.at)))
                print(f"| WAL of the writes alone, for each row | {own / 1e3:.1f} kB |")
            finally:
                print(scheduler.output())
                scheduler.close()
        differ = [n for n in _TABLES if not client.execute(f"ALTER DYNAMIC TABLE {n} VERIFY").rows[0][1]]
    print(f"tables that differ from their definitions: {', '.join(differ) or 'none'}")
    return 1 if differ else 0


def _own_wal(connection: psycopg.Connection, writer: Writer, seconds: float) -> float:
    """Return how many bytes of WAL a changed row takes where nobody follows it."""
    query = "SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn"
    (before,) = connection.execute(query).fetchone() or (0,)
    with writer.at_work():
        time.sleep(seconds)
    (after,) = connection.execute(query).fetchone() or (0,)
    return float(after - before) / max(1, writer.rows)


if __name__ == "__main__":
    sys.exit(main())
