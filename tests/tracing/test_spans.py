"""Traces of real refreshes, as a collector gets them over HTTP."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

import dyntables
from dyntables.errors import InvalidOptionError
from dyntables.events import Bus, Fact, RunEnded
from dyntables.tracing.following import follow
from dyntables.wiring import new_scheduler

URL = "postgresql://nowhere"
AGGREGATE = "SELECT k, count(*) AS n FROM s GROUP BY k"


class Collector:
    """An OTLP/HTTP collector that keeps what it is sent; ``names`` says of which service that is."""

    def __init__(self) -> None:
        self.spans: list[Span] = []
        self.names: set[str] = set()
        keep = self._keep

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                keep(gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body)
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def _keep(self, body: bytes) -> None:
        request = ExportTraceServiceRequest.FromString(body)
        for resource in request.resource_spans:
            self.names |= {a.value.string_value for a in resource.resource.attributes if a.key == "service.name"}
            for scope in resource.scope_spans:
                self.spans += scope.spans


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    made = Collector()
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{made.server.server_port}")
    yield made
    made.server.shutdown()
    made.server.server_close()


def test_a_run_is_a_trace(database_url: str, collector: Collector) -> None:
    runs, seen = list[RunEnded](), threading.Event()

    def listen(fact: Fact) -> None:
        if isinstance(fact, RunEnded) and {r.action for r in fact.refreshes} == {"INCREMENTAL"}:
            runs.append(fact)
            seen.set()

    with dyntables.connect(database_url) as client:
        client.execute("CREATE TABLE s (k integer); INSERT INTO s VALUES (1)")
        client.execute(f"CREATE DYNAMIC TABLE t TARGET_LAG = DOWNSTREAM REFRESH_MODE = INCREMENTAL AS {AGGREGATE}")
        client.execute(
            "CREATE DYNAMIC TABLE above TARGET_LAG = '1 second' REFRESH_MODE = INCREMENTAL AS SELECT sum(n) AS n FROM t"
        )
        client.execute("INSERT INTO s VALUES (1), (2)")
        with new_scheduler(database_url) as running:
            running.bus.listen(listen)
            assert seen.wait(30)
        [(run,)] = client.execute("SELECT DISTINCT run FROM dyntables.refresh WHERE action = 'INCREMENTAL'").rows
    assert str(runs[0].run) == str(run)
    trace = [s for s in collector.spans if s.trace_id == runs[0].run.bytes]
    by_name = {s.name: s for s in trace}
    whole, below, above = by_name["refresh run"], by_name["refresh public.t"], by_name["refresh public.above"]
    assert collector.names == {"dyntables"}
    assert not whole.parent_span_id
    assert below.parent_span_id == above.parent_span_id == whole.span_id
    assert [link.span_id for link in above.links] == [below.span_id]
    assert {a.key: a.value.string_value for a in below.attributes}["dyntables.action"] == "INCREMENTAL"
    statements = [s for s in trace if s.parent_span_id == below.span_id]
    assert statements
    assert all(whole.start_time_unix_nano <= s.start_time_unix_nano <= s.end_time_unix_nano for s in trace)
    assert all(s.end_time_unix_nano <= below.end_time_unix_nano for s in statements)


def test_a_failure_is_an_error_without_values(database_url: str, collector: Collector) -> None:
    failed = threading.Event()

    def listen(fact: Fact) -> None:
        if isinstance(fact, RunEnded) and any(r.error_code for r in fact.refreshes):
            failed.set()

    with dyntables.connect(database_url) as client:
        client.execute("CREATE TABLE s (word text); INSERT INTO s VALUES ('1')")
        client.execute("CREATE DYNAMIC TABLE t TARGET_LAG = '1 second' AS SELECT word::integer AS n FROM s")
        client.execute("INSERT INTO s VALUES ('secret')")
        with new_scheduler(database_url) as running:
            running.bus.listen(listen)
            assert failed.wait(30)
    [span] = [s for s in collector.spans if s.name == "refresh public.t" and s.status.code == 2][:1]
    assert "invalid input syntax" in span.status.message
    assert "secret" not in str(collector.spans)


def test_nothing_is_sent_unless_an_endpoint_is_named() -> None:
    bus = Bus()
    follow(bus, URL, {})()
    follow(bus, URL, {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://localhost", "OTEL_SDK_DISABLED": "true"})()
    assert not bus._listeners


def test_without_opentelemetry_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "opentelemetry.exporter.otlp.proto.http.trace_exporter", None)
    with pytest.raises(InvalidOptionError, match="OpenTelemetry is not installed") as caught:
        follow(Bus(), URL, {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://localhost:4318"})
    assert caught.value.hint == "pip install 'dyntables[otel]', or unset it."
