"""CREATE [OR REPLACE] DYNAMIC TABLE … CLONE: a table of its own with the definition and the contents of another.

A clone is suspended, so that it costs nothing until somebody wants it fresh. Its first refresh computes it anew.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from dyntables.catalog import Connection, graph, store, tables
from dyntables.catalog.definitions import columns, versions
from dyntables.catalog.model import DynamicTable, RefreshReason, storage_name
from dyntables.catalog.options import TableOptions
from dyntables.catalog.parts.declared import Declared
from dyntables.catalog.parts.definition import Definition, EffectiveMode
from dyntables.catalog.parts.schedule import SuspendReason
from dyntables.catalog.past import audit
from dyntables.catalog.quality import quarantine
from dyntables.catalog.tables import Copied
from dyntables.commands.capturing import capture_sources
from dyntables.commands.command import Command
from dyntables.commands.definition.draft import check_rights, following_version
from dyntables.commands.definition.lags import check_lag
from dyntables.commands.definition.options import scheduling_options
from dyntables.commands.holding import holding
from dyntables.commands.naming import check_name, find, named
from dyntables.commands.rights import Privilege, require_on
from dyntables.commands.session import Result, Session
from dyntables.compiler.lineage import lineage
from dyntables.compiler.names import quote_qualified
from dyntables.compiler.statements import Clone, RefreshMode, Scheduling
from dyntables.engines.postgres.rights.hands import guarded, hands_of
from dyntables.engines.postgres.storage.beside import drop_beside
from dyntables.engines.postgres.storage.change_logs import renew_change_log
from dyntables.engines.postgres.storage.copies import copy_contents, show_contents
from dyntables.engines.postgres.storage.generations import drop_generations
from dyntables.errors import CatalogError, UnsupportedQueryError
from dyntables.refresh.logs.trim import release_unread
from dyntables.refresh.sources.definitions import Reading
from dyntables.refresh.sources.fingerprint import fingerprint
from dyntables.refresh.sources.plans import read


@dataclass(frozen=True, slots=True)
class _Copy:
    """What becomes of the clone: its name, the table that it replaces, what it is for its owner, what it holds."""

    schema: str
    name: str
    existing: DynamicTable | None
    source: DynamicTable
    owner: str
    reading: Reading
    declared: Declared
    contents: Copied


def clone(session: Session, statement: Clone) -> Result:
    """Make a suspended copy; with OR REPLACE in the place of a table that exists.

    Raises:
        CatalogError: the name is taken, or the source was never filled. DyntablesError: the definition does not work
            for the owner of the clone; nothing was changed.
    """
    connection = session.connection
    source = find(session, statement.source)
    schema, name = named(session, statement.name)
    existing = store.find(connection, schema, name)
    qualified = f"{schema}.{name}"
    if existing is not None and statement.if_not_exists:
        return Result(status="CREATE DYNAMIC TABLE", notices=[f'dynamic table "{qualified}" exists already, skipped'])
    if existing is not None and (not statement.or_replace or existing.id == source.id):
        same = existing.id == source.id
        raise CatalogError(
            f'dynamic table "{qualified}" exists already',
            hint="A table cannot be cloned onto itself." if same else "Use CREATE OR REPLACE, or IF NOT EXISTS.",
        )
    check_name(session, schema, name, existing)
    owner = existing.owner if existing is not None else session.actor
    # Those who read it as it stands must not see it change.
    replaced = [] if existing is None else [existing.id, *graph.consumers(store.load_all(connection), existing.id)]
    with holding(connection, [source.id, *replaced]):
        copy = _check(session, statement, schema, name, owner)
        with guarded(connection, [owner]):
            table_id = _store(connection, copy)
        if existing is not None:
            drop_generations(connection, table_id, copy.contents.generation)
    notices = [f"option {o} has no effect on PostgreSQL; it is kept as metadata" for o, _ in statement.options.ignored]
    notices.append("it is suspended, with the contents of its source; RESUME or REFRESH computes it anew")
    status = f"dynamic table {qualified} created as a clone of {source.qualified}"
    return Result(["status"], [(status,)], "CREATE DYNAMIC TABLE", notices)


def _check(session: Session, statement: Clone, schema: str, name: str, owner: str) -> _Copy:
    connection = session.connection
    source = find(session, statement.source)
    if source.contents.data_timestamp is None:
        raise CatalogError(f'dynamic table "{source.qualified}" was never filled, so it cannot be cloned')
    existing = store.find(connection, schema, name)
    reading = read(connection, replace(source, owner=owner), source.contents.generation)
    check_rights(session, owner, source.definition.canonical)
    present = store.load_all(connection)
    upstream = [d.upstream for d in reading.dependencies if d.upstream is not None]
    if existing is not None:
        graph.check_cycle(present, existing.id, upstream)
    declared = _declared(statement, source, reading, following_version(existing))
    check_lag(present, upstream, declared.target_lag_seconds, f"{schema}.{name}")
    contents = Copied(
        system=source.contents.system_identifier,
        data_timestamp=source.contents.data_timestamp,
        generation=existing.contents.generation + 1 if existing is not None else 1,
        change_version=existing.contents.change_version + 1 if existing is not None else 0,
        fingerprint=fingerprint(connection, reading.dependencies),
    )
    return _Copy(schema, name, existing, source, owner, reading, declared, contents)


def _declared(statement: Clone, source: DynamicTable, reading: Reading, version: int) -> Declared:
    """Return what was said of the source with the options that were given in the place of its own."""
    given, timing = statement.options, statement.options.timing
    scheduled = source.schedule.scheduled or timing.target_lag is not None or timing.schedule is not None
    if timing.scheduler is not None:
        scheduled = timing.scheduler is not Scheduling.DISABLE
    return Declared(
        replace(_in_its_mode(source, reading), options=_options(statement, source), version=version),
        source.schedule.target_lag_seconds if timing.target_lag is None else timing.target_lag.seconds,
        scheduled,
        source.comment if given.comment is None else given.comment,
    )


def _options(statement: Clone, source: DynamicTable) -> TableOptions:
    """Return the options of the source with those that were given in their place."""
    given = statement.options
    return replace(
        source.definition.options,
        transient=statement.transient,
        ignored={**source.definition.options.ignored, **dict(given.ignored)},
        limits={**source.definition.options.limits, **dict(given.limits)},
        **scheduling_options(given, source.definition.time_zone),
    )


def _in_its_mode(source: DynamicTable, reading: Reading) -> Definition:
    """Return the definition in the mode of the clone: its owner may not be able to follow what the source follows."""
    definition = source.definition
    if not source.incremental or reading.reason is None:
        return definition
    if definition.refresh_mode is RefreshMode.INCREMENTAL:
        raise UnsupportedQueryError(
            f"the clone cannot be refreshed incrementally: {reading.reason.detail}", hint=reading.reason.hint
        )
    reasons = [{"reason": str(reading.reason.reason), "detail": reading.reason.detail}]
    return replace(definition, effective_mode=EffectiveMode.FULL, mode_reasons=reasons)


def _store(connection: Connection, copy: _Copy) -> int:
    existing, definition = copy.existing, copy.declared.definition
    if existing is None:
        table_id = tables.insert(connection, copy.schema, copy.name, copy.owner, copy.declared)
    else:
        table_id = existing.id
        tables.define(connection, table_id, copy.declared)
    tables.become_copy(connection, table_id, copy.contents, str(RefreshReason.CLONED), SuspendReason.CLONED)
    if existing is not None:
        drop_beside(connection, existing.beside)
        quarantine.record(connection, table_id, {})
    hands = hands_of(connection, copy.owner)
    storage = storage_name(table_id, copy.contents.generation)
    copy_contents(hands, (copy.source.schema, copy.source.name), storage, definition.options.cluster_by)
    shown_already = existing is not None and existing.view_oid is not None
    show_contents(connection, hands, copy.schema, copy.name, storage, replace=shown_already)
    tables.set_view(connection, table_id, quote_qualified(copy.schema, copy.name))
    versions.record(connection, table_id, definition)
    columns.replace(connection, table_id, [(n, t.name) for n, t in copy.reading.described.view.columns])
    columns.copy_comments(connection, copy.source.id, table_id)
    store.replace_dependencies(connection, table_id, copy.reading.dependencies)
    compiled = copy.reading.compiled
    store.replace_lineage(connection, table_id, lineage(compiled) if compiled is not None else ())
    capture_sources(connection, compiled if definition.incremental else None, copy.reading.dependencies)
    if existing is not None:
        renew_change_log(connection, existing.change_log, copy.schema, copy.name)
        release_unread(connection, [d.relation for d in existing.dependencies])
    audit.record(connection, "CLONE", f"{copy.schema}.{copy.name}", {"source": copy.source.qualified})
    return table_id


def _needs(session: Session, statement: Clone) -> None:
    """The source's definition is shown, and its contents are read by the new owner; a table replaced must be owned."""
    for name, privilege in ((statement.source, Privilege.MONITOR), (statement.name, Privilege.OWNERSHIP)):
        table = store.find(session.connection, *session.resolve(name.parts))
        if table is not None:
            require_on(session, table.id, privilege)


COMMAND = Command(Clone, clone, needs=_needs, alone=True)
