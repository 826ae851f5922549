"""The statements that change tables: what is read, and where errors are placed."""

from __future__ import annotations

from typing import TypeVar

import pytest

from dyntables.compiler.statements import (
    Clone,
    CommentColumns,
    CreateOrAlter,
    ShowDynamicTables,
    Statement,
    SwapWith,
    Undrop,
    parse_statement,
)
from dyntables.errors import DyntablesError

T = TypeVar("T", bound=Statement)


def parsed(text: str, kind: type[T]) -> T:
    statement = parse_statement(text)
    assert isinstance(statement, kind)
    return statement


def test_what_is_read() -> None:
    assert parsed("undrop dynamic table a.b;", Undrop).name.parts == ("a", "b")
    swap = parsed("ALTER DYNAMIC TABLE IF EXISTS a SWAP WITH b.c", SwapWith)
    assert (str(swap.name), str(swap.other), swap.if_exists) == ("a", "b.c", True)
    clone = parsed("CREATE OR REPLACE TRANSIENT DYNAMIC TABLE a CLONE b LAG = '1 h' COPY GRANTS", Clone)
    assert (clone.or_replace, clone.transient, str(clone.source)) == (True, True, "b")
    assert clone.options.timing.target_lag is not None
    altered = parsed("CREATE OR ALTER DYNAMIC TABLE a (x, y) LAG = '1 h' AS SELECT 1, 2", CreateOrAlter)
    assert [c.name for c in altered.target.columns] == ["x", "y"]
    assert not altered.target.or_replace
    comments = parsed("ALTER DYNAMIC TABLE a ALTER x COMMENT 'c', MODIFY COLUMN y UNSET COMMENT", CommentColumns)
    assert comments.comments == (("x", "c"), ("y", None))
    shown = parsed(
        "SHOW DYNAMIC TABLES HISTORY LIKE 'a%' IN DATABASE d STARTS WITH 'a' LIMIT 3 FROM 'ab'", ShowDynamicTables
    )
    assert shown == ShowDynamicTables("a%", None, "a", 3, True, "ab", "d")


@pytest.mark.parametrize(
    ("text", "message", "place"),
    [
        ("UNDROP DYNAMIC TABLE t now", 'unexpected "now"', "now"),
        ("ALTER DYNAMIC TABLE t SWAP b", "expected SUSPEND", "SWAP"),
        ("CREATE DYNAMIC TABLE t CLONE u AT (OFFSET => -60)", "are not supported", "AT"),
        ("CREATE DYNAMIC TABLE t CLONE u LAG = '1 h' DIALECT = SNOWFLAKE", "cannot be given with CLONE", "LAG"),
        ("CREATE OR ALTER DYNAMIC TABLE IF NOT EXISTS t LAG = '1 h' AS SELECT 1", "exclude each other", "t LAG"),
        ("CREATE OR ALTER DYNAMIC TABLE t CLONE u", 'unknown option "CLONE"', "CLONE"),
        ("ALTER DYNAMIC TABLE t ALTER COLUMN c TYPE text", "expected COMMENT", "TYPE"),
        ("ALTER DYNAMIC TABLE t SET DATA_RETENTION_TIME_IN_DAYS = 100", "from 0 to 90", "100"),
        ("SHOW DYNAMIC TABLES LIMIT x", "expected a number", "x"),
    ],
)
def test_errors_have_a_place(text: str, message: str, place: str) -> None:
    with pytest.raises(DyntablesError, match=message) as caught:
        parse_statement(text)
    span = caught.value.span
    assert span is not None
    assert text[span.start :].startswith(place)
