"""Rows that a MERGE moves between partitions are neither lost nor counted twice, whatever happens around it."""

from __future__ import annotations

import contextlib
import os

import hypothesis
import psycopg
import pytest
from hypothesis import HealthCheck, Phase

import dyntables
from tests.oracle.generation.moves import FUNCTIONS, ROWS, SCHEMA, TRIGGERS, Moves, moves
from tests.support.refreshes import verified

EXAMPLES = int(os.environ.get("DYNTABLES_EXAMPLES", "20"))
TABLES = {
    "totals": "SELECT zone, count(*) AS n, sum(kg) AS kg FROM p GROUP BY zone",
    "moved_rows": "SELECT id, zone, kg FROM p",
}


@pytest.mark.pg(15, 18)
def test_rows_that_move(database_url: str) -> None:
    with dyntables.connect(database_url) as client, psycopg.connect(database_url, autocommit=True) as writer:
        writer.execute(SCHEMA + FUNCTIONS)
        for name, query in TABLES.items():
            client.execute(f"CREATE DYNAMIC TABLE {name} TARGET_LAG = '1 hour' REFRESH_MODE = INCREMENTAL AS {query}")
        actions: set[str] = set()

        @hypothesis.settings(
            max_examples=EXAMPLES, derandomize="DYNTABLES_EXAMPLES" not in os.environ, database=None, deadline=None,
            print_blob=False,
            phases=(Phase.generate,), suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @hypothesis.given(moves())
        def check(drawn: Moves) -> None:
            writer.execute(f"DELETE FROM p; {ROWS}; {TRIGGERS[drawn.trigger]}".encode())
            try:
                for transaction in drawn.transactions:
                    # Some fail, as a row of one branch fits no partition below it: then nothing has happened.
                    with contextlib.suppress(psycopg.Error), writer.transaction():
                        for statement in transaction:
                            writer.execute(statement.encode())
                    for table in TABLES:
                        row = verified(client, table)
                        assert row["equal"], (drawn, transaction, row)
                        actions.add(row["action"])
            finally:
                for name in ("late", "stay", "more"):
                    writer.execute(f"DROP TRIGGER IF EXISTS {name} ON p".encode())

        check()
        assert "INCREMENTAL" in actions
