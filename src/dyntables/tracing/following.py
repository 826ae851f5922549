"""Which listeners the environment asks for."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import ExitStack

from dyntables.engines.postgres.connection.session import connect
from dyntables.errors import InvalidOptionError
from dyntables.events import Bus

_TRACES = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
_LINEAGE = ("OPENLINEAGE_URL", "OPENLINEAGE__TRANSPORT__URL")


def follow(bus: Bus, url: str, environment: Mapping[str, str] = os.environ) -> Callable[[], None]:
    """Let traces and lineage be made of what a bus tells, if somebody is named who wants them; return what ends that.

    Args:
        bus: tells.
        url: the database.
        environment: names who wants them.

    Raises:
        InvalidOptionError: somebody is named, and what it takes is not installed.
    """
    with ExitStack() as stack:
        traces, lineage = _named(environment, _TRACES), _named(environment, _LINEAGE)
        if traces is not None and environment.get("OTEL_SDK_DISABLED", "").lower() != "true":
            _follow_traces(bus, stack, traces)
        if lineage is not None and environment.get("OPENLINEAGE_DISABLED", "").lower() != "true":
            _follow_lineage(bus, stack, url, lineage)
        return stack.pop_all().close


def _follow_traces(bus: Bus, stack: ExitStack, variable: str) -> None:
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

        from dyntables.tracing.spans import Traces
    except ImportError as error:
        raise _missing(variable, "OpenTelemetry", "otel") from error
    traces = Traces(OTLPSpanExporter())
    stack.callback(traces.close)
    stack.callback(bus.listen(traces))


def _follow_lineage(bus: Bus, stack: ExitStack, url: str, variable: str) -> None:
    try:
        from openlineage.client import OpenLineageClient

        from dyntables.tracing.lineage import Lineage, Place
    except ImportError as error:
        raise _missing(variable, "OpenLineage", "lineage") from error
    with connect(url) as connection:
        info = connection.info
        # Over a socket, the host is a folder.
        host = "localhost" if info.host.startswith("/") else info.host
        place = Place(f"postgres://{host}:{info.port}", info.dbname)
    lineage = Lineage(OpenLineageClient(), lambda: connect(url, application_name="dyntables lineage"), place)
    stack.callback(lineage.close)
    stack.callback(bus.listen(lineage))


def _named(environment: Mapping[str, str], names: tuple[str, ...]) -> str | None:
    return next((name for name in names if environment.get(name)), None)


def _missing(variable: str, what: str, extra: str) -> InvalidOptionError:
    return InvalidOptionError(
        f"{variable} is set, and {what} is not installed", hint=f"pip install 'dyntables[{extra}]', or unset it."
    )
