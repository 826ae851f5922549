"""Definitions that are very large, or small and endless once they are written out, get a verdict all the same."""

from __future__ import annotations

import psycopg
import pytest

from dyntables.compiler.reasons import Reason
from dyntables.server.read.definitions import drafts
from dyntables.server.schemas.drafts import Validation
from dyntables.wiring import open_session

TWICE = "SELECT a.id, b.v FROM {0} a JOIN {0} b ON a.id = b.id"
DOUBLED = ", ".join(f"c{i} AS ({TWICE.format(f'c{i - 1}')})" for i in range(1, 30))
LARGE = {
    "WITH queries": f"WITH c0 AS (SELECT id, v FROM s), {DOUBLED} SELECT id, v FROM c29",
    "views": "SELECT id, v FROM v19",
    "conditions": "SELECT id FROM s WHERE " + " OR ".join(f"v = {i}" for i in range(10_000)),
    "subqueries": "SELECT id FROM s WHERE "
    + " AND ".join(f"EXISTS (SELECT FROM s t{i} WHERE t{i}.id = s.v + {i})" for i in range(260)),
    "windows": "SELECT " + ", ".join(f"sum(v) OVER (PARTITION BY id + {i}) AS w{i}" for i in range(130)) + " FROM s",
}
DEEP = "SELECT id FROM s WHERE " + "(" * 5000 + "v = 1" + ")" * 5000
UNIONS = " UNION ".join(f"SELECT id, v FROM s WHERE v = {i}" for i in range(150))
JOINS = "SELECT a0.id FROM " + " CROSS JOIN ".join(f"s a{i}" for i in range(500))
COLUMNS = "SELECT " + ", ".join(f"v + {i} AS c{i}" for i in range(5000)) + " FROM s"


def test_a_verdict_on_what_is_very_large(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with psycopg.connect(database_url) as connection:
        connection.execute("CREATE TABLE s (id integer PRIMARY KEY, v integer)")
        connection.execute("CREATE VIEW v0 AS SELECT id, v FROM s")
        for i in range(1, 20):
            connection.execute(f"CREATE VIEW v{i} AS {TWICE.format(f'v{i - 1}')}".encode())
    session = open_session(database_url)

    def verdict(query: str) -> Validation:
        found = drafts.validate(session, f"CREATE DYNAMIC TABLE t TARGET_LAG = '1 hour' AS {query}")[0]
        assert found.model_dump_json()
        return found

    for name, query in LARGE.items():
        found = verdict(query)
        assert (found.mode, [r.reason for r in found.reasons]) == ("FULL", [Reason.TOO_LARGE]), name
    assert verdict(DEEP).mode == "INCREMENTAL"
    assert verdict(UNIONS).mode == "INCREMENTAL"
    assert not verdict(COLUMNS).valid
    # What the server itself would take long for: it is told to stop, and after that works as before.
    monkeypatch.setattr(drafts, "_SECONDS", 0.05)
    (problem,) = verdict(JOINS).problems
    assert "takes more than" in problem.title
    monkeypatch.undo()
    assert session.connection.execute("SHOW statement_timeout").fetchone() == ("0",)
    assert verdict("SELECT id FROM s").valid
    session.connection.close()
