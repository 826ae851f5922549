"""Check the definition of a dynamic table, without storing anything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import psycopg

from dyntables.catalog import graph, store
from dyntables.catalog.model import DynamicTable, storage_name
from dyntables.commands.definition.dialect import in_postgresql, place
from dyntables.commands.definition.freezing import read_region, refuse_backfill, with_region
from dyntables.commands.definition.options import scheduling_options
from dyntables.commands.session import Session
from dyntables.compiler.explain.place import locate
from dyntables.compiler.names import VERSION, logged, quote_qualified
from dyntables.compiler.reasons import FullReason
from dyntables.compiler.statements import CreateDynamicTable, Dialect, QualifiedName
from dyntables.engines.postgres.connection.settings import TIME_ZONE, checked_settings
from dyntables.engines.postgres.rights.hands import working_for
from dyntables.engines.postgres.rights.reading import may_read
from dyntables.errors import CatalogError, InvalidOptionError, InvalidQueryError, Span, UnsupportedQueryError
from dyntables.refresh.sources.definitions import Reading, Terms, read_definition

_LONGEST_NAME = 63
_DUPLICATE_COLUMN = "42701"


@dataclass(frozen=True, slots=True)
class Draft:
    """A checked definition, ready to be stored."""

    schema: str
    name: str
    existing: DynamicTable | None
    reading: Reading
    values: dict[str, Any]
    notices: list[str]


def check(
    session: Session,
    statement: CreateDynamicTable,
    schema: str,
    name: str,
    existing: DynamicTable | None,
    settings: Mapping[str, str] | None = None,
) -> Draft:
    """Check a definition without storing anything.

    ``settings``: those of the definition, if they are not the session's.

    Raises:
        InvalidQueryError: the server refuses the query; the span is in the statement.
        UnsupportedQueryError: INCREMENTAL was asked for and is impossible.
        CycleError, InvalidOptionError: the graph or the lags do not fit.
    """
    connection = session.connection
    views = store.view_oids(connection)
    row = connection.execute("SELECT current_setting('search_path')").fetchone()
    assert row is not None
    search_path = str(row[0])
    under = checked_settings(connection, settings or session.settings(), dict(statement.options.settings))
    time_zone = under[TIME_ZONE]
    dialect = statement.options.dialect or session.dialect
    query = in_postgresql(session, statement, dialect)
    owner = existing.owner if existing is not None else session.actor
    digits = int(under.get("extra_float_digits", 1))
    terms = Terms(owner, statement.options.trust_stable is True, settings=under, path=search_path, digits=digits)
    try:
        reading = _read(connection, statement, query, search_path, views, terms)
        if statement.columns and [c.name for c in statement.columns] != [n for n, _ in reading.described.view.columns]:
            text = _with_column_names(statement, query, len(reading.described.view.columns))
            reading = read_definition(connection, text, search_path, views, storage_name(0, 0), terms)
    except InvalidQueryError as error:
        place(error, statement, query)
        raise
    _check_columns(reading)
    check_rights(session, owner, reading.described.view.sql)
    refuse_backfill(statement.options.backfill, statement.options.frozen)
    region = None
    if statement.options.frozen is not None:
        region = read_region(
            session,
            statement.options.frozen,
            reading,
            {**under, "search_path": search_path},
            dialect,
            owner,
            statement.options.backfill,
        )
        reading = with_region(session, region, reading, terms)
    upstream = [d.upstream for d in reading.dependencies if d.upstream is not None]
    tables = store.load_all(connection)
    if existing is not None:
        graph.check_cycle(tables, existing.id, upstream)
    options = statement.options
    lag = options.target_lag.seconds if options.target_lag is not None else None
    check_lag(tables, upstream, lag, f"{schema}.{name}")
    effective, reasons, notices = _mode(statement, reading)
    notices += reading.compiled.notes if reading.compiled is not None else ()
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
    if terms.trusts_stable:
        owned["trust_stable_functions"] = True
    if dialect is not Dialect.POSTGRESQL:
        owned["dialect"] = str(dialect)
    values = {
        "query": statement.query,
        "canonical": reading.described.view.sql,
        "search_path": search_path,
        "time_zone": time_zone,
        "settings": {name: value for name, value in under.items() if name != TIME_ZONE},
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


def _read(
    connection: psycopg.Connection,
    statement: CreateDynamicTable,
    query: str,
    search_path: str,
    views: dict[int, int],
    terms: Terms,
) -> Reading:
    try:
        return read_definition(connection, query, search_path, views, storage_name(0, 0), terms)
    except InvalidQueryError as error:
        # Columns of the query may have one name where the list gives them two.
        if not statement.columns or error.sqlstate != _DUPLICATE_COLUMN:
            raise
    text = _with_column_names(statement, query, len(statement.columns))
    return read_definition(connection, text, search_path, views, storage_name(0, 0), terms)


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


def _check_columns(reading: Reading) -> None:
    """Refuse names that the columns of change logs have.

    Raises:
        InvalidQueryError: with the name.
    """
    for name, _ in reading.described.view.columns:
        if name == VERSION or logged(name) != name:
            raise InvalidQueryError(
                f'a dynamic table cannot have a column "{name}": its change log has one of this name',
                hint="Give it another name by AS.",
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
