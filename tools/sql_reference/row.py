"""One construct of Snowflake's statements on dynamic tables, and what it is here."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

# What every example finds. The view ``me`` shows the catalog's row of the dynamic table "t".
SETUP = """
CREATE TABLE s (id integer PRIMARY KEY, k text, v integer, day date);
INSERT INTO s SELECT i, 'k' || i % 3, i, date '2026-01-01' + i FROM generate_series(1, 9) i;
CREATE VIEW me AS SELECT * FROM dyntables.dynamic_table WHERE schema_name = '{schema}' AND table_name = 't';
"""
EXISTING = "CREATE DYNAMIC TABLE t TARGET_LAG = '1 hour' AS SELECT k, count(*) AS n, sum(v) AS total FROM s GROUP BY k"
PAGE_TEST = "tests/commands/test_sql_reference_page.py"


class Verdict(StrEnum):
    """What becomes of a construct."""

    WORKS = "works"
    METADATA = "metadata only"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Row:
    """A construct, an example that is run, and what is expected of it.

    ``effect``: a query that is true after the example works. ``test``: where more is proven of it.
    ``kept``: under what the catalog keeps metadata. ``code``, ``says``: the error, and words of it.
    """

    name: str
    note: str
    sql: str
    verdict: Verdict
    effect: str = ""
    test: str = PAGE_TEST
    kept: str = ""
    code: str = ""
    says: str = ""


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement with its rows; ``existing``: the examples find the dynamic table "t"."""

    title: str
    example: str
    rows: tuple[Row, ...]
    existing: bool = False
    words: str = ""


def works(name: str, note: str, sql: str, effect: str, test: str = PAGE_TEST) -> Row:
    """Return a row of what works."""
    return Row(name, note, sql, Verdict.WORKS, effect, test)


def metadata(name: str, kept: str, sql: str, note: str = "") -> Row:
    """Return a row of what is kept and has no effect."""
    return Row(name, note, sql, Verdict.METADATA, kept=kept)


def refused(name: str, note: str, sql: str, code: str, says: str) -> Row:
    """Return a row of what is refused."""
    return Row(name, note, sql, Verdict.REFUSED, code=code, says=says)


def options(body: str, query: str = "SELECT k, v FROM s", before: str = "CREATE DYNAMIC TABLE t") -> str:
    """Return a CREATE statement with some options."""
    return f"{before} TARGET_LAG = '1 hour' {body} AS {query}"
