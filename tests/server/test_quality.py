"""Rules of quality over REST: the same statements as in SQL, with what a form needs around them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

import dyntables

API = "/api/v1/quality"
ORDERS = f"{API}/tables/public/orders"


@pytest.fixture
def clean(execute: Callable[[str], dyntables.Result]) -> Iterator[Callable[[str], dyntables.Result]]:
    yield execute
    for schema, table, rule, *_ in execute("SHOW QUALITY RULES").rows:
        execute(f'DROP QUALITY RULE "{rule}" ON {schema}.{table}')


def draft(name: str, kind: str, *arguments: str, table: str = "orders", **more: object) -> dict[str, object]:
    return {"schema_name": "public", "table_name": table, "name": name, "kind": kind, "arguments": arguments, **more}


def saved(served: httpx.Client, body: dict[str, object]) -> dict[str, Any]:
    answer = served.post(f"{API}/rules", json=body)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def checked(served: httpx.Client, table: str = ORDERS) -> dict[str, tuple[str, int, int]]:
    done = served.post(f"{table}/check", params={"wait": 30})
    assert done.status_code == 200, done.text
    rules = served.get(f"{API}/rules").json()["items"]
    return {
        r["name"]: (r["result"]["state"], r["result"]["checked"], r["result"]["failed"]) for r in rules if r["result"]
    }


def test_the_kinds_have_what_a_form_asks_for(served: httpx.Client) -> None:
    kinds = {k["name"]: k for k in served.get(f"{API}/kinds").json()}
    assert len(kinds) >= 27
    assert [p["name"] for p in kinds["range"]["parameters"]] == ["column", "low", "high"]
    assert kinds["format"]["parameters"][1]["words"][0] == "email"
    assert (kinds["range"]["of_rows"], kinds["unique"]["of_rows"], kinds["lag_met"]["dynamic_only"]) == (
        True,
        False,
        True,
    )


def test_a_rule_is_tried_saved_checked_and_looked_into(
    served: httpx.Client, clean: Callable[[str], dyntables.Result]
) -> None:
    body = draft("small", "range", "amount", "0", "488", severity="CRITICAL", comment="it's small")
    tried = served.post(f"{API}/rules/preview", json=body).json()
    assert (tried["state"], tried["checked"], tried["failed"], len(tried["examples"])) == ("FAILED", 500, 12, 5)
    assert tried["examples"][0]["id"] == 489
    assert served.get(f"{API}/rules").json()["items"] == []
    rule = saved(served, body)
    assert (rule["definition"], rule["severity"], rule["comment"], rule["result"]) == (
        "range(amount, 0, 488)", "CRITICAL", "it's small", None)  # fmt: skip
    assert rule["arguments"] == ["amount", "0", "488"]
    assert "CHECK range(amount, 0, 488)" in tried["sql"]
    assert served.post(f"{API}/rules", json=body).status_code == 409
    assert checked(served) == {"small": ("FAILED", 500, 12)}
    page = served.get(f"{ORDERS}/rules/small/violations", params={"limit": 5, "offset": 10}).json()
    assert (page["columns"][0], [row[0] for row in page["rows"]], page["more"]) == ("id", ["499", "500"], False)
    assert page["rows"][0][3] == "499.00"
    first = served.get(f"{ORDERS}/rules/small/violations", params={"limit": 5}).json()
    assert ([row[0] for row in first["rows"]], first["more"]) == (["489", "490", "491", "492", "493"], True)
    # The query that is shown gives the same rows.
    assert len(clean(first["query"]).rows) == 12


def test_every_sort_of_argument_is_written_as_sql(
    served: httpx.Client, clean: Callable[[str], dyntables.Result]
) -> None:
    for body in (
        draft("values", "accepted_values", "country", "'DE'", "'FR'", table="customers"),
        draft("mail", "regex", "name", "^customer [0-9]+$", table="customers"),
        draft("known", "references", "customer_id", "public.customers", "id"),
        draft("query", "custom", "SELECT id FROM public.orders WHERE id % 100 = 0"),
        draft("total", "aggregate", "count", "amount", "1", "1000"),
        draft("equal", "compare", "id", "=", "amount", where="id > 10"),
        draft("fresh", "lag_met", table="by_day"),
    ):
        rule = saved(served, body)
        again = draft(rule["name"], rule["kind"], *rule["arguments"], table=rule["table_name"], or_replace=True)
        # A query is kept as the server writes it.
        assert saved(served, again)["definition"] == rule["definition"] or rule["kind"] == "custom"
    checked(served, f"{API}/tables/public/customers")
    found = checked(served)
    assert found["values"] == ("FAILED", 30, 10)
    assert found["mail"] == ("PASSED", 30, 0)
    assert found["query"] == ("FAILED", 500, 5)
    assert (found["known"][0], found["total"][0]) == ("PASSED", "PASSED")


def test_rules_are_altered_and_dropped(served: httpx.Client, clean: Callable[[str], dyntables.Result]) -> None:
    saved(served, draft("small", "range", "amount", "0", "488"))
    one = f"{ORDERS}/rules/small"
    altered = served.patch(one, json={"severity": "INFO", "tolerance": 2.5, "tolerance_percent": True})
    assert altered.status_code == 200, altered.text
    assert (altered.json()["tolerance"], altered.json()["version"]) == (2.5, 2)
    assert checked(served) == {"small": ("PASSED", 500, 12)}
    assert served.patch(one, json={"enabled": False}).json()["enabled"] is False
    assert served.patch(one, json={}).status_code == 400
    assert served.patch(one, json={"where": "nonsense > 1"}).status_code == 422
    assert served.delete(one).status_code == 204
    assert served.get(one).status_code == 404
    trail = clean("SELECT action FROM dyntables.audit WHERE object = 'public.orders' ORDER BY id DESC LIMIT 3").rows
    assert [action for (action,) in trail] == ["DROP QUALITY RULE", "ALTER QUALITY RULE", "ALTER QUALITY RULE"]


def test_scores_history_and_two_instants(served: httpx.Client, clean: Callable[[str], dyntables.Result]) -> None:
    saved(served, draft("small", "range", "amount", "0", "488", severity="CRITICAL"))
    saved(served, draft("there", "not_null", "amount"))
    checked(served)
    [between] = clean("SELECT clock_timestamp()").rows[0]
    clean("ALTER QUALITY RULE small ON orders SET TOLERANCE 12 ROWS")
    checked(served)
    [table] = served.get(f"{API}/tables").json()
    assert (table["latest"]["score"], table["latest"]["failing"], table["previous"]["score"]) == (100.0, 0, 49.0)
    assert table["trend"][-2:] == [49.0, 100.0]
    points = served.get(ORDERS).json()["points"]
    assert (points[-1]["dimensions"]["completeness"], points[-2]["failing"]) == (100.0, 1)
    history = served.get(f"{API}/results", params={"rule": "small", "limit": 1}).json()
    assert history["items"][0]["result"]["state"] == "PASSED"
    older = served.get(f"{API}/results", params={"rule": "small", "cursor": history["next_cursor"]}).json()
    assert [i["result"]["state"] for i in older["items"]] == ["FAILED"]
    assert served.get(f"{API}/results", params={"state": "FAILED"}).json()["items"] == older["items"]
    compared = {c["name"]: c for c in served.get(f"{ORDERS}/compare", params={"before": between.isoformat()}).json()}
    assert (compared["small"]["before"]["state"], compared["small"]["after"]["state"]) == ("FAILED", "PASSED")
    fell = served.get(f"{API}/rules", params={"state": "PASSED", "q": "SMALL"}).json()["items"]
    assert [(r["name"], r["previous_state"]) for r in fell] == [("small", "FAILED")]


def test_the_health_of_a_table_is_the_worst_of_refresh_lag_and_quality(
    served: httpx.Client, clean: Callable[[str], dyntables.Result]
) -> None:
    def shown() -> tuple[str, list[str]]:
        table = served.get("/api/v1/dynamic-tables/public/by_day").json()
        return table["health"], [c["aspect"] for c in table["causes"]]

    clean("CREATE QUALITY RULE big ON by_day CHECK range(revenue, 6200, NULL)")
    assert shown() == ("UNKNOWN", ["quality"])
    clean("CHECK QUALITY OF by_day")
    assert shown() == ("CRITICAL", ["quality"])
    overview = served.get("/api/v1/overview").json()
    assert overview["verdict"].endswith("quality rules fail in 1.")
    [attention] = [a for a in overview["attention"] if a["name"] == "by_day"]
    assert attention["message"].startswith("1 of 1 quality rules fails; its quality score is ")
    [node] = [n for n in served.get("/api/v1/graph").json()["nodes"] if n["name"] == "by_day"]
    assert (node["health"], node["quality"]["failing"]) == ("CRITICAL", 1)
    [listed] = [t for t in served.get("/api/v1/dynamic-tables").json()["items"] if t["name"] == "by_day"]
    assert listed["health"] == "CRITICAL"
    clean("ALTER QUALITY RULE big ON by_day SUSPEND")
    assert shown() == ("HEALTHY", [])


def test_rows_that_are_kept_back_are_shown(served: httpx.Client, clean: Callable[[str], dyntables.Result]) -> None:
    clean("CREATE QUALITY RULE big ON by_day CHECK range(revenue, 6200, NULL) ON VIOLATION QUARANTINE")
    clean("ALTER DYNAMIC TABLE by_day REFRESH")
    clean("CHECK QUALITY OF by_day")
    one = f"{API}/tables/public/by_day/rules/big"
    failed = served.get(one).json()["result"]["failed"]
    rows = served.get(f"{one}/violations").json()["rows"]
    assert len(rows) == failed > 0
    assert len(clean("SELECT FROM by_day").rows) == 20 - failed
    clean("DROP QUALITY RULE big ON by_day; ALTER DYNAMIC TABLE by_day REFRESH")


def test_rules_suggest_themselves(served: httpx.Client, clean: Callable[[str], dyntables.Result]) -> None:
    saved(served, draft("there", "not_null", "name", table="customers"))
    found = {s["check"]: s for s in served.get(f"{API}/tables/public/customers/suggestions").json()}
    assert "not_null(name)" not in found
    assert found["unique(id)"]["evidence"] == "30 different values in 30 rows"
    assert found["range(id, 0, NULL)"]["evidence"] == "values from 1 to 30"
    assert served.get(f"{ORDERS}/suggestions").json()
    for suggestion in found.values():
        clean(suggestion["sql"])
    states = [state for _, (state, _, _) in checked(served, f"{API}/tables/public/customers").items()]
    assert set(states) == {"PASSED"}


@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        (draft("x", "nonesuch", "a"), 400, "no kind"),
        (draft("x", "range", "amount"), 422, "takes 3"),
        (draft("x", "range", "amoun_", "0", "1"), 422, "does not exist"),
        (draft("x", "expression", "amount >"), 422, "syntax error"),
        (draft("x", "not_null", "amount", table="nowhere"), 404, "does not exist"),
        (draft("x", "not_null", "amount", on_violation="BLOCK"), 422, "dynamic table"),
    ],
)
def test_what_is_wrong_is_said(served: httpx.Client, body: dict[str, object], status: int, says: str) -> None:
    for path in ("rules", "rules/preview"):
        answer = served.post(f"{API}/{path}", json=body)
        assert (answer.status_code, says in answer.json()["title"]) == (status, True), answer.text
