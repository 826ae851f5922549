"""The oracle: after every refresh the contents equal the definition, and the action that ran is the one expected."""

from __future__ import annotations

import os
import random

import psycopg
import pytest

import dyntables
from tests.oracle.definitions import DEFINITIONS, SCHEMA
from tests.oracle.histories import change
from tests.support.refreshes import verify

SEEDS = [int(s) for s in os.environ.get("DYNTABLES_SEEDS", "1").split(",")]
ROUNDS = int(os.environ.get("DYNTABLES_ROUNDS", "8"))


@pytest.mark.pg(15, 18)
@pytest.mark.parametrize("seed", SEEDS)
def test_every_definition_follows_a_random_history(database_url: str, seed: int) -> None:
    choose = random.Random(seed)
    with dyntables.connect(database_url) as client, psycopg.connect(database_url, autocommit=True) as writer:
        for statement in SCHEMA:
            client.execute(statement)
        for name, query in DEFINITIONS.items():
            client.execute(f"CREATE DYNAMIC TABLE {name} TARGET_LAG = '1 minute' REFRESH_MODE = INCREMENTAL AS {query}")
        client.execute(
            "CREATE DYNAMIC TABLE on_merged TARGET_LAG = '1 minute' REFRESH_MODE = INCREMENTAL AS "
            "SELECT mx, count(*) n, sum(s) s FROM merged GROUP BY mx"
        )
        client.execute(
            "CREATE DYNAMIC TABLE in_full TARGET_LAG = '1 minute' REFRESH_MODE = FULL AS "
            "SELECT g, count(*) AS members FROM a GROUP BY g"
        )
        client.execute(
            "CREATE DYNAMIC TABLE on_full TARGET_LAG = '1 minute' REFRESH_MODE = INCREMENTAL AS "
            "SELECT members, count(*) AS n FROM in_full GROUP BY members"
        )
        seen = set()
        for _ in range(ROUNDS):
            history = [change(choose) for _ in range(choose.randint(1, 4))]
            if choose.random() < 0.5:
                with writer.transaction():
                    for statement in history:
                        writer.execute(statement)  # type: ignore[call-overload]
            else:
                for statement in history:
                    writer.execute(statement)  # type: ignore[call-overload]
            for name in [*DEFINITIONS, "on_merged", "on_full"]:
                row = verify(client, name)
                assert row["equal"], (name, row, history)
                assert row["action"] in ("INCREMENTAL", "NO_DATA"), (name, row, history)
                seen.add(row["action"])
        assert "INCREMENTAL" in seen
        columns = client.execute("SELECT DISTINCT state FROM dyntables.refresh_history")
        assert columns.rows == [("SUCCEEDED",)]
