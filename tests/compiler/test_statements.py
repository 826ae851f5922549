"""The language: what is read, and where errors are placed."""

from __future__ import annotations

import pytest

from dyntables.compiler.statements import (
    CreateDynamicTable,
    DropDynamicTable,
    Passthrough,
    Refresh,
    SetOptions,
    TargetLag,
    parse_statement,
    split_statements,
)
from dyntables.errors import DyntablesError


def test_create_with_options_in_any_order() -> None:
    statement = parse_statement(
        "create or replace dynamic table a.\"B\" (x comment 'u', y numeric(1,2)) lag='5 minutes' warehouse=w "
        "refresh_mode = incremental cluster by (a, f(b,c)) with tag (t='v') as select 1 as as_; "
    )
    assert isinstance(statement, CreateDynamicTable)
    assert statement.name.parts == ("a", "B")
    assert statement.options.timing.target_lag == TargetLag(300)
    assert statement.options.cluster_by == ("a", "f(b,c)")
    assert [o for o, _ in statement.options.ignored] == ["WAREHOUSE", "TAG"]
    assert [c.name for c in statement.columns] == ["x", "y"]
    assert statement.query == "select 1 as as_"
    assert statement.text[statement.query_start :].startswith("select 1")


@pytest.mark.parametrize(
    ("lag", "seconds"), [("1 second", 1), ("90 s", 90), ("2 MINUTES", 120), ("1h", 3600), ("7 days", 604800)]
)
def test_target_lag(lag: str, seconds: int) -> None:
    statement = parse_statement(f"CREATE DYNAMIC TABLE t TARGET_LAG = '{lag}' AS SELECT 1")
    assert isinstance(statement, CreateDynamicTable)
    assert statement.options.timing.target_lag == TargetLag(seconds)


@pytest.mark.parametrize(
    ("text", "message", "place"),
    [
        ("CREATE DYNAMIC TABLE t TARGT_LAG = '1 m' AS SELECT 1", 'unknown option "TARGT_LAG"', "TARGT_LAG"),
        ("CREATE DYNAMIC TABLE t TARGET_LAG = '0 s' AS SELECT 1", "at least 1 second", "'0 s'"),
        ("CREATE DYNAMIC TABLE t TARGET_LAG = 'soon' AS SELECT 1", "expected '<n> seconds", "'soon'"),
        ("CREATE DYNAMIC TABLE t TARGET_LAG = '1 m' SELECT 1", "expected AS", "SELECT"),
        ("CREATE DYNAMIC TABLE t LAG = '1 m' LAG = '2 m' AS SELECT 1", "given twice", "LAG = '2"),
        ("CREATE DYNAMIC TABLE t LAG = '1 m' REFRESH_MODE = SLOW AS SELECT 1", "is not one of", "SLOW"),
        ("ALTER DYNAMIC TABLE t EXPLODE", "expected SUSPEND", "EXPLODE"),
        ("DROP DYNAMIC TABLE t now", 'unexpected "now"', "now"),
        ("CREATE DYNAMIC TABLE t LAG = '1 m", "is not closed", "'1 m"),
    ],
)
def test_errors_have_a_place(text: str, message: str, place: str) -> None:
    with pytest.raises(DyntablesError, match=message.replace("(", r"\(")) as caught:
        parse_statement(text)
    span = caught.value.span
    assert span is not None
    assert text[span.start :].startswith(place)
    assert "^" in str(caught.value)


def test_other_statements() -> None:
    assert isinstance(parse_statement("SELECT 'dynamic table'"), Passthrough)
    refresh = parse_statement("ALTER DYNAMIC TABLE a, s.b REFRESH")
    assert isinstance(refresh, Refresh)
    assert [str(n) for n in refresh.names] == ["a", "s.b"]
    drop = parse_statement("DROP DYNAMIC TABLE IF EXISTS x CASCADE;")
    assert isinstance(drop, DropDynamicTable)
    assert drop.cascade
    changed = parse_statement("ALTER DYNAMIC TABLE t SET TARGET_LAG = DOWNSTREAM COMMENT = 'c'")
    assert isinstance(changed, SetOptions)
    assert changed.options.timing.target_lag == TargetLag(None)


def test_split_respects_strings_comments_and_bodies() -> None:
    text = "select ';'; /* ; */ create function f() begin atomic select 1; end; -- ;\n select $$ ; $$ ;;"
    assert [p.text for p in split_statements(text)] == [
        "select ';'",
        "create function f() begin atomic select 1; end",
        "select $$ ; $$",
    ]
