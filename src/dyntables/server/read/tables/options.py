"""The options of a dynamic table that can be changed at any time, as texts; the rest needs a new definition."""

from __future__ import annotations

from dyntables.catalog.model import DynamicTable
from dyntables.server.schemas.tables import Settable


def settable(table: DynamicTable) -> dict[Settable, str | None]:
    """Return each such option with its value; null where the default holds."""
    options = table.definition.options
    values: dict[Settable, object] = {
        **{o: options.limits.get(o) for o in Settable},
        Settable.SCHEDULE: options.schedule,
        Settable.SUSPEND_AFTER_FAILURES: options.suspend_after,
        Settable.DATA_RETENTION_TIME_IN_DAYS: options.retention_days,
    }
    return {option: None if value is None else str(value) for option, value in values.items()}
