"""The main job: TPC-H loaded, the pipelines created, a live stream of orders, all kept fresh and proven equal."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from dyntables import clock
from dyntables.client import Client
from dyntables.demo.dashboard import Dashboard
from dyntables.demo.pipelines import Pipeline, dashboard, pipelines
from dyntables.demo.quality import check, create_missing_rules, keep_checking, watched
from dyntables.demo.tpch.load import LoadReport, load
from dyntables.demo.tpch.progress import LoadProgress, terminal_progress
from dyntables.demo.tpch.workload import Workload
from dyntables.errors import DyntablesError
from dyntables.wiring import new_scheduler, open_session

_ONCE_BATCH = 200
_VERIFY_EVERY_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Proof:
    """One table after the changes: what its refresh did, and whether it equals its definition."""

    name: str
    action: str
    reason: str
    inserted: int
    deleted: int
    milliseconds: float
    equal: bool


def prepare(client: Client, console: Console, *, scale: float) -> list[str]:
    """Load the data unless it is there, create the pipelines unless they are; return the tables' names."""
    with terminal_progress(console) as progress:
        report = load_if_needed(client, scale, progress)
    if report is not None:
        console.print(f"loaded {sum(report.rows.values()):,} rows in {sum(report.seconds.values()):.1f} s")
    for pipeline in create_missing(client):
        started = clock.monotonic()
        with console.status(f"creating {pipeline.name}"):
            client.execute(pipeline.sql)
        console.print(f"created {pipeline.name} in {clock.monotonic() - started:.1f} s")
    return [pipeline.name for pipeline in pipelines()]


def load_if_needed(client: Client, scale: float, progress: LoadProgress) -> LoadReport | None:
    """Load TPC-H unless it is there at that scale; return what was loaded."""
    if _loaded_scale(client) == scale:
        return None
    return load(client.url, scale=scale, cascade=True, progress=progress)


def create_missing(client: Client) -> list[Pipeline]:
    """Make the schema of the pipelines, and return those that do not exist yet, in order."""
    client.execute("CREATE SCHEMA IF NOT EXISTS analytics")
    rows = client.execute("SELECT schema_name || '.' || name FROM dyntables.dynamic_tables").rows
    existing = {row[0] for row in rows}
    return [pipeline for pipeline in pipelines() if pipeline.name not in existing]


def run_once(client: Client, console: Console, names: list[str]) -> list[Proof]:
    """Apply one batch of every kind of change, refresh, and compare every table with its definition."""
    workload = Workload(client.url, rate=200)
    console.print(f"changes: {workload.one_of_each(_ONCE_BATCH)}")
    client.execute(f"ALTER DYNAMIC TABLE {', '.join(names)} REFRESH")
    history = {
        row[0]: row[1:]
        for row in client.execute(
            "SELECT DISTINCT ON (schema_name, name) schema_name || '.' || name, refresh_action, refresh_reason, "
            "rows_inserted, rows_deleted, duration_ms FROM dyntables.refresh_history "
            "ORDER BY schema_name, name, refresh_id DESC"
        ).rows
    }
    proofs = []
    for name in names:
        with console.status(f"verifying {name}"):
            equal = bool(client.execute(f"ALTER DYNAMIC TABLE {name} VERIFY").rows[0][1])
        action, reason, inserted, deleted, ms = history[name]
        proofs.append(Proof(name, action, reason, inserted, deleted, ms, equal))
    return proofs


def print_proofs(console: Console, proofs: list[Proof]) -> None:
    """Print what each table did and whether it is right."""
    table = Table(show_edge=False, header_style="bold", pad_edge=False)
    for name in ("dynamic table", "action", "why", "rows", "ms", "equal to its query"):
        table.add_column(name, justify="right" if name == "ms" else "left")
    for p in proofs:
        verdict = Text("yes", style="green") if p.equal else Text("NO", style="bold red")
        table.add_row(p.name, p.action, p.reason, f"+{p.inserted:,} −{p.deleted:,}", f"{p.milliseconds:,.1f}", verdict)
    console.print(table)


def print_scores(client: Client, console: Console) -> None:
    """Check the rules of all tables, refresh the table of scores, and print it."""
    create_missing_rules(client)
    with console.status("checking the quality rules"):
        check(client, watched())
    name = dashboard().name
    client.execute(f"ALTER DYNAMIC TABLE {name} REFRESH")
    table = Table(show_edge=False, header_style="bold", pad_edge=False)
    for column in ("table", "score", "health", "failing rules", "rules"):
        table.add_column(column, justify="left" if column in ("table", "health") else "right")
    rows = client.execute(
        f"SELECT schema_name || '.' || table_name, score, health, failing_rules, active_rules FROM {name} "
        "ORDER BY score NULLS FIRST, 1"
    ).rows
    for table_name, score, health, failing, active in rows:
        style = {"HEALTHY": "green", "WARNING": "yellow"}.get(health, "bold red")
        shown = "—" if score is None else f"{score:.1f}"
        table.add_row(table_name, shown, Text(health, style=style), f"{failing:,}", f"{active:,}")
    console.print(table)


def run_live(client: Client, console: Console, names: list[str], *, rate: float) -> None:
    """Stream changes, schedule, verify in turn and show it all until Ctrl-C."""
    stop = threading.Event()
    problems: list[str] = []
    scheduler = new_scheduler(client.url, on_problem=lambda e: problems.append(str(e)))
    workload = Workload(client.url, rate=rate)
    changed = _Meter()
    session = open_session(client.url, application_name="dyntables dashboard", migrated=False)
    with session.connection as reading, scheduler:
        board = Dashboard(reading)
        threads = [
            threading.Thread(target=lambda: workload.run(stop, lambda c: changed.set(c.rows_changed)), name="workload"),
            threading.Thread(target=lambda: _verify_in_turn(client.url, stop, board, problems), name="verify"),
            threading.Thread(target=lambda: keep_checking(client.url, stop, problems.append), name="quality"),
        ]
        for thread in threads:
            thread.start()
        try:
            with Live(console=console, refresh_per_second=2, transient=False) as live:
                while not stop.wait(0.5):
                    problem = f"   last problem: {problems[-1]}" if problems else ""
                    headline = f"TPC-H, {rate:g} orders/s{problem}"
                    live.update(board.render(headline, changed.rate(), console.width))
        except KeyboardInterrupt:
            console.print("stopping; refreshes that run are finished")
        finally:
            stop.set()
            scheduler.stop()
            for thread in threads:
                thread.join()


class _Meter:
    """A count that grows in another thread, as a rate."""

    def __init__(self) -> None:
        self._count = 0
        self._last = (clock.monotonic(), 0)
        self._rate = 0.0

    def set(self, count: int) -> None:
        self._count = count

    def rate(self) -> float:
        then, before = self._last
        now, count = clock.monotonic(), self._count
        if now - then >= 2:
            self._rate = (count - before) / (now - then)
            self._last = (now, count)
        return self._rate


def _verify_in_turn(url: str, stop: threading.Event, board: Dashboard, problems: list[str]) -> None:
    """Compare the incremental tables with their definitions, one after the other, for ever."""
    session = open_session(url, application_name="dyntables verify", migrated=False)
    with session.connection as connection:
        while not stop.is_set():
            rows = connection.execute(
                "SELECT id FROM dyntables.dynamic_table WHERE effective_mode = 'INCREMENTAL' ORDER BY id"
            ).fetchall()
            for (table_id,) in rows:
                if stop.wait(_VERIFY_EVERY_SECONDS / max(1, len(rows))):
                    return
                try:
                    board.verified[table_id] = session.refresher.verify([table_id])[0].equal
                except DyntablesError as error:
                    problems.append(error.message)


def _loaded_scale(client: Client) -> float | None:
    if client.execute("SELECT to_regclass('tpch.lineitem') IS NULL").rows[0][0]:
        return None
    customers: int = client.execute("SELECT count(*) FROM tpch.customer").rows[0][0]
    return customers / 150_000
