"""EXPLAIN in its forms, column lineage and missing indexes, on a real server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from typer.testing import CliRunner

import dyntables
from dyntables.cli import app
from tests.oracle.definitions import DEFINITIONS, SCHEMA

LAG = "TARGET_LAG = DOWNSTREAM"


@pytest.fixture
def dt(database_url: str) -> Iterator[dyntables.Client]:
    with dyntables.connect(database_url) as client:
        client.execute("CREATE TABLE item (id integer PRIMARY KEY, kind text NOT NULL, price integer NOT NULL)")
        client.execute("CREATE TABLE sale (item_id integer NOT NULL, day date NOT NULL, amount integer NOT NULL)")
        client.execute("INSERT INTO item SELECT i, 'k' || i % 7, i FROM generate_series(1, 500) i")
        client.execute(
            "INSERT INTO sale SELECT 1 + i % 500, date '2024-01-01' + i % 300, i FROM generate_series(1, 12000) i"
        )
        client.execute("ANALYZE")
        yield client


JOINED = "SELECT i.kind, sum(s.amount * 2) AS total, max(s.day) AS latest FROM item i JOIN sale s ON s.item_id = i.id"


def text(dt: dyntables.Client, statement: str) -> str:
    return "\n".join(row[0] for row in dt.execute(statement).rows)


def document(dt: dyntables.Client, statement: str) -> Any:
    return json.loads(dt.execute(statement).rows[0][0])


def walk(node: Any) -> Iterator[Any]:
    yield node
    for child in node["children"]:
        yield from walk(child)


def test_text_speaks_of_the_users_names(dt: dyntables.Client) -> None:
    notices = dt.execute(f"CREATE DYNAMIC TABLE t {LAG} AS {JOINED} GROUP BY i.kind").notices
    assert [n.split("run: ")[1] for n in notices] == ["CREATE INDEX ON public.sale (item_id)"]
    shown = text(dt, "EXPLAIN DYNAMIC TABLE t")
    assert "total = sum((sale.amount * 2)): sum added up" in shown
    assert "look-up public.item (id): index item_pkey, for changes of public.sale" in shown
    assert "look-up public.sale (item_id): NO INDEX, for changes of public.item" in shown
    assert "stage 1 keeps one row a group, with its state: 7 rows" in shown
    assert "bilinear:" in shown.split("Classes")[1]
    dt.execute("CREATE INDEX ON sale (item_id)")
    assert "NO INDEX" not in text(dt, "EXPLAIN DYNAMIC TABLE t")


def test_json_is_stable(dt: dyntables.Client) -> None:
    dt.execute(f"CREATE DYNAMIC TABLE t {LAG} AS {JOINED} GROUP BY i.kind")
    found = document(dt, "EXPLAIN (FORMAT JSON, VERBOSE) DYNAMIC TABLE t")
    assert (found["schema_version"], found["mode"]) == (1, "INCREMENTAL")
    nodes = list(walk(found["tree"]))
    assert [n["id"] for n in nodes] == list(range(len(nodes)))
    assert {n["class"] for n in nodes} == {"linear", "merged", "bilinear", "source"}
    join = next(n for n in nodes if n["kind"] == "Join")
    assert [(k["columns"], k["missing"]) for k in join["lookups"]] == [(["item_id"], True), (["id"], False)]
    assert found["statements"][0]["stage"] == 1
    assert [s["storage"] for s in found["stages"]] == ["dyntables_data.t1_g1"]


def test_analyze_refreshes(dt: dyntables.Client) -> None:
    dt.execute(f"CREATE DYNAMIC TABLE t {LAG} AS {JOINED} GROUP BY i.kind")
    dt.execute("INSERT INTO sale VALUES (1, '2025-01-01', 5)")
    found = document(dt, "EXPLAIN (FORMAT JSON, ANALYZE) DYNAMIC TABLE t")["analyze"]
    assert (found["action"], found["source_changes"]) == ("INCREMENTAL", {"public.sale": 1})
    assert found["stages"][0]["rows"] == 1
    assert dt.execute("SELECT count(*) FROM t WHERE latest = '2025-01-01'").rows == [(1,)]
    assert "Refreshed for real" in text(dt, "EXPLAIN ANALYZE DYNAMIC TABLE t")


def test_a_full_table_has_reason_place_and_hint(dt: dyntables.Client) -> None:
    statement = f"EXPLAIN (FORMAT JSON) CREATE DYNAMIC TABLE t {LAG} AS SELECT random()\nFROM item"
    (reason,) = document(dt, statement)["reasons"]
    assert (reason["reason"], reason["place"]["line"], reason["place"]["column"]) == ("VOLATILE_FUNCTION", 1, 8)
    assert reason["hint"].startswith("Every refresh would give other values")
    dt.execute(f"CREATE DYNAMIC TABLE u {LAG} REFRESH_MODE = FULL AS SELECT id FROM item")
    assert "without REFRESH_MODE = FULL" in text(dt, "EXPLAIN DYNAMIC TABLE u")


def test_changes_are_predicted_downstream(dt: dyntables.Client) -> None:
    dt.execute(f"CREATE DYNAMIC TABLE base {LAG} AS SELECT item_id, sum(amount) AS n FROM sale GROUP BY item_id")
    dt.execute(f"CREATE DYNAMIC TABLE above {LAG} AS SELECT sum(n) AS n FROM base")
    dt.execute(f"CREATE DYNAMIC TABLE full_above {LAG} REFRESH_MODE = FULL AS SELECT count(*) AS n FROM base")
    rows = dt.execute("EXPLAIN CHANGES base").rows
    assert [r[:3] for r in rows] == [
        ("public.base", "TARGET", "NO_DATA"),
        ("public.above", "DOWNSTREAM", "NO_DATA"),
        ("public.full_above", "DOWNSTREAM", "FULL"),
    ]
    dt.execute("UPDATE sale SET amount = 0 WHERE item_id = 3")
    rows = {r[0]: r[2:] for r in dt.execute("EXPLAIN CHANGES base").rows}
    assert rows["public.base"] == ("INCREMENTAL", "sources changed", "48 changed rows of public.sale", 48)
    assert rows["public.above"][0] == "INCREMENTAL"
    actions = {r[0]: r[2] for r in dt.execute("ALTER DYNAMIC TABLE above REFRESH").rows}
    assert actions == {"public.base": "INCREMENTAL", "public.above": "INCREMENTAL"}
    dt.execute("TRUNCATE sale")
    assert dt.execute("EXPLAIN CHANGES base").rows[0][2:4] == ("REINITIALIZE", "a source was truncated")


def test_lineage_sees_through_views_queries_and_unions(dt: dyntables.Client) -> None:
    dt.execute("CREATE VIEW cheap AS SELECT id AS item, upper(kind) AS label FROM item WHERE price < 100")
    dt.execute(
        f"CREATE DYNAMIC TABLE t {LAG} AS WITH w AS (SELECT item, label FROM cheap UNION ALL SELECT item_id, 'x' "
        "FROM sale) SELECT w.item, w.label, count(*) OVER (PARTITION BY w.item) AS n FROM w"
    )
    rows = {row[:5] for row in dt.execute("SHOW COLUMN LINEAGE OF t").rows}
    assert rows == {
        ("item", "public", "item", "id", "PASS_THROUGH"),
        ("item", "public", "sale", "item_id", "PASS_THROUGH"),
        ("label", "public", "item", "kind", "EXPRESSION"),
        ("n", "public", "item", "id", "WINDOW"),
        ("n", "public", "sale", "item_id", "WINDOW"),
        (None, "public", "item", "price", "FILTER"),
    }
    stored = dt.execute(
        "SELECT column_name, source_schema, source_table, source_column, kind FROM dyntables.column_lineage"
    ).rows
    assert set(stored) == rows


def test_small_tables_and_few_keys_want_no_index(dt: dyntables.Client) -> None:
    dt.execute("UPDATE sale SET amount = amount % 3")
    dt.execute("ANALYZE sale")
    query = "SELECT amount, count(DISTINCT day) AS days FROM sale GROUP BY amount"
    assert dt.execute(f"CREATE DYNAMIC TABLE few {LAG} AS {query}").notices == []
    assert (
        dt.execute(f"CREATE DYNAMIC TABLE merged {LAG} AS SELECT day, sum(amount) FROM sale GROUP BY day").notices == []
    )
    query = "SELECT day, count(DISTINCT amount) AS n FROM sale GROUP BY day"
    assert len(dt.execute(f"CREATE DYNAMIC TABLE redone {LAG} AS {query}").notices) == 1


def test_the_command_line_explains_and_the_doctor_lists(dt: dyntables.Client) -> None:
    dt.execute(f"CREATE DYNAMIC TABLE t {LAG} AS {JOINED} GROUP BY i.kind")
    run = CliRunner()
    shown = run.invoke(app, ["explain", "t", "--format", "json", "-d", dt.url])
    assert json.loads(shown.stdout)["missing_indexes"][0]["statement"] == "CREATE INDEX ON public.sale (item_id)"
    assert "Refreshed for real" in run.invoke(app, ["explain", "t", "--analyze", "-d", dt.url]).stdout
    examined = run.invoke(app, ["doctor", "-d", dt.url])
    assert "CREATE INDEX ON public.sale (item_id);  -- for public.t" in examined.stdout


def test_every_definition_is_explained_with_all_its_stages(dt: dyntables.Client) -> None:
    for statement in SCHEMA:
        dt.execute(statement)
    for name, query in DEFINITIONS.items():
        found = document(dt, f'EXPLAIN (FORMAT JSON, VERBOSE) CREATE DYNAMIC TABLE "{name}" {LAG} AS {query}')
        staged = sorted(n["state"]["stage"] for n in walk(found["tree"]) if n["state"] is not None)
        assert staged == [s["stage"] for s in found["stages"]], name
