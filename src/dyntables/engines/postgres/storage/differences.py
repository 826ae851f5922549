"""Rows that differ: found by EXCEPT ALL, and brought into storage, where copies are told apart by where they are."""

from __future__ import annotations

from collections.abc import Sequence

import psycopg

from dyntables.compiler.names import WEIGHT, quote_qualified
from dyntables.compiler.plan.algebra.nodes import Column, SqlType
from dyntables.engines.postgres.rights.hands import Hands


def shown_by(connection: psycopg.Connection, view: str, view_oid: int | None, storage: str) -> bool:
    """Tell whether a view is the one that is known by its OID, and the storage that it should show is there."""
    row = connection.execute(
        "SELECT to_regclass(%s) = %s AND to_regclass(%s) IS NOT NULL", (view, view_oid, storage)
    ).fetchone()
    return bool(row and row[0])


def removed(storage: str, delta: str, columns: tuple[Column, ...]) -> str:
    """Return the statement that deletes as many copies of each row as a delta says."""
    image_s, image_d = (f"ROW({', '.join(f'{a}.{quote_qualified(c.id)}' for c in columns)})::text" for a in "sd")
    copies = (
        f"SELECT s.ctid AS place, row_number() OVER (PARTITION BY {image_s}) AS copy, d.{WEIGHT} AS weight "
        f"FROM {storage} s JOIN {delta} d ON {image_s} = {image_d} WHERE d.{WEIGHT} < 0"
    )
    return f"DELETE FROM {storage} WHERE ctid = ANY (ARRAY(SELECT place FROM ({copies}) c WHERE copy <= - weight))"


def added(storage: str, delta: str, columns: tuple[Column, ...]) -> str:
    """Return the statement that inserts as many copies of each row as a delta says."""
    items = ", ".join(quote_qualified(c.id) for c in columns)
    insert = f"INSERT INTO {storage} ({items}) SELECT {items} FROM {delta} d"
    return f"{insert}, generate_series(1, d.{WEIGHT}) WHERE d.{WEIGHT} > 0"


def compare_rows(hands: Hands, query: str, shown: str, columns: Sequence[Column]) -> tuple[int, int]:
    """Return how many rows of a query are missing in a FROM item, and how many it has too many."""
    items = ", ".join(quote_qualified(c.id) + ("" if _compared(c.type) else "::text") for c in columns) or "1"
    definition, contents = f"SELECT {items} FROM ({query}) d", f"SELECT {items} FROM {shown} v"
    missing, extra = hands.row(
        f"SELECT (SELECT count(*) FROM ({definition} EXCEPT ALL {contents}) m), "
        f"(SELECT count(*) FROM ({contents} EXCEPT ALL {definition}) e)"
    )
    return missing, extra


def _compared(type_: SqlType) -> bool:
    """Tell whether values are compared as they are: some types can only be hashed, and EXCEPT does one for all."""
    return type_.groupable and (type_.hashable or not type_.image_equal)
