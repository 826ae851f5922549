"""What the tests of evolving tables ask again and again."""

from __future__ import annotations

from typing import Any

import dyntables

LAG = "TARGET_LAG = '1 hour'"


def refreshed(dt: dyntables.Client, name: str) -> tuple[str, str]:
    """Refresh a table, compare it with its definition in the same snapshot; return action and reason."""
    verified = dt.execute(f"ALTER DYNAMIC TABLE {name} VERIFY").rows[0]
    assert verified[1] is True, verified
    schema, _, plain = name.rpartition(".")
    row = dt.execute(
        "SELECT refresh_action, refresh_reason FROM dyntables.refresh_history WHERE name = "
        f"'{plain}' AND schema_name = '{schema or 'public'}' ORDER BY refresh_id DESC LIMIT 1"
    ).rows[0]
    return row[0], row[1]


def rows(dt: dyntables.Client, name: str) -> list[Any]:
    """Return the contents of a table, sorted."""
    return sorted(dt.execute(f"SELECT * FROM {name}").rows, key=repr)


def sources(dt: dyntables.Client) -> list[str]:
    """Return the captured tables."""
    return [r[0] for r in dt.execute("SELECT relation_name FROM dyntables.source ORDER BY 1").rows]
