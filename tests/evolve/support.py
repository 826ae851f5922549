"""What the tests of evolving tables ask again and again."""

from __future__ import annotations

from typing import Any

import dyntables

LAG = "TARGET_LAG = '1 hour'"


def rows(dt: dyntables.Client, name: str) -> list[Any]:
    """Return the contents of a table, sorted."""
    return sorted(dt.execute(f"SELECT * FROM {name}").rows, key=repr)


def sources(dt: dyntables.Client) -> list[str]:
    """Return the captured tables."""
    return [r[0] for r in dt.execute("SELECT relation_name FROM dyntables.source ORDER BY 1").rows]
