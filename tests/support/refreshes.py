"""Refreshing tables, and comparing them with their definitions in the same snapshot."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dyntables


def verify(client: dyntables.Client, name: str) -> dict[str, Any]:
    """Refresh a table and compare it with its definition; return what VERIFY says."""
    result = client.execute(f"ALTER DYNAMIC TABLE {name} VERIFY")
    return dict(zip(result.columns, result.rows[0], strict=True))


def verified(client: dyntables.Client, name: str) -> dict[str, Any]:
    """Refresh a table, see that it equals its definition, and return what VERIFY says."""
    row = verify(client, name)
    assert row["equal"], row
    return row


def refreshed(client: dyntables.Client, name: str = "t") -> tuple[str, str]:
    """Refresh a table, see that it equals its definition, and return action and reason."""
    row = verified(client, name)
    # As VERIFY has found it, by the path perhaps.
    schema, _, plain = row["name"].partition(".")
    action, reason = client.execute(
        "SELECT refresh_action, refresh_reason FROM dyntables.refresh_history WHERE name = "
        f"'{plain}' AND schema_name = '{schema}' ORDER BY refresh_id DESC LIMIT 1"
    ).rows[0]
    assert action == row["action"], row
    return action, reason


def follow(client: dyntables.Client, name: str, query: str, steps: Sequence[str]) -> None:
    """Create an incremental table, and after each step refresh it and compare it with its definition."""
    client.execute(f"CREATE DYNAMIC TABLE {name} TARGET_LAG = '1 minute' REFRESH_MODE = INCREMENTAL AS {query}")
    for step in steps:
        client.execute(step)
        row = verify(client, name)
        assert row["equal"], (step, row)
        assert row["action"] in ("INCREMENTAL", "NO_DATA"), (step, row)
