"""Creating, altering, refreshing, verifying, cancelling and dropping over the API."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable

import httpx
import psycopg

import dyntables

Execute = Callable[[str], dyntables.Result]
API = "/api/v1"
TABLES = f"{API}/dynamic-tables"
SELECT = "SELECT country, count(*) AS n FROM customers GROUP BY country"


def _drop(served: httpx.Client, *names: str) -> None:
    for name in names:
        served.delete(f"{TABLES}/public/{name}", params={"cascade": True}).raise_for_status()


def test_create_by_statement_refresh_verify_drop(served: httpx.Client, execute: Execute) -> None:
    made = served.post(TABLES, json={"sql": f"CREATE DYNAMIC TABLE made TARGET_LAG = '1 hour' AS {SELECT}"})
    assert made.status_code == 201, made.text
    assert made.json()["state"] == "SUCCEEDED"
    assert made.headers["Location"] == f"{TABLES}/public/made"
    execute("INSERT INTO customers VALUES (1001, 'new', 'IT')")
    refreshed = served.post(f"{TABLES}/public/made/refresh", params={"wait": 20}).json()
    assert [(r["action"], r["rows_inserted"]) for r in refreshed["refreshes"]] == [("INCREMENTAL", 1)]
    verified = served.post(f"{TABLES}/public/made/verify", params={"wait": 20}).json()
    assert [v["equal"] for v in verified["verifications"]] == [True]
    assert served.get(f"{API}/operations/{verified['id']}").json()["state"] == "SUCCEEDED"
    assert served.delete(f"{TABLES}/public/made").status_code == 200
    assert served.get(f"{TABLES}/public/made").status_code == 404
    execute("DELETE FROM customers WHERE id = 1001")


def test_create_by_fields_quotes_what_it_must(served: httpx.Client) -> None:
    name = 'odd "name"; DROP TABLE orders --'
    comment = "it's \\ a 'comment'; DROP TABLE orders"
    body = {"name": name, "target_lag": "DOWNSTREAM", "query": SELECT, "comment": comment, "refresh_mode": "FULL"}
    assert served.post(TABLES, json=body).status_code == 201
    found = {t["name"]: t for t in served.get(TABLES).json()["items"]}
    assert found[name]["comment"] == comment
    assert found[name]["requested_mode"] == "FULL"
    path = f"{TABLES}/public/{httpx.URL('http://x').copy_with(path='/' + name).raw_path.decode()[1:]}"
    assert served.get(path).json()["name"] == name
    assert served.delete(path).status_code == 200


def test_sources_and_columns_of_any_name(served: httpx.Client, execute: Execute) -> None:
    name = """$dyntables$ 'a' "b" \\ {c} %s\n; DROP TABLE orders; --ä"""
    quoted = '"' + name.replace('"', '""') + '"'
    execute(f"CREATE TABLE {quoted} (found integer, {quoted} integer); INSERT INTO {quoted} VALUES (1, 1)")
    query = f"SELECT {quoted}, count(*) AS n FROM {quoted} GROUP BY 1"
    assert served.post(TABLES, json={"name": "odd_source", "target_lag": "1 hour", "query": query}).status_code == 201
    execute(f"INSERT INTO {quoted} VALUES (2, 2)")
    refreshed = served.post(f"{TABLES}/public/odd_source/refresh", params={"wait": 20}).json()
    assert [(r["action"], r["rows_inserted"]) for r in refreshed["refreshes"]] == [("INCREMENTAL", 1)]
    for page in ("", "/plan", "/changes", "/lineage", "/preview", "/versions", "/activity", "/why-late"):
        assert served.get(f"{TABLES}/public/odd_source{page}").status_code == 200, page
    assert name in {s["name"] for s in served.get(f"{API}/sources").json()}
    assert name in {n["name"] for n in served.get(f"{API}/graph").json()["nodes"]}
    _drop(served, "odd_source")
    execute(f"DROP TABLE {quoted}")


def test_a_failed_create_says_where_and_leaves_nothing(served: httpx.Client) -> None:
    sql = "CREATE DYNAMIC TABLE broken TARGET_LAG = '1 hour' AS SELECT nothing FROM orders"
    answer = served.post(TABLES, json={"sql": sql})
    problem = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.status_code, problem["code"]) == (422, "DT101")
    assert sql[problem["span"]["start"] :].startswith("nothing")
    assert served.get(f"{TABLES}/public/broken").status_code == 404
    exists = served.post(TABLES, json={"sql": f"CREATE DYNAMIC TABLE by_day TARGET_LAG = '1 hour' AS {SELECT}"})
    assert exists.status_code == 409


def test_only_one_create_statement_is_taken(served: httpx.Client) -> None:
    for sql in (
        "DROP TABLE orders",
        "DROP DYNAMIC TABLE by_day CASCADE",
        f"CREATE DYNAMIC TABLE a TARGET_LAG = '1 hour' AS {SELECT}; DROP TABLE orders",
        "",
        "-- nothing",
    ):
        assert served.post(TABLES, json={"sql": sql}).status_code == 400, sql
    assert served.post(TABLES, json={"sql": "x", "name": "y"}).status_code == 400
    assert served.post(TABLES, json={"name": "y"}).status_code == 400
    assert served.post(TABLES, json={"sql": "x", "unknown": 1}).status_code == 422


def test_a_second_statement_hidden_from_our_lexer_is_not_run(served: httpx.Client, execute: Execute) -> None:
    # After "dialect = snowflake" our lexer takes the backslash for an escape; PostgreSQL does not.
    clause = "SELECT dialect FROM (SELECT 1 AS dialect, 1 AS snowflake) s WHERE dialect = snowflake AND "
    hidden = clause + "'\\' IS NOT NULL; COMMIT; CREATE TABLE trapped (); --'"
    for query in ("SELECT 1; CREATE TABLE trapped ()", hidden, "SELECT 1) ; CREATE TABLE trapped (); SELECT (1"):
        body = {"name": "trap", "target_lag": "1 hour", "query": query}
        assert served.post(TABLES, json=body).status_code in (400, 422), query
        sql = f"CREATE DYNAMIC TABLE trap TARGET_LAG = '1 hour' AS {query}"
        assert served.post(f"{API}/validate", json={"sql": sql}).json()["valid"] is False, query
    assert execute("SELECT to_regclass('trapped') IS NULL").rows == [(True,)]


def test_alter_changes_all_or_nothing(served: httpx.Client) -> None:
    served.post(TABLES, json={"sql": f"CREATE DYNAMIC TABLE altered TARGET_LAG = '1 hour' AS {SELECT}"})
    body = {"target_lag": "5 minutes", "scheduling_state": "SUSPENDED", "comment": "x", "new_name": "renamed"}
    table = served.patch(f"{TABLES}/public/altered", json=body).json()
    assert (table["name"], table["target_lag"], table["scheduling_state"]) == ("renamed", "5 minutes", "SUSPENDED")
    half = served.patch(f"{TABLES}/public/renamed", json={"scheduling_state": "RUNNING", "new_name": "by_day"})
    assert half.status_code in (409, 422)
    assert served.get(f"{TABLES}/public/renamed").json()["scheduling_state"] == "SUSPENDED"
    assert served.patch(f"{TABLES}/public/renamed", json={}).status_code == 400
    assert served.patch(f"{TABLES}/public/renamed", json={"target_lag": "'; DROP TABLE orders"}).status_code == 422
    _drop(served, "renamed")


def test_an_empty_comment_takes_it_away(served: httpx.Client) -> None:
    body = {"sql": f"CREATE DYNAMIC TABLE noted TARGET_LAG = '1 hour' COMMENT = 'x' AS {SELECT}"}
    served.post(TABLES, json=body).raise_for_status()
    table = served.patch(f"{TABLES}/public/noted", json={"comment": "", "target_lag": "2 hours"}).json()
    assert (table["comment"], table["target_lag"]) == (None, "2 hours")
    _drop(served, "noted")


def test_a_stale_etag_is_refused(served: httpx.Client) -> None:
    served.post(TABLES, json={"sql": f"CREATE DYNAMIC TABLE tagged TARGET_LAG = '1 hour' AS {SELECT}"})
    read = served.get(f"{TABLES}/public/tagged")
    assert read.headers["ETag"] == read.json()["etag"]
    tag = {"If-Match": read.json()["etag"]}
    assert served.patch(f"{TABLES}/public/tagged", json={"comment": "a"}, headers=tag).status_code == 200
    assert served.patch(f"{TABLES}/public/tagged", json={"comment": "b"}, headers=tag).status_code == 412
    assert served.delete(f"{TABLES}/public/tagged", headers=tag).status_code == 412
    assert served.get(f"{TABLES}/public/tagged").json()["comment"] == "a"
    _drop(served, "tagged")


def test_get_answers_304_to_who_has_it(served: httpx.Client) -> None:
    first = served.get(f"{API}/templates")
    again = served.get(f"{API}/templates", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_a_repeated_write_is_done_once(served: httpx.Client) -> None:
    body = {"sql": f"CREATE DYNAMIC TABLE repeated TARGET_LAG = '1 hour' AS {SELECT}"}
    key = {"Idempotency-Key": str(uuid.uuid4())}
    first, second = (served.post(TABLES, json=body, headers=key) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert second.headers["Idempotent-Replay"] == "true"
    other = {"sql": body["sql"].replace("repeated", "others")}
    assert served.post(TABLES, json=other, headers=key).status_code == 412
    assert served.get(f"{TABLES}/public/others").status_code == 404
    _drop(served, "repeated")


def test_drop_needs_cascade_where_others_read(served: httpx.Client) -> None:
    served.post(TABLES, json={"sql": f"CREATE DYNAMIC TABLE lower_one TARGET_LAG = '1 hour' AS {SELECT}"})
    upper = "CREATE DYNAMIC TABLE upper_one TARGET_LAG = '1 hour' AS SELECT sum(n) AS n FROM lower_one"
    served.post(TABLES, json={"sql": upper})
    refused = served.delete(f"{TABLES}/public/lower_one")
    assert (refused.status_code, refused.json()["code"]) == (409, "DT202")
    assert served.delete(f"{TABLES}/public/lower_one", params={"cascade": True}).status_code == 200
    assert served.get(f"{TABLES}/public/upper_one").status_code == 404


SLOW = "SELECT id, r FROM customers, (SELECT random() AS r, pg_sleep(20)) s"


def _create_slow(served: httpx.Client, name: str) -> dict:  # type: ignore[type-arg]
    sql = f"CREATE DYNAMIC TABLE {name} TARGET_LAG = '1 day' INITIALIZE = ON_SCHEDULE AS {SLOW}"
    assert served.post(TABLES, json={"sql": sql}).status_code == 201
    started = served.post(f"{TABLES}/public/{name}/refresh")
    assert started.status_code == 202
    return dict(started.json())


def _wait_until_runs(served: httpx.Client, name: str) -> dict:  # type: ignore[type-arg]
    for _ in range(100):
        found = [r for r in served.get(f"{API}/refreshes/running").json() if r["name"] == name and not r["waiting"]]
        if found:
            return dict(found[0])
        time.sleep(0.05)
    raise AssertionError("it does not run")


def test_an_operation_is_watched_and_cancelled(served: httpx.Client) -> None:
    operation = _create_slow(served, "slow_one")
    assert operation["state"] == "RUNNING"
    running = _wait_until_runs(served, "slow_one")
    assert running["application"].startswith("dyntables")
    started = time.monotonic()
    cancelled = served.post(f"{API}/operations/{operation['id']}/cancel").json()
    assert cancelled["state"] == "CANCELLED"
    assert time.monotonic() - started < 10  # of the twenty seconds that it would take
    _drop(served, "slow_one")


def test_an_operation_is_cancelled_at_whatever_moment(served: httpx.Client) -> None:
    """The server forgets a cancel that comes between two statements."""
    first = _create_slow(served, "slow_always")
    assert served.post(f"{API}/operations/{first['id']}/cancel").json()["state"] == "CANCELLED"
    for step in range(16):
        operation = served.post(f"{TABLES}/public/slow_always/refresh").json()
        time.sleep(step * 0.003)
        started = time.monotonic()
        assert served.post(f"{API}/operations/{operation['id']}/cancel").json()["state"] == "CANCELLED", step
        assert time.monotonic() - started < 10
    _drop(served, "slow_always")


def test_a_refresh_of_another_process_is_cancelled(served: httpx.Client, filled_url: str) -> None:
    _create_slow(served, "slow_two")
    _wait_until_runs(served, "slow_two")
    with psycopg.connect(filled_url, autocommit=True) as bystander:
        blocked = threading.Thread(target=lambda: bystander.execute("SELECT pg_sleep(1.5)"))
        blocked.start()
        told = served.post(f"{TABLES}/public/slow_two/cancel").json()
        assert len(told) == 1
        blocked.join()  # nobody else was cancelled: the statement ended without an error
        assert bystander.execute("SELECT 1").fetchone() == (1,)
    operations = [o for o in served.get(f"{API}/operations").json() if o["objects"] == ["public.slow_two"]]
    newest = served.get(f"{API}/operations/{operations[0]['id']}", params={"wait": 10}).json()
    assert newest["state"] == "FAILED"
    assert newest["problem"]["sqlstate"] == "57014"
    _drop(served, "slow_two")


def test_the_audit_trail_names_who_did_it(served: httpx.Client) -> None:
    served.post(TABLES, json={"sql": f"CREATE DYNAMIC TABLE audited TARGET_LAG = '1 hour' AS {SELECT}"})
    _drop(served, "audited")
    entries = served.get(f"{API}/audit", params={"object": "public.audited"}).json()["items"]
    assert [(e["who"], e["action"]) for e in entries] == [("demo", "DROP"), ("demo", "CREATE")]


def test_validate_and_explain_store_nothing(served: httpx.Client) -> None:
    sql = f"CREATE DYNAMIC TABLE draft TARGET_LAG = '1 hour' AS {SELECT}"
    valid = served.post(f"{API}/validate", json={"sql": sql}).json()
    assert (valid["valid"], valid["name"], valid["mode"]) == (True, "public.draft", "INCREMENTAL")
    assert [c["name"] for c in valid["columns"]] == ["country", "n"]
    assert [d["name"] for d in valid["dependencies"]] == ["customers"]
    assert {c["verdict"] for c in valid["clauses"]} == {"incremental"}
    explained = served.post(f"{API}/explain", json={"sql": sql, "sample_rows": 2, "changed_rows": 1}).json()
    assert len(explained["sample"]["rows"]) == 2
    assert explained["plan"]["tree"]["children"]
    assert explained["estimate"]["incremental"]["seconds"] < 1
    assert served.get(f"{TABLES}/public/draft").status_code == 404


def test_validate_says_why_full_and_where(served: httpx.Client) -> None:
    sql = "CREATE DYNAMIC TABLE draft TARGET_LAG = '1 hour' AS\nSELECT id,\n  random() AS r FROM customers"
    verdict = served.post(f"{API}/validate", json={"sql": sql}).json()
    assert verdict["mode"] == "FULL"
    (clause,) = verdict["clauses"]
    assert (clause["kind"], clause["verdict"], clause["line"]) == ("VOLATILE_FUNCTION", "full", 2)
    wrong = served.post(f"{API}/validate", json={"sql": "CREATE DYNAMIC TABLE draft AS SELECT 1"}).json()
    assert (wrong["valid"], wrong["problems"][0]["code"]) == (False, "DT102")


def test_explain_says_what_a_replacement_changes(served: httpx.Client) -> None:
    sql = ("CREATE OR REPLACE DYNAMIC TABLE by_day TARGET_LAG = '1 hour' AS "
           "SELECT day, count(*)::text AS orders, max(amount) AS largest FROM orders GROUP BY day")  # fmt: skip
    change = served.post(f"{API}/explain", json={"sql": sql, "sample_rows": 0}).json()["change"]
    assert change["columns_added"] == ["largest"]
    assert change["columns_removed"] == ["revenue"]
    assert change["columns_retyped"] == ["orders"]
    assert change["reinitialized"] == ["public.by_day", "public.by_month"]


def test_options_are_set_and_returned_to_their_defaults(served: httpx.Client) -> None:
    path = f"{TABLES}/public/by_day"
    before = served.get(path).json()["settable"]
    assert set(before.values()) == {None}
    wanted = {"WORK_MEM": "128MB", "SUSPEND_AFTER_FAILURES": "3", "SCHEDULE": "0 6 * * * Europe/Berlin"}
    after = served.patch(path, json={"options": wanted})
    assert after.status_code == 200, after.text
    assert after.json()["settable"] == {**before, **wanted, "WORK_MEM": "131072kB"}
    wrong = served.patch(path, json={"options": {"WORK_MEM": "lots'; DROP TABLE orders --"}})
    assert wrong.status_code == 422
    assert served.patch(path, json={"options": {"REFRESH_MODE": "FULL"}}).status_code == 422
    back = served.patch(path, json={"options": dict.fromkeys(wanted)})
    assert back.json()["settable"] == before
