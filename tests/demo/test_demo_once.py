"""The main job on a small scale: every table equals its query after every kind of change, and runs as it should."""

from __future__ import annotations

import io

import psycopg
from rich.console import Console

import dyntables
from dyntables.demo.app import prepare, print_scores, run_once
from dyntables.demo.quality import check, watched
from dyntables.demo.tpch.faults import FAULTS, LOST, LOST_RULE, inject, mend


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
        assert_quality(client, console)


def assert_quality(client: dyntables.Client, console: Console) -> None:
    """What the workload left is good; each fault is found by its rule, exactly, and the table of scores follows."""
    print_scores(client, console)
    assert "tpch.lineitem" in console.file.getvalue()  # type: ignore[attr-defined]
    board = "SELECT table_name, score, health, trend, failing_rules FROM analytics.data_quality_dashboard"
    scores = {name: rest for name, *rest in client.execute(board).rows}
    assert len(scores) == len(watched()) == 14
    assert {name: rest for name, rest in scores.items() if rest[1] != "HEALTHY"} == {}
    with psycopg.connect(client.url, autocommit=True) as connection:
        injected = inject(connection, 0.01)
        assert len(injected) == 11
        check(client, ["tpch.orders", "tpch.lineitem", "tpch.customer"])
        results = (
            "SELECT DISTINCT ON (table_name, rule_name) table_name, rule_name, failed FROM dyntables.quality_results"
        )
        found = {(t, r): n for t, r, n in client.execute(f"{results} ORDER BY 1, 2, id DESC").rows}
        rules = {fault.kind: fault.rule for fault in FAULTS} | {LOST: LOST_RULE}
        assert {kind: found[rule] for kind, rule in rules.items()} == injected
        # What follows from others: a total of zero, and discounts that change totals.
        by_itself = {*rules.values(), ("orders", "total_is_that_of_its_lines")}
        assert {
            rule for rule, failed in found.items() if failed and rule[0] in ("orders", "lineitem", "customer")
        } == by_itself
        [refreshed] = client.execute("ALTER DYNAMIC TABLE analytics.data_quality_dashboard REFRESH").rows
        assert "INCREMENTAL" in [str(value) for value in refreshed]
        scores = {name: rest for name, *rest in client.execute(board).rows}
        assert scores["orders"][:2] == [49.0, "ERROR"]
        assert scores["orders"][2] == -51.0
        assert scores["part"][1] == "HEALTHY"
        assert client.execute("ALTER DYNAMIC TABLE analytics.data_quality_dashboard VERIFY").rows[0][1]
        assert mend(connection) == sum(injected.values())
        check(client, ["tpch.orders", "tpch.lineitem", "tpch.customer"])
    failing = (
        "SELECT schema_name, table_name FROM dyntables.quality_score WHERE failing > 0 AND id > (SELECT max(id) - 3 "
    )
    assert client.execute(f"{failing} FROM dyntables.quality_score)").rows == []
