"""The SQL console: what it answers, and what it must never do."""

from __future__ import annotations

import json
import math
import sys
import threading
import uuid
from collections.abc import Callable
from datetime import date
from decimal import Decimal

import httpx
import psycopg
import pyarrow
import pytest

import dyntables
from dyntables.engines.postgres.people.reading import Reading, open_reading_pool
from dyntables.errors import EngineError, ForbiddenError
from dyntables.server.schemas.queries import Query, RunningQuery
from tests.server.conftest import Served
from tests.support.processes import wait_until

Execute = Callable[[str], dyntables.Result]
QUERIES = "/api/v1/queries"


def _lines(answer: httpx.Response) -> list:  # type: ignore[type-arg]
    assert answer.status_code == 200, answer.text
    return [json.loads(line) for line in answer.text.splitlines()]


def test_rows_come_as_text_between_head_and_end(served: httpx.Client) -> None:
    sql = "SELECT 1 AS n, NULL AS nothing, 2::numeric(4,2) AS x, 9007199254740993 AS big, 'ü' AS t"
    head, row, end = _lines(served.post(QUERIES, json={"sql": sql}))
    assert [(c["name"], c["numeric"]) for c in head["columns"]] == [
        ("n", True), ("nothing", False), ("x", True), ("big", True), ("t", False),
    ]  # fmt: skip
    assert row == ["1", None, "2.00", "9007199254740993", "ü"]
    assert (end["rows"], end["truncated"], end["error"]) == (1, False, None)


def test_the_limit_truncates_and_csv_is_csv(served: httpx.Client) -> None:
    sql = "SELECT i, 'a,\"b' AS t FROM generate_series(1, 100000) i"
    *rows, end = _lines(served.post(QUERIES, json={"sql": sql, "limit": 3}))
    assert (len(rows), end["truncated"]) == (4, True)
    text = served.post(QUERIES, json={"sql": sql, "limit": 2}, headers={"Accept": "text/csv"}).text
    assert text == 'i,t\n1,"a,""b"\n2,"a,""b"\n'


def test_a_file_has_every_row_though_the_console_shows_fewer(served: httpx.Client) -> None:
    shown = served.get("/api/v1/auth/me").json()["console_rows"]
    query = {"sql": f"SELECT i FROM generate_series(1, {shown + 5000}) i", "limit": None}
    *rows, end = _lines(served.post(QUERIES, json=query))
    assert (len(rows), end["rows"], end["truncated"]) == (shown + 1, shown, True)
    file = served.post(QUERIES, json=query, headers={"Accept": "text/csv"})
    assert file.text.splitlines() == ["i", *(str(i) for i in range(1, shown + 5001))]
    # Nor is a file held up by the length of what may be shown.
    long = "SELECT repeat('x', 1000000) FROM generate_series(1, 110)"
    *_, end = _lines(served.post(QUERIES, json={"sql": long, "limit": None}))
    assert "export it as a file" in end["error"]["hint"]
    with served.stream("POST", QUERIES, json={"sql": long, "limit": None}, headers={"Accept": "text/csv"}) as answer:
        assert sum(len(piece) for piece in answer.iter_bytes()) > 110_000_000


def test_an_error_in_the_middle_is_told_at_the_end(served: httpx.Client) -> None:
    sql = "SELECT 1 / (3000 - i) FROM generate_series(1, 5000) i"
    *_, end = _lines(served.post(QUERIES, json={"sql": sql, "limit": 10000}))
    assert end["error"]["sqlstate"] == "22012"
    at_once = served.post(QUERIES, json={"sql": "SELECT nope FROM orders"})
    assert (at_once.status_code, at_once.json()["span"]["start"]) == (422, 7)


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO orders VALUES (1)",
        "DROP TABLE orders",
        "COMMIT; DROP TABLE orders",
        "SELECT 1; COMMIT; DROP TABLE orders",
        "WITH gone AS (DELETE FROM orders RETURNING *) SELECT * FROM gone",
        "SELECT * INTO copied FROM orders",
        "EXPLAIN ANALYZE DELETE FROM orders",
        "EXPLAIN ANALYZE CREATE TABLE copied AS SELECT 1",
        "SET ROLE postgres",
        "DO $$ BEGIN DELETE FROM orders; END $$",
        "CALL something()",
        "COPY orders TO PROGRAM 'cat'",
        "COPY orders TO '/tmp/stolen'",
        "BEGIN READ WRITE",
        "SELECT set_config('transaction_read_only', 'off', false)",
        "SELECT set_config('role', 'postgres', false), query_to_xml('DELETE FROM orders', true, true, '')",
        "SELECT query_to_xml('DELETE FROM orders', true, true, '')",
        "SELECT query_to_xml('SELECT pg_read_file(''/etc/passwd'')', true, true, '')",
        "SELECT pg_read_file('/etc/passwd')",
        "SELECT lo_import('/etc/passwd')",
        "SELECT nextval('dyntables.audit_id_seq')",
        "SELECT setval('dyntables.audit_id_seq', 1)",
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'postgres'",
        "SELECT dialect FROM (SELECT 1 AS dialect, 1 AS snowflake) s WHERE dialect = snowflake AND '\\' IS NOT NULL; "
        "COMMIT; CREATE TABLE copied (); --'",
    ],
)
def test_nothing_can_be_written_or_read_from_files(served: httpx.Client, execute: Execute, sql: str) -> None:
    before = execute("SELECT count(*), (SELECT count(*) FROM dyntables.audit) FROM orders").rows
    answer = served.post(QUERIES, json={"sql": sql})
    assert 400 <= answer.status_code < 500, answer.text
    assert execute("SELECT count(*), (SELECT count(*) FROM dyntables.audit) FROM orders").rows == before
    assert execute("SELECT to_regclass('copied') IS NULL").rows == [(True,)]


def test_secrets_are_not_shown(served: httpx.Client) -> None:
    for table in ("app_user", "app_session", "access_token", "request_key"):
        answer = served.post(QUERIES, json={"sql": f"SELECT * FROM dyntables.{table}"})
        assert (answer.status_code, answer.json()["sqlstate"]) == (403, "42501")


def test_nothing_of_a_query_stays_in_the_session(filled_url: str) -> None:
    with open_reading_pool(filled_url, size=1) as pool, pool.connection() as connection:
        sql = "SELECT pg_advisory_lock(25716, 1)::text, set_config('work_mem', '77kB', false)"
        for expected in ("", ""):
            reading = Reading(connection, sql, seconds=5)
            assert list(reading.rows()) == [(expected, "77kB")]
            reading.close()
        after = Reading(
            connection,
            "SELECT count(*), current_setting('work_mem') FROM pg_locks "
            "WHERE locktype = 'advisory' AND pid = pg_backend_pid()",
            seconds=5,
        )
        assert [(n, m == "77kB") for n, m in after.rows()] == [("0", False)]
        after.close()


def test_a_query_is_listed_and_cancelled(served: httpx.Client) -> None:
    query_id = str(uuid.uuid4())
    answers: list[httpx.Response] = []
    body = {"sql": "SELECT pg_sleep(30)", "id": query_id}
    thread = threading.Thread(target=lambda: answers.append(served.post(QUERIES, json=body)))
    thread.start()
    wait_until(lambda: query_id in {q["id"] for q in served.get(QUERIES).json()})
    assert served.post(QUERIES, json=body).status_code == 400  # the id is taken
    assert served.delete(f"{QUERIES}/{query_id}").status_code == 204
    thread.join(5)
    assert (answers[0].status_code, answers[0].json()["sqlstate"]) == (422, "57014")
    assert query_id not in {q["id"] for q in served.get(QUERIES).json()}
    assert served.delete(f"{QUERIES}/{query_id}").status_code == 204


def test_a_cancel_that_overtakes_its_query_stops_it(served: httpx.Client) -> None:
    query_id = str(uuid.uuid4())
    assert served.delete(f"{QUERIES}/{query_id}").status_code == 204
    answer = served.post(QUERIES, json={"sql": "SELECT pg_sleep(30)", "id": query_id})
    assert (answer.status_code, answer.json()["sqlstate"]) == (422, "57014")
    assert "before it began" in answer.json()["title"]
    # One cancel stops one query.
    assert _lines(served.post(QUERIES, json={"sql": "SELECT 1", "id": query_id}))[1] == ["1"]


def test_an_early_cancel_is_for_the_own_query(server_at_work: Served) -> None:
    console, mine, yours = server_at_work.services.console, uuid.uuid4(), uuid.uuid4()
    console.cancel(mine, "ada")
    console.cancel(yours, "bob")
    for _ in range(1000):
        console.cancel(uuid.uuid4(), "bob")
    # Nor does one person's flood wash away what others have cancelled, or is all of it kept.
    with pytest.raises(EngineError, match="before it began"):
        console.run(Query(sql="SELECT 1", id=mine), "ada")
    for query_id, user in ((yours, "ada"), (yours, "bob")):
        assert list(console.run(Query(sql="SELECT 1", id=query_id), user).rows()) == [("1",)]


def test_a_cancel_between_our_statements_and_the_persons_is_not_lost(server_at_work: Served) -> None:
    console = server_at_work.services.console
    stops: list[threading.Thread] = []

    def own() -> list[RunningQuery]:
        return [query for query in console.running() if query.user == "ada"]

    def cancelled_before_it(_: psycopg.Connection) -> None:
        (query,) = own()  # queries of other tests may still be ending
        with pytest.raises(ForbiddenError):
            console.cancel(query.id, "bob")
        stops.append(threading.Thread(target=console.cancel, args=(query.id, "ada")))
        stops[0].start()
        stops[0].join(0.3)  # it asks the server once, which forgets it, and goes on asking

    with pytest.raises(EngineError, match="user request"):
        console.stored("SELECT pg_sleep(8)", 1, "ada", cancelled_before_it)
    stops[0].join()
    assert own() == []


def test_a_query_that_takes_too_long_is_ended(served: httpx.Client) -> None:
    answer = served.post(QUERIES, json={"sql": "SELECT pg_sleep(30)", "timeout_seconds": 0.2})
    # Browsers send again what is answered 408: it would run once more.
    assert (answer.status_code, answer.json()["sqlstate"]) == (422, "57014")


def test_a_client_that_goes_away_frees_its_connection(served: httpx.Client) -> None:
    sql = "SELECT repeat('x', 1000) FROM generate_series(1, 1000000)"
    for _ in range(8):
        with served.stream("POST", QUERIES, json={"sql": sql, "limit": 1000000}) as answer:
            next(answer.iter_bytes())
    assert _lines(served.post(QUERIES, json={"sql": "SELECT 1"}))[1] == ["1"]


def test_explain_returns_the_plan(served: httpx.Client) -> None:
    plan = served.post(f"{QUERIES}/explain", json={"sql": "SELECT count(*) FROM orders", "analyze": True}).json()
    assert plan["plan"]["Node Type"] == "Aggregate"
    assert plan["execution_ms"] > 0
    wrong = served.post(f"{QUERIES}/explain", json={"sql": "DELETE FROM orders", "analyze": True})
    assert wrong.status_code == 403


ARROW = "application/vnd.apache.arrow.stream"


def test_rows_come_as_arrow(served: httpx.Client) -> None:
    sql = (
        "SELECT i AS n, i::bigint AS big, i / 2.0 AS free, (i / 4.0)::numeric(12, 2) AS money, i % 2 = 0 AS even, "
        "'ü' || i AS t, date '2026-01-01' + i AS d, timestamptz '2026-01-01 12:00:00.25+00' AS at, "
        "CASE WHEN i > 0 THEN 'NaN'::float8 END AS f, '\\x00ff'::bytea AS b, ARRAY[i] AS many "
        "FROM generate_series(0, 4999) i"
    )
    answer = served.post(QUERIES, json={"sql": sql, "limit": 10000}, headers={"Accept": ARROW})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == ARROW
    table = pyarrow.ipc.open_stream(answer.content).read_all()
    assert table.num_rows == 5000
    assert [str(f.type) for f in table.schema] == [
        "int32", "int64", "string", "decimal128(12, 2)", "bool", "string", "date32[day]", "timestamp[us, tz=UTC]",
        "double", "binary", "string",
    ]  # fmt: skip
    assert table.slice(3, 1).drop_columns(["f", "at"]).to_pylist() == [
        {"n": 3, "big": 3, "free": "1.5000000000000000", "money": Decimal("0.75"), "even": False, "t": "ü3",
         "d": date(2026, 1, 4), "b": b"\x00\xff", "many": "{3}"}
    ]  # fmt: skip
    assert table["f"][0].as_py() is None
    assert math.isnan(table["f"][1].as_py())
    assert table["at"][0].value == 1767268800250000


def test_an_empty_result_and_a_value_that_arrow_cannot_hold(served: httpx.Client) -> None:
    asked = {"Accept": ARROW}
    empty = served.post(QUERIES, json={"sql": "SELECT 1 AS n WHERE false"}, headers=asked)
    assert pyarrow.ipc.open_stream(empty.content).read_all().num_rows == 0
    endless = served.post(QUERIES, json={"sql": "SELECT 'infinity'::date AS d"}, headers=asked)
    assert endless.status_code == 400
    assert 'the column "d" cannot be given as date32' in endless.json()["title"]
    # What a test before this one has broken off may still be ending.
    wait_until(lambda: served.get(QUERIES).json() == [])


def test_without_pyarrow_arrow_is_not_acceptable(served: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    answer = served.post(QUERIES, json={"sql": "SELECT 1"}, headers={"Accept": ARROW})
    assert answer.status_code == 406
    assert "dyntables[arrow]" in answer.json()["hint"]
