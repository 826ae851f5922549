"""What the rules of a dynamic table measure of its present contents; the caller owns the transaction.

A row is of one change version: what changes the contents and does not say what that does to measures leaves none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from psycopg.types.json import Jsonb

from dyntables.catalog.connection import Connection


@dataclass(frozen=True, slots=True)
class Measure:
    """What a version of a rule measures: the sums that it follows from, how much was checked, and how much failed."""

    version: int
    sums: tuple[int, ...]
    checked: int
    failed: int


def load(connection: Connection, table_id: int, change_version: int) -> dict[int, Measure]:
    """Return what is known of the contents of a change version, by the ids of rules."""
    row = connection.execute(
        "SELECT measures FROM dyntables.quality_measure WHERE dynamic_table_id = %s AND change_version = %s",
        (table_id, change_version),
        prepare=True,
    ).fetchone()
    known = row[0] if row is not None else {}
    return {int(rule): Measure(m[0], tuple(m[1]), m[2], m[3]) for rule, m in known.items()}


def store(connection: Connection, table_id: int, change_version: int, measures: Mapping[int, Measure]) -> None:
    """Add what is known of the contents of a change version, unless it is not the present one any more.

    Those of the version before stay: who looked at these may be about to add to them, and must not wait.
    """
    found = {str(rule): [m.version, m.sums, m.checked, m.failed] for rule, m in measures.items()}
    connection.execute(
        "INSERT INTO dyntables.quality_measure AS q (dynamic_table_id, change_version, measures) "
        "SELECT id, change_version, %(found)s FROM dyntables.dynamic_table WHERE id = %(id)s "
        "AND change_version = %(version)s "
        "ON CONFLICT (dynamic_table_id, change_version) DO UPDATE SET measures = q.measures || excluded.measures",
        {"found": Jsonb(found), "id": table_id, "version": change_version},
    )


def forget_before(connection: Connection, table_id: int, change_version: int) -> None:
    """Remove what was known of contents before a change version."""
    connection.execute(
        "DELETE FROM dyntables.quality_measure WHERE dynamic_table_id = %s AND change_version < %s",
        (table_id, change_version),
    )
