"""Expressions that fail while changes are computed: the table is built anew once, and recovers by itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import dyntables
from dyntables.errors import EngineError
from tests.support.refreshes import verified


@pytest.fixture
def dt(database_url: str) -> Iterator[dyntables.Client]:
    with dyntables.connect(database_url) as client:
        client.execute("CREATE TABLE teams (id integer PRIMARY KEY, budget integer)")
        client.execute("CREATE TABLE costs (id integer PRIMARY KEY, team integer, amount integer)")
        client.execute("INSERT INTO teams VALUES (1, 5); INSERT INTO costs VALUES (1, 1, 20)")
        yield client


def create(dt: dyntables.Client, name: str, query: str) -> None:
    dt.execute(f"CREATE DYNAMIC TABLE {name} TARGET_LAG = '1 hour' REFRESH_MODE = INCREMENTAL AS {query}")


def history(dt: dyntables.Client, name: str) -> dict[str, Any]:
    result = dt.execute(
        f"SELECT * FROM dyntables.refresh_history WHERE name = '{name}' ORDER BY refresh_id DESC LIMIT 1"
    )
    return dict(zip(result.columns, result.rows[0], strict=True))


@pytest.mark.pg(15, 18)
def test_values_of_no_state_lead_to_one_rebuild(dt: dyntables.Client) -> None:
    create(dt, "overflow", "SELECT c.id, c.amount * t.budget AS v FROM costs c JOIN teams t ON t.id = c.team")
    create(dt, "above", "SELECT sum(v) AS v FROM overflow")
    dt.execute("UPDATE costs SET amount = 2000000000; UPDATE teams SET budget = 1")
    assert verified(dt, "overflow")["action"] == "REINITIALIZE"
    row = history(dt, "overflow")
    assert (row["state"], row["refresh_reason"]) == ("SUCCEEDED", "EXPRESSION_FAILED")
    assert row["choice"] == "incremental failed: integer out of range"
    assert verified(dt, "above")["action"] == "INCREMENTAL"
    dt.execute("INSERT INTO costs VALUES (2, 1, 6)")
    assert verified(dt, "overflow")["action"] == "INCREMENTAL"
    assert verified(dt, "above")["action"] == "INCREMENTAL"


def test_a_condition_of_an_outer_join_over_values_of_no_state(dt: dyntables.Client) -> None:
    dt.execute("DELETE FROM costs")
    on = "t.id = c.team AND c.amount / t.budget > 0"
    create(dt, "condition", f"SELECT c.id, t.budget FROM costs c LEFT JOIN teams t ON {on}")
    dt.execute("UPDATE teams SET budget = 0")
    assert verified(dt, "condition")["action"] == "INCREMENTAL"
    dt.execute("UPDATE teams SET budget = 3; INSERT INTO costs VALUES (1, 1, 9)")
    assert verified(dt, "condition")["action"] == "REINITIALIZE"
    assert history(dt, "condition")["refresh_reason"] == "EXPRESSION_FAILED"
    dt.execute("INSERT INTO costs VALUES (2, 1, 9)")
    assert verified(dt, "condition")["action"] == "INCREMENTAL"


def test_a_definition_at_fault_fails_and_recovers_with_its_data(dt: dyntables.Client) -> None:
    create(dt, "parts", "SELECT c.id, c.amount / t.budget AS part FROM costs c JOIN teams t ON t.id = c.team")
    create(dt, "above", "SELECT sum(part) AS parts FROM parts")
    dt.execute("UPDATE teams SET budget = 0")
    for _ in range(2):
        with pytest.raises(EngineError, match="division by zero"):
            dt.execute("ALTER DYNAMIC TABLE parts REFRESH")
        row = history(dt, "parts")
        assert (row["state"], row["refresh_reason"]) == ("FAILED", "ERROR")
        assert dt.execute("SELECT * FROM parts, above").rows == [(1, 4, 4)]
    dt.execute("UPDATE teams SET budget = 10; INSERT INTO costs VALUES (2, 1, 100)")
    assert verified(dt, "parts")["action"] == "INCREMENTAL"
    assert verified(dt, "above")["action"] == "INCREMENTAL"
    assert dt.execute("SELECT parts FROM above").rows == [(12,)]
