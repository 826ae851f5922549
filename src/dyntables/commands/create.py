"""CREATE [OR REPLACE] DYNAMIC TABLE."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import psycopg

from dyntables.catalog import graph, making, store
from dyntables.catalog.model import DynamicTable, RefreshReason, RefreshState, Trigger, storage_name
from dyntables.commands.capturing import capture_sources
from dyntables.commands.column_comments import comment_columns
from dyntables.commands.dialect import in_postgresql, place
from dyntables.commands.drop import remove
from dyntables.commands.facts import missing_index_notices
from dyntables.commands.freezing import read_region, refuse_backfill, with_region
from dyntables.commands.holding import holding
from dyntables.commands.scheduling import scheduling_options
from dyntables.commands.session import Result, Session
from dyntables.compiler.explain.place import locate
from dyntables.compiler.lineage import lineage
from dyntables.compiler.names import literal, quote_qualified
from dyntables.compiler.reasons import FullReason
from dyntables.compiler.statements import CreateDynamicTable, Dialect, QualifiedName
from dyntables.engines.postgres.hands import working_for
from dyntables.engines.postgres.storage import columns_of
from dyntables.errors import CatalogError, InvalidOptionError, InvalidQueryError, Span, UnsupportedQueryError
from dyntables.refresh.definitions import Reading, read_definition
from dyntables.refresh.rights import may_read
from dyntables.refresh.upkeep import release_unread

_LONGEST_NAME = 63
_DEFINITION_COLUMNS = (
    "query", "canonical", "search_path", "time_zone", "target_lag_seconds", "refresh_mode", "effective_mode",
    "mode_reasons", "initialize", "scheduled", "options", "comment",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Draft:
    """A checked definition, ready to be stored."""

    schema: str
    name: str
    existing: DynamicTable | None
    reading: Reading
    values: dict[str, Any]
    notices: list[str]


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
    if draft.reading.compiled is not None and draft.values["effective_mode"] == "INCREMENTAL":
        notices += missing_index_notices(session.connection, draft.reading.compiled)
    # A refresh of the old definition ends first.
    with holding(session.connection, [existing.id] if existing is not None else []):
        if existing is not None and existing.id not in store.load_all(session.connection, [existing.id]):
            raise CatalogError(f'dynamic table "{qualified}" was dropped by somebody else')
        table_id = _store(session, draft, tuple((c.name, c.comment) for c in statement.columns))
    try:
        if statement.options.initialize == "ON_SCHEDULE" and existing is None:
            _create_empty_view(session, draft, table_id)
        else:
            _initialize(session, draft, table_id)
    finally:
        making.unmark(session.connection, table_id)
    mode = draft.values["effective_mode"]
    return Result(
        ["status"], [(f"dynamic table {qualified} created, refresh mode {mode}",)], "CREATE DYNAMIC TABLE", notices
    )


def check(
    session: Session, statement: CreateDynamicTable, schema: str, name: str, existing: DynamicTable | None
) -> Draft:
    """Check a definition without storing anything.

    Raises:
        InvalidQueryError: the server refuses the query; the span is in the statement.
        UnsupportedQueryError: INCREMENTAL was asked for and is impossible.
        CycleError, InvalidOptionError: the graph or the lags do not fit.
    """
    connection = session.connection
    views = store.view_oids(connection)
    row = connection.execute("SELECT current_setting('search_path'), current_setting('TimeZone')").fetchone()
    assert row is not None
    search_path, time_zone = row
    dialect = statement.options.dialect or session.dialect
    query = in_postgresql(session, statement, dialect)
    owner = existing.owner if existing is not None else session.actor
    try:
        reading = read_definition(connection, query, search_path, views, storage_name(0, 0), owner)
        if statement.columns and [c.name for c in statement.columns] != [n for n, _ in reading.described.view.columns]:
            text = _with_column_names(statement, query, len(reading.described.view.columns))
            reading = read_definition(connection, text, search_path, views, storage_name(0, 0), owner)
    except InvalidQueryError as error:
        place(error, statement, query)
        raise
    check_rights(session, owner, reading.described.view.sql)
    refuse_backfill(statement.options.backfill, statement.options.frozen)
    region = None
    if statement.options.frozen is not None:
        region = read_region(
            session, statement.options.frozen, reading, search_path, dialect, owner, statement.options.backfill
        )
        reading = with_region(session, region, reading, owner)
    upstream = [d.upstream for d in reading.dependencies if d.upstream is not None]
    tables = store.load_all(connection)
    if existing is not None:
        graph.check_cycle(tables, existing.id, upstream)
    options = statement.options
    lag = options.target_lag.seconds if options.target_lag is not None else None
    check_lag(tables, upstream, lag, f"{schema}.{name}")
    effective, reasons, notices = _mode(statement, reading)
    ignored = [*options.ignored, *_ignored(statement)]
    for option, _ in ignored:
        notices.append(f"option {option} has no effect on PostgreSQL; it is kept as metadata")
    owned: dict[str, Any] = {
        "cluster_by": list(options.cluster_by),
        "transient": statement.transient,
        "uses_clock": reading.compiled is not None and reading.compiled.uses_clock,
        "ignored": dict(ignored),
        "limits": dict(options.limits),
    }
    owned.update(scheduling_options(options, time_zone))
    if region is not None:
        owned["frozen"] = region.document()
    if dialect is not Dialect.POSTGRESQL:
        owned["dialect"] = str(dialect)
    values = {
        "query": statement.query,
        "canonical": reading.described.view.sql,
        "search_path": search_path,
        "time_zone": time_zone,
        "target_lag_seconds": lag,
        "refresh_mode": str(options.refresh_mode or "AUTO"),
        "effective_mode": effective,
        "mode_reasons": reasons,
        "initialize": str(options.initialize or "ON_CREATE"),
        "scheduled": options.scheduler != "DISABLE",
        "options": owned,
        "comment": options.comment,
    }
    return Draft(schema, name, existing, reading, values, notices)


def _ignored(statement: CreateDynamicTable) -> list[tuple[str, str]]:
    """Return what is kept as metadata beside the options."""
    found = [(f"COLUMN {c.name} {words}", text) for c in statement.columns for words, text in c.ignored]
    return [*found, ("TRANSIENT", "TRANSIENT")] if statement.transient else found


def check_rights(session: Session, owner: str, canonical: str) -> None:
    """Let the server say whether a role may run a query."""
    if owner != session.connection.info.user:
        with working_for(session.connection, owner) as hands:
            may_read(session.connection, hands, canonical)


def target(session: Session, statement: CreateDynamicTable) -> tuple[str, str]:
    """Return schema and name of the table that a statement would create."""
    return named(session, statement.name)


def named(session: Session, name: QualifiedName) -> tuple[str, str]:
    """Return schema and name of a table to be made; without schema the current one is meant."""
    parts = name.parts
    if len(parts) >= 2:
        return parts[-2], parts[-1]
    row = session.connection.execute("SELECT current_schema()").fetchone()
    return (row[0] if row and row[0] else "public"), parts[-1]


def check_name(session: Session, schema: str, name: str, existing: DynamicTable | None) -> None:
    """Refuse a schema that does not exist, a name that something else has, and one that the server would cut.

    Raises:
        CatalogError: with what it is.
    """
    row = session.connection.execute(
        "SELECT (SELECT true FROM pg_namespace WHERE nspname = %s), (SELECT c.relkind FROM pg_class c "
        "JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = %s AND c.relname = %s)",
        (schema, schema, name),
    ).fetchone()
    assert row is not None
    if len(name.encode()) > _LONGEST_NAME:
        raise CatalogError(
            f'the name "{name}" is longer than {_LONGEST_NAME} bytes', hint="The server would cut it. Shorten it."
        )
    if not row[0]:
        raise CatalogError(f'schema "{schema}" does not exist', hint=f'Run CREATE SCHEMA "{schema}" first.')
    if row[1] is not None and existing is None:
        kind = {"r": "table", "v": "view", "m": "materialized view", "p": "table"}.get(row[1], "relation")
        raise CatalogError(
            f'"{schema}.{name}" is a {kind} and not a dynamic table; nothing was changed',
            hint="Choose another name, or drop it yourself.",
        )


def _with_column_names(statement: CreateDynamicTable, query: str, width: int) -> str:
    if len(statement.columns) != width:
        raise InvalidQueryError(f"the column list has {len(statement.columns)} names, the query has {width} columns")
    names = ", ".join(quote_qualified(c.name) for c in statement.columns)
    return f"SELECT * FROM ({query}) AS dt_columns ({names})"


def check_lag(tables: dict[int, DynamicTable], upstream: list[int], lag: int | None, name: str) -> None:
    """Refuse a target lag below that of a table which is read.

    Raises:
        InvalidOptionError: with both lags.
    """
    if lag is None:
        return
    for table_id in upstream:
        parent = tables[table_id]
        if parent.target_lag_seconds is not None and parent.target_lag_seconds > lag:
            raise InvalidOptionError(
                f'"{name}" cannot have a target lag of {lag} seconds: it reads "{parent.qualified}", '
                f"whose target lag is {parent.target_lag_seconds} seconds",
                hint=f'Give "{parent.qualified}" TARGET_LAG = DOWNSTREAM or a shorter one, or this table a longer one.',
            )


def _mode(statement: CreateDynamicTable, reading: Reading) -> tuple[str, list[dict[str, str]], list[str]]:
    requested = str(statement.options.refresh_mode or "AUTO")
    if requested == "CUSTOM_INCREMENTAL":
        raise InvalidOptionError("refresh mode CUSTOM_INCREMENTAL is not supported", hint="Use AUTO or INCREMENTAL.")
    if requested == "FULL":
        return "FULL", [{"reason": "USER_SPECIFIED_FULL_REFRESH", "detail": "REFRESH_MODE = FULL was asked for"}], []
    if reading.reason is None:
        return "INCREMENTAL", [], []
    reason = reading.reason
    if requested == "INCREMENTAL":
        raise UnsupportedQueryError(
            f"the query cannot be refreshed incrementally: {reason.detail}",
            detail=f"Reason: {reason.reason}.",
            hint=reason.hint,
            span=_locate(statement, reason),
        )
    entry = {"reason": str(reason.reason), "detail": reason.detail, "hint": reason.hint}
    if reason.fragment:
        entry["fragment"] = reason.fragment
    return "FULL", [entry], [f"the table is refreshed in full: {reason.detail}"]


def _locate(statement: CreateDynamicTable, reason: FullReason) -> Span | None:
    """Return where in the statement the offending fragment stands."""
    place = locate(statement.query, reason.fragment)
    if place is None:
        return None
    start = statement.query_start + place.start
    return Span(statement.text, start, start + len(place.text))


def _store(session: Session, draft: Draft, comments: tuple[tuple[str, str | None], ...]) -> int:
    """Write the definition and install capture, in a transaction that commits before the first snapshot."""
    connection, existing = session.connection, draft.existing
    dependencies = draft.reading.dependencies
    with connection.transaction():
        if existing is None:
            table_id = store.insert(
                connection,
                schema_name=draft.schema,
                table_name=draft.name,
                owner_name=session.actor,
                **draft.values,
            )
            version = 1
        else:
            table_id, version = existing.id, existing.version + 1
            store.update(
                connection, table_id, version=version, reinitialize_reason="DEFINITION_CHANGED", **draft.values
            )
        store.record_version(connection, table_id, version, draft.values["query"], draft.values["options"])
        store.replace_columns(connection, table_id, [(n, t.name) for n, t in draft.reading.described.view.columns])
        comment_columns(connection, table_id, comments)
        store.replace_dependencies(connection, table_id, dependencies)
        if existing is None:
            # That of a replaced definition stays until its first refresh has succeeded.
            compiled = draft.reading.compiled
            store.replace_lineage(connection, table_id, lineage(compiled) if compiled is not None else ())
        incremental = draft.values["effective_mode"] == "INCREMENTAL"
        capture_sources(connection, draft.reading.compiled if incremental else None, dependencies)
        store.audit(connection, "REPLACE" if existing else "CREATE", f"{draft.schema}.{draft.name}", **draft.values)
        making.mark(connection, table_id)
    return table_id


def _initialize(session: Session, draft: Draft, table_id: int) -> None:
    try:
        results = session.refresher.refresh([table_id], Trigger.CREATION)
        result = next((r for r in results if r.table_id == table_id), None)
        if result is None:
            raise CatalogError(f'dynamic table "{draft.schema}.{draft.name}" was dropped by somebody else')
        if result.state is not RefreshState.SUCCEEDED:
            assert result.error is not None
            raise result.error
    except BaseException:
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
        values = {c: getattr(old, c) for c in _DEFINITION_COLUMNS}
        parents = store.load_all(connection, [d.upstream for d in old.dependencies if d.upstream is not None])
        reason = _after_undo(old, present, parents)
        store.update(connection, table_id, version=old.version, reinitialize_reason=reason, **values)
        connection.execute(
            "DELETE FROM dyntables.definition_version WHERE dynamic_table_id = %s AND version > %s",
            (table_id, old.version),
        )
        left = [d for d in old.dependencies if d.upstream is None or d.upstream in parents]
        store.replace_dependencies(connection, table_id, left)
        if old.view_oid is not None:
            # The server qualifies the names of types under this path, as they were recorded.
            connection.execute("SELECT set_config('search_path', 'pg_catalog, pg_temp', true)")
            columns = columns_of(connection, quote_qualified(old.schema, old.name))
            store.replace_columns(connection, table_id, [(c.id, c.type.name) for c in columns])
        release_unread(connection, [d.relation for d in draft.reading.dependencies])


def _after_undo(old: DynamicTable, present: DynamicTable, parents: dict[int, DynamicTable]) -> str | None:
    """Return why a table whose replacement failed must be computed anew, or None; ``parents`` are those that exist.

    Somebody else may have refreshed it under the new definition. And what the old one reads logged nothing for it
    meanwhile.
    """
    if (present.generation, present.data_timestamp) != (old.generation, old.data_timestamp):
        return str(RefreshReason.DEFINITION_CHANGED)
    consumed = {d.upstream: old.consumed.get(str(d.upstream), 0) for d in old.dependencies if d.upstream is not None}
    if old.incremental and consumed != {i: t.change_version for i, t in parents.items()}:
        return old.reinitialize_reason or str(RefreshReason.DEFINITION_ALTERED)
    return old.reinitialize_reason


def _create_empty_view(session: Session, draft: Draft, table_id: int) -> None:
    columns = ", ".join(
        f"NULL::{type_.name} AS {quote_qualified(name)}" for name, type_ in draft.reading.described.view.columns
    )
    view = quote_qualified(draft.schema, draft.name)
    label = literal(f"{draft.schema}.{draft.name}")
    try:
        with working_for(session.connection, session.actor) as hands:
            hands.run(f"CREATE VIEW {view} AS SELECT {columns} WHERE dyntables.not_initialized({label})")
            session.connection.execute(
                "UPDATE dyntables.dynamic_table SET view_oid = %s::regclass WHERE id = %s", (view, table_id)
            )
    except psycopg.Error:
        _undo(session, draft, table_id)
        raise
