"""Random histories and random rules: what is counted equals a scan in other words, after every refresh.

And what blocks leaves the table, its frontier and its logs as they were.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

import dyntables
from dyntables.catalog.model import RefreshState, Trigger
from dyntables.engines.at_work import engine_on
from dyntables.engines.postgres.connection.session import connect
from dyntables.refresh.checks import CHECKS
from dyntables.refresh.runner import Refresher

STATE = "SELECT frontier, consumed, change_version, generation, data_timestamp FROM dyntables.dynamic_table ORDER BY id"


@dataclass(frozen=True, slots=True)
class Law:
    """A rule, and in other words how many rows it is about and how many of them fail."""

    check: str
    checked: str
    failed: str


LAWS = (
    Law("not_null(n)", "true", "n IS NULL"),
    Law("range(n, -3, 5)", "true", "n < -3 OR n > 5"),
    Law("accepted_values(w, 'a', 'b')", "true", "w <> 'a' AND w <> 'b'"),
    Law("not_blank(w)", "true", "trim(w) = ''"),
    Law("conditional(w = 'a', n > 0)", "true", "w = 'a' AND n <= 0"),
    Law("compare(n, '<', k)", "true", "n >= k"),
    Law("expression(n > 0 OR w = 'b') WHERE (k < 5)", "k < 5", "n <= 0 AND w <> 'b'"),
    Law("unique(n)", "n IS NOT NULL", "(SELECT count(*) FROM {t} o WHERE o.n = t.n) > 1"),
    Law(
        "unique_combination(n, w)",
        "n IS NOT NULL AND w IS NOT NULL",
        "EXISTS (SELECT FROM {t} o WHERE (o.n, o.w) = (t.n, t.w) AND o.id <> t.id)",
    ),
    Law("primary_key(k)", "true", "k IS NULL OR (SELECT count(*) FROM {t} o WHERE o.k = t.k) > 1"),
    Law("references(n, other, key)", "n IS NOT NULL", "n NOT IN (SELECT key FROM other WHERE key IS NOT NULL)"),
    Law("no_orphans(n, other, key) WHERE (w = 'a')", "w = 'a'", "(n IN (SELECT key FROM other)) IS NOT TRUE"),
)


@pytest.fixture
def dt(database_url: str) -> Iterator[dyntables.Client]:
    with dyntables.connect(database_url) as client:
        client.execute("CREATE TABLE s (id serial PRIMARY KEY, k integer, n integer, w text)")
        client.execute("CREATE TABLE other (key integer); INSERT INTO other VALUES (0), (1), (2)")
        yield client


def change(rng: random.Random) -> str:
    """Return a random change of the source, or of what rules refer to."""
    number, word = rng.choice([*range(-6, 9), "NULL"]), rng.choice(["'a'", "'b'", "' '", "NULL"])
    return rng.choice(
        [
            f"INSERT INTO s (k, n, w) VALUES ({rng.randint(0, 9)}, {number}, {word}), (NULL, {number}, {word})",
            f"UPDATE s SET n = {number}, w = {word} WHERE id % 3 = {rng.randint(0, 2)}",
            f"DELETE FROM s WHERE id % 4 = {rng.randint(0, 3)}",
            f"INSERT INTO other VALUES ({rng.randint(-6, 9)})",
            "TRUNCATE s",
        ]
    )


def scan(dt: dyntables.Client, table: str, law: Law) -> tuple[int, int]:
    """Count by the other words, each by a scan of its own."""
    failed = law.failed.format(t=table)
    checked = f"SELECT count(*) FROM {table} t WHERE {law.checked}"
    [(rows,)] = dt.execute(checked).rows
    [(wrong,)] = dt.execute(f"{checked} AND ({failed})").rows
    return rows, wrong


@pytest.mark.parametrize("mode", ["INCREMENTAL", "FULL"])
def test_what_is_counted_is_what_is_there(dt: dyntables.Client, mode: str) -> None:
    rng = random.Random(11)
    dt.execute(
        "INSERT INTO s (k, n, w) SELECT i % 11, i - 6, (ARRAY['a', 'b', ' ', NULL])[1 + i % 4] "
        "FROM generate_series(1, 24) i"
    )
    dt.execute(f"CREATE DYNAMIC TABLE t TARGET_LAG = '1 hour' REFRESH_MODE = {mode} AS SELECT id, k, n, w FROM s")
    for table in ("s", "t"):
        for number, law in enumerate(LAWS):
            dt.execute(f"CREATE QUALITY RULE r{number} ON {table} CHECK {law.check}")
    for round_number in range(6):
        text = change(rng) if round_number else "SELECT"  # at first as they are
        dt.execute(text)
        [done] = dt.execute("ALTER DYNAMIC TABLE t REFRESH").refreshes
        allowed = {"INCREMENTAL", "NO_DATA", "REINITIALIZE"} if mode == "INCREMENTAL" else {"FULL", "NO_DATA"}
        assert done.action in allowed
        assert (done.action == "REINITIALIZE") <= (text == "TRUNCATE s")
        for table in ("s", "t"):
            found = {row[0]: row[3:5] for row in dt.execute(f"CHECK QUALITY OF {table}").rows}
            assert found == {f"r{number}": scan(dt, table, law) for number, law in enumerate(LAWS)}


def test_what_blocks_leaves_nothing(dt: dyntables.Client, database_url: str) -> None:
    """Rules with random tolerances: a refresh succeeds exactly if a scan of the definition keeps to them all."""
    rng = random.Random(3)
    dt.execute("CREATE DYNAMIC TABLE t TARGET_LAG = '1 hour' REFRESH_MODE = INCREMENTAL AS SELECT id, k, n, w FROM s")
    chosen = [(law, rng.randint(0, 3)) for law in rng.sample(LAWS, 3)]
    for number, (law, most) in enumerate(chosen):
        dt.execute(f"CREATE QUALITY RULE r{number} ON t CHECK {law.check} TOLERANCE {most} ROWS ON VIOLATION BLOCK")
    [(table_id,)] = dt.execute("SELECT id FROM dyntables.dynamic_table").rows
    ended = set()
    with connect(database_url) as connection:
        refresher = Refresher(connection, engine_on(connection), checks=CHECKS)
        for _ in range(20):
            dt.execute(change(rng))
            before = (dt.execute(STATE).rows, dt.execute("SELECT * FROM t ORDER BY id").rows)
            keeps = all(scan(dt, "s", law)[1] <= most for law, most in chosen)
            [done] = refresher.refresh([table_id], Trigger.MANUAL)
            ended.add((done.action, done.state))
            if done.state is RefreshState.SUCCEEDED:
                assert keeps or done.action == "NO_DATA"
                off = "(TABLE s EXCEPT ALL TABLE t) UNION ALL (TABLE t EXCEPT ALL TABLE s)"
                assert dt.execute(off).rows == []
            else:
                assert not keeps
                assert (dt.execute(STATE).rows, dt.execute("SELECT * FROM t ORDER BY id").rows) == before
    assert {state for _, state in ended} == {RefreshState.SUCCEEDED, RefreshState.FAILED}
    assert ("INCREMENTAL", RefreshState.SUCCEEDED) in ended
    assert ("INCREMENTAL", RefreshState.FAILED) in ended
