"""``dyntables demo``: the whole product on TPC-H, from one command."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from dyntables.cli.common import Database, DataDir, client, errors, out
from dyntables.demo.app import prepare, print_proofs, print_scores, run_live, run_once
from dyntables.demo.tpch.workload import parse_rate


def demo(
    scale: Annotated[float, typer.Option("--scale", "-s", min=0.001, help="TPC-H scale factor.")] = 1.0,
    once: Annotated[bool, typer.Option("--once", help="One batch of every change, refresh, verify, and exit.")] = False,
    terminal: Annotated[bool, typer.Option("--terminal", help="Show a dashboard here, and serve no web app.")] = False,
    rate: Annotated[str, typer.Option("--rate", help="Orders a second of the live stream.")] = "200/s",
    port: Annotated[int | None, typer.Option("--port", min=0, max=65535, help="Port of the web app [8080].")] = None,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Do not open a browser.")] = False,
    database: Database = None,
    data_dir: DataDir = None,
) -> None:
    """Load TPC-H, create six pipelines, and watch them in the web app follow a live stream of orders."""
    if once or terminal:
        _in_terminal(database, data_dir, scale, rate, once=once)
        return
    # Imported here: the other verbs need not wait for what only a server needs.
    from dyntables.demo.served import serve_demo
    from dyntables.settings import Settings

    given: dict[str, Any] = {"port": port, "database": database, "data_dir": data_dir}
    with errors():
        settings = Settings(**{k: v for k, v in given.items() if v is not None})
        serve_demo(settings, scale=scale, rate=parse_rate(rate), browser=not no_browser)


def _in_terminal(database: str | None, data_dir: Path | None, scale: float, rate: str, *, once: bool) -> None:
    with client(database, data_dir) as opened:
        names = prepare(opened, out, scale=scale)
        if not once:
            run_live(opened, out, names, rate=parse_rate(rate))
            return
        proofs = run_once(opened, out, names)
        print_proofs(out, proofs)
        print_scores(opened, out)
        wrong = [p.name for p in proofs if not p.equal]
    if wrong:
        out.print(f"not equal to their definition: {', '.join(wrong)}", style="bold red")
        raise typer.Exit(1)
