"""What the leader knows of tables, as conditions see it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from dyntables.alerts.condition import Need, TableCondition
from dyntables.alerts.model import Rule
from dyntables.alerts.registry import condition_of
from dyntables.alerts.seen import Figures, LastRefresh, Seen
from dyntables.catalog import Connection
from dyntables.catalog.alerts import figures
from dyntables.catalog.model import DynamicTable
from dyntables.health.targets import effective_targets


def seen_of(table: DynamicTable, target: float | None, last: LastRefresh | None, known: Figures | None) -> Seen:
    """Return a table as conditions see it."""
    schedule = table.schedule
    reason = schedule.suspend_reason
    return Seen(
        table.id,
        table.qualified,
        table.fresh_at,
        # Nobody promised anything of what a person suspended, or does not schedule.
        target if schedule.scheduled and (not schedule.suspended or "ERRORS" in (reason or "")) else None,
        table.health.consecutive_failures,
        str(reason) if schedule.suspended and reason is not None else None,
        table.definition.incremental,
        last,
        known or Figures(),
    )


def targets_of(tables: Mapping[int, DynamicTable]) -> dict[int, int | None]:
    """Return how old the contents of tables may be, for their own sake or their readers'."""
    return effective_targets(tables)


def parents_of(tables: Mapping[int, DynamicTable]) -> dict[int, frozenset[int]]:
    """Return the dynamic tables that each table reads."""
    return {i: frozenset(d.upstream for d in t.dependencies if d.upstream is not None) for i, t in tables.items()}


def needs_of(rules: Mapping[int, Iterable[Rule]]) -> dict[Need, list[int]]:
    """Return for which tables something has to be asked."""
    found: dict[Need, list[int]] = {}
    for table_id, looking in rules.items():
        wanted: set[Need] = set()
        for rule in looking:
            condition = condition_of(rule.kind)
            if isinstance(condition, TableCondition):
                wanted |= condition.needs
        for need in wanted:
            found.setdefault(need, []).append(table_id)
    return found


def ask_figures(connection: Connection, needs: Mapping[Need, list[int]]) -> dict[int, Figures]:
    """Ask what conditions need to know beside the rows of tables."""
    found: dict[int, Figures] = {}
    for table_id, usual in figures.usual_durations(connection, needs.get(Need.HISTORY, [])).items():
        found[table_id] = replace(found.get(table_id, Figures()), usual_ms=usual)
    for table_id, (rows, before) in figures.row_counts(connection, needs.get(Need.SIZE, [])).items():
        found[table_id] = replace(found.get(table_id, Figures()), rows=rows, usual_rows=before)
    for table_id, ratio in figures.log_ratios(connection, needs.get(Need.LOGS, [])).items():
        found[table_id] = replace(found.get(table_id, Figures()), log_ratio=ratio)
    for table_id, names in figures.broken_captures(connection, needs.get(Need.CAPTURE, [])).items():
        found[table_id] = replace(found.get(table_id, Figures()), broken=names)
    for table_id, (failed, names) in figures.failing_rules(connection, needs.get(Need.QUALITY, [])).items():
        found[table_id] = replace(found.get(table_id, Figures()), quality_failed=failed, failing=names)
    return found
