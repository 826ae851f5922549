"""The choice between incremental and full for one table: its figures from the catalog, and back into it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from dyntables.catalog.model import Action, DynamicTable, RefreshReason
from dyntables.catalog.parts.dependency import Dependency, DependencyKind
from dyntables.compiler.statements import RefreshMode
from dyntables.engines.port import Sizes
from dyntables.refresh.choice import choose
from dyntables.refresh.choice.choose import Choice, Owed
from dyntables.refresh.choice.decision import Decision, Rebuild
from dyntables.refresh.choice.form import Forms, dump_forms, learn_form, load_forms
from dyntables.refresh.choice.patience import Patience
from dyntables.refresh.choice.tactics import dump_tried, load_tried
from dyntables.refresh.result import Rebuilt, Work

_ADAPTIVE = (RefreshMode.AUTO, RefreshMode.ADAPTIVE)


def weigh(
    sizes: Sizes,
    tables: Mapping[int, DynamicTable],
    table: DynamicTable,
    changes: Mapping[str, int | None],
    now: datetime,
) -> Choice | None:
    """Return the cheaper way to bring changed rows, by source, into a table.

    None if its mode leaves no choice, or nobody has counted the rows.
    """
    counted = counts(changes)
    if table.definition.refresh_mode not in _ADAPTIVE or len(counted) < len(changes):
        return None
    costs = choose.load(table.health.costs, table.definition.version)
    if not choose.matters(counted, costs):
        return choose.choose(costs, Owed(counted, 0, now.timestamp()))
    rows = source_rows(sizes, tables, table.dependencies)
    return choose.choose(costs, Owed(counted, rows, now.timestamp()))


def counts(changes: Mapping[str, int | None]) -> dict[str, int]:
    """Return those of the changes that are counted."""
    return {name: rows for name, rows in changes.items() if rows is not None}


def given_up(decision: Decision, patience: Patience | None, waited: float) -> Rebuild | None:
    """Return the full refresh that takes the place of one by changes which was stopped as it took far too long.

    ``waited``: seconds of it that it waited for locks; they say nothing about what it costs.
    """
    if patience is None or not patience.exhausted or isinstance(decision, Rebuild):
        return None
    choice, spent = decision.choice, patience.spent
    assert choice is not None
    why = f"incremental was given up after {spent:.1f} s, {min(waited, spent):.1f} s of them waiting; {choice.why}"
    choice = replace(choice, action=Action.FULL, why=why)
    changes = getattr(decision, "changes", {})
    return Rebuild(RefreshReason.CHEAPER_IN_FULL, changes, choice, spent=max(0.0, spent - waited))


def learned(table: DynamicTable, work: Work, seconds: float, now: datetime) -> dict[str, Any]:
    """Return the table's figures with a refresh in them that took so long, as the catalog stores them."""
    if not table.incremental:
        return _learned_in_full(table, work.rebuilt, seconds, now)
    costs = choose.load(table.health.costs, table.definition.version)
    if work.action in (Action.INCREMENTAL, Action.FULL, Action.REINITIALIZE):
        rebuilt = work.rebuilt
        owed = Owed(work.changes, rebuilt.source_rows if rebuilt is not None else 0, now.timestamp())
        spent = rebuilt.spent if rebuilt is not None else 0.0
        if spent:
            costs = choose.learn(costs, owed, Action.INCREMENTAL, spent)
        chosen = work.reason is RefreshReason.CHEAPER_IN_FULL
        costs = choose.learn(costs, owed, work.action, seconds - spent, chosen=chosen)
    return choose.dump(costs)


def _learned_in_full(table: DynamicTable, rebuilt: Rebuilt | None, seconds: float, now: datetime) -> dict[str, Any]:
    costs, version = table.health.costs, table.definition.version
    forms, tried = load_forms(costs, version), load_tried(costs, version)
    if rebuilt is not None:
        forms, tried = _forms(forms, rebuilt, seconds, now), rebuilt.computed.tried or tried
    return {**dump_forms(forms), **dump_tried(tried)}


def _forms(known: Forms, rebuilt: Rebuilt, seconds: float, now: datetime) -> Forms:
    rows = rebuilt.computed.rows
    if rebuilt.computed.trial:  # what it took says nothing about the form
        return replace(known, rows=rows)
    return learn_form(known, rebuilt.began or rebuilt.form, seconds, rows, now.timestamp())


def source_rows(sizes: Sizes, tables: Mapping[int, DynamicTable], dependencies: Iterable[Dependency]) -> int:
    """Return the estimated number of rows of all sources; a dynamic table's are those of its storage."""
    below = {d.upstream: tables[d.upstream].storage for d in dependencies if d.upstream is not None}
    oids = [d.relation for d in dependencies if d.upstream is None and d.kind is not DependencyKind.VIEW]
    oids += sizes.storage(below).values() if below else ()
    return sum(sizes.rows(oids).values())
