"""FROZEN WHERE and BACKFILL FROM: what is checked when they are given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from dyntables.catalog import Connection, store
from dyntables.catalog.model import DynamicTable, RefreshReason, storage_name
from dyntables.catalog.options import POSTGRESQL, TableOptions
from dyntables.catalog.region import Region
from dyntables.commands.session import Session
from dyntables.compiler.frozen import check_columns, columns_read, predicate_of_snowflake, remainder, reread
from dyntables.compiler.names import quote_qualified
from dyntables.compiler.program import Compiled
from dyntables.compiler.reasons import NotIncremental
from dyntables.compiler.statements import Dialect, FrozenWhere
from dyntables.engines.postgres.definition.by_name import readable_relation, search_path
from dyntables.engines.postgres.definition.parsing import SAFE_UNDER
from dyntables.engines.postgres.definition.predicate import is_null, read_predicate
from dyntables.engines.postgres.storage.tables import columns_of
from dyntables.errors import (
    CatalogError,
    DyntablesError,
    InvalidOptionError,
    InvalidQueryError,
    Span,
    UnsupportedQueryError,
)
from dyntables.refresh.sources.definitions import Reading, Terms, read_definition
from dyntables.refresh.sources.plans import read


def read_region(
    session: Session, where: FrozenWhere, whole: Reading, under: Mapping[str, str], dialect: Dialect, owner: str
) -> Region:
    """Check the predicate of a region over the columns of a definition.

    Args:
        session: of the user.
        where: the predicate.
        whole: the definition without the region.
        under: the settings of the definition, its search path among them.
        dialect: of the definition, and of the predicate.
        owner: of the definition.

    Raises:
        InvalidQueryError, InvalidOptionError: the predicate does not fit; with the place.
        UnsupportedQueryError: it is not known where the columns come from.
    """
    columns = whole.described.view.columns
    try:
        text = where.text
        if dialect is not Dialect.POSTGRESQL:
            text = predicate_of_snowflake(text, [name for name, _ in columns])
        predicate = read_predicate(session.connection, text, columns, under, owner)
        check_columns(_compiled(whole), columns_read(predicate))
        rest = remainder(predicate)
        again = read_predicate(session.connection, reread(predicate), columns, SAFE_UNDER, owner)
        if again != predicate:
            raise _unread(predicate)
        _check_boundaries(session.connection, rest.boundaries)
    except NotIncremental:
        raise _unread(where.text) from None
    except (InvalidQueryError, InvalidOptionError, UnsupportedQueryError) as error:
        _place(error, where)
        raise
    return Region(where.text, predicate, rest.active, rest.floor, list(rest.boundaries))


def _compiled(whole: Reading) -> Compiled:
    if whole.compiled is None:
        assert whole.reason is not None
        raise UnsupportedQueryError(
            "FROZEN WHERE needs a query that can be maintained incrementally: of others it is not known which "
            "columns keep groups and partitions whole",
            detail=f"Reason: {whole.reason.detail}.",
            hint=whole.reason.hint,
        )
    return whole.compiled


def _place(error: DyntablesError, where: FrozenWhere) -> None:
    """Say where in the statement it is: in the predicate, or the predicate itself."""
    placed = error.span is not None and error.span.text == where.text
    at = where.start + (error.span.start if placed and error.span is not None else 0)
    error.span = Span(where.statement, at, at + (1 if placed else len(where.text)))


def with_region(session: Session, region: Region, whole: Reading, terms: Terms) -> Reading:
    """Return the reading of a definition of which only the rows outside a region are maintained."""
    views = store.view_oids(session.connection)
    text, terms = region.maintained(whole.described.view.sql, []), replace(terms, settings=None)
    outside = read_definition(session.connection, text, "", views, storage_name(0, 0), terms)
    return replace(outside, described=whole.described)


@dataclass(frozen=True, slots=True)
class RegionChange:
    """What another region means for a table: its options, why it is computed anew if it is, and what to tell people."""

    options: TableOptions
    reason: str | None = None
    notices: tuple[str, ...] = ()


def changed_region(session: Session, table: DynamicTable, where: FrozenWhere | None) -> RegionChange:
    """Return what another region, or none, changes.

    Raises:
        InvalidQueryError, InvalidOptionError, UnsupportedQueryError: as for a region of a new table.
    """
    options = replace(table.definition.options, frozen=None)
    whole = read(session.connection, table.with_options(options), table.contents.generation)
    reading = whole
    if where is not None:
        region, reading = _other_region(session, table, where, whole)
        options = replace(options, frozen=region)
    if options.frozen == table.region:
        return RegionChange(table.definition.options)
    if table.incremental and reading.compiled is None:
        assert reading.reason is not None
        raise UnsupportedQueryError(
            f"with this region the table cannot be refreshed incrementally: {reading.reason.detail}",
            hint=reading.reason.hint,
        )
    filled = table.contents.data_timestamp is not None
    return RegionChange(
        replace(options, uses_clock=reading.compiled is not None and reading.compiled.uses_clock),
        str(RefreshReason.FROZEN_REGION_CHANGED) if filled else None,
        ("the frozen region changes at the next refresh, which computes the rows outside it anew",),
    )


def _other_region(session: Session, table: DynamicTable, where: FrozenWhere, whole: Reading) -> tuple[Region, Reading]:
    """Return another region of a table, filled from where it was, and the reading of what is then maintained."""
    dialect = Dialect(table.definition.options.dialect or POSTGRESQL)
    under = {**table.definition.all_settings, "search_path": search_path(session.connection)}
    region = read_region(session, where, whole, under, dialect, table.owner)
    reading = with_region(session, region, whole, Terms.of(table))
    return region if table.region is None else replace(region, backfill=table.region.backfill), reading


def refuse_backfill(backfill: tuple[str, ...], where: FrozenWhere | None = None, *, altered: bool = False) -> None:
    """Refuse BACKFILL FROM without a region, and in ALTER.

    Raises:
        InvalidOptionError: always, if a table is given and this holds.
    """
    if backfill and altered:
        raise InvalidOptionError("BACKFILL FROM can only be given when the table is created")
    if backfill and where is None:
        raise InvalidOptionError(
            "BACKFILL FROM needs FROZEN WHERE",
            detail="Rows of another table that are not frozen would have to equal the definition, which nobody can "
            "know without computing it.",
            hint="Say which rows are kept as that table has them: FROZEN WHERE (day < '2026-01-01').",
        )


def _unread(text: str) -> InvalidOptionError:
    return InvalidOptionError(
        f"the predicate of a frozen region is not understood: {text}",
        hint="Write it as comparisons of columns with constants.",
    )


def _check_boundaries(connection: Connection, boundaries: tuple[str, ...]) -> None:
    """Refuse a boundary that is unknown; the functions in it are the server's own."""
    for boundary in boundaries:
        if is_null(connection, boundary):
            raise InvalidOptionError(f"the boundary of the frozen region is NULL: {boundary}")


def backfill_table(session: Session, parts: tuple[str, ...], whole: Reading) -> list[str]:
    """Return schema and name of the table that has the frozen rows.

    Raises:
        CatalogError: there is no such table. InvalidOptionError: it does not have the columns of the definition.
    """
    table = readable_relation(session.connection, *parts[-2:])
    if table is None:
        raise CatalogError(f'table "{".".join(parts)}" to backfill from does not exist')
    if table.is_temporary:
        raise CatalogError(f'table "{".".join(parts)}" to backfill from is temporary')
    found = [(c.id, c.type.name) for c in columns_of(session.connection, quote_qualified(table.schema, table.name))]
    wanted = [(c, t.name) for c, t in whole.described.view.columns]
    if found != wanted:
        raise InvalidOptionError(
            f'"{".".join(parts)}" does not have the columns of the query, in the same order and of the same types',
            detail=f"It has {_listed(found)}; the query has {_listed(wanted)}.",
        )
    return [table.schema, table.name]


def _listed(columns: list[tuple[str, str]]) -> str:
    return ", ".join(f"{name} {type_}" for name, type_ in columns)
