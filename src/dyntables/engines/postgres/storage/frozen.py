"""Rows that no refresh computes any more, in a table of their own beside the storage of the others."""

from __future__ import annotations

from collections.abc import Sequence

from dyntables.compiler.names import FROZEN, WEIGHT, literal, make_staging, quote_qualified
from dyntables.engines.postgres.rights.hands import Hands
from dyntables.engines.postgres.storage.views import protect


def boundaries(hands: Hands, expressions: Sequence[str]) -> list[str]:
    """Return the values of expressions at the data timestamp, as constants in SQL."""
    if not expressions:
        return []
    items = ", ".join(f"({b})::text, format_type(pg_typeof({b}), NULL)" for b in expressions)
    row = hands.row(f"SELECT {items}")
    return [f"{literal(value)}::{type_}" for value, type_ in zip(row[::2], row[1::2], strict=True)]


def not_before(hands: Hands, values: Sequence[str], others: Sequence[str]) -> bool:
    """Tell whether each constant is at or after another."""
    pairs = zip(values, others, strict=True)
    return bool(hands.row("SELECT " + " AND ".join(f"{now} >= {before}" for now, before in pairs))[0])


def move(hands: Hands, name: str, rows: str, storage: str) -> tuple[int, str]:
    """Add the rows of a query to the frozen ones; return how many, and a FROM item of them as a delta.

    ``name``: of the temporary table that keeps them until the end of the transaction.
    """
    count = hands.run(make_staging(hands.staging, name, rows))
    if count:
        hands.run(f"INSERT INTO {storage} SELECT * FROM {hands.staging}.{name}")
    return count, f"(SELECT *, 1 AS {WEIGHT} FROM {hands.staging}.{name})"


def create(hands: Hands, storage: str, source: str, columns: tuple[tuple[str, str], ...]) -> int:
    """Make a table of the rows of a query, with columns of the given names and types; return how many rows it has."""
    items = ", ".join(f"CAST({quote_qualified(name)} AS {type_}) AS {quote_qualified(name)}" for name, type_ in columns)
    site = hands.site(storage)
    rows = hands.run(f"CREATE TABLE {site} AS SELECT {items} FROM ({source}) f")
    hands.run(protect(site))
    hands.run(f"ANALYZE {site}")
    hands.settle(storage)
    return rows


def count(hands: Hands, storage: str, predicate: str) -> tuple[int, int]:
    """Return how many rows are frozen, and how many of these meet a predicate."""
    rows, within = hands.row(f"SELECT count(*), count(*) FILTER (WHERE {predicate}) FROM {storage} {FROZEN}")
    return rows, within
