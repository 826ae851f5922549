"""UNDROP DYNAMIC TABLE: bring back a dropped table with its contents; its next refresh computes them anew."""

from __future__ import annotations

from dataclasses import replace

from dyntables.catalog import Connection, privileges, store, tables
from dyntables.catalog.definitions import following
from dyntables.catalog.definitions.dropped import Dropped, find_dropped, restore, stored_dependencies
from dyntables.catalog.model import DynamicTable, RefreshReason
from dyntables.catalog.parts.dependency import Dependency, DependencyKind
from dyntables.catalog.past import audit
from dyntables.catalog.state import states
from dyntables.commands.capturing import capture_sources
from dyntables.commands.command import Command
from dyntables.commands.definition.lags import check_lag
from dyntables.commands.naming import check_name
from dyntables.commands.rights import Privilege, require_create, require_named
from dyntables.commands.session import Result, Session
from dyntables.compiler.statements import Undrop
from dyntables.engines.postgres.connection.errors import translated
from dyntables.engines.postgres.definition.following import follow
from dyntables.engines.postgres.rights.hands import guarded, hands_of, take_over
from dyntables.engines.postgres.storage import user_views
from dyntables.errors import CatalogError, DyntablesError, NotFoundError, PermissionDeniedError
from dyntables.refresh.quality.splitting import put_beside
from dyntables.refresh.sources.definitions import Reading
from dyntables.refresh.sources.fingerprint import fingerprint
from dyntables.refresh.sources.moved import moved_relations
from dyntables.refresh.sources.naming import follow_definition, renamed
from dyntables.refresh.sources.plans import read


def undrop(session: Session, statement: Undrop) -> Result:
    """Bring back the table of that name that was dropped last.

    Raises:
        NotFoundError: there is none, or its retention is over.
        CatalogError: the name has been taken since, or what the table reads is gone; nothing was changed.
    """
    connection = session.connection
    schema, name = session.resolve(statement.name.parts)
    with connection.transaction():
        dropped = find_dropped(connection, schema, name)
        _check(session, dropped, f"{schema}.{name}")
        assert dropped is not None
    with guarded(connection, [dropped.owner]):
        locked = find_dropped(connection, schema, name)
        if locked is None or locked.id != dropped.id:
            raise CatalogError(f'dynamic table "{schema}.{name}" was brought back, or removed, by somebody else')
        dependencies = stored_dependencies(connection, dropped)
        restore(connection, dropped)
        table = _follow(connection, store.load_all(connection, [dropped.id])[dropped.id], dependencies)
        reading = _read(connection, table)
        _connect(connection, table, reading)
        _show(connection, dropped)
        put_beside(session.refresher.engine.workspace(table.owner), connection, table)
        audit.record(connection, "UNDROP", table.qualified)
    notice = "its contents are those that it had; its next refresh computes them anew"
    return Result(
        ["status"], [(f"dynamic table {table.qualified} restored",)], "UNDROP DYNAMIC TABLE", notices=[notice]
    )


def _check(session: Session, dropped: Dropped | None, name: str) -> None:
    if dropped is None:
        raise NotFoundError(
            f'there is no dropped dynamic table "{name}"',
            hint="SHOW DYNAMIC TABLES HISTORY lists those that there are.",
        )
    if dropped.over:
        raise NotFoundError(
            f'dynamic table "{name}" was dropped too long ago',
            detail=f"It was kept until {dropped.kept_until:%Y-%m-%d %H:%M:%S}.",
            hint="DATA_RETENTION_TIME_IN_DAYS says how long.",
        )
    connection = session.connection
    try:
        if store.find(connection, dropped.schema, dropped.name) is not None:
            raise CatalogError(f'"{name}" is a dynamic table again')
        check_name(session, dropped.schema, dropped.name, None)
    except CatalogError as error:
        raise CatalogError(
            f'cannot undrop dynamic table "{name}": {error.message}', hint="Rename or drop what has the name now."
        ) from None
    if not user_views.is_aside(connection, dropped.view):
        raise CatalogError(
            f'cannot undrop dynamic table "{name}": its contents are gone',
            detail="Something that they depended on, such as a type, was dropped with CASCADE.",
        )


def _follow(connection: Connection, table: DynamicTable, stored: list[dict[str, object]]) -> DynamicTable:
    """Return the table with the present names of what was renamed meanwhile."""
    dependencies = tuple(
        Dependency(int(str(d["relation"])), DependencyKind(str(d["kind"])), None, tuple(d["columns"]))  # type: ignore[arg-type]
        for d in stored
    )
    table = replace(table, dependencies=dependencies)
    moved = moved_relations(connection, table)
    try:
        with translated():
            if renamed(connection, [table]) and follow_definition(connection, table, moved):
                return replace(store.load_all(connection, [table.id])[table.id], dependencies=dependencies)
            if not moved:
                return table
            return table.with_canonical(follow(connection, table.definition.canonical, moved, table.owner))
    except DyntablesError:
        return table  # reading it says what is wrong


def _read(connection: Connection, table: DynamicTable) -> Reading:
    try:
        return read(connection, table, table.contents.generation)
    except DyntablesError as error:
        raise CatalogError(
            f'cannot undrop dynamic table "{table.qualified}": what it reads is not there any more: {error.message}',
            hint="Bring that back first. If it was a dynamic table: UNDROP DYNAMIC TABLE.",
        ) from error


def _connect(connection: Connection, table: DynamicTable, reading: Reading) -> None:
    """Give the table its place among the others again, as one that has to be computed anew."""
    upstream = [d.upstream for d in reading.dependencies if d.upstream is not None]
    check_lag(store.load_all(connection), upstream, table.schedule.target_lag_seconds, table.qualified)
    present = fingerprint(connection, reading.dependencies)
    following.set_text(connection, table.id, table.definition.canonical, present)
    tables.compute_anew(connection, table.id, str(RefreshReason.UNDROPPED), present)
    states.forget_failures(connection, table.id)
    store.replace_dependencies(connection, table.id, reading.dependencies)
    capture_sources(connection, reading.compiled if table.incremental else None, reading.dependencies)


def _show(connection: Connection, dropped: Dropped) -> None:
    """Give the view its name back, by the hands of the owner."""
    take_over(connection, dropped.owner, dropped.id)
    hands = hands_of(connection, dropped.owner)
    user_views.bring_back(hands, dropped.view, dropped.schema, dropped.name)


def _needs(session: Session, statement: Undrop) -> None:
    require_named(session, statement, Privilege.OWNERSHIP)
    assert session.role is not None
    schema, name = session.resolve(statement.name.parts)
    with session.connection.transaction():
        dropped = find_dropped(session.connection, schema, name)
        if dropped is None:
            return
        owns = privileges.owns(session.connection, session.role, dropped.owner)
    if not owns:
        raise PermissionDeniedError(
            f'role "{session.role}" does not have OWNERSHIP on the dropped dynamic table "{dropped.qualified}"',
            hint="Only the owner can do this.",
        )
    require_create(session, schema)


COMMAND = Command(Undrop, undrop, needs=_needs, alone=True)
