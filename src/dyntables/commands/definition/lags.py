"""Target lags that fit each other along the graph; pure."""

from __future__ import annotations

from collections.abc import Mapping

from dyntables.catalog import graph
from dyntables.catalog.model import DynamicTable
from dyntables.errors import InvalidOptionError


def check_lag(tables: Mapping[int, DynamicTable], upstream: list[int], lag: int | None, name: str) -> None:
    """Refuse a target lag below that of a table which is read.

    Raises:
        InvalidOptionError: with both lags.
    """
    if lag is None:
        return
    for table_id in upstream:
        parent = tables[table_id]
        if parent.schedule.target_lag_seconds is not None and parent.schedule.target_lag_seconds > lag:
            raise InvalidOptionError(
                f'"{name}" cannot have a target lag of {lag} seconds: it reads "{parent.qualified}", '
                f"whose target lag is {parent.schedule.target_lag_seconds} seconds",
                hint=f'Give "{parent.qualified}" TARGET_LAG = DOWNSTREAM or a shorter one, or this table a longer one.',
            )


def check_new_lag(tables: Mapping[int, DynamicTable], table: DynamicTable, lag: int | None) -> None:
    """Refuse a target lag (seconds) that does not fit those of what a table reads, and of what reads it.

    Raises:
        InvalidOptionError: with the other table.
    """
    for parent in graph.upstream(tables, table.id):
        other = tables[parent].schedule.target_lag_seconds
        if lag is not None and other is not None and other > lag:
            raise InvalidOptionError(
                f'the target lag of "{table.qualified}" cannot be below that of "{tables[parent].qualified}" '
                f"({other} seconds), which it reads"
            )
    check_readers_lag(tables, table, lag)


def check_readers_lag(tables: Mapping[int, DynamicTable], table: DynamicTable, lag: int | None) -> None:
    """Refuse a target lag (seconds) above that of a table that reads this one.

    Raises:
        InvalidOptionError: with the reader.
    """
    for reader in graph.consumers(tables, table.id):
        other = tables[reader].schedule.target_lag_seconds
        if lag is not None and other is not None and other < lag:
            raise InvalidOptionError(
                f'the target lag of "{table.qualified}" cannot be above that of "{tables[reader].qualified}" '
                f"({other} seconds), which reads it"
            )
