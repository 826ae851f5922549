"""Which listeners the environment asks for."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping

from dyntables.errors import InvalidOptionError
from dyntables.events import Bus

_ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")


def follow(bus: Bus, environment: Mapping[str, str] = os.environ) -> Callable[[], None]:
    """Let traces be made of what a bus tells, if an endpoint for them is named; return what ends that.

    Raises:
        InvalidOptionError: an endpoint is named, and OpenTelemetry is not installed.
    """
    if not any(environment.get(name) for name in _ENDPOINTS) or environment.get("OTEL_SDK_DISABLED") == "true":
        return lambda: None
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

        from dyntables.tracing.spans import Traces
    except ImportError as error:
        raise InvalidOptionError(
            f"{next(n for n in _ENDPOINTS if environment.get(n))} is set, and OpenTelemetry is not installed",
            hint="pip install 'dyntables[otel]', or unset it.",
        ) from error
    traces = Traces(OTLPSpanExporter())
    leave = bus.listen(traces)

    def end() -> None:
        leave()
        traces.close()

    return end
