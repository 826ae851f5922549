"""``dyntables run``: the scheduler as a process of its own."""

from __future__ import annotations

import signal
from typing import Annotated

import typer

from dyntables.cli.common import Database, DataDir, client, err, out
from dyntables.errors import DyntablesError
from dyntables.refresh.result import RefreshResult
from dyntables.scheduling.running import RunningScheduler
from dyntables.wiring import new_scheduler


def run(
    workers: Annotated[
        int,
        typer.Option(
            "--workers",
            "--max-parallel-refreshes",
            min=1,
            envvar="DYNTABLES_MAX_PARALLEL_REFRESHES",
            help="Pipelines refreshed at the same time.",
        ),
    ] = 2,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print problems only.")] = False,
    database: Database = None,
    data_dir: DataDir = None,
) -> None:
    """Keep all dynamic tables within their target lag until Ctrl-C or SIGTERM."""
    failures: list[DyntablesError] = []
    with client(database, data_dir) as opened:
        running = new_scheduler(
            opened.url,
            workers=workers,
            on_results=lambda results: None if quiet else _report(results),
            on_problem=lambda error: err.print(f"problem: {error}", style="red"),
            on_failure=failures.append,
        )
        run_until_told(running)
        for failure in failures:
            raise failure


def run_until_told(running: RunningScheduler) -> None:
    """Run a scheduler until SIGTERM or Ctrl-C, and let what it has begun finish."""
    previous = signal.signal(signal.SIGTERM, lambda *_: running.stop())
    try:
        with running:
            try:
                while running.alive:
                    running.wait(0.5)
            except KeyboardInterrupt:
                err.print("finishing the refreshes that run; Ctrl-C again cancels them")
    finally:
        signal.signal(signal.SIGTERM, previous)


def _report(results: list[RefreshResult]) -> None:
    for result in results:
        if result.action == "NO_DATA" and result.error is None:
            continue
        changed = f"+{result.rows_inserted} −{result.rows_deleted}"
        detail = f"  {result.error.message}" if result.error else ""
        out.print(
            f"{result.qualified}  {result.state}  {result.action}  {result.reason}  {changed}  "
            f"{result.duration_ms:.1f} ms{detail}"
        )
