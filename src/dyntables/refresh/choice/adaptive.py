"""The choice between incremental and full for one table: its figures from the catalog, and back into it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

import psycopg
from psycopg.types.json import Jsonb

from dyntables.catalog.model import Action, Dependency, DynamicTable, RefreshReason
from dyntables.engines.postgres.definition.facts import estimated_rows, storage_oids
from dyntables.refresh.choice import choose
from dyntables.refresh.choice.choose import Choice, Owed
from dyntables.refresh.choice.form import Forms, dump_forms, learn_form, load_forms
from dyntables.refresh.choice.tactics import dump_tried, load_tried

if TYPE_CHECKING:
    from dyntables.refresh.result import RefreshResult
    from dyntables.refresh.run import Run

_ADAPTIVE = ("AUTO", "ADAPTIVE")


def decide(
    connection: psycopg.Connection,
    tables: Mapping[int, DynamicTable],
    table: DynamicTable,
    changes: Mapping[str, int],
    now: datetime,
) -> Choice | None:
    """Return the cheaper way to bring changed rows, by source, into a table; None if its mode leaves no choice."""
    if table.refresh_mode not in _ADAPTIVE:
        return None
    costs = choose.load(table.costs, table.version)
    if not choose.matters(changes, costs):
        return choose.choose(costs, Owed(changes, 0, now.timestamp()))
    rows = source_rows(connection, tables, table.dependencies)
    return choose.choose(costs, Owed(changes, rows, now.timestamp()))


def full_is_cheaper(run: Run, table: DynamicTable, result: RefreshResult) -> bool:
    """Decide for a refresh whose changes are counted, and put the choice into its result."""
    result.choice = decide(run.connection, run.tables, table, result.source_changes, run.data_timestamp)
    return result.choice is not None and result.choice.action is Action.FULL


def gave_up(result: RefreshResult, waited: float) -> bool:
    """Turn to a full refresh if the incremental one was stopped because it took far too long.

    ``waited``: seconds of it that it waited for locks; they say nothing about what it costs.
    """
    if result.patience is None or not result.patience.exhausted:
        return False
    assert result.choice is not None
    spent = result.patience.spent
    result.spent = max(0.0, spent - waited)
    why = (
        f"incremental was given up after {spent:.1f} s, {min(waited, spent):.1f} s of them waiting; {result.choice.why}"
    )
    result.action, result.reason = Action.FULL, RefreshReason.CHEAPER_IN_FULL
    result.choice = replace(result.choice, action=Action.FULL, why=why)
    return True


def learned(run: Run, table: DynamicTable, result: RefreshResult) -> Jsonb:
    """Return the table's figures with this refresh in them, as the catalog stores them."""
    if not table.incremental:
        tried = result.tried or load_tried(table.costs, table.version)
        return Jsonb({**dump_forms(_forms(run, table, result)), **dump_tried(tried)})
    costs = choose.load(table.costs, table.version)
    if result.action in (Action.INCREMENTAL, Action.FULL, Action.REINITIALIZE):
        owed = Owed(result.source_changes, result.source_rows or 0, run.data_timestamp.timestamp())
        chosen, seconds = result.reason is RefreshReason.CHEAPER_IN_FULL, result.duration_ms / 1000
        if result.spent:
            costs = choose.learn(costs, owed, Action.INCREMENTAL, result.spent)
        costs = choose.learn(costs, owed, result.action, seconds - result.spent, chosen=chosen)
    return Jsonb(choose.dump(costs))


def _forms(run: Run, table: DynamicTable, result: RefreshResult) -> Forms:
    known, form = load_forms(table.costs, table.version), result.form_tried or result.full_form
    if form is None or result.rows is None:
        return known
    if result.trial:  # what it took says nothing about the form
        return replace(known, rows=result.rows)
    return learn_form(known, form, result.duration_ms / 1000, result.rows, run.data_timestamp.timestamp())


def source_rows(
    connection: psycopg.Connection, tables: Mapping[int, DynamicTable], dependencies: Iterable[Dependency]
) -> int:
    """Return the estimated number of rows of all sources; a dynamic table's are those of its storage."""
    below = {d.upstream: tables[d.upstream].storage for d in dependencies if d.upstream is not None}
    oids = [d.relation for d in dependencies if d.upstream is None and d.kind != "VIEW"]
    oids += storage_oids(connection, below).values() if below else ()
    return sum(estimated_rows(connection, oids).values())
