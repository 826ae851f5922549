"""Check the definition of a dynamic table, without storing anything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from dyntables.catalog import Connection, graph, store
from dyntables.catalog.model import DynamicTable, storage_name
from dyntables.catalog.options import TableOptions
from dyntables.catalog.parts.declared import Declared
from dyntables.catalog.parts.definition import Definition, EffectiveMode
from dyntables.catalog.region import Region
from dyntables.commands.definition.dialect import in_postgresql, place
from dyntables.commands.definition.freezing import backfill_table, read_region, refuse_backfill, with_region
from dyntables.commands.definition.lags import check_lag
from dyntables.commands.definition.options import scheduling_options
from dyntables.commands.session import Session
from dyntables.compiler.explain.place import locate
from dyntables.compiler.names import VERSION, logged, with_names
from dyntables.compiler.reasons import FullReason
from dyntables.compiler.statements import CreateDynamicTable, Dialect, Initialize, RefreshMode, Scheduling
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
    declared: Declared
    notices: list[str]

    @property
    def definition(self) -> Definition:
        """The definition that it would have."""
        return self.declared.definition


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
    given = _Given.of(session, statement, existing, settings)
    reading = _reading(session.connection, given)
    _check_columns(reading)
    check_rights(session, given.terms.owner, reading.described.view.sql)
    refuse_backfill(statement.options.backfill, statement.options.frozen)
    region, reading = _with_region(session, given, reading)
    _check_place(session.connection, reading, existing, given.lag, f"{schema}.{name}")
    mode, reasons, notices = _mode(statement, reading)
    definition = replace(_definition(given, reading, region, mode, reasons), version=following_version(existing))
    scheduled = statement.options.timing.scheduler is not Scheduling.DISABLE
    declared = Declared(definition, given.lag, scheduled, statement.options.comment)
    return Draft(schema, name, existing, reading, declared, [*notices, *_notices(statement, reading)])


def following_version(existing: DynamicTable | None) -> int:
    """Return the version of a definition that takes the place of that of a table, if there is one."""
    return existing.definition.version + 1 if existing is not None else 1


@dataclass(frozen=True, slots=True)
class _Given:
    """What a definition is read under: the statement, its dialect, its query in ours, its settings and search path."""

    statement: CreateDynamicTable
    dialect: Dialect
    query: str
    under: Mapping[str, str]
    path: str
    terms: Terms

    @property
    def lag(self) -> int | None:
        """The target lag in seconds."""
        lag = self.statement.options.timing.target_lag
        return lag.seconds if lag is not None else None

    @classmethod
    def of(
        cls,
        session: Session,
        statement: CreateDynamicTable,
        existing: DynamicTable | None,
        settings: Mapping[str, str] | None,
    ) -> _Given:
        path = search_path(session.connection)
        present = settings or session.settings()
        under = checked_settings(session.connection, present, dict(statement.options.settings))
        dialect = statement.options.dialect or session.dialect
        query = in_postgresql(session, statement, dialect)
        owner = existing.owner if existing is not None else session.actor
        digits = int(under.get("extra_float_digits", 1))
        trusts = statement.options.trust_stable is True
        terms = Terms(owner, trusts, settings=under, path=path, digits=digits)
        return cls(statement, dialect, query, under, path, terms)


def _definition(
    given: _Given, reading: Reading, region: Region | None, mode: EffectiveMode, reasons: list[dict[str, str]]
) -> Definition:
    statement = given.statement
    return Definition(
        query=statement.query,
        canonical=reading.described.view.sql,
        search_path=given.path,
        time_zone=given.under[TIME_ZONE],
        settings={name: value for name, value in given.under.items() if name != TIME_ZONE},
        refresh_mode=statement.options.refresh_mode or RefreshMode.AUTO,
        effective_mode=mode,
        mode_reasons=reasons,
        initialize=statement.options.timing.initialize or Initialize.ON_CREATE,
        options=_options(given, reading, region),
    )


def _reading(connection: Connection, given: _Given) -> Reading:
    """Return what the definition is, under the names of the column list."""
    statement, views = given.statement, store.view_oids(connection)
    try:
        reading = _read(connection, given, views)
        shown = [name for name, _ in reading.described.view.columns]
        if statement.columns and [c.name for c in statement.columns] != shown:
            reading = _read_named(connection, given, views, len(shown))
    except InvalidQueryError as error:
        place(error, statement, given.query)
        raise
    return reading


def _read(connection: Connection, given: _Given, views: dict[int, int]) -> Reading:
    try:
        return read_definition(connection, given.query, given.path, views, storage_name(0, 0), given.terms)
    except InvalidQueryError as error:
        # Columns of the query may have one name where the list gives them two.
        if not given.statement.columns or error.sqlstate != _DUPLICATE_COLUMN:
            raise
    return _read_named(connection, given, views, len(given.statement.columns))


def _read_named(connection: Connection, given: _Given, views: dict[int, int], width: int) -> Reading:
    names = [c.name for c in given.statement.columns]
    if len(names) != width:
        raise InvalidQueryError(f"the column list has {len(names)} names, the query has {width} columns")
    text = with_names(given.query, names)
    return read_definition(connection, text, given.path, views, storage_name(0, 0), given.terms)


def _with_region(session: Session, given: _Given, whole: Reading) -> tuple[Region | None, Reading]:
    """Return the frozen region, if one was given, and the reading of what is maintained."""
    options = given.statement.options
    if options.frozen is None:
        return None, whole
    under = {**given.under, "search_path": given.path}
    region = read_region(session, options.frozen, whole, under, given.dialect, given.terms.owner)
    if options.backfill:
        region = replace(region, backfill=backfill_table(session, options.backfill, whole))
    return region, with_region(session, region, whole, given.terms)


def _check_place(
    connection: Connection, reading: Reading, existing: DynamicTable | None, lag: int | None, name: str
) -> None:
    """Check that a definition fits among the other tables."""
    upstream = [d.upstream for d in reading.dependencies if d.upstream is not None]
    tables = store.load_all(connection)
    if existing is not None:
        graph.check_cycle(tables, existing.id, upstream)
    check_lag(tables, upstream, lag, name)


def _options(given: _Given, reading: Reading, region: Region | None) -> TableOptions:
    """Return the options that the catalog keeps as they are."""
    options = given.statement.options
    kept = TableOptions(
        cluster_by=tuple(options.cluster_by),
        transient=given.statement.transient,
        uses_clock=reading.compiled is not None and reading.compiled.uses_clock,
        ignored=dict((*options.ignored, *_ignored(given.statement))),
        limits=dict(options.limits),
        frozen=region,
        trust_stable_functions=given.terms.trusts_stable,
        dialect=None if given.dialect is Dialect.POSTGRESQL else str(given.dialect),
    )
    return replace(kept, **scheduling_options(options, given.under[TIME_ZONE]))


def _notices(statement: CreateDynamicTable, reading: Reading) -> list[str]:
    """Return what to tell the author of a definition."""
    ignored = (*statement.options.ignored, *_ignored(statement))
    return [
        *(reading.compiled.notes if reading.compiled is not None else ()),
        *(f"option {option} has no effect on PostgreSQL; it is kept as metadata" for option, _ in ignored),
    ]


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


def _mode(statement: CreateDynamicTable, reading: Reading) -> tuple[EffectiveMode, list[dict[str, str]], list[str]]:
    requested = statement.options.refresh_mode
    if requested is RefreshMode.CUSTOM_INCREMENTAL:
        raise InvalidOptionError("refresh mode CUSTOM_INCREMENTAL is not supported", hint="Use AUTO or INCREMENTAL.")
    if requested is RefreshMode.FULL:
        asked = {"reason": "USER_SPECIFIED_FULL_REFRESH", "detail": "REFRESH_MODE = FULL was asked for"}
        return EffectiveMode.FULL, [asked], []
    if reading.reason is None:
        return EffectiveMode.INCREMENTAL, [], []
    reason = reading.reason
    if requested is RefreshMode.INCREMENTAL:
        raise UnsupportedQueryError(
            f"the query cannot be refreshed incrementally: {reason.detail}",
            detail=f"Reason: {reason.reason}.",
            hint=reason.hint,
            span=_locate(statement, reason),
        )
    entry = {"reason": str(reason.reason), "detail": reason.detail, "hint": reason.hint}
    if reason.fragment:
        entry["fragment"] = reason.fragment
    return EffectiveMode.FULL, [entry], [f"the table is refreshed in full: {reason.detail}"]


def _locate(statement: CreateDynamicTable, reason: FullReason) -> Span | None:
    """Return where in the statement the offending fragment stands."""
    place = locate(statement.query, reason.fragment)
    if place is None:
        return None
    start = statement.query_start + place.start
    return Span(statement.text, start, start + len(place.text))
