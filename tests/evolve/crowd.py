"""A crowd at one pipeline: writers with long transactions, people who alter sources and tables, refreshes, upkeep.

All of them at random, by a seed, at the same time. What is refused changes nothing; nothing else may fail.
"""

from __future__ import annotations

import contextlib
import random
import threading
import time
from collections.abc import Callable
from functools import partial

import psycopg

import dyntables
from dyntables.catalog import store
from dyntables.catalog.model import Trigger
from dyntables.refresh.choice.idle import sweep
from dyntables.refresh.logs.prune import trim_all
from tests.evolve.support import LAG

SCHEMA = """
CREATE TABLE s (id serial PRIMARY KEY, k text, v integer);
CREATE TABLE u (k text, v integer);
CREATE TABLE p (k text, v integer) PARTITION BY LIST (k);
CREATE TABLE p_a PARTITION OF p FOR VALUES IN ('a', 'b');
CREATE TABLE p_rest PARTITION OF p DEFAULT;
CREATE VIEW pairs AS SELECT s.k, u.v FROM s JOIN u USING (k) WHERE s.v > 3;
INSERT INTO s (k, v) SELECT chr(97 + i % 4), i FROM generate_series(1, 12) i;
INSERT INTO u SELECT k, v FROM s;
INSERT INTO p SELECT k, v FROM s
"""
NAMES = ("d1", "d2", "d3", "d4")
_LEVELS = ("READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE")
_WRITES = (
    "INSERT INTO s (k, v) SELECT '{k}', i FROM generate_series(1, {n}) i",
    "UPDATE s SET v = v + 1 WHERE k = '{k}'",
    "UPDATE s SET k = '{k}' WHERE v % 7 = {n} % 7",
    "DELETE FROM s WHERE k = '{k}' AND v > {n}",
    "INSERT INTO u SELECT '{k}', v FROM u LIMIT {n}",
    "DELETE FROM u WHERE v > {n}",
    "INSERT INTO p VALUES ('{k}', {n})",
    "UPDATE p SET k = '{k}' WHERE v % 3 = {n} % 3",
    "DELETE FROM p WHERE k = '{k}'",
)
_ALTERATIONS = (
    "TRUNCATE {t}",
    "ALTER TABLE {t} RENAME TO {t}_away",
    "ALTER TABLE {t}_away RENAME TO {t}",
    "ALTER TABLE {t}_away RENAME TO {t}",
    "ALTER TABLE {t} ADD COLUMN c{n} integer DEFAULT 1",
    "ALTER TABLE p ALTER v TYPE bigint USING v + 1; ALTER TABLE p ALTER v TYPE integer",
    "ALTER TABLE s DISABLE TRIGGER ALL; INSERT INTO s (k, v) VALUES ('{k}', 1); ALTER TABLE s ENABLE TRIGGER ALL",
    "CREATE TABLE p_c PARTITION OF p FOR VALUES IN ('c')",
    "ALTER TABLE p DETACH PARTITION p_c",
    "ALTER TABLE p ATTACH PARTITION p_c FOR VALUES IN ('c')",
    "DROP TABLE p; CREATE TABLE p (k text, v integer); INSERT INTO p VALUES ('{k}', {n})",
    "CREATE OR REPLACE VIEW pairs AS SELECT s.k, u.v FROM s JOIN u USING (k) WHERE s.v > {n}",
)
_STATEMENTS = (
    "CREATE DYNAMIC TABLE {a} {options} AS {query}",
    "CREATE DYNAMIC TABLE {a} {options} AS {query}",
    "CREATE OR ALTER DYNAMIC TABLE {a} {options} AS {query}",
    "CREATE OR REPLACE DYNAMIC TABLE {a} {options} AS {query}",
    "CREATE OR REPLACE DYNAMIC TABLE {a} CLONE {b}",
    "ALTER DYNAMIC TABLE {a} SWAP WITH {b}",
    "ALTER DYNAMIC TABLE {a} RENAME TO {b}",
    "DROP DYNAMIC TABLE {a} CASCADE",
    "UNDROP DYNAMIC TABLE {a}",
)
_QUERIES = (
    "SELECT k, sum(v)::integer AS v FROM {r} GROUP BY k",
    "SELECT k, v FROM {r} WHERE v % 2 = 0",
    "SELECT DISTINCT k, v FROM {r}",
    "SELECT k, b.v FROM (SELECT DISTINCT k FROM {r}) a LEFT JOIN (SELECT k, max(v) v FROM {q} GROUP BY k) b USING (k)",
    "SELECT k, v FROM {r} UNION ALL SELECT k, v FROM {q} WHERE v > 9",
)


class Crowd:
    """Several threads at one database; ``problems`` are exceptions that nobody should see."""

    def __init__(self, url: str, seed: int) -> None:
        self.url, self.seed = url, seed
        self.problems: list[BaseException] = []
        self._stop = threading.Event()

    def work(self, seconds: float) -> None:
        """Let them work at the same time."""
        members = (self._writer, self._writer, self._alterer, self._operator, self._operator, self._service)
        threads = [threading.Thread(target=self._member, args=(m, self.seed * 10 + i)) for i, m in enumerate(members)]
        for thread in threads:
            thread.start()
        time.sleep(seconds)
        self._stop.set()
        for thread in threads:
            thread.join(60)
        assert not any(thread.is_alive() for thread in threads), "somebody waits for ever"

    def _member(self, member: Callable[[random.Random], Callable[[], None]], seed: int) -> None:
        choose = random.Random(seed)
        with contextlib.ExitStack() as stack:
            step = member(choose)
            stack.callback(step.keywords["connection"].close)  # type: ignore[attr-defined]
            while not self._stop.is_set():
                try:
                    step()
                except (psycopg.Error, dyntables.DyntablesError):
                    pass  # what is refused has changed nothing
                except BaseException as error:
                    self.problems.append(error)
                time.sleep(choose.random() * 0.02)

    def _plain(self) -> psycopg.Connection:
        connection = psycopg.connect(self.url, autocommit=True)
        connection.execute("SET lock_timeout = '300ms'")
        return connection

    def _writer(self, choose: random.Random) -> Callable[[], None]:
        def step(connection: psycopg.Connection) -> None:
            status = connection.info.transaction_status
            if status == psycopg.pq.TransactionStatus.INERROR:
                connection.execute("ROLLBACK")
            elif status == psycopg.pq.TransactionStatus.IDLE:
                connection.execute(f"BEGIN ISOLATION LEVEL {choose.choice(_LEVELS)}")
            elif choose.random() < 0.4:
                connection.execute(choose.choice(("COMMIT", "COMMIT", "ROLLBACK")))
            elif choose.random() < 0.2:
                connection.execute(f"SAVEPOINT a; {write(choose)}; ROLLBACK TO a")
            connection.execute(write(choose))

        return partial(step, connection=self._plain())

    def _alterer(self, choose: random.Random) -> Callable[[], None]:
        def step(connection: psycopg.Connection) -> None:
            connection.execute(_fill(choose, choose.choice(_ALTERATIONS)).encode() if choose.random() < 0.3 else "")

        return partial(step, connection=self._plain())

    def _operator(self, choose: random.Random) -> Callable[[], None]:
        def step(connection: dyntables.Client) -> None:
            refresh = f"ALTER DYNAMIC TABLE {choose.choice(NAMES)} {choose.choice(('REFRESH', 'VERIFY'))}"
            connection.execute(refresh if choose.random() < 0.6 else _statement(choose))

        return partial(step, connection=dyntables.connect(self.url))

    def _service(self, choose: random.Random) -> Callable[[], None]:
        def step(connection: dyntables.Client) -> None:
            refresher, inner = connection._session.refresher, connection._session.connection
            tables = store.load_all(inner)
            one = choose.choice(list(tables) or [0])
            what: list[Callable[[], object]] = [
                lambda: refresher.refresh([one], Trigger.SCHEDULED),
                lambda: refresher.refresh_standing(one),
                lambda: sweep(inner, tables, list(tables)),
                lambda: trim_all(inner),
            ]
            choose.choice(what)()

        return partial(step, connection=dyntables.connect(self.url))


def write(choose: random.Random) -> str:
    """Return one random write."""
    return _fill(choose, choose.choice(_WRITES))


def _fill(choose: random.Random, text: str) -> str:
    return text.format(k=choose.choice("abcde"), n=choose.randrange(1, 20), t=choose.choice("sup"))


def _statement(choose: random.Random) -> str:
    first, second = choose.sample(NAMES, 2)
    sources = ("s", "u", "p", "pairs", *(n for n in NAMES if n != first))
    query = choose.choice(_QUERIES).format(r=choose.choice(sources), q=choose.choice(sources))
    options = f"{LAG} REFRESH_MODE = {choose.choice(('INCREMENTAL', 'INCREMENTAL', 'AUTO', 'FULL'))}"
    if choose.random() < 0.2:
        options += " FROZEN WHERE (k = 'a')"
    return choose.choice(_STATEMENTS).format(a=first, b=second, options=options, query=query)
