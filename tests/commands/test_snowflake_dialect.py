"""Dynamic tables from Snowflake's SQL on a real server: their contents, their mode, and errors with a place."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

import dyntables
from dyntables.cli import app
from dyntables.errors import DyntablesError, InvalidOptionError, InvalidQueryError, UnsupportedQueryError

HEAD = "CREATE DYNAMIC TABLE t TARGET_LAG = '1 minute' DIALECT = SNOWFLAKE"


@pytest.fixture
def dt(database_url: str) -> Iterator[dyntables.Client]:
    with dyntables.connect(database_url) as client:
        client.execute(
            "CREATE TABLE sales (id integer PRIMARY KEY, region text, amount numeric(10, 2), day date, doc jsonb);"
            "INSERT INTO sales SELECT i, 'r' || i % 3, i * 10, date '2024-01-01' + i, jsonb_build_object('qty', i, "
            "'tags', jsonb_build_array('x', 'y' || i)) FROM generate_series(1, 9) i"
        )
        yield client


def mode(dt: dyntables.Client, name: str = "t") -> str:
    return str(dt.execute(f"SELECT refresh_mode FROM dyntables.dynamic_tables WHERE name = '{name}'").rows[0][0])


def changed_and_equal(dt: dyntables.Client, name: str = "t") -> None:
    for change in (
        "INSERT INTO sales VALUES (20, 'r1', NULL, NULL, NULL), (21, NULL, 5, '2024-03-31', '{\"tags\": []}')",
        "UPDATE sales SET amount = amount + 1, day = day + 30, region = 'r2' WHERE id IN (1, 4)",
        "DELETE FROM sales WHERE id IN (2, 20)",
    ):
        dt.execute(change)
        dt.execute(f"ALTER DYNAMIC TABLE {name} REFRESH")
        assert dt.execute(f"ALTER DYNAMIC TABLE {name} VERIFY").rows[0][1], change


DEFINITIONS = {
    "scalars": (
        "SELECT ID, IFF(amount > 50, 'big', 'small') AS size, NVL(region, '?') AS region, "
        "DIV0(amount, id - 3) AS each, "
        "amount / 7 AS week, DATEADD(month, 1, day) AS next, DATEDIFF(month, '2023-12-31', day) AS months, "
        "size || '!' AS loud FROM sales WHERE loud LIKE 's%' OR amount IS NULL"
    ),
    "groups": (
        "SELECT region, DATE_TRUNC('month', day) AS month, SUM(amount) AS total, COUNT_IF(amount > 30) AS many, "
        "COUNT(DISTINCT id) AS ids, MAX_BY(id, amount) AS top, "
        "LISTAGG(id, ',') WITHIN GROUP (ORDER BY id) AS list FROM sales GROUP BY ALL HAVING total > 0"
    ),
    "qualify": "SELECT * FROM sales QUALIFY ROW_NUMBER() OVER (PARTITION BY region ORDER BY amount DESC, id) = 1",
    "qualified alias": (
        "SELECT region, id, RANK() OVER (PARTITION BY region ORDER BY amount) AS place FROM sales WHERE id > 1 "
        "QUALIFY place <= 2 AND amount > 10"
    ),
    "json": "SELECT id, doc:qty::INT AS qty, doc:tags[0]::STRING AS tag, ARRAY_SIZE(doc:tags) AS n FROM sales",
    "star": "SELECT * EXCLUDE (doc, day) RENAME (amount AS price) FROM sales",
    "windows": (
        "SELECT id, LAST_VALUE(amount) OVER (PARTITION BY region ORDER BY id) AS final, "
        "RATIO_TO_REPORT(amount) OVER (PARTITION BY region) AS share FROM sales"
    ),
    "cte and join": (
        "WITH best AS (SELECT region, MAX(amount) AS amount FROM sales GROUP BY region) "
        "SELECT s.id, s.region FROM sales s JOIN best b ON EQUAL_NULL(s.region, b.region) AND s.amount = b.amount"
    ),
}


@pytest.mark.parametrize("query", DEFINITIONS.values(), ids=DEFINITIONS)
def test_a_definition_is_incremental_and_stays_equal(dt: dyntables.Client, query: str) -> None:
    dt.execute(f"{HEAD} REFRESH_MODE = INCREMENTAL AS {query}")
    assert mode(dt) == "INCREMENTAL"
    changed_and_equal(dt)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT s.id, f.index, f.value::STRING AS tag FROM sales s, LATERAL FLATTEN(input => s.doc:tags) f",
        "SELECT s.id, f.value::STRING AS tag FROM sales s, LATERAL FLATTEN(input => s.doc, path => 'tags', "
        "outer => TRUE) f",
        "SELECT s.id, f.key FROM sales s, TABLE(FLATTEN(s.doc)) f",
        "SELECT TOP 3 id, amount FROM sales ORDER BY amount DESC, id",
        "SELECT region FROM sales MINUS SELECT region FROM sales WHERE amount > 85",
    ],
)
def test_a_definition_stays_equal_in_whatever_mode(dt: dyntables.Client, query: str) -> None:
    dt.execute(f"{HEAD} AS {query}")
    assert dt.execute("SELECT count(*) > 0 FROM t").rows == [(True,)]
    changed_and_equal(dt)


def test_qualify_keeps_the_columns_and_flatten_the_rows(dt: dyntables.Client) -> None:
    dt.execute(f"{HEAD} AS {DEFINITIONS['qualify']}")
    names = ["id", "region", "amount", "day", "doc"]
    assert [row[0] for row in dt.execute("DESCRIBE DYNAMIC TABLE t").rows] == names
    assert dt.execute("SELECT id FROM t ORDER BY id").rows == [(7,), (8,), (9,)]
    dt.execute(
        "CREATE DYNAMIC TABLE f TARGET_LAG = '1 minute' DIALECT = SNOWFLAKE AS SELECT id, f.index AS i, "
        "f.value::STRING AS tag FROM sales, LATERAL FLATTEN(input => doc:tags) f WHERE id < 3"
    )
    assert dt.execute("SELECT * FROM f ORDER BY id, i").rows == [
        (1, 0, "x"), (1, 1, "y1"), (2, 0, "x"), (2, 1, "y2"),
    ]  # fmt: skip


def test_a_column_comes_before_an_alias(dt: dyntables.Client) -> None:
    dt.execute(f"{HEAD} AS SELECT id + 100 AS amount, amount + 1 AS more FROM sales WHERE amount = 50")
    assert dt.execute("SELECT amount, more FROM t").rows == [(105, 51)]


def test_the_catalog_keeps_what_was_written_and_the_dialect(dt: dyntables.Client) -> None:
    query = "SELECT NVL(region, 'it\\'s') AS r // a comment's\nFROM sales"
    dt.execute(f"{HEAD} AS {query}")
    row = dt.execute("SELECT query, canonical, options ->> 'dialect' FROM dyntables.dynamic_table").rows[0]
    assert (row[0], row[2]) == (query, "SNOWFLAKE")
    assert "COALESCE(region, 'it''s'::text)" in row[1]
    assert dt.execute("DESCRIBE DYNAMIC TABLE t").notices == ["the definition is in the dialect SNOWFLAKE"]


def test_replace_alter_and_explain_work(dt: dyntables.Client) -> None:
    dt.execute(f"{HEAD} AS SELECT id, IFF(id > 3, 1, 2) AS x FROM sales")
    dt.execute("ALTER DYNAMIC TABLE t SET TARGET_LAG = '5 minutes' COMMENT = 'c'")
    assert dt.execute("SELECT options ->> 'dialect' FROM dyntables.dynamic_table").rows == [("SNOWFLAKE",)]
    replaced = HEAD.replace("CREATE", "CREATE OR REPLACE")
    with pytest.raises(UnsupportedQueryError):
        dt.execute(f"{replaced} AS SELECT HASH(id) AS x FROM sales")
    assert dt.execute("SELECT count(*) FROM t").rows == [(9,)]
    dt.execute(f"{replaced} AS SELECT ZEROIFNULL(amount) AS x FROM sales")
    changed_and_equal(dt)
    dt.execute("CREATE OR REPLACE DYNAMIC TABLE t TARGET_LAG = '1 minute' AS SELECT id FROM sales")
    assert dt.execute("SELECT options ->> 'dialect' FROM dyntables.dynamic_table").rows == [(None,)]
    lines = dt.execute(f"EXPLAIN {HEAD} AS SELECT NVL(id, 0) AS x FROM sales").rows
    assert lines[0][0].endswith("refresh mode INCREMENTAL")
    with pytest.raises(InvalidOptionError, match="DIALECT cannot be altered"):
        dt.execute("ALTER DYNAMIC TABLE t SET DIALECT = SNOWFLAKE")


@pytest.mark.parametrize(
    ("query", "error", "message", "place"),
    [
        ("SELECT RANDOM() AS r FROM sales", UnsupportedQueryError, "Snowflake's RANDOM", "RANDOM"),
        ("SELECT nope FROM sales", InvalidQueryError, '"nope" does not exist', "nope"),
        ("SELECT id FROM nowhere", InvalidQueryError, '"nowhere" does not exist', "nowhere"),
        ("SELECT id, (FROM sales", InvalidQueryError, "cannot read", None),
        ("SELECT COUNT(*) FROM sales", InvalidQueryError, "has no name", "COUNT"),
        ("SELECT id FROM sales WHERE doc:qty = 1", UnsupportedQueryError, "comparison of a VARIANT", "doc"),
    ],
)
def test_errors_are_placed_in_what_was_written(
    dt: dyntables.Client, query: str, error: type[DyntablesError], message: str, place: str | None
) -> None:
    statement = f"{HEAD} AS {query}"
    with pytest.raises(error, match=message) as caught:
        dt.execute(statement)
    if place is not None:
        assert caught.value.span is not None
        assert statement[caught.value.span.start :].startswith(place)
        assert caught.value.span.text == statement


def test_types_without_a_counterpart_are_named(dt: dyntables.Client) -> None:
    dt.execute("CREATE TABLE f (x double precision)")
    with pytest.raises(InvalidQueryError, match=r"TO_TEXT is not carried over for the types \(double precision\)") as e:
        dt.execute(f"{HEAD} AS SELECT x || 'a' AS y FROM f")
    assert e.value.detail is not None
    assert "translated to" in e.value.detail


def test_the_dialect_of_a_client_and_of_the_command_line(database_url: str, tmp_path: Path) -> None:
    with dyntables.connect(database_url, dialect="snowflake") as client:
        client.execute("CREATE TABLE s (id integer PRIMARY KEY, v integer); INSERT INTO s VALUES (1, NULL)")
        client.execute("CREATE DYNAMIC TABLE a LAG = '1 minute' AS SELECT id, NVL(v, 7) AS v, 'it\\'s;' AS x FROM s")
        client.execute("CREATE DYNAMIC TABLE p LAG = '1 minute' DIALECT = POSTGRESQL AS SELECT id / 2 AS half FROM s")
        assert client.execute("SELECT v, x FROM a").rows == [(7, "it's;")]
        assert client.execute("SELECT half FROM p").rows == [(0,)]
    with pytest.raises(InvalidOptionError, match="is not one of"):
        dyntables.connect(database_url, dialect="oracle")
    script = "CREATE DYNAMIC TABLE c LAG = '1 minute' AS SELECT IFF(id = 1, 'a\\'b', '') AS y FROM s; SELECT y FROM c"
    result = CliRunner().invoke(app, ["sql", "-d", database_url, "--dialect", "snowflake", "-F", "csv", script])
    assert result.exit_code == 0, result.output
    assert "a'b" in result.output
