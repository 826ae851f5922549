"""Prometheus: counters of this process, and gauges of the dynamic tables that are read when asked for."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from dyntables.alerts.model import Severity
from dyntables.catalog.alerts.gauges import AlertGauges
from dyntables.health.judge import Status
from dyntables.refresh.result import RefreshResult
from dyntables.server.read.system.figures import NAMES
from dyntables.server.schemas.sources import Source
from dyntables.server.schemas.tables import DynamicTable

_registry = CollectorRegistry()
_REQUESTS = Histogram(
    "dyntables_http_request_seconds",
    "Time to answer requests.",
    ["method", "route", "status"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
    registry=_registry,
)
_REFRESHES = Counter(
    "dyntables_refreshes", "Refreshes by the scheduler of this process.", ["action", "state"], registry=_registry
)
_REFRESHED_ROWS = Counter("dyntables_refreshed_rows", "Rows that these refreshes wrote.", registry=_registry)


def observe_request(method: str, route: str, status: int, seconds: float) -> None:
    """Count a request."""
    _REQUESTS.labels(method, route, str(status)).observe(seconds)


def count_refreshes(results: list[RefreshResult]) -> None:
    """Count the refreshes of a run."""
    for result in results:
        _REFRESHES.labels(str(result.action or "NONE"), str(result.state)).inc()
        _REFRESHED_ROWS.inc(result.rows_inserted + result.rows_deleted)


def exposition(
    tables: list[DynamicTable], sources: list[Source], figures: dict[str, float], alerts: AlertGauges
) -> bytes:
    """Return everything in Prometheus' text format."""
    state = CollectorRegistry(auto_describe=False)
    state.register(_State(tables, sources, figures))
    state.register(_Alerts(alerts))
    return generate_latest(_registry) + generate_latest(state)


class _Alerts(Collector):
    """Gauges of alerts, and of the messages about them."""

    def __init__(self, alerts: AlertGauges) -> None:
        self._alerts = alerts

    def collect(self) -> Iterator[Metric]:
        """Yield the gauges."""
        firing = GaugeMetricFamily("dyntables_alerts_firing", "Alerts that fire.", labels=["severity"])
        for severity in Severity:
            firing.add_metric([str(severity)], float(self._alerts.firing.get(severity, 0)))
        yield firing
        yield GaugeMetricFamily("dyntables_incidents_open", "Incidents that are open.", value=self._alerts.incidents)
        waiting = GaugeMetricFamily("dyntables_alert_messages_waiting", "Messages to channels that are not sent yet.")
        waiting.add_metric([], float(self._alerts.waiting))
        yield waiting
        dead = GaugeMetricFamily("dyntables_alert_messages_dead", "Messages to channels that were given up.")
        dead.add_metric([], float(self._alerts.dead))
        yield dead
        oldest = "Age of the oldest message that is not sent yet."
        yield GaugeMetricFamily("dyntables_alert_messages_oldest_seconds", oldest, value=self._alerts.oldest_seconds)


class _State(Collector):
    """Gauges of what was just read."""

    def __init__(self, tables: list[DynamicTable], sources: list[Source], figures: dict[str, float]) -> None:
        self._tables = tables
        self._sources = sources
        self._figures = figures

    def collect(self) -> Iterator[Metric]:
        """Yield the gauges."""
        yield from self._of_tables()
        yield from self._of_sources()
        for name, value in self._figures.items():
            unit, text = NAMES[name]
            yield GaugeMetricFamily(f"dyntables_{name}", f"{text[:-1]}, in {unit}." if unit else text, value=value)

    def _of_tables(self) -> Iterator[Metric]:
        labels = ["schema", "name"]
        gauges = {
            "lag_seconds": "How old the contents are.",
            "effective_target_lag_seconds": "How old they may be.",
            "within_target_ratio": "Share of the last hour within the target lag.",
            "bytes": "Size of the storage.",
            "consecutive_failures": "Refreshes that failed in a row.",
            "expected_seconds": "What a refresh takes, learnt.",
        }
        for field, text in gauges.items():
            family = GaugeMetricFamily(f"dyntables_table_{field}", text, labels=labels)
            for table in self._tables:
                value = getattr(table, field)
                if value is not None:
                    family.add_metric([table.schema_name, table.name], float(value))
            yield family
        status = GaugeMetricFamily("dyntables_table_status", "1 for the status it has.", labels=[*labels, "status"])
        for table in self._tables:
            for known in Status:
                status.add_metric([table.schema_name, table.name, str(known)], float(table.status is known))
        yield status

    def _of_sources(self) -> Iterator[Metric]:
        labels = ["schema", "name"]
        healthy = GaugeMetricFamily("dyntables_source_healthy", "Whether its capture works.", labels=labels)
        backlog = GaugeMetricFamily("dyntables_source_backlog_rows", "Changes not consumed yet.", labels=labels)
        size = GaugeMetricFamily("dyntables_source_log_bytes", "Size of its change log.", labels=labels)
        for source in self._sources:
            names = [source.schema_name, source.name]
            healthy.add_metric(names, float(source.healthy))
            backlog.add_metric(names, float(source.backlog_rows))
            size.add_metric(names, float(source.log_bytes))
        yield from (healthy, backlog, size)
