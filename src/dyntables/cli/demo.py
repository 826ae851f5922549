"""``dyntables demo``: the whole product on TPC-H, from one command."""

from __future__ import annotations

from typing import Annotated

import typer

from dyntables.cli.common import Database, DataDir, client, out
from dyntables.demo.app import prepare, print_proofs, run_live, run_once
from dyntables.demo.tpch.workload import parse_rate


def demo(
    scale: Annotated[float, typer.Option("--scale", "-s", min=0.001, help="TPC-H scale factor.")] = 1.0,
    once: Annotated[bool, typer.Option("--once", help="One batch of every change, refresh, verify, and exit.")] = False,
    rate: Annotated[str, typer.Option("--rate", help="Orders a second of the live stream.")] = "200/s",
    database: Database = None,
    data_dir: DataDir = None,
) -> None:
    """Load TPC-H, create six pipelines, and watch them follow a live stream of orders."""
    with client(database, data_dir) as opened:
        names = prepare(opened, out, scale=scale)
        if not once:
            run_live(opened, out, names, rate=parse_rate(rate))
            return
        proofs = run_once(opened, out, names)
        print_proofs(out, proofs)
        wrong = [p.name for p in proofs if not p.equal]
    if wrong:
        out.print(f"not equal to their definition: {', '.join(wrong)}", style="bold red")
        raise typer.Exit(1)
