"""What must not change about the sources between two incremental refreshes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from dyntables.catalog import Connection
from dyntables.catalog.model import DynamicTable
from dyntables.catalog.parts.dependency import Dependency
from dyntables.catalog.state import fingerprints
from dyntables.engines.postgres.called.calls import Calls
from dyntables.engines.postgres.called.code import agrees, digests, replaceable
from dyntables.engines.postgres.definition import relations


def fingerprint(
    connection: Connection, dependencies: Iterable[Dependency], *, prepare: bool | None = None
) -> dict[str, Any]:
    """Return the fingerprint of the relations that are depended on, by OID; ``prepare`` what is asked again and again.

    A connection that works for owners cannot: it deallocates what it has prepared.
    """
    used: dict[int, set[str]] = {}
    for dependency in dependencies:
        used.setdefault(dependency.relation, set()).update(dependency.columns)
    columns: dict[int, dict[str, str]] = {}
    versions: dict[int, dict[str, str]] = {}
    for column in relations.columns(connection, [o for o, c in used.items() if c], prepare=prepare):
        if column.name in used[column.relation]:
            columns.setdefault(column.relation, {})[column.name] = column.mark
            versions.setdefault(column.relation, {})[column.name] = column.version
    found: dict[str, Any] = {}
    for oid, (entry, files) in fingerprints.relations(connection, list(used), prepare=prepare).items():
        found[str(oid)] = {**entry, "columns": columns.get(oid, {})}
        if oid in columns:
            found[str(oid)] |= {"files": files, "versions": versions[oid]}
    return found


def fits(present: Mapping[str, Any], table: DynamicTable) -> bool:
    """Tell whether a present fingerprint, which may cover more, agrees with the one that a table was built on."""
    if set(table.contents.fingerprint) != {str(d.relation) for d in table.dependencies}:
        return False
    return all(
        relation in present and _agrees(present[relation], stored)
        for relation, stored in table.contents.fingerprint.items()
    )


_APART = {"columns": None, "versions": None, "files": None, "partitions": None, "born": None, "unnoted": None}


def _agrees(present: Mapping[str, Any], stored: Mapping[str, Any]) -> bool:
    if {**present, **_APART} != {**stored, **_APART} or "vanished" in present:
        return False
    if not stored["columns"].items() <= present["columns"].items():
        return False
    had, has = set(stored.get("partitions", ())), set(present.get("partitions", ()))
    if not had <= has or not has - had <= set(present.get("born", ())):
        return False
    # A rewrite alone is VACUUM FULL, a new version of the column's row alone is SET STATISTICS; both together may be
    # ALTER COLUMN … TYPE … USING, which leaves the type as it was and changes the values. Where nobody notes what is
    # done and undone, such as names that were exchanged and exchanged back, the new version is all that is left of it.
    doubtful = stored.get("files") != present.get("files") or "unnoted" in present or "unnoted" in stored
    return not (doubtful and any(present["versions"][c] != v for c, v in stored.get("versions", {}).items()))


def present_code(
    connection: Connection, tables: Iterable[DynamicTable], *, prepare: bool | None = None
) -> dict[str, str]:
    """Return how that which the definitions of incremental tables call is now."""
    called = (name for t in tables if t.incremental for name in t.contents.code or ())
    return digests(connection, called, prepare=prepare)


def calls_the_same(present: Mapping[str, str], table: DynamicTable) -> bool:
    """Tell whether what a definition calls is as it was when the contents were computed, as far as that is known."""
    return agrees(present, table.contents.code or {})


def code_of(connection: Connection, calls: Calls) -> dict[str, str]:
    """Return what can be replaced of that which a definition calls, each with its present digest."""
    return replaceable(connection, calls)
