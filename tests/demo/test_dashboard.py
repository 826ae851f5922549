"""The dashboard shows whole columns, or leaves them out, whatever the width of the terminal."""

from __future__ import annotations

import io

import psycopg
import pytest
from rich.console import Console

import dyntables
from dyntables.demo.dashboard import Dashboard


@pytest.mark.parametrize(
    ("width", "headers"),
    [
        (70, ["dynamic table", "lag / target", "verified"]),
        (100, ["dynamic table", "lag / target", "last action", "rows", "verified"]),
        (150, ["dynamic table", "mode", "lag / target", "last action", "why", "rows", "ms", "verified"]),
    ],
)
def test_columns_that_fit_are_shown_whole(database_url: str, width: int, headers: list[str]) -> None:
    name = "analytics.customer_ltv_of_a_long_name"
    with dyntables.connect(database_url) as client, psycopg.connect(database_url, autocommit=True) as reading:
        client.execute("CREATE SCHEMA analytics; CREATE TABLE a (x integer); INSERT INTO a VALUES (1)")
        client.execute(f"CREATE DYNAMIC TABLE {name} TARGET_LAG = '1 day' AS SELECT x FROM a")
        console = Console(file=io.StringIO(), width=width, record=True)
        console.print(Dashboard(reading).render("headline", 0.0, width))
    lines = console.export_text().splitlines()
    assert [h.strip() for h in lines[1].split("┃") if h.strip()] == headers
    assert name in lines[3]
    assert "…" not in lines[3]
    assert ("initial" in lines[3]) == ("why" in headers)
