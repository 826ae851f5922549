"""Which sources were renamed: the catalog knows them by OID, the definition by name.

If another relation has taken the old name, the definition means that one, as it says.
"""

from __future__ import annotations

from dyntables.catalog import Connection
from dyntables.catalog.definitions import definition_names
from dyntables.catalog.definitions.definition_names import Called
from dyntables.catalog.model import DynamicTable
from dyntables.catalog.parts.dependency import Dependency
from dyntables.engines.postgres.definition.following import Moved
from dyntables.engines.postgres.definition.naming import digest
from dyntables.engines.postgres.definition.relations import exists

# The view of a dropped dynamic table is put aside there, and nobody means that one.
_ASIDE = "dyntables_data"


def moved_relations(connection: Connection, table: DynamicTable) -> list[Moved]:
    """Return the relations of a definition that are not called any more as they were when it was last read."""
    recorded = table.id if is_read(table) else None
    found = []
    for dependency in table.dependencies:
        now = definition_names.called(connection, dependency.relation, recorded)
        moved = _moved(table, dependency, now) if now is not None else None
        if moved is None or (moved.old != moved.new and (moved.new[0] == _ASIDE or exists(connection, *moved.old))):
            continue
        found.append(moved)
    return found


def _moved(table: DynamicTable, dependency: Dependency, now: Called) -> Moved | None:
    stored = table.contents.fingerprint.get(str(dependency.relation))
    if stored is None:
        return None
    old, new = (stored["name"][0], stored["name"][1]), (now.schema, now.name)
    numbers = now.recorded
    if numbers is None:
        numbers = {name: mark.split(":")[0] for name, mark in stored["columns"].items()}
    renamed = ((now.columns.get(number, name), name) for name, number in numbers.items())
    columns = tuple((present, former) for present, former in renamed if present != former)
    return Moved(dependency.relation, old, new, columns) if old != new or columns else None


def whole_text(table: DynamicTable) -> str:
    """Return the text whose names are followed: the definition, with the predicate of a frozen region."""
    return table.definition.canonical if table.region is None else table.region.inside(table.definition.canonical)


def is_read(table: DynamicTable) -> bool:
    """Tell whether it is recorded what the present text of a definition names."""
    return (table.definition.stamp or "").startswith(digest(whole_text(table)))
