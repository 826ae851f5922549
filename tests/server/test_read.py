"""What the API says of dynamic tables, against what the database says."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx
import pytest

import dyntables
from dyntables.refresh.sources import plans
from dyntables.server import advice

Execute = Callable[[str], dyntables.Result]
API = "/api/v1"


def test_the_list_has_mode_lag_size_and_health(served: httpx.Client) -> None:
    page = served.get(f"{API}/dynamic-tables").json()
    tables = {t["name"]: t for t in page["items"]}
    assert list(tables) == ["by_day", "by_month", "shuffled"]
    assert page["next_cursor"] is None
    by_day = tables["by_day"]
    assert (by_day["mode"], by_day["target_lag"], by_day["target_lag_seconds"]) == ("INCREMENTAL", "1 hour", 3600)
    assert by_day["status"] == "FRESH"
    assert by_day["health"] == "HEALTHY"
    assert by_day["rows"] == 20
    assert by_day["bytes"] > 0
    assert by_day["downstream"] == ["public.by_month"]
    assert tables["by_month"]["upstream"] == ["public.by_day"]
    assert tables["shuffled"]["mode"] == "FULL"
    assert tables["shuffled"]["mode_reasons"][0]["reason"] == "VOLATILE_FUNCTION"


def test_pages_follow_each_other(served: httpx.Client) -> None:
    names, cursor = [], None
    for _ in range(5):
        page = served.get(f"{API}/dynamic-tables", params={"limit": 1, **({"cursor": cursor} if cursor else {})}).json()
        names += [t["name"] for t in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert names == ["by_day", "by_month", "shuffled"]
    assert served.get(f"{API}/dynamic-tables", params={"cursor": "nonsense"}).status_code == 400


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        ({"q": "FIGURES"}, ["by_day"]),
        ({"mode": "FULL"}, ["shuffled"]),
        ({"status": "LATE"}, []),
        ({"schema_name": "nowhere"}, []),
    ],
)
def test_filters(served: httpx.Client, wanted: dict[str, str], names: list[str]) -> None:
    assert [t["name"] for t in served.get(f"{API}/dynamic-tables", params=wanted).json()["items"]] == names


def test_the_ddl_of_a_table_makes_the_same_table(served: httpx.Client, execute: Execute) -> None:
    before = served.get(f"{API}/dynamic-tables/public/by_day").json()
    assert [c["name"] for c in before["columns"]] == ["day", "orders", "revenue"]
    assert before["sources"][0]["name"] == "orders"
    execute(before["ddl"])
    after = served.get(f"{API}/dynamic-tables/public/by_day").json()
    for member in ("definition", "target_lag_seconds", "requested_mode", "comment", "columns", "initialize"):
        assert after[member] == before[member]
    assert after["version"] == before["version"] + 1


def test_the_ddl_has_every_option(served: httpx.Client, execute: Execute) -> None:
    execute(
        "CREATE DYNAMIC TABLE optioned (\"n n\") SCHEDULE = '0 3 * * *' REFRESH_MODE = FULL WORK_MEM = '64MB' "
        "MAX_PARALLEL_WORKERS = 2 STATEMENT_TIMEOUT = '10 minutes' SUSPEND_AFTER_FAILURES = 3 "
        "DATA_RETENTION_TIME_IN_DAYS = 9 INTERVALSTYLE = 'sql_standard' "
        "FROZEN WHERE (\"n n\" < 0) COMMENT = 'it''s' AS SELECT id FROM customers"
    )
    before = served.get(f"{API}/dynamic-tables/public/optioned").json()
    execute(before["ddl"])
    after = served.get(f"{API}/dynamic-tables/public/optioned").json()
    for member in (
        "definition", "schedule", "requested_mode", "comment", "columns", "options", "scheduled", "settings",
    ):  # fmt: skip
        assert after[member] == before[member], member
    assert after["schedule"]
    assert after["settings"]["IntervalStyle"] == "sql_standard"
    execute("ALTER DYNAMIC TABLE optioned SET DATESTYLE = 'German'")
    assert "German" in served.get(f"{API}/dynamic-tables/public/optioned").json()["settings"]["DateStyle"]
    execute("DROP DYNAMIC TABLE optioned")


def test_a_failed_refresh_tells_what_has_changed_about_its_sources(served: httpx.Client, execute: Execute) -> None:
    execute(
        "CREATE TABLE altered (id bigint PRIMARY KEY, amount numeric(12, 2), note text, kind text);"
        "INSERT INTO altered VALUES (1, 4, 'a', 'x');"
        "CREATE FUNCTION doubled(v numeric) RETURNS numeric LANGUAGE sql IMMUTABLE AS 'SELECT v * 2';"
        "CREATE DYNAMIC TABLE of_altered TARGET_LAG = '1 hour' AS "
        "SELECT id, doubled(100 / amount) AS share, note, kind FROM altered;"
        "INSERT INTO altered VALUES (2, 0, 'b', 'y');"
        "ALTER TABLE altered ALTER COLUMN kind TYPE varchar(9);"
        "CREATE OR REPLACE FUNCTION doubled(v numeric) RETURNS numeric LANGUAGE sql IMMUTABLE AS 'SELECT v + v'"
    )

    def told() -> dict[str, object]:
        with pytest.raises(dyntables.DyntablesError):
            execute("ALTER DYNAMIC TABLE of_altered REFRESH")
        failed = served.get(f"{API}/refreshes", params={"name": "of_altered", "state": "FAILED"}).json()["items"][0]
        detail: dict[str, object] = served.get(f"{API}/refreshes/{failed['id']}").json()
        return detail

    found = [(a["name"], a["what"]) for a in told()["source_alterations"]]  # type: ignore[attr-defined]
    assert found == [
        ("public.altered", 'has character varying(9) for the type of its column "kind", which was text'),
        ("doubled(numeric)", "was replaced"),
    ]
    # Once it has succeeded again, an old failure tells nothing of the present.
    first = told()["id"]
    execute("UPDATE altered SET amount = 1 WHERE id = 2; ALTER DYNAMIC TABLE of_altered REFRESH")
    assert served.get(f"{API}/refreshes/{first}").json()["source_alterations"] == []
    execute("DROP DYNAMIC TABLE of_altered; DROP TABLE altered; DROP FUNCTION doubled")


def test_the_plan_has_the_milliseconds_of_the_last_refresh(served: httpx.Client, execute: Execute) -> None:
    execute("ALTER DYNAMIC TABLE by_day REFRESH")
    execute("INSERT INTO orders VALUES (10001, 1, '2026-01-05', 9); ALTER DYNAMIC TABLE by_day REFRESH")
    plan = served.get(f"{API}/dynamic-tables/public/by_day/plan", params={"verbose": True}).json()
    assert plan["mode"] == "INCREMENTAL"
    assert plan["measured"]["action"] == "INCREMENTAL"
    assert plan["measured"]["source_changes"] == {"public.orders": 1}
    assert plan["measured"]["stages"][0]["statements"]
    assert plan["statements"]
    classes = set()

    def walk(node: dict) -> None:  # type: ignore[type-arg]
        classes.add(node["operator_class"])
        for child in node["children"]:
            walk(child)

    walk(plan["tree"])
    assert {"merged", "source"} <= classes


def test_it_says_what_holds_a_table_back(served: httpx.Client, execute: Execute) -> None:
    execute("ALTER DYNAMIC TABLE by_month SUSPEND")
    findings = {f["finding"]: f["detail"] for f in served.get(f"{API}/dynamic-tables/public/by_month/why-late").json()}
    assert "by_month" in findings["suspended"]
    assert "lag" in findings
    execute("ALTER DYNAMIC TABLE by_month RESUME")


def test_changes_are_predicted_before_they_are_applied(served: httpx.Client, execute: Execute) -> None:
    execute("INSERT INTO orders VALUES (10002, 1, '2026-01-06', 9)")
    rows = {r["name"]: r for r in served.get(f"{API}/dynamic-tables/public/by_day/changes").json()}
    assert rows["public.by_day"]["action"] == "INCREMENTAL"
    assert rows["public.by_month"]["role"] == "DOWNSTREAM"


def test_the_lag_falls_when_a_refresh_ends(served: httpx.Client, execute: Execute) -> None:
    execute("ALTER DYNAMIC TABLE by_day REFRESH")
    series = served.get(f"{API}/dynamic-tables/public/by_day/lag").json()
    assert series["points"]
    assert all(p["trough_seconds"] <= p["peak_seconds"] for p in series["points"])
    assert 0 < series["within_target_ratio"] <= 1
    assert series["percentiles"]["p50"] <= series["percentiles"]["p99"] <= series["percentiles"]["maximum"]
    backwards = {"begin": "2026-01-02T00:00:00Z", "end": "2026-01-01T00:00:00Z"}
    assert served.get(f"{API}/dynamic-tables/public/by_day/lag", params=backwards).status_code == 400


def test_lineage_preview_versions_and_activity(served: httpx.Client) -> None:
    base = f"{API}/dynamic-tables/public/by_month"
    edges = served.get(f"{base}/lineage").json()
    assert ("revenue", "by_day", "revenue") in {(e["column"], e["source_name"], e["source_column"]) for e in edges}
    preview = served.get(f"{base}/preview", params={"limit": 1, "order_by": "month"}).json()
    assert [c["name"] for c in preview["columns"]] == ["month", "orders", "revenue"]
    assert len(preview["rows"]) == 1
    assert served.get(f"{base}/versions").json()[0]["version"] == 1
    assert "CREATE" in {e["action"] for e in served.get(f"{base}/activity").json()["items"]}
    path = served.get(f"{base}/critical-path").json()
    assert [s["name"] for s in path["steps"]] == ["by_day", "by_month"]


def test_history_is_filtered_and_paged(served: httpx.Client, execute: Execute) -> None:
    execute("ALTER DYNAMIC TABLE by_month REFRESH")
    execute("INSERT INTO orders VALUES (10003, 1, '2026-01-07', 9); ALTER DYNAMIC TABLE by_month REFRESH")
    wanted = {"name": "by_month", "action": "INCREMENTAL", "state": "SUCCEEDED", "limit": 1}
    page = served.get(f"{API}/refreshes", params=wanted).json()
    (newest,) = page["items"]
    assert (newest["name"], newest["action"]) == ("by_month", "INCREMENTAL")
    detail = served.get(f"{API}/refreshes/{newest['id']}").json()
    assert [r["name"] for r in detail["run_refreshes"]] == ["by_day"]
    assert detail["source_changes"] == {"public.by_day": 2}
    assert detail["reason_text"] == "Sources changed."
    assert served.get(f"{API}/refreshes/999999999").status_code == 404
    assert served.get(f"{API}/refreshes", params={"begin": "2999-01-01T00:00:00Z"}).json()["items"] == []
    assert served.get(f"{API}/refreshes/running").json() == []


def test_the_graph_has_sources_and_edges(served: httpx.Client) -> None:
    graph = served.get(f"{API}/graph").json()
    names = {n["id"]: n["name"] for n in graph["nodes"]}
    edges = {(names[e["source"]], names[e["target"]]) for e in graph["edges"]}
    assert edges == {("orders", "by_day"), ("by_day", "by_month"), ("customers", "shuffled")}
    levels = {n["name"]: n["level"] for n in graph["nodes"]}
    assert levels == {"orders": 0, "customers": 0, "by_day": 1, "by_month": 2, "shuffled": 1}
    past = (datetime.now(UTC) - timedelta(days=1)).isoformat()
    assert served.get(f"{API}/graph", params={"at": past}).json()["nodes"] == []
    edges_of_columns = served.get(f"{API}/graph/columns", params={"name": "by_day"}).json()["edges"]
    assert {e["name"] for e in edges_of_columns} == {"by_day"}


def test_sources_have_the_backlog_of_their_readers(served: httpx.Client, execute: Execute) -> None:
    execute("ALTER DYNAMIC TABLE by_day REFRESH")
    execute("INSERT INTO orders SELECT i, 1, '2026-01-08', 1 FROM generate_series(20001, 20007) i")
    sources = {s["name"]: s for s in served.get(f"{API}/sources").json()}
    assert sources["orders"]["captured"]
    assert sources["orders"]["healthy"]
    assert sources["orders"]["backlog_rows"] == 7
    assert not sources["customers"]["captured"]
    execute("ALTER DYNAMIC TABLE by_day REFRESH")
    assert {s["name"]: s["backlog_rows"] for s in served.get(f"{API}/sources").json()}["orders"] == 0


def test_the_overview_blames_the_one_table_below_the_others(served: httpx.Client, execute: Execute) -> None:
    assert served.get(f"{API}/overview").json()["fresh"]
    execute("UPDATE dyntables.dynamic_table SET data_timestamp = now() - interval '3 hours' "
            "WHERE table_name IN ('by_day', 'by_month')")  # fmt: skip
    late = served.get(f"{API}/overview").json()
    assert not late["fresh"]
    assert late["counts"]["LATE"] == 2
    assert late["blame"]["kind"] == "SCHEDULER"  # none runs in this server
    execute("UPDATE dyntables.dynamic_table SET consecutive_failures = 1 WHERE table_name = 'by_day'")
    failing = served.get(f"{API}/overview").json()
    assert (failing["blame"]["kind"], failing["blame"]["name"]) == ("DYNAMIC_TABLE", "by_day")
    assert failing["blame"]["affected"] == ["public.by_day", "public.by_month"]
    assert {a["name"]: a["root_cause"] for a in failing["attention"]} == {"by_day": None, "by_month": "public.by_day"}
    execute("ALTER DYNAMIC TABLE by_month REFRESH")
    assert served.get(f"{API}/overview").json()["fresh"]


def test_a_disabled_trigger_is_blamed_on_its_source(served: httpx.Client, execute: Execute) -> None:
    execute("ALTER TABLE orders DISABLE TRIGGER dyntables_capture_ins")
    execute(
        "UPDATE dyntables.dynamic_table SET data_timestamp = now() - interval '3 hours' WHERE table_name = 'by_day'"
    )
    blame = served.get(f"{API}/overview").json()["blame"]
    assert (blame["kind"], blame["name"]) == ("SOURCE", "orders")
    assert "trigger" in blame["message"]
    execute("ALTER DYNAMIC TABLE by_day REFRESH")
    assert served.get(f"{API}/overview").json()["fresh"]


def test_system_says_version_and_mode(served: httpx.Client) -> None:
    system = served.get(f"{API}/system").json()
    assert system["version"] == dyntables.__version__
    assert system["demo_mode"]
    assert system["query_role"] == "dyntables_reader"
    assert {s["name"] for s in system["settings"]} >= {"port", "database", "query_seconds"}
    assert served.get(f"{API}/system/health").json() == {"status": "ok"}
    assert served.get(f"{API}/system/ready").json()["ready"]
    assert served.get(f"{API}/preparation").json()["active"] is False


def test_completions_and_templates(served: httpx.Client) -> None:
    completions = served.get(f"{API}/completions", params={"prefix": "by_"}).json()
    (schema,) = completions["schemas"]
    assert {(t["name"], t["kind"]) for t in schema["tables"]} == {
        ("by_day", "DYNAMIC_TABLE"),
        ("by_month", "DYNAMIC_TABLE"),
    }
    assert "count" in completions["functions"]
    templates = served.get(f"{API}/templates").json()
    assert {t["category"] for t in templates} == {"Patterns"}
    assert all(t["sql"].startswith("CREATE DYNAMIC TABLE") for t in templates)


def test_figures_are_stored_and_made_coarser(served: httpx.Client, filled_url: str) -> None:
    from dyntables.engines.postgres.connection.session import connect
    from dyntables.server.read.system.figures import all_figures
    from dyntables.server.telemetry.recorder import keep_up, store_figures

    end = datetime.now(UTC)
    with connect(filled_url) as connection:
        for minutes in range(40, 0, -1):
            at = end - timedelta(minutes=minutes)
            store_figures(connection, all_figures(connection, at - timedelta(seconds=10), at), at, 10)
        keep_up(connection, 10, 30)
        widths = {w for (w,) in connection.execute("SELECT DISTINCT width FROM dyntables.metric")}
    assert widths == {10, 300, 3600}
    names = {m["name"]: m for m in served.get(f"{API}/metrics").json()}
    assert "public.by_day" in names["lag_seconds"]["objects"]
    wanted = {"object": "public.by_day", "points": 20}
    (series,) = served.get(f"{API}/metrics/lag_seconds", params=wanted).json()
    assert 5 <= len(series["points"]) <= 21
    assert all(p["least"] <= p["average"] <= p["greatest"] for p in series["points"])
    assert served.get(f"{API}/metrics/nonsense").status_code == 404
    text = served.get("/metrics").text
    assert 'dyntables_table_lag_seconds{name="by_day",schema="public"}' in text


def test_recommendations_name_what_is_wrong(served: httpx.Client, execute: Execute) -> None:
    execute("CREATE DYNAMIC TABLE nobody_reads TARGET_LAG = DOWNSTREAM AS SELECT count(*) AS n FROM customers")
    wanted = {("DOWNSTREAM_WITHOUT_READER", "public.nobody_reads"), ("NOT_INCREMENTAL", "public.shuffled")}
    try:
        found: set[tuple[str, str]] = set()
        deadline = time.monotonic() + 30  # what somebody asked for before is remembered for some seconds
        while not wanted <= found and time.monotonic() < deadline:
            found = {(r["kind"], r["object"]) for r in served.get(f"{API}/recommendations").json()}
            time.sleep(0.2)
        assert wanted <= found
    finally:
        execute("DROP DYNAMIC TABLE nobody_reads")


def test_a_missing_index_is_found_in_the_background_and_planned_once(
    served: httpx.Client, execute: Execute, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, planned = plans.read, []
    monkeypatch.setattr(plans, "read", lambda c, table, g: (planned.append(table.name), read(c, table, g))[1])
    execute("CREATE TABLE parcels (id bigint PRIMARY KEY, order_id bigint, weight numeric)")
    execute("INSERT INTO parcels SELECT i, i, 1 FROM generate_series(1, 20000) i")
    execute("ANALYZE parcels")
    execute(
        "CREATE DYNAMIC TABLE parcelled TARGET_LAG = '1 hour' REFRESH_MODE = INCREMENTAL AS "
        "SELECT o.day, p.weight FROM orders o JOIN parcels p ON p.order_id = o.id"
    )
    monkeypatch.setattr(advice, "_INDEX_SECONDS", 0.0)
    planned.clear()
    deadline = time.monotonic() + 20
    found: dict[str, str] = {}
    while "public.parcels" not in found:
        assert time.monotonic() < deadline
        answer = served.get(f"{API}/recommendations").json()
        found = {r["object"]: r["statement"] for r in answer if r["kind"] == "MISSING_INDEX"}
        time.sleep(0.02)
    assert "order_id" in found["public.parcels"]
    for _ in range(5):
        served.get(f"{API}/recommendations")
        time.sleep(0.05)
    assert planned.count("parcelled") == 1
    execute("DROP DYNAMIC TABLE parcelled")
    execute("DROP TABLE parcels")
