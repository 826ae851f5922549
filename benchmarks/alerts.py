"""What alerts cost: a tick of 1,000 rules over 500 tables, a storm of 10,000 alerts, and from a fact to who is told.

``python -m benchmarks.alerts`` prints the first two; they need no server. ``--faults 20`` breaks and mends a table that
often on an embedded server, and prints how long after the failed refresh live pages hear of it, and a webhook of a
group that does not wait.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import resource
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import psycopg

import dyntables
from dyntables.alerting.guard import VARIABLE
from dyntables.alerts.incidents import clusters
from dyntables.alerts.model import Alert, Rule, Severity, Standing, State
from dyntables.alerts.noise.document import read_routing
from dyntables.alerts.noise.telling import Policy, marks_of, tell
from dyntables.alerts.seen import Seen
from dyntables.alerts.watching import Watch
from dyntables.catalog.alerts.channels import KeptChannel, put_channel
from dyntables.catalog.alerts.quieting import put_route
from dyntables.engines.postgres.embedded.server import start_embedded
from dyntables.wiring import new_scheduler

TABLES, RULES, ROUNDS, STORM = 500, 1000, 200, 10_000
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def seen(number: int, age: float) -> Seen:
    return Seen(number, f"s.t{number}", NOW - timedelta(seconds=age), 60.0)


def tick() -> None:
    kinds = ("freshness", "refresh_failed")
    rules = [Rule(i, f"r{i}", kinds[i % 2], selector=f"s.t{i // 2}") for i in range(RULES)]
    watch = Watch(rules, ())
    names = {i: f"s.t{i}" for i in range(TABLES)}
    began = time.perf_counter()
    watch.arrange(names, {}, NOW)
    print(f"arrange {RULES} rules over {TABLES} tables: {1000 * (time.perf_counter() - began):.1f} ms")
    tables = {i: seen(i, 1) for i in names}
    for what, changed in (("every table has changed", set(tables)), ("nothing has changed", set[int]())):
        taken = []
        for _ in range(ROUNDS):
            began = time.perf_counter()
            watch.look_at_tables(tables, changed, NOW)
            taken.append(1000 * (time.perf_counter() - began))
        print(f"tick, {what}: {figures(taken)}")


def storm() -> None:
    """10,000 alerts within a minute, each in a group of its own: what channels are sent, and what it takes."""
    route = {"channel": "hook", "group_by": ["table"], "group_wait": 0, "group_interval": 0}
    policy = Policy(read_routing({"route": route}))
    groups, sent, taken, told = {}, {}, [], 0
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    alerts: list[Alert] = []
    for second in range(60):
        now = NOW + timedelta(seconds=second)
        for i in range(len(alerts), STORM * (second + 1) // 60):
            labels = {"rule": "r", "table": f"s.t{i}", "severity": "error"}
            alerts.append(Alert(1, "freshness", Severity.ERROR, labels, Standing(State.FIRING, now), i))
        began = time.perf_counter()
        marks = marks_of(alerts, {}, (), frozenset(), now)
        found = tell(alerts, marks, policy, groups, now, sent)
        clusters(alerts, {}, {})
        taken.append(1000 * (time.perf_counter() - began))
        groups |= found.groups
        told += len(found.told)
        for each in found.told:
            sent.setdefault(each.channel, []).append(now)
    believed = sum(len(g.told) for g in groups.values())
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(f"storm of {STORM} alerts in a minute: {told} messages tell of {believed}; {grown:.0f} MiB more memory")
    print(f"one look a second meanwhile, the last at all of them: {figures(taken)}")


def faults(number: int) -> None:
    with server_home() as home, start_embedded(home) as server:
        with dyntables.connect(server.url) as client:
            client.execute("CREATE TABLE orders (id integer, amount numeric)")
            # A table for each fault: one that breaks again and again flaps, and is not told of.
            for i in range(number):
                client.execute(f"INSERT INTO orders VALUES ({i}, 1)")
                client.execute(
                    f"CREATE DYNAMIC TABLE t{i} TARGET_LAG = '1 second' SUSPEND_AFTER_FAILURES = 0 "
                    f"AS SELECT id, 100 / amount AS share FROM orders WHERE id = {i}"
                )
        arrived: list[float] = []
        hook = receiver(arrived)
        shown: list[float] = []
        with psycopg.connect(server.url, autocommit=True) as connection:
            put_channel(connection, KeptChannel("hook", "webhook", {"url": hook}, per_minute=10_000))
            put_route(connection, {"route": {"channel": "hook", "group_wait": 0, "group_interval": 0}})
            threading.Thread(target=listen, args=(server.url, shown), daemon=True).start()
            pages, hooks = [], []
            with new_scheduler(server.url):
                for i in range(number):
                    failed = broken(connection, i)
                    pages.append(1000 * (first(shown, failed) - failed))
                    hooks.append(1000 * (first(arrived, failed) - failed))
                    mend(connection)
            print(f"from a failed refresh to the notification of live pages: {figures(pages)}")
            print(f"from a failed refresh to a webhook: {figures(hooks)}")


@contextlib.contextmanager
def server_home() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as home:
        Path(home).chmod(0o755)  # the server does not run as root
        yield Path(home)


def broken(connection: psycopg.Connection, number: int) -> float:
    """Break a table; return when its refresh had failed."""
    last = connection.execute("SELECT coalesce(max(id), 0) FROM dyntables.refresh WHERE state = 'FAILED'").fetchone()
    connection.execute("UPDATE orders SET amount = 0 WHERE id = %s", (number,))
    query = "SELECT extract(epoch FROM ended_at)::float8 FROM dyntables.refresh WHERE state = 'FAILED' AND id > %s"
    return float(wait_for(lambda: connection.execute(query, last).fetchone())[0])


def mend(connection: psycopg.Connection) -> None:
    connection.execute("UPDATE orders SET amount = 1")
    firing = "SELECT 1 WHERE NOT EXISTS (SELECT FROM dyntables.alert WHERE state = 'firing')"
    wait_for(lambda: connection.execute(firing).fetchone())


def listen(url: str, heard: list[float]) -> None:
    with contextlib.suppress(psycopg.OperationalError), psycopg.connect(url, autocommit=True) as connection:
        connection.execute("LISTEN dyntables")

        for note in connection.notifies():
            if note.payload == "alerts":
                heard.append(time.time())


def receiver(arrived: list[float]) -> str:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            arrived.append(time.time())
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_address[1]}/"


def first(instants: list[float], after: float) -> float:
    return wait_for(lambda: next((at for at in instants if at >= after), None))


def wait_for(look: Callable[[], object]):  # type: ignore[no-untyped-def]
    while True:
        found = look()
        if found:
            return found
        time.sleep(0.005)


def figures(taken: list[float]) -> str:
    p99 = statistics.quantiles(taken, n=100)[98] if len(taken) > 1 else taken[0]
    return f"median {statistics.median(taken):.2f} ms, p99 {p99:.2f} ms"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--faults", type=int, default=0, help="how often a table is broken and mended")
    given = parser.parse_args()
    if given.faults:
        os.environ[VARIABLE] = "127.0.0.0/8"  # where the receiver is
        faults(given.faults)
    else:
        tick()
        storm()


if __name__ == "__main__":
    main()
