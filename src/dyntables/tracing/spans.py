"""A trace for each run: a span for it, one for each table, one for each statement, with links to what a table reads.

The id of the trace is that of the run, which ``dyntables.refresh`` has, too. Times are those of the refreshes
themselves: spans are made when a run has ended, so nothing waits for a collector. Where they go is said by
OpenTelemetry's own environment variables, such as ``OTEL_EXPORTER_OTLP_ENDPOINT`` and ``OTEL_SERVICE_NAME``
(https://opentelemetry.io/docs/specs/otel/protocol/exporter/).
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.trace import Link, Span, SpanContext, SpanKind, Status, StatusCode, Tracer, set_span_in_context

from dyntables.events import Fact, RefreshEnded, RunEnded, Work

_SERVICE = "dyntables"


class Traces:
    """A listener of the bus that makes traces of runs.

    Args:
        exporter: takes the spans; they are sent by a thread of its own, a few seconds late.
    """

    def __init__(self, exporter: SpanExporter) -> None:
        self._ids = _RunIds()
        # What OTEL_SERVICE_NAME or OTEL_RESOURCE_ATTRIBUTES say goes before.
        resource = Resource({"service.name": _SERVICE}).merge(Resource.create({}))
        self._provider = TracerProvider(resource=_named(resource), id_generator=self._ids, shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._lock = threading.Lock()

    def __call__(self, fact: Fact) -> None:
        """Hear a fact: those of runs that ended are made spans of."""
        if isinstance(fact, RunEnded):
            with self._lock:
                self._ids.run = fact.run
                _trace(self._provider.get_tracer(_SERVICE), fact)

    def close(self) -> None:
        """Send what is left."""
        self._provider.shutdown()


class _RunIds(RandomIdGenerator):
    """The id of a trace is that of its run."""

    run: uuid.UUID

    def generate_trace_id(self) -> int:
        return self.run.int


def _named(resource: Resource) -> Resource:
    """Return a resource that has our name unless another one is given."""
    given = str(resource.attributes.get("service.name", ""))
    return resource.merge(Resource({"service.name": _SERVICE})) if given.startswith("unknown_service") else resource


def _trace(tracer: Tracer, fact: RunEnded) -> None:
    began = [r.work.began_at for r in fact.refreshes if r.work is not None]
    run = tracer.start_span(
        "refresh run",
        kind=SpanKind.INTERNAL,
        start_time=_nanoseconds(min(began)),
        attributes={"dyntables.run": str(fact.run), "dyntables.tables": len(fact.refreshes)},
    )
    made: dict[int, SpanContext] = {}
    for refresh in fact.refreshes:
        if refresh.work is not None:
            made[refresh.table_id] = _table(tracer, run, refresh, refresh.work, made)
    if any(r.error_code is not None for r in fact.refreshes):
        run.set_status(Status(StatusCode.ERROR))
    run.end(_nanoseconds(fact.ended_at))


def _table(tracer: Tracer, run: Span, refresh: RefreshEnded, work: Work, made: dict[int, SpanContext]) -> SpanContext:
    """Make the span of one table, linked to those of the tables that it reads; return what others link to."""
    span = tracer.start_span(
        f"refresh {refresh.name}",
        context=set_span_in_context(run),
        start_time=_nanoseconds(work.began_at),
        attributes=dict(_attributes(refresh, work)),
        links=[Link(made[i]) for i in work.reads if i in made],
    )
    at = work.began_at
    for statement in work.statements:
        # One after the other: when each began is not recorded, how long it took is.
        child = tracer.start_span(
            statement.label,
            context=set_span_in_context(span),
            start_time=_nanoseconds(at),
            attributes={"db.system.name": "postgresql", "dyntables.rows": statement.rows},
        )
        at += timedelta(milliseconds=statement.duration_ms)
        child.end(_nanoseconds(at))
    if refresh.error_code is not None:
        span.set_status(Status(StatusCode.ERROR, refresh.error_message))
    span.end(_nanoseconds(max(at, work.began_at + timedelta(milliseconds=refresh.duration_ms))))
    return span.get_span_context()


def _attributes(refresh: RefreshEnded, work: Work) -> Iterator[tuple[str, str | int | float]]:
    yield "dyntables.table", refresh.name
    yield "dyntables.table_id", refresh.table_id
    yield "dyntables.state", refresh.state
    yield "dyntables.rows_inserted", work.rows_inserted
    yield "dyntables.rows_deleted", work.rows_deleted
    for name, value in (("action", refresh.action), ("reason", refresh.reason), ("error", refresh.error_code)):
        if value is not None:
            yield f"dyntables.{name}", value
    if refresh.data_timestamp is not None:
        yield "dyntables.data_timestamp", refresh.data_timestamp.isoformat()


def _nanoseconds(at: datetime) -> int:
    return round(at.timestamp() * 1_000_000) * 1000
