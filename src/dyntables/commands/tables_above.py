"""The tables above one that changes: what they read must stay readable, and what they hold stays right."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import psycopg

from dyntables.catalog import store
from dyntables.catalog.model import DynamicTable
from dyntables.commands.capturing import capture_sources
from dyntables.commands.definition.columns import ColumnPlan
from dyntables.compiler.names import quote_qualified
from dyntables.compiler.program import layout
from dyntables.compiler.renames import rename_relations
from dyntables.engines.postgres.definition.following import follow
from dyntables.engines.postgres.definition.parsing import SAFE_UNDER, Parser
from dyntables.errors import DependentObjectsError, DyntablesError
from dyntables.refresh.sources.definitions import Reading
from dyntables.refresh.sources.fingerprint import fingerprint, fits
from dyntables.refresh.sources.moved import moved_relations
from dyntables.refresh.sources.plans import read


def intact_readers(connection: psycopg.Connection, readers: Iterable[int]) -> set[int]:
    """Return those tables above whose sources are as they were at their last refresh."""
    tables = store.load_all(connection, readers)
    return {i for i, t in tables.items() if fits(fingerprint(connection, t.dependencies), t)}


def carry_over(connection: psycopg.Connection, changed: DynamicTable, intact: set[int], readers: Iterable[int]) -> None:
    """Let the tables above know a table under its new columns; the intact ones have nothing to compute anew.

    Law: a table above holds what its definition makes of the contents that it has consumed. These did not change, and
    the refresh that changes them logs the difference, so the next delta leads to the new contents.

    Raises:
        DependentObjectsError: one reads what is not there any more.
    """
    for reader, table in store.load_all(connection, readers).items():
        table, reading = _read(connection, changed, table)
        if reader not in intact:
            continue  # its next refresh follows what was renamed, and computes it anew
        before = {str(d.relation) for d in table.dependencies if d.upstream == changed.id}
        now = [d for d in reading.dependencies if d.upstream == changed.id]
        store.replace_dependencies(connection, reader, reading.dependencies)
        if table.incremental:
            capture_sources(connection, None, reading.dependencies, logs_only=True)
        kept = {relation: entry for relation, entry in table.fingerprint.items() if relation not in before}
        known = {**kept, **fingerprint(connection, now)}
        values = {"canonical": table.canonical, "fingerprint": known, "layout": _layout(changed, table, reading)}
        store.update(connection, reader, **values)


def _layout(changed: DynamicTable, table: DynamicTable, reading: Reading) -> str | None:
    """Return the layout of a table's storage, which knows sources by OID; if it does not fit, a refresh says so."""
    if table.layout is None or reading.compiled is None:
        return table.layout
    old = next((d.relation for d in table.dependencies if d.upstream == changed.id), None)
    new = next((d.relation for d in reading.dependencies if d.upstream == changed.id), None)
    if old is None or new is None or layout(reading.compiled, {new: old}) != table.layout:
        return table.layout
    return layout(reading.compiled)


def _read(connection: psycopg.Connection, changed: DynamicTable, table: DynamicTable) -> tuple[DynamicTable, Reading]:
    """Read a table above, under the new names of columns that were renamed."""
    moved = moved_relations(connection, table)
    try:
        if moved:
            table = replace(table, canonical=follow(connection, table.canonical, moved, table.owner))
        return table, read(connection, table, table.generation)
    except (psycopg.Error, DyntablesError) as error:
        message = error.message if isinstance(error, DyntablesError) else str(error.diag.message_primary)
        raise DependentObjectsError(
            f'cannot alter "{changed.qualified}": "{table.qualified}" reads it, and could not be read any more: '
            f"{message}",
            hint="Change the table above first, or drop it.",
        ) from error


def obstacle(
    connection: psycopg.Connection, changed: DynamicTable, columns: ColumnPlan, table: DynamicTable
) -> str | None:
    """Return why a definition above cannot be read over other columns as it stands, or None; change nothing."""
    if not columns.dropped and not columns.renamed:
        return None
    stand_in = (f"dt_what_if_{changed.id}", changed.name)
    items = ", ".join(f"NULL::{type_} AS {quote_qualified(name)}" for name, type_ in columns.after)
    text = rename_relations(table.canonical, {(changed.schema, changed.name): stand_in})
    parser = Parser(connection, table.owner)
    try:
        with parser.rolled_back():
            connection.execute("SELECT set_config('search_path', 'pg_catalog, pg_temp', true)")
            connection.execute(f"CREATE SCHEMA {stand_in[0]}")
            connection.execute(f"CREATE TABLE {quote_qualified(*stand_in)} AS SELECT {items} WITH NO DATA")
            parser.let_use(stand_in[0])
            parser.create_view("dt_what_if", text, SAFE_UNDER)
    except psycopg.Error as error:
        return str(error.diag.message_primary)
    except DyntablesError as error:
        return error.message
    return None
