"""Random histories of statements that change tables: after each, every table equals its definition when refreshed."""

from __future__ import annotations

import contextlib
import random

import pytest

import dyntables
from dyntables.errors import CatalogError, InvalidOptionError
from tests.evolve.support import LAG

pytestmark = pytest.mark.pg(15, 18)

COLUMNS = ["sum(v) AS total", "count(*) AS n", "max(v) AS most", "min(v) AS least", "sum(v) AS amount"]
NAMES = ("low", "mid", "full", "top", "side")


def query(random_: random.Random) -> str:
    chosen = [COLUMNS[0], *random_.sample(COLUMNS[1:], random_.randrange(4))]
    condition = random_.choice(["", " WHERE v > 3", " WHERE v % 2 = 0"])
    return f"SELECT k, {', '.join(chosen)} FROM s{condition} GROUP BY k"


def step(dt: dyntables.Client, random_: random.Random) -> None:
    mode = random_.choice(["INCREMENTAL", "INCREMENTAL", "AUTO", "FULL"])
    k, v = random_.randrange(6), random_.randrange(20)
    name = f'"{random_.choice(NAMES)}"'
    statement = random_.choice(
        [
            f"INSERT INTO s VALUES ((SELECT max(id) + 1 FROM s), 'k{k}', {v})",
            f"INSERT INTO s SELECT max(id) + 1, 'k{k}', {v} FROM s",
            f"DELETE FROM s WHERE k = 'k{k}' AND v > {v}",
            f"UPDATE s SET v = v + 1 WHERE k = 'k{k}'",
            f"CREATE OR ALTER DYNAMIC TABLE low {LAG} REFRESH_MODE = {mode} AS {query(random_)}",
            f"CREATE OR ALTER DYNAMIC TABLE side {LAG} REFRESH_MODE = {mode} AS {query(random_)}",
            f"CREATE OR ALTER DYNAMIC TABLE low {LAG} AS {query(random_)}",
            "ALTER DYNAMIC TABLE low SWAP WITH side",
            "CREATE OR REPLACE DYNAMIC TABLE side CLONE low",
            f"DROP DYNAMIC TABLE {name}; UNDROP DYNAMIC TABLE {name}",
            f"ALTER DYNAMIC TABLE {name} REFRESH",
            f"ALTER DYNAMIC TABLE {name} REFRESH",
        ]
    )
    # What is refused has changed nothing.
    with contextlib.suppress(CatalogError, InvalidOptionError):
        dt.execute(statement)


@pytest.mark.parametrize("seed", range(4))
def test_a_random_history(dt: dyntables.Client, seed: int) -> None:
    random_ = random.Random(seed)
    dt.execute(f"CREATE DYNAMIC TABLE low {LAG} AS SELECT k, sum(v) AS total FROM s GROUP BY k")
    dt.execute(f"CREATE DYNAMIC TABLE side {LAG} AS SELECT k, sum(v) AS total, count(*) AS n FROM s GROUP BY k")
    dt.execute(f"CREATE DYNAMIC TABLE mid {LAG} REFRESH_MODE = INCREMENTAL AS SELECT k, total * 2 AS twice FROM low")
    dt.execute(f'CREATE DYNAMIC TABLE "full" {LAG} REFRESH_MODE = FULL AS SELECT total FROM low')
    dt.execute(f"CREATE DYNAMIC TABLE top {LAG} REFRESH_MODE = INCREMENTAL AS SELECT sum(twice) AS s FROM mid")
    for number in range(40):
        step(dt, random_)
        if random_.random() < 0.4:
            order = random_.sample(NAMES, len(NAMES))
            for name in order:
                row = dt.execute(f'ALTER DYNAMIC TABLE "{name}" VERIFY').rows[0]
                assert row[1] is True, (number, row)
