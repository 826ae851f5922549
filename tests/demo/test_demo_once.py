"""The main job on a small scale: every table equals its query after every kind of change, and runs as it should."""

from __future__ import annotations

import io

from rich.console import Console

import dyntables
from dyntables.demo.app import prepare, run_once


def test_demo_once(database_url: str) -> None:
    console = Console(file=io.StringIO())
    with dyntables.connect(database_url) as client:
        names = prepare(client, console, scale=0.01)
        assert len(names) == 7
        for _ in range(3):
            proofs = {p.name: p for p in run_once(client, console, names)}
            assert all(p.equal for p in proofs.values()), proofs
            full = {n for n, p in proofs.items() if p.action == "FULL"}
            assert full == {"analytics.monthly_sales_summary", "analytics.product_performance_full"}
            assert all(p.action == "INCREMENTAL" for n, p in proofs.items() if n not in full)
        assert prepare(client, console, scale=0.01) == names
