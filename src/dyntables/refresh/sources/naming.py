"""Follow what was renamed: a definition is text, and means the objects that it meant when it was read, by their OIDs.

The text gets the present names, and the server reads it. It is taken if the server understands the very same by it: the
same tree, names apart. Otherwise an object is gone, and the definition means what has the name now, as it says.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from dyntables.catalog import Connection, store
from dyntables.catalog.definitions import columns, definition_names, following
from dyntables.catalog.definitions.following import Wording
from dyntables.catalog.model import DynamicTable, RefreshReason
from dyntables.catalog.past import audit
from dyntables.catalog.region import Region
from dyntables.compiler.lineage import lineage
from dyntables.compiler.program import digest_layout, layout, layout_text
from dyntables.compiler.renames import Rename, rename_objects
from dyntables.engines.postgres.connection.errors import translated
from dyntables.engines.postgres.connection.session import system_at_work
from dyntables.engines.postgres.definition.following import Moved, follow
from dyntables.engines.postgres.definition.naming import (
    LABELS,
    Named,
    Names,
    former,
    labels,
    load_names,
    present_objects,
    read_names,
    renames,
    strayed,
)
from dyntables.engines.postgres.storage.change_logs import stores_digests
from dyntables.errors import DyntablesError
from dyntables.refresh.sources.definitions import Reading
from dyntables.refresh.sources.moved import is_read, whole_text
from dyntables.refresh.sources.plans import read


def renamed(connection: Connection, tables: Iterable[DynamicTable]) -> set[int]:
    """Return those of the tables whose definitions name something that is called otherwise now, or is gone."""
    looked = {t.id: t for t in tables if is_read(t) and (not t.incremental or " " in (t.definition.stamp or ""))}
    if not looked:
        return set()
    watched = []
    for table_id, names in stored_names(connection, looked).items():
        objects = names.watched if looked[table_id].incremental else names.objects
        watched += [(table_id, o) for o in objects]
    return strayed(connection, watched)


def stored_names(connection: Connection, ids: Iterable[int]) -> dict[int, Names]:
    """Return what was recorded of the definitions of tables, by id."""
    return {i: load_names(stored) for i, stored in definition_names.load(connection, ids).items()}


def record_names(connection: Connection, tables: Iterable[DynamicTable]) -> None:
    """Record what the texts of tables name that were not read for it yet; a refresh says what is wrong with others."""
    for table in tables:
        if not is_read(table):
            try:
                with translated():
                    names = _read(connection, table)
            except DyntablesError:
                continue
            _store(connection, table, names)


def follow_definition(connection: Connection, table: DynamicTable, moved: list[Moved]) -> bool:
    """Give a definition the present names; tell if it was read anew.

    ``moved``: the relations among what was renamed.
    """
    names = stored_names(connection, [table.id]).get(table.id) if is_read(table) else None
    if names is None:
        return False
    if names.system != system_at_work(connection):  # OIDs of another server mean nothing here
        _redefine(connection, table, reason=None)
        return False
    present = present_objects(connection, names.objects)
    fresh = _follow(connection, table, names, present, moved)
    if fresh is None:
        _redefine(connection, table, reason=RefreshReason.SOURCE_ALTERED)
        return True
    reading = read(connection, fresh, fresh.contents.generation)
    written, laid_out = fresh.definition, _layout(table, reading, former(names, present))
    now = Wording(written.canonical, written.options, fresh.contents.frozen, laid_out)
    reason = str(RefreshReason.SOURCE_ALTERED) if _prints_otherwise(connection, table, names, present) else None
    with connection.transaction():
        following.reword(connection, table.id, now, reason)
        columns.replace(connection, table.id, [(n, t.name) for n, t in reading.described.view.columns])
        if reading.compiled is not None:
            store.replace_lineage(connection, table.id, lineage(reading.compiled))
        _store(connection, fresh, _read(connection, fresh))
        done = {"was": table.definition.canonical, "now": fresh.definition.canonical}
        audit.record(connection, "FOLLOW", table.qualified, done)
    return True


def _layout(table: DynamicTable, reading: Reading, back: Sequence[Rename]) -> str | None:
    """Return the digest of a storage whose layout is what it was; ``back``: how to write names as they were."""
    if reading.compiled is not None and table.contents.layout is not None:
        written = rename_objects([layout_text(reading.compiled)], back)
        if any(digest_layout(text) == table.contents.layout for (text,) in written):
            return layout(reading.compiled)
    return table.contents.layout


def _read(connection: Connection, table: DynamicTable) -> Names:
    return read_names(connection, table.owner, whole_text(table), store.view_oids(connection))


def _store(connection: Connection, table: DynamicTable, names: Names) -> None:
    definition_names.save(connection, table.id, names.stamp, names.document())


def _follow(
    connection: Connection, table: DynamicTable, names: Names, present: Sequence[Named], moved: list[Moved]
) -> DynamicTable | None:
    """Return the table under the present names, None if the server does not understand the same by any of them."""
    texts = [table.definition.canonical, *_region_texts(table.region)]
    for written in rename_objects(texts, renames(connection, names, present)):
        try:
            with translated():
                canonical = follow(connection, written[0], moved, table.owner) if moved else written[0]
                fresh = _with_region(table, written[1:]).with_canonical(canonical)
                if _read(connection, fresh).tree == names.tree:
                    return fresh
        except DyntablesError:
            continue
    return None


def _region_texts(region: Region | None) -> list[str]:
    return [] if region is None else [region.predicate, region.active, region.floor, *region.boundaries]


def _with_region(table: DynamicTable, texts: Sequence[str]) -> DynamicTable:
    """Return a table with other texts of its frozen region, if it has one, and what is known of what is frozen."""
    region, frozen = table.region, table.contents.frozen
    if region is None:
        return table
    predicate, active, floor, *boundaries = texts
    now = replace(region, predicate=predicate, active=active, floor=floor, boundaries=boundaries)
    renamed = table.with_options(replace(table.definition.options, frozen=now))
    in_force = frozen.get("predicate") == region.predicate
    return renamed.with_frozen({**frozen, "predicate": predicate}) if in_force else renamed


def _redefine(connection: Connection, table: DynamicTable, reason: RefreshReason | None) -> None:
    """Let a definition mean what it says now; if it cannot be read any more, its next refresh says why."""
    try:
        with translated():
            names = _read(connection, table)
    except DyntablesError:
        definition_names.forget(connection, table.id)
        return
    with connection.transaction():
        _store(connection, table, names)
        if reason is not None and table.contents.reinitialize_reason is None:
            following.reinitialize(connection, table.id, str(reason))


def _prints_otherwise(connection: Connection, table: DynamicTable, names: Names, present: Iterable[Named]) -> bool:
    """Tell whether the storage has digests of printed rows, and values are printed otherwise now: those of enums."""
    before = {o.oid: o for o in names.objects if o.sort == LABELS}
    pairs = [labels(before[o.oid], o) for o in present if o.sort == LABELS and o.oid in before]
    if all(was == now for pair in pairs for was, now in pair):
        return False
    return stores_digests(connection, table.id, table.contents.generation)
