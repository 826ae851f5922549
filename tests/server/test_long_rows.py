"""No statement of a person's makes the process receive more than it would show."""

from __future__ import annotations

import resource

import psycopg
import pytest

from dyntables.engines.postgres.people.measured import LONGEST_ROW
from dyntables.engines.postgres.people.reading import Reading, open_reading_pool
from dyntables.errors import InvalidQueryError, RequestError

SAME = (
    "SELECT 1 AS a, 2 AS a, NULL AS b, 'x' AS c, true AS d",
    "(SELECT n, n::text AS t, n::numeric(12,2) AS u FROM generate_series(1, 3) n ORDER BY n DESC) -- the end",
    "WITH w AS (SELECT '{1,NULL}'::integer[] AS a, ROW(NULL, 1) AS r, '\\xff00'::bytea AS b) TABLE w",
    "VALUES ('a'::char(3), 1.50::money, '{\"a\": 1}'::json), (NULL, NULL, NULL)",
    "SELECT 'a'::varchar(9) AS v, numrange(1, 2) AS r, 10 ^ 40 AS p, now()::date = current_date AS today",
    "EXPLAIN SELECT 1",
    "SHOW timezone",
    "SELECT",
)
LONG = (
    "SELECT repeat('x', 120000000) FROM generate_series(1, 4)",
    "SELECT n, CASE WHEN n > 40 THEN repeat('x', 120000000) END FROM generate_series(1, 45) n",
    "SELECT array_agg(repeat('x', 1000)) FROM generate_series(1, 120000)",
    "SELECT decode(repeat('00', 60000000), 'hex') AS b, 1 AS n",
    f"SELECT {', '.join(['10::numeric ^ 100000'] * 1200)} FROM generate_series(1, 4)",
)


def test_rows_are_measured_by_the_server(database_url: str) -> None:
    with open_reading_pool(database_url, size=1) as pool, psycopg.connect(database_url) as plain:
        for sql in SAME:
            printed = plain.pgconn.exec_(sql.encode())
            rows = [
                tuple(None if (v := printed.get_value(r, c)) is None else v.decode() for c in range(printed.nfields))
                for r in range(printed.ntuples)
            ]
            with pool.connection() as connection:
                reading = Reading(connection, sql, seconds=10)
                assert list(reading.rows()) == rows, sql
                names = [(printed.fname(c) or b"").decode() for c in range(printed.nfields)]
                assert [c.name for c in reading.columns] == names, sql
                reading.close()
        with pool.connection() as connection:
            assert [c.type for c in Reading(connection, SAME[1], seconds=10).columns] == [
                "int4",
                "text",
                "numeric(12,2)",
            ]
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        for sql in LONG:
            with pool.connection() as connection, pytest.raises(RequestError, match=f"{LONGEST_ROW:,}"):
                for _ in Reading(connection, sql, seconds=30).rows():
                    pass
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000  # kB
        with pool.connection() as connection, pytest.raises(InvalidQueryError) as wrong:
            Reading(connection, "SELECT 1) a, (SELECT 2", seconds=10)
        assert "syntax error" in str(wrong.value)
        with pool.connection() as connection, pytest.raises(InvalidQueryError) as wrong:
            Reading(connection, "SELECT 1,\n nothing", seconds=10)
        assert wrong.value.span is not None
        assert wrong.value.span.text[wrong.value.span.start :].startswith("nothing")
