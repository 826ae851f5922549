"""All 22 TPC-H queries are kept incrementally under the refresh functions, and equal."""

from __future__ import annotations

import dyntables
from benchmarks.tpch_queries import QUERIES, measure
from dyntables.demo.tpch.load import load


def test_all_queries_stay_incremental_and_equal(database_url: str) -> None:
    load(database_url, scale=0.01)
    with dyntables.connect(database_url) as client:
        client.execute("SET search_path = tpch, public")
        rows = measure(client, list(QUERIES), cycles=2)
    assert len(rows) == 22
    for row in rows:
        assert row.equal, row
        assert set(row.mode.split("/")) <= {"INCREMENTAL", "NO_DATA"}, row
    assert sum("INCREMENTAL" in row.mode for row in rows) >= 18
