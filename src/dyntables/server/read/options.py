"""The options of a dynamic table that can be changed at any time, as texts; the rest needs a new definition."""

from __future__ import annotations

from dyntables.catalog.model import DynamicTable
from dyntables.compiler.names import literal

_STORED_AS = {
    "SCHEDULE": "schedule",
    "SUSPEND_AFTER_FAILURES": "suspend_after",
    "DATA_RETENTION_TIME_IN_DAYS": "retention_days",
}
_LIMITS = ("WORK_MEM", "MAX_PARALLEL_WORKERS", "STATEMENT_TIMEOUT", "LOCK_TIMEOUT", "MAX_ACTIVE_SESSIONS")


def settable(table: DynamicTable) -> dict[str, str | None]:
    """Return each such option with its value; null where the default holds."""
    limits = table.options.get("limits") or {}
    values = {option: table.options.get(key) for option, key in _STORED_AS.items()}
    values |= {option: limits.get(option) for option in _LIMITS}
    return {option: None if value is None else str(value) for option, value in values.items()}


def render_option(option: str, value: str) -> str:
    """Return an option with its value as SQL."""
    return f"{option} = {value if value.isdigit() else literal(value)}"
