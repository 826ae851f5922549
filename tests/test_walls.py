"""Rooms of policy hold no SQL, name no relation of the catalog and do not speak over a connection (docs/adr/0020).

What still does is counted; the numbers go down only, and a room that has come to nothing leaves the list.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tools.house import POLICY, findings

# Room → what is left: literals with SQL, names of the catalog, calls on connections, files that import the driver.
LEFT = {
    "refresh": (55, 16, 37, 11),
}
KINDS = ("sql", "catalog", "spoken", "driver")


def test_policy_holds_no_sql() -> None:
    counts = Counter((f.room, f.kind) for f in findings())
    found = {room: tuple(counts[room, kind] for kind in KINDS) for room in POLICY}
    assert {room: n for room, n in found.items() if any(n)} == LEFT


@pytest.mark.parametrize(
    ("kind", "line"),
    [
        ("sql", 'QUERY = "SELECT 1 FROM t"'),
        ("sql", 'def f(t): return f"UPDATE {t} SET a = 1"'),
        ("catalog", 'NAME = "x FROM dyntables.refresh"'),
        ("spoken", "def f(connection): connection.execute(x)"),
        ("driver", "import psycopg"),
    ],
)
def test_what_does_is_found(tmp_path: Path, kind: str, line: str) -> None:
    (tmp_path / "room.py").write_text(f'"""A SELECT in words is none."""\n{line}\n')
    assert [f.kind for f in findings(tmp_path)].count(kind) == 1
