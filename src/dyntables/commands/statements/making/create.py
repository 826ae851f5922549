"""CREATE [OR REPLACE] DYNAMIC TABLE."""

from __future__ import annotations

from dyntables.catalog import graph, store, tables
from dyntables.catalog.definitions import columns, versions
from dyntables.catalog.model import DynamicTable, RefreshReason, RefreshState, Trigger
from dyntables.catalog.parts.declared import Declared
from dyntables.catalog.past import audit
from dyntables.catalog.state import making
from dyntables.commands.capturing import capture_sources
from dyntables.commands.command import Command
from dyntables.commands.definition.draft import Draft, check
from dyntables.commands.definition.explained import missing_index_notices
from dyntables.commands.holding import holding
from dyntables.commands.naming import check_name, target
from dyntables.commands.quality.expectations import Expected, read_expectations, store_expectations
from dyntables.commands.session import Result, Session
from dyntables.commands.statements.altering.column_comments import comment_columns
from dyntables.commands.statements.making.drop import remove
from dyntables.compiler.lineage import lineage
from dyntables.compiler.names import quote_qualified
from dyntables.compiler.statements import CreateDynamicTable, Initialize
from dyntables.engines.postgres.connection.errors import translated
from dyntables.engines.postgres.connection.session import system_at_work
from dyntables.engines.postgres.rights.hands import working_for
from dyntables.engines.postgres.storage import user_views
from dyntables.engines.postgres.storage.tables import qualified_columns_of
from dyntables.errors import CancelledError, CatalogError, DyntablesError
from dyntables.refresh.logs.trim import release_unread


def create(session: Session, statement: CreateDynamicTable) -> Result:
    """Create the table, capture its sources and fill it; a failure leaves nothing behind."""
    schema, name = target(session, statement)
    existing = store.find(session.connection, schema, name)
    qualified = f"{schema}.{name}"
    if existing is not None and statement.if_not_exists:
        return Result(status="CREATE DYNAMIC TABLE", notices=[f'dynamic table "{qualified}" exists already, skipped'])
    if existing is not None and not statement.or_replace:
        raise CatalogError(
            f'dynamic table "{qualified}" exists already', hint="Use CREATE OR REPLACE, or IF NOT EXISTS."
        )
    check_name(session, schema, name, existing)
    draft = check(session, statement, schema, name, existing)
    notices = list(draft.notices)
    if draft.reading.compiled is not None and draft.definition.incremental:
        notices += missing_index_notices(session.connection, draft.reading.compiled)
    # A refresh of the old definition ends first.
    with holding(session.connection, [existing.id] if existing is not None else []):
        if existing is not None and existing.id not in store.load_all(session.connection, [existing.id]):
            raise CatalogError(f'dynamic table "{qualified}" was dropped by somebody else')
        table_id, expected = _store(session, draft, statement)
    try:
        if statement.options.timing.initialize is Initialize.ON_SCHEDULE and existing is None:
            _create_empty_view(session, draft, table_id)
        else:
            _initialize(session, draft, table_id)
        if existing is not None:  # what is replaced keeps its rules until it is
            with session.connection.transaction():
                store_expectations(session, table_id, expected)
    finally:
        making.unmark(session.connection, table_id)
    mode = draft.definition.effective_mode
    return Result(
        ["status"], [(f"dynamic table {qualified} created, refresh mode {mode}",)], "CREATE DYNAMIC TABLE", notices
    )


def _store(session: Session, draft: Draft, statement: CreateDynamicTable) -> tuple[int, list[Expected]]:
    """Write the definition and install capture, in a transaction that commits before the first snapshot."""
    connection, existing = session.connection, draft.existing
    dependencies = draft.reading.dependencies
    with connection.transaction():
        if existing is None:
            table_id = tables.insert(connection, draft.schema, draft.name, session.actor, draft.declared)
        else:
            table_id = existing.id
            tables.define(connection, table_id, draft.declared)
            tables.set_reason(connection, table_id, str(RefreshReason.DEFINITION_CHANGED))
        versions.record(connection, table_id, draft.definition)
        columns.replace(connection, table_id, [(n, t.name) for n, t in draft.reading.described.view.columns])
        comment_columns(connection, table_id, tuple((c.name, c.comment) for c in statement.columns))
        store.replace_dependencies(connection, table_id, dependencies)
        if existing is None:
            # That of a replaced definition stays until its first refresh has succeeded.
            compiled = draft.reading.compiled
            store.replace_lineage(connection, table_id, lineage(compiled) if compiled is not None else ())
        compiled = draft.reading.compiled if draft.definition.incremental else None
        capture_sources(connection, compiled, dependencies)
        done = "REPLACE" if existing else "CREATE"
        audit.record(connection, done, f"{draft.schema}.{draft.name}", draft.declared.columns())
        expected = read_expectations(session, table_id, statement, draft.reading.described.view.columns)
        if existing is None:
            store_expectations(session, table_id, expected)
        making.mark(connection, table_id)
    return table_id, expected


def _initialize(session: Session, draft: Draft, table_id: int) -> None:
    try:
        with translated():
            results = session.refresher.refresh([table_id], Trigger.CREATION)
        result = next((r for r in results if r.table_id == table_id), None)
        if result is None:
            raise CatalogError(f'dynamic table "{draft.schema}.{draft.name}" was dropped by somebody else')
        if result.state is not RefreshState.SUCCEEDED:
            assert result.error is not None
            raise result.error
    except BaseException:
        try:
            with translated():
                _undo(session, draft, table_id)
        except CancelledError:
            # A second cancel that was meant for the refresh.
            _undo(session, draft, table_id)
        raise
    if draft.existing is not None:
        with session.connection.transaction():
            release_unread(session.connection, [d.relation for d in draft.existing.dependencies])


def _undo(session: Session, draft: Draft, table_id: int) -> None:
    """Bring back the state before the statement."""
    connection = session.connection
    if connection.closed:
        return
    with holding(connection, [table_id]), connection.transaction():
        present = store.load_all(connection, [table_id]).get(table_id)
        if present is None:
            return
        if draft.existing is None:
            if not graph.consumers(store.load_all(connection), table_id):
                remove(connection, present)
            return  # who reads it already has been made meanwhile, and needs it
        old = draft.existing
        parents = store.load_all(connection, [d.upstream for d in old.dependencies if d.upstream is not None])
        reason = _after_undo(old, present, parents)
        tables.define(connection, table_id, Declared.of(old))
        tables.set_reason(connection, table_id, reason)
        versions.forget_after(connection, table_id, old.definition.version)
        left = [d for d in old.dependencies if d.upstream is None or d.upstream in parents]
        store.replace_dependencies(connection, table_id, left)
        if old.view_oid is not None:
            shown = qualified_columns_of(connection, quote_qualified(old.schema, old.name))
            columns.replace(connection, table_id, [(c.id, c.type.name) for c in shown])
        release_unread(connection, [d.relation for d in draft.reading.dependencies])


def _after_undo(old: DynamicTable, present: DynamicTable, parents: dict[int, DynamicTable]) -> str | None:
    """Return why a table whose replacement failed must be computed anew, or None; ``parents`` are those that exist.

    Somebody else may have refreshed it under the new definition. And what the old one reads logged nothing for it
    meanwhile.
    """
    was, now = old.contents, present.contents
    if (now.generation, now.data_timestamp) != (was.generation, was.data_timestamp):
        return str(RefreshReason.DEFINITION_CHANGED)
    consumed = {d.upstream: was.consumed.get(str(d.upstream), 0) for d in old.dependencies if d.upstream is not None}
    if old.incremental and consumed != {i: t.contents.change_version for i, t in parents.items()}:
        return was.reinitialize_reason or str(RefreshReason.DEFINITION_ALTERED)
    return was.reinitialize_reason


def _create_empty_view(session: Session, draft: Draft, table_id: int) -> None:
    connection, shown = session.connection, [(n, t.name) for n, t in draft.reading.described.view.columns]
    try:
        with translated(), working_for(connection, session.actor) as hands:
            user_views.create_empty(connection, hands, draft.schema, draft.name, shown)
            view = quote_qualified(draft.schema, draft.name)
            tables.set_view(connection, table_id, view, system=system_at_work(connection))
    except DyntablesError:
        _undo(session, draft, table_id)
        raise


COMMAND = Command(CreateDynamicTable, create, alone=True)
