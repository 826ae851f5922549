"""CREATE OR ALTER DYNAMIC TABLE: bring a table to a stated state, and lose nothing that need not be lost.

Everything happens in one transaction. What must be computed anew is, at the next refresh; until then readers see the
old rows. The tables above are served by the difference between the old and the new contents, so they stay as they are.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from dyntables.catalog import Connection, graph, store, tables
from dyntables.catalog.definitions import columns, versions
from dyntables.catalog.model import DynamicTable, RefreshReason
from dyntables.catalog.options import TableOptions
from dyntables.catalog.past import audit
from dyntables.commands.capturing import capture_sources
from dyntables.commands.command import Command
from dyntables.commands.definition.changes import Change, computes_anew, differences
from dyntables.commands.definition.columns import ColumnPlan, plan_columns
from dyntables.commands.definition.draft import Draft, check
from dyntables.commands.definition.lags import check_readers_lag
from dyntables.commands.holding import holding
from dyntables.commands.naming import target
from dyntables.commands.session import Result, Session
from dyntables.commands.statements.altering.column_comments import comment_columns
from dyntables.commands.statements.making.create import create
from dyntables.commands.tables_above import carry_over, intact_readers
from dyntables.compiler.names import quote_qualified
from dyntables.compiler.reasons import NotIncremental
from dyntables.compiler.statements import CreateDynamicTable, CreateOrAlter
from dyntables.engines.postgres.connection.settings import in_time_zone
from dyntables.engines.postgres.definition.introspect import Introspection
from dyntables.engines.postgres.rights.hands import guarded, hands_of
from dyntables.engines.postgres.storage.change_logs import reshape_log
from dyntables.engines.postgres.storage.views import Reshaping, briefly, reshape
from dyntables.errors import CatalogError, InvalidOptionError, InvalidQueryError
from dyntables.refresh.logs.trim import release_unread
from dyntables.refresh.sources.fingerprint import fingerprint

STATUS = "CREATE OR ALTER DYNAMIC TABLE"


@dataclass(frozen=True, slots=True)
class Alteration:
    """A checked target state of a table that exists."""

    table: DynamicTable
    draft: Draft
    columns: ColumnPlan
    changes: list[Change]

    @property
    def anew(self) -> bool:
        """Whether the contents have to be computed anew."""
        return computes_anew(self.changes)


def create_or_alter(session: Session, statement: CreateOrAlter) -> Result:
    """Create the table if there is none, or else alter it; an alteration never refreshes it.

    Raises:
        InvalidOptionError: a property that cannot be altered. DependentObjectsError: a table above reads what would go.
    """
    connection = session.connection
    schema, name = target(session, statement.target)
    existing = store.find(connection, schema, name)
    if existing is None:
        return create(session, statement.target)
    readers = graph.consumers(store.load_all(connection), existing.id)
    with holding(connection, [existing.id, *readers]):
        present = store.find(connection, schema, name)
        if present is None or present.id != existing.id:
            raise CatalogError(f'"{schema}.{name}" was dropped or renamed meanwhile; nothing was changed')
        alteration = planned(session, statement.target)
        loaded = store.load_all(connection)
        comments = tuple((c.name, c.comment) for c in statement.target.columns)
        if alteration.changes or comments:
            with guarded(connection, [loaded[i].owner for i in (existing.id, *readers)]):
                _apply(connection, alteration, readers, comments)
    rows = [(c.what, c.before, c.after, str(c.effect), c.why) for c in alteration.changes]
    return Result(CHANGE_COLUMNS, rows, STATUS, alteration.draft.notices)


CHANGE_COLUMNS = ["change", "before", "after", "effect", "why"]


def planned(session: Session, statement: CreateDynamicTable) -> Alteration:
    """Check a target state against the table that exists; change nothing."""
    connection = session.connection
    schema, name = target(session, statement)
    table = store.find(connection, schema, name)
    assert table is not None
    _check_fixed(table, statement)
    with in_time_zone(connection, table.definition.time_zone):
        # Names that were followed are written by us, not by the server.
        table = table.with_canonical(_as_the_server_writes_it(connection, table))
        draft = check(session, statement, schema, name, table, table.definition.all_settings)
    # What the statement has no words for stays as it is.
    definition = replace(draft.definition, initialize=table.definition.initialize, options=_options(table, draft))
    draft = replace(draft, declared=replace(draft.declared, definition=definition))
    after = tuple((n, t.name) for n, t in draft.reading.described.view.columns)
    plan = plan_columns(columns.types(connection, table.id), after)
    check_readers_lag(store.load_all(connection), table, draft.declared.target_lag_seconds)
    return Alteration(table, draft, plan, differences(table, draft.declared, plan))


def _as_the_server_writes_it(connection: Connection, table: DynamicTable) -> str:
    try:
        written = Introspection(connection, frozenset(), table.owner).canonical(table.definition.canonical)
    except (NotIncremental, InvalidQueryError):
        written = ""  # its owner cannot have it read any more, and may well be about to alter that
    return written or table.definition.canonical


def _options(table: DynamicTable, draft: Draft) -> TableOptions:
    """Return the options with the frozen region filled from where it was.

    Raises:
        InvalidOptionError: it would be filled from another table.
    """
    options = draft.definition.options
    region = options.frozen
    if region is None:
        return options
    filled = table.region.backfill if table.region is not None else None
    if region.backfill not in (None, filled):
        raise InvalidOptionError("BACKFILL FROM can only be given when the table is created")
    return replace(options, frozen=replace(region, backfill=filled))


def _check_fixed(table: DynamicTable, statement: CreateDynamicTable) -> None:
    hint = "Use CREATE OR REPLACE DYNAMIC TABLE."
    if statement.transient != table.definition.options.transient:
        raise InvalidOptionError(f'TRANSIENT of "{table.qualified}" cannot be altered', hint=hint)
    if statement.options.timing.initialize not in (None, table.definition.initialize):
        raise InvalidOptionError(f'INITIALIZE of "{table.qualified}" cannot be altered', hint=hint)


def _apply(
    connection: Connection, alteration: Alteration, readers: list[int], comments: tuple[tuple[str, Any], ...]
) -> None:
    table, draft, plan = alteration.table, alteration.draft, alteration.columns
    intact = intact_readers(connection, readers)
    if plan.changes:
        _reshape(connection, table, plan)
    again = alteration.anew or draft.definition.query != table.definition.query
    _define(connection, alteration, again=again)
    if plan.changes:
        _rename_columns(connection, table.id, plan)
    if comments:
        comment_columns(connection, table.id, comments)
    if alteration.anew:
        dependencies = draft.reading.dependencies
        store.replace_dependencies(connection, table.id, dependencies)
        capture_sources(connection, draft.reading.compiled if draft.definition.incremental else None, dependencies)
        release_unread(connection, [d.relation for d in table.dependencies])
    if plan.changes or again:
        carry_over(connection, table, intact, readers)
    changed = {c.what: [c.before, c.after] for c in alteration.changes}
    audit.record(connection, "ALTER", table.qualified, {"changes": changed})


def _define(connection: Connection, alteration: Alteration, *, again: bool) -> None:
    """Record the definition; ``again``: as another version."""
    table, declared = alteration.table, alteration.draft.declared
    if not again:
        declared = replace(declared, definition=replace(declared.definition, version=table.definition.version))
    tables.define(connection, table.id, declared)
    if again:
        versions.record(connection, table.id, declared.definition)
    if alteration.anew:
        # As they are now: names that change from here on are followed.
        present = fingerprint(connection, alteration.draft.reading.dependencies)
        tables.compute_anew(connection, table.id, _reason(table), present)
        if alteration.columns.changes and table.contents.frozen:
            # The frozen rows are those that are shown, under the new columns.
            tables.set_frozen(connection, table.id, {**table.contents.frozen, "predicate": None})
    elif again:
        # What is known of its refreshes is known of this version, too.
        tables.set_costs(connection, table.id, {**table.health.costs, "version": declared.definition.version})


def _reason(table: DynamicTable) -> str:
    """Return why it is computed anew; what was replaced before and never refreshed cannot be compared."""
    if table.contents.reinitialize_reason == RefreshReason.DEFINITION_CHANGED:
        return table.contents.reinitialize_reason
    return str(RefreshReason.DEFINITION_ALTERED)


def _reshape(connection: Connection, table: DynamicTable, plan: ColumnPlan) -> None:
    """Show the columns that it will have, over the rows that it has."""
    if table.view_oid is None:
        return
    hands = hands_of(connection, table.owner)
    new = Reshaping(tuple(n for n, _ in plan.kept), plan.added, plan.renamed, drops=bool(plan.dropped))
    briefly(connection, f'"{table.qualified}"', lambda: reshape(connection, hands, table.schema, table.name, new))
    view = quote_qualified(table.schema, table.name)
    tables.set_view(connection, table.id, view)
    reshape_log(connection, table.change_log, view, dropped=[n for n, _ in plan.dropped], new=new)


def _rename_columns(connection: Connection, table_id: int, plan: ColumnPlan) -> None:
    """Record the columns; comments stay with theirs."""
    comments = [(c.name, c.comment) for c in columns.load(connection, table_id) if c.comment is not None]
    names: dict[str, str] = dict(plan.renamed)
    columns.replace(connection, table_id, plan.after)
    present = {name for name, _ in plan.after}
    for old, comment in comments:
        name = names.get(old, old)
        if name in present:
            comment_columns(connection, table_id, [(name, comment)])


COMMAND = Command(CreateOrAlter, create_or_alter, alone=True)
