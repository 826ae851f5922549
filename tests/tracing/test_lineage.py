"""Lineage of real refreshes, as whoever collects it gets it over HTTP."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

import dyntables
from dyntables.errors import InvalidOptionError
from dyntables.events import Bus
from dyntables.tracing.following import follow
from dyntables.wiring import new_scheduler


class Collector:
    """Takes OpenLineage events."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        events = self.events

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                events.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(201)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def wait_for(self, kind: str) -> dict[str, Any]:
        """Return the first event of a type."""
        end = time.monotonic() + 30
        while time.monotonic() < end:
            for event in list(self.events):
                if event["eventType"] == kind:
                    return event
            time.sleep(0.05)
        raise AssertionError(f"no {kind} in {self.events}")


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    made = Collector()
    monkeypatch.setenv("OPENLINEAGE_URL", f"http://127.0.0.1:{made.server.server_port}")
    yield made
    made.server.shutdown()
    made.server.server_close()


def test_a_refresh_says_what_came_of_what(database_url: str, collector: Collector) -> None:
    with dyntables.connect(database_url) as client:
        client.execute("CREATE TABLE s (k integer, n integer); INSERT INTO s VALUES (1, 1)")
        query = "SELECT k, sum(n) AS total FROM s WHERE n > 0 GROUP BY k"
        client.execute(f"CREATE DYNAMIC TABLE t TARGET_LAG = '1 second' REFRESH_MODE = INCREMENTAL AS {query}")
        client.execute("INSERT INTO s VALUES (1, 2), (2, 1)")
        with new_scheduler(database_url):
            done = collector.wait_for("COMPLETE")
        name = client.execute("SELECT current_database()").rows[0][0]
    began = collector.wait_for("START")
    assert began["run"]["runId"] == done["run"]["runId"]
    assert done["job"]["name"] == f"{name}.public.t"
    assert done["job"]["facets"]["sql"]["query"] == query
    assert [i["name"] for i in done["inputs"]] == [f"{name}.public.s"]
    [output] = done["outputs"]
    assert output["outputFacets"]["outputStatistics"]["rowCount"] == 3  # one group goes and comes, one is new
    lineage = output["facets"]["columnLineage"]
    ways = {
        (column, source["field"], source["transformations"][0]["subtype"])
        for column, field in lineage["fields"].items()
        for source in field["inputFields"]
    }
    assert ways == {("k", "k", "GROUP_BY"), ("total", "n", "AGGREGATION")}
    assert {(s["field"], s["transformations"][0]["subtype"]) for s in lineage["dataset"]} >= {("n", "FILTER")}
    assert done["run"]["facets"]["parent"]["job"]["name"] == f"{name}.dyntables.run"


def test_a_failure_is_told_without_values(database_url: str, collector: Collector) -> None:
    with dyntables.connect(database_url) as client:
        client.execute("CREATE TABLE s (word text); INSERT INTO s VALUES ('1')")
        client.execute("CREATE DYNAMIC TABLE t TARGET_LAG = '1 second' AS SELECT word::integer AS n FROM s")
        client.execute("INSERT INTO s VALUES ('secret')")
        with new_scheduler(database_url):
            failed = collector.wait_for("FAIL")
    assert "invalid input syntax" in failed["run"]["facets"]["errorMessage"]["message"]
    assert "secret" not in json.dumps(collector.events)


def test_a_collector_that_is_gone_holds_nothing_up(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENLINEAGE_URL", "http://127.0.0.1:9")
    with dyntables.connect(database_url) as client:
        client.execute("CREATE TABLE s (k integer)")
        client.execute("CREATE DYNAMIC TABLE t TARGET_LAG = '1 second' AS SELECT k FROM s")
        client.execute("INSERT INTO s VALUES (1)")
        with new_scheduler(database_url):
            end = time.monotonic() + 30
            while not client.execute("SELECT k FROM t").rows and time.monotonic() < end:
                time.sleep(0.1)
        assert client.execute("SELECT k FROM t").rows == [(1,)]


def test_without_openlineage_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "openlineage.client", None)
    with pytest.raises(InvalidOptionError, match="OpenLineage is not installed") as caught:
        follow(Bus(), "postgresql://nowhere", {"OPENLINEAGE_URL": "http://localhost:5000"})
    assert caught.value.hint == "pip install 'dyntables[lineage]', or unset it."
