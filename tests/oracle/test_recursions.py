"""Recursive definitions follow what is added, are built anew for anything else, and always equal their definition."""

from __future__ import annotations

import os
import random

import psycopg
import pytest

import dyntables
from dyntables.engines.at_work import engine_on
from dyntables.refresh.runner import Refresher
from tests.oracle.recursions import ABOVE, APPENDS, OTHERS, RECURSIONS, TABLES, filled

SEEDS = [int(s) for s in os.environ.get("DYNTABLES_SEEDS", "1").split(",")]
ROUNDS = int(os.environ.get("DYNTABLES_ROUNDS", "1"))
# As many take a few seconds; with more rounds, all are followed.
SOME = 14
# What they read besides the recursion, or above what is grouped, has other changes than added rows.
_MAY_REBUILD = {"anti", "left", "grouped_below", "of_counts"}


@pytest.mark.parametrize("seed", SEEDS)
def test_recursions_follow_a_random_history(database_url: str, seed: int) -> None:
    choose = random.Random(seed)
    with dyntables.connect(database_url) as client, psycopg.connect(database_url, autocommit=True) as connection:
        for statement in (*TABLES, *ABOVE, *(filled(choose.choice(APPENDS), choose.choice) for _ in range(6))):
            client.execute(statement)
        chosen = list(RECURSIONS) if ROUNDS > 1 else choose.sample(list(RECURSIONS), SOME)
        for name, query in ((n, RECURSIONS[n]) for n in chosen):
            client.execute(f"CREATE DYNAMIC TABLE {name} TARGET_LAG = '1 minute' REFRESH_MODE = INCREMENTAL AS {query}")
        rows = connection.execute("SELECT id FROM dyntables.dynamic_table WHERE table_name = ANY (%s)", [chosen])
        tables, refresher = [row[0] for row in rows], Refresher(connection, engine_on(connection))
        seen = set()
        for statements in (APPENDS, OTHERS) * ROUNDS:
            history = [filled(choose.choice(statements), choose.choice) for _ in range(3)]
            for statement in history:
                connection.execute(statement.encode())
            for found in refresher.verify(tables):
                name, action, reason = found.name, str(found.refresh.action), str(found.refresh.reason)
                assert found.equal, (name, history)
                if statements is APPENDS and name not in _MAY_REBUILD:
                    assert action in ("INCREMENTAL", "NO_DATA"), (name, history)
                if action not in ("INCREMENTAL", "NO_DATA"):
                    assert (action, reason) == ("REINITIALIZE", "RECURSION_NEEDS_REBUILD"), (name, history)
                seen.add((statements is APPENDS, action))
        assert {(True, "INCREMENTAL"), (False, "REINITIALIZE")} <= seen
