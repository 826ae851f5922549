"""One row of docs/sources.md, and what most rows share."""

from __future__ import annotations

from dataclasses import dataclass

SETUP = """
CREATE TABLE s (id integer PRIMARY KEY, k integer, v numeric(8,2), other integer);
INSERT INTO s SELECT i, i % 5, i, i FROM generate_series(1, 50) i;
"""
QUERY = "SELECT k, count(*) AS n, sum(v) AS total FROM s GROUP BY k"
PARTITIONED = """
CREATE TABLE p (id integer NOT NULL, k integer, v integer) PARTITION BY RANGE (id);
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (100);
CREATE TABLE p2 PARTITION OF p FOR VALUES FROM (100) TO (200);
INSERT INTO p SELECT i * 10, i % 3, i FROM generate_series(0, 15) i;
"""
OF_P = "SELECT k, count(*) AS n, sum(v) AS total FROM p GROUP BY k"
INTO_S = "INSERT INTO s (id, k, v) VALUES (9001, 1, 1)"
INTO_P = "INSERT INTO p VALUES (42, 1, 1)"


@dataclass(frozen=True)
class Case:
    """One row: the change, and the action and reason of the refresh after it.

    Each statement of ``change`` is a transaction; where one says ``refresh``, the table is refreshed before the next.
    ``follow`` is a later change, which must be refreshed by the action ``next``.
    """

    name: str
    what: str
    change: str | tuple[str, ...]
    action: str = "INCREMENTAL"
    reason: str = "CHANGES"
    setup: str = SETUP
    query: str = QUERY
    follow: str = INTO_S
    next: str = "INCREMENTAL"
    versions: tuple[int, ...] = (15, 18)


def of_p(name: str, what: str, change: str | tuple[str, ...], *expected: str, setup: str = PARTITIONED) -> Case:
    return Case(name, what, change, *expected, setup=setup, query=OF_P, follow=INTO_P)


REINIT, ALTERED = "REINITIALIZE", "SOURCE_ALTERED"
DEGRADED = ("FULL", "NOT_INCREMENTAL")
