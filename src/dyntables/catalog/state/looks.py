"""Looks at tables that may have nothing to do: asked for many at once, and noted without a write to any table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from dyntables.catalog.connection import Connection
from dyntables.catalog.model import DynamicTable
from dyntables.compiler.names import SYSTEM


@dataclass(frozen=True, slots=True)
class Seen:
    """What is so of some tables at a snapshot.

    ``present``: rows of tables as text, which are what ``as_known`` says if nothing changed them. ``altered``: tables
    to whose sources something happened. ``broken``: sources that are not captured. ``versions``: of those that are
    read. ``holds``: which of the conditions hold.
    """

    snapshot: str
    present: frozenset[str]
    altered: frozenset[int]
    broken: frozenset[int]
    versions: dict[int, int]
    holds: tuple[bool, ...]


def look(
    connection: Connection,
    tables: Sequence[int],
    captured: Sequence[int],
    parents: Sequence[int],
    conditions: Sequence[tuple[str, list[str]]],
) -> Seen:
    """Look at tables, at the captured sources, at the tables that they read, and at some conditions with parameters."""
    row = connection.execute(
        "SELECT pg_current_snapshot()::text, "
        "ARRAY(SELECT (id, coalesce(frontier::text, ''), change_version, version)::text FROM dyntables.dynamic_table "
        f"WHERE id = ANY(%s) AND reinitialize_reason IS NULL AND system_identifier = {SYSTEM} "
        "AND effective_mode = 'INCREMENTAL'), "
        "ARRAY(SELECT d.dynamic_table_id FROM dyntables.source_event e JOIN dyntables.dependency d USING (relation) "
        "WHERE d.dynamic_table_id = ANY(%s) AND (e.columns IS NULL OR e.columns && d.columns)), "
        "ARRAY(SELECT b::bigint FROM dyntables.capture_broken(%s::oid[]) b), "
        "(SELECT jsonb_object_agg(id, change_version) FROM dyntables.dynamic_table WHERE id = ANY(%s))"
        + "".join(f", {condition}" for condition, _ in conditions),
        [list(tables), list(tables), list(captured), list(parents), *(p for _, given in conditions for p in given)],
        prepare=True,
    ).fetchone()
    assert row is not None
    versions = {int(i): v for i, v in (row[4] or {}).items()}
    return Seen(row[0], frozenset(row[1]), frozenset(row[2]), frozenset(row[3]), versions, tuple(row[5:]))


def as_known(table: DynamicTable) -> str:
    """Return a table's row as ``look`` gives it."""
    frontier = table.contents.frontier or ""
    quoted = f'"{frontier}"' if "," in frontier else frontier
    return f"({table.id},{quoted},{table.contents.change_version},{table.definition.version})"


def note(connection: Connection, ids: Sequence[int]) -> tuple[datetime, datetime]:
    """Note that tables have nothing to do as of this transaction; return when it began, and the present instant."""
    row = connection.execute(
        "SELECT now(), clock_timestamp(), count(setval(to_regclass('dyntables_data.looks_' || i), "
        "(extract(epoch FROM now()) * 1000000)::bigint)) FROM unnest(%s::bigint[]) i",
        (list(ids),),
        prepare=True,
    ).fetchone()
    assert row is not None
    return row[0], row[1]
