"""Histories in which everything is renamed: the contents stay right, and nothing is computed anew for it."""

from __future__ import annotations

import random

import psycopg
import pytest

import dyntables
from tests.oracle.generation.renames import DEFINITIONS, SCHEMAS, World, quoted

STEPS = 24


@pytest.mark.pg(15, 18)
def test_renames_in_the_middle_of_a_history(database_url: str) -> None:
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    world = World(random.Random(seed))
    with dyntables.connect(database_url) as client, psycopg.connect(database_url, autocommit=True) as writer:
        writer.execute(SCHEMAS)
        for name, query in DEFINITIONS.items():
            client.execute(f"CREATE DYNAMIC TABLE {name} TARGET_LAG = '1 hour' AS {query}")
        modes = dict(client.execute("SELECT name, refresh_mode FROM dyntables.dynamic_tables").rows)
        assert [n for n, mode in modes.items() if mode != "INCREMENTAL"] == ["in_full"]
        done: list[str] = []
        for step in range(STEPS):
            made = [world.write()] if step % 3 == 0 else world.rename()
            for statement in made:
                writer.execute(statement.encode())
            done += made
            if step % 4 == 3:
                verify(client, world, done)


def verify(client: dyntables.Client, world: World, done: list[str]) -> None:
    """Compare each table with its definition; only labels of enums may make one be computed anew."""
    relabelled = any("RENAME VALUE" in statement for statement in done)
    for key, name in world.tables.items():
        row = client.execute(f"ALTER DYNAMIC TABLE {quoted(name)} VERIFY")
        found = dict(zip(row.columns, row.rows[0], strict=True))
        assert found["equal"], (key, done)
        allowed = {"FULL"} if key == "in_full" else {"INCREMENTAL", "NO_DATA"}
        if relabelled:
            allowed |= {"REINITIALIZE"}
        assert found["action"] in allowed, (key, found, done)
    done.clear()
