"""Aggregates moved below joins give what the definition gives, wherever the rewrite applies."""

from __future__ import annotations

import random

import psycopg
import pytest

import dyntables
from dyntables.compiler.program import early_select
from dyntables.refresh.sources.definitions import Terms, read_definition
from tests.oracle.definitions import DEFINITIONS, SCHEMA
from tests.oracle.histories import change

MOVED = {
    "key": "SELECT a.g, sum(b.id) s, count(DISTINCT a.id) n FROM b JOIN a ON a.id = b.a_id GROUP BY a.g",
    "copies": "SELECT b.y, sum(c.k) s, count(*) n, count(c.n) m, max(b.id) mx FROM b JOIN c ON c.t = b.y GROUP BY b.y",
    "numeric": "SELECT b.y, sum(a.p) s, sum(a.x * 2) x2 FROM a JOIN b ON b.a_id = a.x GROUP BY b.y",
    "filtered": "SELECT c.t, sum(b.id) FILTER (WHERE b.id > 1) s, count(b.id) FILTER (WHERE b.a_id IS NULL) n "
    "FROM b JOIN c ON c.t = b.y WHERE b.id < 3 GROUP BY c.t",
    "distinct_of_copies": "SELECT b.y, sum(c.k) s, count(DISTINCT b.id) d FROM b JOIN c ON c.t = b.y GROUP BY b.y",
    "three": "SELECT x.g, date_trunc('month', x.d::timestamp) AS m, sum(b.id) s, count(DISTINCT x.id) d "
    "FROM b JOIN a x ON x.id = b.a_id JOIN a z ON z.id = x.x GROUP BY 1, 2",
    "inequality": "SELECT a.g, sum(b.id) s FROM b JOIN a ON a.x < b.a_id GROUP BY a.g",
    "above": "SELECT g, rank() OVER (ORDER BY s, g) r FROM (SELECT a.g, sum(b.id) s FROM b JOIN a ON a.x = b.a_id "
    "GROUP BY a.g) q",
}
KEPT = {
    "inexact": "SELECT b.y, sum(c.v) s FROM c JOIN b ON b.y = c.t GROUP BY b.y",
    "two_sides": "SELECT b.y, sum(c.k) s, sum(b.id) i FROM c JOIN b ON b.y = c.t GROUP BY b.y",
    "key_of_the_side": "SELECT b.y, sum(a.p) s FROM a JOIN b ON b.a_id = a.id GROUP BY b.y",
    "outer": "SELECT b.y, sum(c.k) s FROM b LEFT JOIN c ON c.t = b.y GROUP BY b.y",
    "images": "SELECT b.y, sum(c.k) s FROM b JOIN c ON c.n = b.id GROUP BY b.y",
    "scalar": "SELECT sum(c.k) s FROM b JOIN c ON c.t = b.y",
    "average": "SELECT b.y, avg(c.k) s FROM b JOIN c ON c.t = b.y GROUP BY b.y",
}


def early(connection: psycopg.Connection, query: str) -> str | None:
    reading = read_definition(connection, query, "public", {}, "dyntables_data.none", Terms(connection.info.user))
    return early_select(reading.compiled) if reading.compiled is not None else None


@pytest.mark.pg(15, 18)
def test_early_aggregates_equal_the_definition(database_url: str) -> None:
    choose = random.Random(7)
    with dyntables.connect(database_url) as client, psycopg.connect(database_url, autocommit=True) as connection:
        for statement in SCHEMA:
            client.execute(statement)
        queries = {name: (query, early(connection, query)) for name, query in (DEFINITIONS | MOVED).items()}
        assert {name for name in MOVED if queries[name][1] is None} == set()
        assert {name for name in KEPT if early(connection, KEPT[name]) is not None} == set()
        for _ in range(25):
            for _ in range(6):
                connection.execute(change(choose))  # type: ignore[call-overload]
            for name, (query, moved) in queries.items():
                if moved is not None:
                    row = connection.execute(
                        f"WITH o AS ({query}), e AS ({moved}) SELECT count(*) FROM "  # type: ignore[arg-type]
                        "((SELECT o::text FROM o EXCEPT ALL SELECT e::text FROM e) UNION ALL "
                        "(SELECT e::text FROM e EXCEPT ALL SELECT o::text FROM o)) d"
                    ).fetchone()
                    assert row == (0,), (name, moved)


def test_a_key_that_comes_out_once_needs_no_distinct(database_url: str) -> None:
    with dyntables.connect(database_url) as client, psycopg.connect(database_url) as connection:
        for statement in SCHEMA:
            client.execute(statement)
        assert "DISTINCT" not in (early(connection, MOVED["key"]) or "DISTINCT")
        assert "DISTINCT" in (early(connection, MOVED["distinct_of_copies"]) or "")
        assert "DISTINCT" in (early(connection, MOVED["three"].replace("z.id = x.x", "z.x = x.x")) or "")
