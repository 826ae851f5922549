"""Dynamic tables as values, for tests of what is decided about them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from dyntables.catalog.model import Dependency, DynamicTable
from dyntables.catalog.options import TableOptions

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def table(table_id: int, *, reads: tuple[int, ...] = (), **values: Any) -> DynamicTable:
    """Return a table with these values, and usual ones for the rest; ``reads``: the ids of others."""
    defaults: dict[str, Any] = dict(
        id=table_id, schema="public", name=f"t{table_id}", view_oid=table_id, owner="o", version=1, generation=1,
        query="", canonical="", search_path="", time_zone="UTC", target_lag_seconds=60, refresh_mode="AUTO",
        effective_mode="INCREMENTAL", mode_reasons=[], initialize="ON_CREATE", scheduled=True, options=TableOptions(),
        comment=None, scheduling_state="RUNNING", suspend_reason=None, fingerprint={}, layout=None,
        frontier=None, consumed={},
        change_version=0, data_timestamp=NOW, reinitialize_reason=None, system_identifier=None,
        consecutive_failures=0, retry_at=None, expected_seconds=1.0,
        dependencies=tuple(Dependency(r, "DYNAMIC_TABLE", r, ()) for r in reads),
    )  # fmt: skip
    return DynamicTable(**{**defaults, **values})
