"""The tables above one that changes: what they read must stay readable, and what they hold stays right."""

from __future__ import annotations

from collections.abc import Iterable

from dyntables.catalog import Connection, store, tables
from dyntables.catalog.model import DynamicTable
from dyntables.commands.capturing import capture_sources
from dyntables.commands.definition.columns import ColumnPlan
from dyntables.compiler.program import layout
from dyntables.compiler.renames import rename_relations
from dyntables.engines.postgres.connection.errors import translated
from dyntables.engines.postgres.definition.following import follow
from dyntables.engines.postgres.definition.parsing import Parser, read_over
from dyntables.errors import DependentObjectsError, DyntablesError
from dyntables.refresh.sources.definitions import Reading
from dyntables.refresh.sources.fingerprint import fingerprint, fits
from dyntables.refresh.sources.moved import moved_relations
from dyntables.refresh.sources.plans import read


def intact_readers(connection: Connection, readers: Iterable[int]) -> set[int]:
    """Return those tables above whose sources are as they were at their last refresh."""
    return {
        i for i, t in store.load_all(connection, readers).items() if fits(fingerprint(connection, t.dependencies), t)
    }


def carry_over(connection: Connection, changed: DynamicTable, intact: set[int], readers: Iterable[int]) -> None:
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
        kept = {relation: entry for relation, entry in table.contents.fingerprint.items() if relation not in before}
        known = {**kept, **fingerprint(connection, now)}
        tables.carry_over(connection, reader, table.definition.canonical, known, _layout(changed, table, reading))


def _layout(changed: DynamicTable, table: DynamicTable, reading: Reading) -> str | None:
    """Return the layout of a table's storage, which knows sources by OID; if it does not fit, a refresh says so."""
    if table.contents.layout is None or reading.compiled is None:
        return table.contents.layout
    old = next((d.relation for d in table.dependencies if d.upstream == changed.id), None)
    new = next((d.relation for d in reading.dependencies if d.upstream == changed.id), None)
    if old is None or new is None or layout(reading.compiled, {new: old}) != table.contents.layout:
        return table.contents.layout
    return layout(reading.compiled)


def _read(connection: Connection, changed: DynamicTable, table: DynamicTable) -> tuple[DynamicTable, Reading]:
    """Read a table above, under the new names of columns that were renamed."""
    moved = moved_relations(connection, table)
    try:
        with translated():
            if moved:
                table = table.with_canonical(follow(connection, table.definition.canonical, moved, table.owner))
            return table, read(connection, table, table.contents.generation)
    except DyntablesError as error:
        raise DependentObjectsError(
            f'cannot alter "{changed.qualified}": "{table.qualified}" reads it, and could not be read any more: '
            f"{error.message}",
            hint="Change the table above first, or drop it.",
        ) from error


def obstacle(connection: Connection, changed: DynamicTable, columns: ColumnPlan, table: DynamicTable) -> str | None:
    """Return why a definition above cannot be read over other columns as it stands, or None; change nothing."""
    if not columns.dropped and not columns.renamed:
        return None
    stand_in = f"dt_what_if_{changed.id}"
    text = rename_relations(table.definition.canonical, {(changed.schema, changed.name): (stand_in, changed.name)})
    try:
        with translated():
            read_over(Parser(connection, table.owner), text, stand_in, changed.name, columns.after)
    except DyntablesError as error:
        return error.message
    return None
