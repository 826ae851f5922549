"""Check the definition of a dynamic table, without storing anything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dyntables.catalog import Connection, graph, store
from dyntables.catalog.model import DynamicTable, storage_name
from dyntables.commands.definition.dialect import in_postgresql, place
from dyntables.commands.definition.freezing import read_region, refuse_backfill, with_region
from dyntables.commands.definition.lags import check_lag
from dyntables.commands.definition.options import scheduling_options
from dyntables.commands.session import Session
from dyntables.compiler.explain.place import locate
from dyntables.compiler.names import VERSION, logged, with_names
from dyntables.compiler.reasons import FullReason
from dyntables.compiler.statements import CreateDynamicTable, Dialect
from dyntables.engines.postgres.connection.settings import TIME_ZONE, checked_settings
from dyntables.engines.postgres.definition.by_name import search_path
from dyntables.engines.postgres.rights.hands import working_for
from dyntables.engines.postgres.rights.reading import may_read
from dyntables.errors import InvalidOptionError, InvalidQueryError, Span, UnsupportedQueryError
from dyntables.refresh.sources.definitions import Reading, Terms, read_definition

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
    path = search_path(connection)
    under = checked_settings(connection, settings or session.settings(), dict(statement.options.settings))
    time_zone = under[TIME_ZONE]
    dialect = statement.options.dialect or session.dialect
    query = in_postgresql(session, statement, dialect)
    owner = existing.owner if existing is not None else session.actor
    digits = int(under.get("extra_float_digits", 1))
    terms = Terms(owner, statement.options.trust_stable is True, settings=under, path=path, digits=digits)
    try:
        reading = _read(connection, statement, query, path, views, terms)
        if statement.columns and [c.name for c in statement.columns] != [n for n, _ in reading.described.view.columns]:
            text = _with_column_names(statement, query, len(reading.described.view.columns))
            reading = read_definition(connection, text, path, views, storage_name(0, 0), terms)
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
            {**under, "search_path": path},
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
        "search_path": path,
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
    connection: Connection,
    statement: CreateDynamicTable,
    query: str,
    path: str,
    views: dict[int, int],
    terms: Terms,
) -> Reading:
    try:
        return read_definition(connection, query, path, views, storage_name(0, 0), terms)
    except InvalidQueryError as error:
        # Columns of the query may have one name where the list gives them two.
        if not statement.columns or error.sqlstate != _DUPLICATE_COLUMN:
            raise
    text = _with_column_names(statement, query, len(statement.columns))
    return read_definition(connection, text, path, views, storage_name(0, 0), terms)


def _ignored(statement: CreateDynamicTable) -> list[tuple[str, str]]:
    """Return what is kept as metadata beside the options."""
    found = [(f"COLUMN {c.name} {words}", text) for c in statement.columns for words, text in c.ignored]
    return [*found, ("TRANSIENT", "TRANSIENT")] if statement.transient else found


def check_rights(session: Session, owner: str, canonical: str) -> None:
    """Let the server say whether a role may run a query."""
    if owner != session.connection.info.user:
        with working_for(session.connection, owner) as hands:
            may_read(session.connection, hands, canonical)


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
    return with_names(query, [c.name for c in statement.columns])


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
