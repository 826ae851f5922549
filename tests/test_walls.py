"""Rooms of policy hold no SQL, name no relation of the catalog and do not speak over a connection (docs/adr/0020)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.house import POLICY, findings

KINDS = ("sql", "catalog", "spoken", "driver")


def test_policy_holds_no_sql() -> None:
    found = [f for f in findings() if f.room in POLICY and f.kind in KINDS]
    assert found == []


def test_no_class_is_a_bag() -> None:
    """One is left: what the environment may say is one class, as each name of it is a line of the documentation."""
    wide = {f.text.split(":")[0] for f in findings() if f.kind == "wide"}
    assert wide <= {"Settings"}


@pytest.mark.parametrize(
    ("kind", "line"),
    [
        ("sql", 'QUERY = "SELECT 1 FROM t"'),
        ("sql", 'def f(t): return f"UPDATE {t} SET a = 1"'),
        ("catalog", 'NAME = "x FROM dyntables.refresh"'),
        ("spoken", "def f(connection): connection.execute(x)"),
        ("driver", "import psycopg"),
        ("wide", f"class Bag: {'; '.join(f'f{i}: int' for i in range(13))}"),
    ],
)
def test_what_does_is_found(tmp_path: Path, kind: str, line: str) -> None:
    (tmp_path / "room.py").write_text(f'"""A SELECT in words is none."""\n{line}\n')
    assert [f.kind for f in findings(tmp_path)].count(kind) == 1
