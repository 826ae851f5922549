"""Dropped tables over the API: listed with who dropped them and until when, and brought back."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import httpx

import dyntables
from tests.server.conftest import Served
from tests.support.live import live, receive

Execute = Callable[[str], dyntables.Result]
TABLES = "/api/v1/dynamic-tables"
SELECT = "SELECT country, count(*) AS n FROM customers GROUP BY country"


def _make(served: httpx.Client, name: str, options: str = "") -> dict[str, Any]:
    sql = f"CREATE DYNAMIC TABLE {name} TARGET_LAG = '1 hour' REFRESH_MODE = INCREMENTAL {options} AS {SELECT}"
    served.post(TABLES, json={"sql": sql}).raise_for_status()
    return dict(served.get(f"{TABLES}/public/{name}").json())


def _drop(served: httpx.Client, name: str) -> None:
    served.delete(f"{TABLES}/public/{name}", params={"cascade": True}).raise_for_status()


def _undrop(served: httpx.Client, name: str, **given: Any) -> httpx.Response:
    return served.post(f"{TABLES}/public/{name}/undrop", **given)


def _dropped(served: httpx.Client, name: str) -> list[dict[str, Any]]:
    return [d for d in served.get(f"{TABLES}/dropped").json() if d["name"] == name]


def _until(dropped: dict[str, Any]) -> timedelta:
    return datetime.fromisoformat(dropped["kept_until"]) - datetime.fromisoformat(dropped["dropped_at"])


def test_a_dropped_table_is_listed_and_comes_back(served: httpx.Client, execute: Execute) -> None:
    made = _make(served, "brought", "COMMENT = 'countries' DATA_RETENTION_TIME_IN_DAYS = 3")
    assert made["retention_days"] == 3
    _drop(served, "brought")
    (listed,) = _dropped(served, "brought")
    assert (listed["id"], listed["qualified_name"], listed["comment"]) == (made["id"], "public.brought", "countries")
    assert (listed["dropped_by"], listed["obstacle"]) == ("demo", None)
    assert abs(_until(listed) - timedelta(days=3)) < timedelta(seconds=1)
    execute("INSERT INTO customers VALUES (2001, 'new', 'IT')")
    answer = _undrop(served, "brought")
    assert answer.status_code == 200, answer.text
    operation = answer.json()
    assert (operation["kind"], operation["state"]) == ("UNDROP", "SUCCEEDED")
    assert operation["notices"] == ["its contents are those that it had; its next refresh computes them anew"]
    assert _dropped(served, "brought") == []
    assert served.get(f"{TABLES}/public/brought").json()["id"] == made["id"]
    refreshed = served.post(f"{TABLES}/public/brought/refresh", params={"wait": 20}).json()["refreshes"]
    assert [(r["action"], r["reason"]) for r in refreshed] == [("REINITIALIZE", "UNDROPPED")]
    verified = served.post(f"{TABLES}/public/brought/verify", params={"wait": 20}).json()["verifications"]
    assert [v["equal"] for v in verified] == [True]
    trail = served.get(f"{TABLES}/public/brought/activity").json()["items"]
    assert [(e["who"], e["action"]) for e in trail] == [("demo", a) for a in ("UNDROP", "DROP", "CREATE")]
    _drop(served, "brought")
    execute("DELETE FROM customers WHERE id = 2001")


def test_who_dropped_it_last_is_named_by_each_drop(served: httpx.Client, execute: Execute) -> None:
    _make(served, "twice")
    _drop(served, "twice")
    _undrop(served, "twice").raise_for_status()
    execute("DROP DYNAMIC TABLE twice")
    (listed,) = _dropped(served, "twice")
    assert listed["dropped_by"] == execute("SELECT session_user").rows[0][0]


def test_what_is_kept_no_longer_is_not_listed(served: httpx.Client, execute: Execute) -> None:
    made = _make(served, "at_once", "DATA_RETENTION_TIME_IN_DAYS = 0")
    assert made["retention_days"] == 0
    _drop(served, "at_once")
    _make(served, "expired")
    _drop(served, "expired")
    execute("UPDATE dyntables.dropped_table SET kept_until = now() WHERE table_name = 'expired'")
    for name in ("at_once", "expired", "never"):
        assert _dropped(served, name) == []
        refused = _undrop(served, name)
        assert refused.headers["content-type"] == "application/problem+json"
        assert (refused.status_code, refused.json()["code"]) == (404, "DT203")


def test_a_name_that_is_taken_is_told_beforehand(served: httpx.Client, execute: Execute) -> None:
    first = _make(served, "taken")
    _drop(served, "taken")
    second = _make(served, "taken")
    assert [d["obstacle"] for d in _dropped(served, "taken")] == ["NAME_TAKEN"]
    refused = _undrop(served, "taken")
    assert (refused.status_code, refused.json()["hint"]) == (409, "Rename or drop what has the name now.")
    _drop(served, "taken")
    # Two of one name: the last one comes back first.
    listed = _dropped(served, "taken")
    assert [(d["id"], d["obstacle"]) for d in listed] == [(second["id"], None), (first["id"], "DROPPED_LATER")]
    assert _undrop(served, "taken", params={"id": first["id"]}).status_code == 412
    assert _undrop(served, "taken", params={"id": second["id"]}).status_code == 200
    served.patch(f"{TABLES}/public/taken", json={"new_name": "taken_2"}).raise_for_status()
    assert [d["obstacle"] for d in _dropped(served, "taken")] == [None]
    assert _undrop(served, "taken", params={"id": first["id"]}).status_code == 200
    _drop(served, "taken")
    _drop(served, "taken_2")


def test_what_is_gone_is_told_beforehand(served: httpx.Client, execute: Execute) -> None:
    execute("CREATE SCHEMA passing")
    execute(f"CREATE DYNAMIC TABLE passing.homeless TARGET_LAG = '1 hour' AS {SELECT}")
    execute("CREATE TYPE colour AS ENUM ('red'); CREATE TABLE things (id bigint PRIMARY KEY, c colour)")
    execute("CREATE DYNAMIC TABLE empty_shell TARGET_LAG = '1 hour' AS SELECT id, c FROM things")
    execute("DROP DYNAMIC TABLE passing.homeless; DROP DYNAMIC TABLE empty_shell")
    execute("DROP SCHEMA passing; DROP TYPE colour CASCADE")
    assert [d["obstacle"] for d in _dropped(served, "homeless")] == ["SCHEMA_GONE"]
    assert [d["obstacle"] for d in _dropped(served, "empty_shell")] == ["CONTENTS_GONE"]
    assert served.post(f"{TABLES}/passing/homeless/undrop").status_code == 409
    assert _undrop(served, "empty_shell").status_code == 409
    execute("DROP TABLE things")


def test_a_pipeline_comes_back_from_below(served: httpx.Client) -> None:
    _make(served, "below")
    upper = "CREATE DYNAMIC TABLE above TARGET_LAG = '1 hour' AS SELECT sum(n) AS n FROM below"
    served.post(TABLES, json={"sql": upper}).raise_for_status()
    _drop(served, "below")
    refused = _undrop(served, "above").json()
    assert refused["status"] == 409
    assert "what it reads is not there any more" in refused["title"]
    assert _undrop(served, "below").status_code == 200
    assert _undrop(served, "above").status_code == 200
    assert served.get(f"{TABLES}/public/above").json()["upstream"] == ["public.below"]
    _drop(served, "below")


def test_a_repeated_request_brings_back_once(served: httpx.Client) -> None:
    _make(served, "once")
    _drop(served, "once")
    key = {"Idempotency-Key": str(uuid.uuid4())}
    first, second = (_undrop(served, "once", headers=key) for _ in range(2))
    assert (first.status_code, second.status_code) == (200, 200)
    assert second.headers["Idempotent-Replay"] == "true"
    assert first.json() == second.json()
    assert _undrop(served, "once").status_code == 404
    _drop(served, "once")


def test_names_are_quoted(served: httpx.Client) -> None:
    name = 'dropped "name"; DROP TABLE orders --'
    body = {"name": name, "target_lag": "1 hour", "query": SELECT}
    served.post(TABLES, json=body).raise_for_status()
    path = f"{TABLES}/public/{httpx.URL('http://x').copy_with(path='/' + name).raw_path.decode()[1:]}"
    served.delete(path).raise_for_status()
    assert len(_dropped(served, name)) == 1
    assert served.post(f"{path}/undrop").status_code == 200
    assert served.get(path).json()["name"] == name
    served.delete(path).raise_for_status()


def test_live_pages_are_told(server_at_work: Served) -> None:
    served = server_at_work.client
    made = _make(served, "told")
    with live(server_at_work) as socket:
        receive(socket, "hello")
        _drop(served, "told")
        while made["id"] not in receive(socket, "graph_changed")["dropped"]:
            pass
        _undrop(served, "told").raise_for_status()
        while made["id"] not in receive(socket, "graph_changed")["created"]:
            pass
    _drop(served, "told")
