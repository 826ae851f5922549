"""A dynamic table as the text of the statement that makes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dyntables.catalog.model import DynamicTable
from dyntables.compiler.names import literal, quote_qualified
from dyntables.compiler.statements import Initialize, RefreshMode, TargetLag


def written(
    table: DynamicTable, columns: Sequence[str], query: str, *, dialect: str | None, here: Mapping[str, str]
) -> str:
    """Return CREATE DYNAMIC TABLE with every option that is not its default.

    Args:
        table: the table.
        columns: the column list as SQL; empty for none.
        query: the definition.
        dialect: the dialect that it is written in, if it says so.
        here: the settings in force where the statement is to be run; those that are the same are not written down.
    """
    options = [*_when(table), *_how(table), *_rest(table), *_settings(table, here)]
    if dialect is not None:
        options.append(f"DIALECT = {dialect}")
    create = "CREATE TRANSIENT DYNAMIC TABLE" if table.definition.options.transient else "CREATE DYNAMIC TABLE"
    names = f" ({', '.join(columns)})" if columns else ""
    head = f"{create} {quote_qualified(table.schema, table.name)}{names}"
    return "\n".join([head, *(f"    {option}" for option in options), "AS", query])


def render_option(option: str, value: str) -> str:
    """Return an option with a value that a person gave, as SQL."""
    return f"{option} = {value if value.isdigit() else literal(value)}"


def render_lag(text: str) -> str:
    """Return a target lag as SQL."""
    return "DOWNSTREAM" if text.strip().upper() == "DOWNSTREAM" else literal(text)


def _settings(table: DynamicTable, here: Mapping[str, str]) -> list[str]:
    return [f"{n.upper()} = {literal(v)}" for n, v in sorted(table.definition.all_settings.items()) if v != here.get(n)]


def _when(table: DynamicTable) -> list[str]:
    if not table.schedule.scheduled:
        return ["SCHEDULER = DISABLE"]
    schedule = [f"SCHEDULE = {literal(table.cron)}"] if table.cron else []
    if table.schedule.target_lag_seconds is None:
        return schedule or ["TARGET_LAG = DOWNSTREAM"]
    return [f"TARGET_LAG = {render_lag(str(TargetLag(table.schedule.target_lag_seconds)))}", *schedule]


def _how(table: DynamicTable) -> list[str]:
    definition = table.definition
    found = [] if definition.refresh_mode is RefreshMode.AUTO else [f"REFRESH_MODE = {definition.refresh_mode}"]
    if definition.initialize is not Initialize.ON_CREATE:
        found.append(f"INITIALIZE = {definition.initialize}")
    if definition.options.cluster_by:
        found.append(f"CLUSTER BY ({', '.join(definition.options.cluster_by)})")
    return found


def _rest(table: DynamicTable) -> list[str]:
    found = [] if table.comment is None else [f"COMMENT = {literal(table.comment)}"]
    for option, value in table.definition.options.limits.items():
        found.append(render_option(option, value))
    if table.definition.options.suspend_after is not None:
        found.append(f"SUSPEND_AFTER_FAILURES = {table.definition.options.suspend_after}")
    if table.definition.options.retention_days is not None:
        found.append(f"DATA_RETENTION_TIME_IN_DAYS = {table.definition.options.retention_days}")
    if table.definition.options.trust_stable_functions:
        found.append("TRUST_STABLE_FUNCTIONS = TRUE")
    if table.region is not None:
        found.append(f"FROZEN WHERE ({table.region.where})")
        if table.region.backfill is not None:
            found.append(f"BACKFILL FROM {quote_qualified(*table.region.backfill)}")
    # Of a phrase the whole text is kept, of an option its value; what belongs to columns is not a clause of the table.
    for option, text in table.definition.options.ignored.items():
        if option not in ("TRANSIENT", "RECLUSTER") and not option.startswith("COLUMN "):
            found.append(text if text.upper().startswith(option) else f"{option} = {text}")
    return found
