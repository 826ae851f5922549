"""The queries that measure rules: one look at a table for all that are about a row, one query for each other.

A row fails where the predicate of a rule IS FALSE: NULL passes. A rule with a filter checks the rows of the filter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dyntables.compiler.names import FROZEN, quote_qualified
from dyntables.compiler.quality.binding import Arguments, render
from dyntables.compiler.quality.kind import Counted, Kind, Watched


@dataclass(frozen=True, slots=True)
class RowTest:
    """What a rule says of each row, as the server writes it: a predicate, and which rows it is about."""

    predicate: str
    filter: str | None = None


def predicate_of(kind: Kind, arguments: Arguments) -> str:
    """Return the predicate of a rule about a row, as it is told to the server first."""
    assert kind.predicate is not None
    return kind.predicate(render(kind, arguments))


def measure_rows(schema: str, name: str, tests: Sequence[RowTest]) -> str:
    """Return the query of one row: of each test in turn how many rows were checked, and how many failed."""
    items = ", ".join(f"{_count(test.filter)}, {_count(_fails(test))}" for test in tests)
    return f"SELECT {items} FROM {quote_qualified(schema, name)} AS {FROZEN}"


def failing_rows(schema: str, name: str, test: RowTest) -> str:
    """Return the query of the rows that fail."""
    return f"SELECT {FROZEN}.* FROM {quote_qualified(schema, name)} AS {FROZEN} WHERE {_fails(test)}"


def counted_of(kind: Kind, arguments: Arguments, schema: str, name: str, condition: str | None) -> Counted:
    """Return the queries of a rule that is about more than a row; ``condition``: of the rows it is about."""
    assert kind.counted is not None
    table = quote_qualified(schema, name)
    rows = table if condition is None else f"(SELECT * FROM {table} AS {FROZEN} WHERE {condition})"
    return kind.counted(render(kind, arguments), Watched(rows, schema, name))


def examples(query: str, most: int) -> str:
    """Return the query of one text: some rows of a query, as JSON."""
    return f"SELECT coalesce(jsonb_agg(to_jsonb(e)), '[]')::text FROM (SELECT * FROM ({query}) q LIMIT {most}) e"


def _fails(test: RowTest) -> str:
    fails = f"({test.predicate}) IS FALSE"
    return fails if test.filter is None else f"({test.filter}) AND {fails}"


def _count(condition: str | None) -> str:
    return "count(*)" if condition is None else f"count(*) FILTER (WHERE {condition})"
