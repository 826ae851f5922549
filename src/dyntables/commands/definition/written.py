"""A dynamic table as the text of the statement that makes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dyntables.catalog.model import DynamicTable
from dyntables.compiler.names import literal, quote_qualified
from dyntables.compiler.statements import TargetLag


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
    create = "CREATE TRANSIENT DYNAMIC TABLE" if table.options.transient else "CREATE DYNAMIC TABLE"
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
    return [f"{n.upper()} = {literal(v)}" for n, v in sorted(table.all_settings.items()) if v != here.get(n)]


def _when(table: DynamicTable) -> list[str]:
    if not table.scheduled:
        return ["SCHEDULER = DISABLE"]
    schedule = [f"SCHEDULE = {literal(table.schedule)}"] if table.schedule else []
    if table.target_lag_seconds is None:
        return schedule or ["TARGET_LAG = DOWNSTREAM"]
    return [f"TARGET_LAG = {render_lag(str(TargetLag(table.target_lag_seconds)))}", *schedule]


def _how(table: DynamicTable) -> list[str]:
    found = [] if table.refresh_mode == "AUTO" else [f"REFRESH_MODE = {table.refresh_mode}"]
    if table.initialize != "ON_CREATE":
        found.append(f"INITIALIZE = {table.initialize}")
    if table.options.cluster_by:
        found.append(f"CLUSTER BY ({', '.join(table.options.cluster_by)})")
    return found


def _rest(table: DynamicTable) -> list[str]:
    found = [] if table.comment is None else [f"COMMENT = {literal(table.comment)}"]
    for option, value in table.options.limits.items():
        found.append(render_option(option, value))
    if table.options.suspend_after is not None:
        found.append(f"SUSPEND_AFTER_FAILURES = {table.options.suspend_after}")
    if table.options.retention_days is not None:
        found.append(f"DATA_RETENTION_TIME_IN_DAYS = {table.options.retention_days}")
    if table.options.trust_stable_functions:
        found.append("TRUST_STABLE_FUNCTIONS = TRUE")
    if table.region is not None:
        found.append(f"FROZEN WHERE ({table.region.where})")
        if table.region.backfill is not None:
            found.append(f"BACKFILL FROM {quote_qualified(*table.region.backfill)}")
    # Of a phrase the whole text is kept, of an option its value; what belongs to columns is not a clause of the table.
    for option, text in table.options.ignored.items():
        if option not in ("TRANSIENT", "RECLUSTER") and not option.startswith("COLUMN "):
            found.append(text if text.upper().startswith(option) else f"{option} = {text}")
    return found
