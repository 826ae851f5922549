"""The options of a dynamic table that can be changed at any time, as texts; the rest needs a new definition."""

from __future__ import annotations

from dyntables.catalog.model import DynamicTable
from dyntables.server.schemas.tables import Settable

# The others are limits of a refresh.
_STORED_AS = {
    Settable.SCHEDULE: "schedule",
    Settable.SUSPEND_AFTER_FAILURES: "suspend_after",
    Settable.DATA_RETENTION_TIME_IN_DAYS: "retention_days",
}


def settable(table: DynamicTable) -> dict[Settable, str | None]:
    """Return each such option with its value; null where the default holds."""
    limits = table.options.get("limits") or {}
    values = {o: table.options.get(_STORED_AS[o]) if o in _STORED_AS else limits.get(o) for o in Settable}
    return {option: None if value is None else str(value) for option, value in values.items()}
