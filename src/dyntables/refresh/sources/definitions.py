"""From a definition's text to what a refresh needs: compiled stages, or the reasons for a full refresh."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass

from dyntables.catalog import Connection
from dyntables.catalog.model import DynamicTable
from dyntables.catalog.parts.dependency import Dependency, DependencyKind
from dyntables.compiler.plan.algebra.nodes import SourceKind, scans
from dyntables.compiler.plan.algebra.render import render
from dyntables.compiler.planning import plan_definition
from dyntables.compiler.program import Compiled
from dyntables.compiler.reasons import FullReason, NotIncremental, Reason
from dyntables.engines.postgres.called.by_path import found_by_path
from dyntables.engines.postgres.called.calls import Calls
from dyntables.engines.postgres.called.code import reached
from dyntables.engines.postgres.connection.session import set_local
from dyntables.engines.postgres.connection.settings import steady_settings
from dyntables.engines.postgres.definition.introspect import Described, Introspection
from dyntables.engines.postgres.definition.parsing import Parser
from dyntables.engines.postgres.rights.hands import SAFE_PATH
from dyntables.engines.postgres.rights.reading import check_sources
from dyntables.errors import InvalidQueryError

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Reading:
    """A query as the server reads it, its dependencies, and whether it can be maintained.

    ``calls``: what it and the views that it reads call, if it can be.
    """

    described: Described
    dependencies: tuple[Dependency, ...]
    compiled: Compiled | None
    reason: FullReason | None
    calls: Calls


def determined(table: DynamicTable, compiled: Compiled | None) -> str:
    """Return the query of what is maintained, with what says which rows it keeps where its own text leaves that open.

    Where it is not known how, the server keeps what it comes by.
    """
    return (compiled.determined if compiled is not None else None) or table.maintained


@dataclass(frozen=True, slots=True)
class Terms:
    """For whom a definition is read, and how.

    ``trusts_stable``: its owner answers for functions that are declared STABLE. ``settings``: those of its text, if
    that is the user's and not the server's own. ``path``: the search_path where it was written. ``digits``: how many
    more a float prints.
    """

    owner: str
    trusts_stable: bool = False
    settings: Mapping[str, str] | None = None
    path: str = ""
    digits: int = 1

    @staticmethod
    def of(table: DynamicTable) -> Terms:
        """Return those of a table."""
        trusts_stable = table.definition.options.trust_stable_functions
        digits = int(table.definition.settings.get("extra_float_digits", 1))
        return Terms(table.owner, trusts_stable, path=table.definition.search_path, digits=digits)


class ReadsOthersError(Exception):
    """A definition reads dynamic tables that the run has not locked: names have been given to others meanwhile."""


def read_definition(
    connection: Connection, query: str, search_path: str, views: dict[int, int], storage: str, terms: Terms
) -> Reading:
    """Let the server read a query, and compile it; ``views`` maps users' view OIDs to table ids."""
    with Parser(connection, terms.owner).entered():
        return _read(connection, query, search_path, views, storage, terms)


def _read(
    connection: Connection, query: str, search_path: str, views: dict[int, int], storage: str, terms: Terms
) -> Reading:
    introspection = Introspection(connection, frozenset(views), terms.owner, trusts_stable=terms.trusts_stable)
    described = introspection.describe_query(query, {**(terms.settings or {}), "search_path": search_path})
    temporary = introspection.temporary(described)
    if temporary is not None:
        raise InvalidQueryError(
            f'the query reads the temporary table "{temporary}", which no other session sees',
            hint="Make it a table that stays.",
        )
    _check_functions(connection, introspection.calls, terms)
    compiled, reason = None, None
    try:
        if terms.digits < 1:
            raise NotIncremental(Reason.SETTING, "with extra_float_digits below 1, numbers that differ print the same")
        with connection.transaction():
            steady = steady_settings(terms.settings) if terms.settings is not None else {}
            set_local(connection, {**steady, "search_path": SAFE_PATH})
            compiled = plan_definition(described.view, introspection, storage)
            types = {c.type for scan in scans(compiled.plan) for c in scan.columns}
            if any(t.equals != "=" for t in types):
                introspection.prove(render(compiled.plan), types)
            check_sources(connection, terms.owner, compiled)
    except NotIncremental as error:
        compiled, reason = None, error.reason
        if reason.reason is Reason.NOT_PLANNED:
            _LOG.error("not planned: %s; the definition: %s", reason.detail, described.view.sql, exc_info=error)
    needed = {s.oid: tuple(c.id for c in columns) for s, columns in compiled.sources.items()} if compiled else {}
    dependencies = []
    for oid in sorted(introspection.sources(described) | introspection.views(described)):
        upstream = views.get(oid)
        kind = DependencyKind(introspection.dependency_kind(oid))
        if compiled is not None and kind is DependencyKind.TABLE and oid not in needed:
            kind = DependencyKind.OTHER  # only what nothing reads reads it, such as a WITH query without a reference
        dependencies.append(Dependency(oid, kind, upstream, needed.get(oid, ())))
    return Reading(described, tuple(dependencies), compiled, reason, introspection.calls)


def _check_functions(connection: Connection, calls: Calls, terms: Terms) -> None:
    functions = reached(connection, calls)
    if not functions:
        return
    found = found_by_path(connection, functions, terms.path, terms.owner)
    if found is not None:
        raise InvalidQueryError(
            f"the function {found.function} finds the {found.what} of schema {found.schema} by the search_path, "
            "which is empty in a refresh: it would compute something else",
            hint=f"ALTER FUNCTION {found.function} SET search_path = {terms.path}",
        )


def table_dependencies(compiled: Compiled) -> list[tuple[int, str, str, dict[str, str]]]:
    """Return the captured tables of a definition as (oid, schema, name, column types), in the order to lock them."""
    found = [
        (source.oid, source.schema, source.name, {c.id: c.type.name for c in columns})
        for source, columns in compiled.sources.items()
        if source.kind is SourceKind.TABLE
    ]
    return sorted(found, key=lambda table: table[0])


def columns_of(connection: Connection, query: str, owner: str) -> tuple[object, ...] | None:
    """Return names and types of a query's columns, or None if the owner cannot have it parsed.

    It is only parsed, as its functions are not the service's to run. The owner parses it again: code of the owner's may
    have run since the definition was read, and replaced a type.
    """
    introspection = Introspection(connection, frozenset(), owner)
    names = introspection.column_names(query)
    return None if names is None else (names, introspection.describe(query))
