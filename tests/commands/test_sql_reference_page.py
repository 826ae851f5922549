"""docs/sql-reference.md is what tools/sql_reference says, and the program does what each row says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

import dyntables
from dyntables.errors import DyntablesError
from tests.support.servers import drop_database
from tools.sql_reference.row import EXISTING, PAGE_TEST, SETUP, Row, Statement, Verdict
from tools.sql_reference_page import PAGE, anchors, sql_reference_page

ROOT = Path(__file__).parents[2]
ROWS = anchors()


@pytest.fixture(scope="module")
def client(server18_url: str) -> Iterator[dyntables.Client]:
    """One database for all rows; each has a schema of its own."""
    url = re.sub(r"/\w+(\?|$)", r"/sql_reference\1", server18_url)
    with psycopg.connect(server18_url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE sql_reference TEMPLATE template0")
    with dyntables.connect(url) as opened:
        yield opened
    drop_database(server18_url, "sql_reference")


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text() == sql_reference_page(), "run make docs"


def test_every_row_that_works_names_a_test_of_the_tree() -> None:
    for _, row in ROWS:
        if row.verdict is Verdict.WORKS:
            path, _, name = row.test.partition("::")
            assert f"def {name or 'test_'}" in (ROOT / path).read_text(), row.test


@pytest.mark.parametrize(("statement", "row"), ROWS, ids=[f"{s.title}: {r.name}" for s, r in ROWS])
def test_row(client: dyntables.Client, statement: Statement, row: Row) -> None:
    if not row.sql:
        assert row.test != PAGE_TEST
        return
    schema = f"row_{ROWS.index((statement, row))}"
    client.execute(f"CREATE SCHEMA {schema}; SET search_path TO {schema}; {SETUP.replace('{schema}', schema)}")
    if statement.existing:
        client.execute(EXISTING)
    sql = row.sql.replace("{schema}", schema)
    if row.verdict is Verdict.REFUSED:
        with pytest.raises(DyntablesError) as caught:
            client.execute(sql)
        assert row.code in ("", caught.value.code)
        assert row.says in str(caught.value)
        return
    result = client.execute(sql)
    if row.verdict is Verdict.METADATA:
        assert any("has no effect" in notice for notice in result.notices)
        kept = client.execute(f"SELECT options -> 'ignored' ? '{row.kept}' FROM me").rows
        assert kept == [(True,)]
    elif row.effect.startswith("rows = "):
        assert len(result.rows) == int(row.effect.removeprefix("rows = "))
    else:
        assert client.execute(row.effect.replace("{schema}", schema)).rows == [(True,)]
