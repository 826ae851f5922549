"""All 22 TPC-H queries are kept incrementally under the refresh functions, and equal."""

from __future__ import annotations

import json
import re

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


def test_explain_works_for_all_queries_in_all_its_forms(database_url: str) -> None:
    load(database_url, scale=0.01)
    with dyntables.connect(database_url) as client:
        client.execute("SET search_path = tpch, public")
        for name, query in QUERIES.items():
            unsaved = f"CREATE DYNAMIC TABLE {name} TARGET_LAG = '1 day' REFRESH_MODE = INCREMENTAL AS {query}"
            before = _text(client, f"EXPLAIN {unsaved}")
            assert all(part in before for part in ("refresh mode INCREMENTAL", "Reads\n", "Plan\n")), name
            client.execute(unsaved)
            client.execute("UPDATE tpch.orders SET o_totalprice = o_totalprice + 1 WHERE o_orderkey < 100")
            document = json.loads(_text(client, f"EXPLAIN (FORMAT JSON) DYNAMIC TABLE {name}"))
            assert document["stages"], name
            assert "CREATE TEMP TABLE" in _text(client, f"EXPLAIN (VERBOSE) DYNAMIC TABLE {name}"), name
            predicted = client.execute(f"EXPLAIN CHANGES FOR DYNAMIC TABLE {name}")
            action = dict(zip(predicted.columns, predicted.rows[0], strict=True))["effective_refresh_action"]
            measured = _text(client, f"EXPLAIN (ANALYZE) DYNAMIC TABLE {name}")
            assert re.search(rf"  {action} \(\w+\) in [\d.,]+ ms", measured), (name, action)


def _text(client: dyntables.Client, sql: str) -> str:
    return "\n".join(str(row[0]) for row in client.execute(sql).rows)
