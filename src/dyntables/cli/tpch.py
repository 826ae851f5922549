"""``dyntables tpch load|stream|fault|drop``: the data and the live workload of the demonstration."""

from __future__ import annotations

import signal
import threading
from typing import Annotated

import typer

from dyntables.cli.common import Database, DataDir, client, err, opened_with_connection, out
from dyntables.demo.tpch.faults import inject, mend
from dyntables.demo.tpch.load import drop as drop_tables
from dyntables.demo.tpch.load import load as load_tables
from dyntables.demo.tpch.progress import terminal_progress
from dyntables.demo.tpch.workload import Workload, parse_rate

app = typer.Typer(help="TPC-H: load the data, stream changes, inject faults, drop it.", no_args_is_help=True)


@app.command()
def load(
    scale: Annotated[
        float, typer.Option("--scale", "-s", min=0.001, help="Scale factor; 1 is 6 million line items.")
    ] = 1.0,
    partitioned: Annotated[bool, typer.Option("--partitioned", help="Partition ORDERS and LINEITEM by key.")] = False,
    faults: Annotated[str, typer.Option("--faults", help="Share of rows with injected faults, such as 0.1%.")] = "0%",
    database: Database = None,
    data_dir: DataDir = None,
) -> None:
    """Load the data, replacing what is there; print the seconds of each step."""
    with client(database, data_dir) as opened:
        with terminal_progress(err) as progress:
            report = load_tables(
                opened.url, scale=scale, partitioned=partitioned, faults=parse_share(faults), progress=progress
            )
        for step, seconds in report.seconds.items():
            out.print(f"{step:<24} {seconds:8.1f} s")
        out.print(f"{'rows':<24} {sum(report.rows.values()):10,}")
        for kind, count in report.faults.items():
            out.print(f"{kind:<24} {count:10,}")


@app.command()
def stream(
    rate: Annotated[str, typer.Option("--rate", help="Orders a second.")] = "200/s",
    seconds: Annotated[float | None, typer.Option("--seconds", help="Stop by itself after so long.")] = None,
    database: Database = None,
    data_dir: DataDir = None,
) -> None:
    """Stream new orders, updates, corrections, cancellations and moves until Ctrl-C; print exact counts."""
    with client(database, data_dir) as opened:
        stop = threading.Event()
        signal.signal(signal.SIGINT, lambda *_: stop.set())
        timer = threading.Timer(seconds, stop.set) if seconds else None
        if timer:
            timer.start()
        workload = Workload(opened.url, rate=parse_rate(rate))
        counts = workload.run(stop)
        if timer:
            timer.cancel()
        out.print(str(counts))


@app.command()
def fault(
    share: Annotated[str, typer.Option("--share", help="Share of rows that get a fault, such as 0.1%.")] = "0.1%",
    undo: Annotated[bool, typer.Option("--undo", help="Give the faulty rows their old values again.")] = False,
    database: Database = None,
    data_dir: DataDir = None,
) -> None:
    """Inject faults into loaded data, or undo them; print how many of each kind."""
    with opened_with_connection(database, data_dir) as (_, connection):
        if undo:
            out.print(f"mended {mend(connection):,} faults")
            return
        for kind, count in inject(connection, parse_share(share)).items():
            out.print(f"{kind:<24} {count:10,}")


@app.command()
def drop(database: Database = None, data_dir: DataDir = None) -> None:
    """Drop the tables."""
    with client(database, data_dir) as opened:
        drop_tables(opened.url)


def parse_share(text: str) -> float:
    """Return a share such as ``0.1%`` or ``0.001``."""
    try:
        value = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except ValueError:
        raise typer.BadParameter(f'"{text}" is not a share such as 0.1%') from None
    if not 0 <= value <= 1:
        raise typer.BadParameter("a share lies between 0% and 100%")
    return value
