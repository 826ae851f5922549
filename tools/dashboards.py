"""Write the Grafana dashboards: ``python -m tools.dashboards`` fills deploy/grafana from what is listed here.

A dashboard is three lists: its variables, and its rows of panels. What Grafana wants beside that is the same for all.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent.parent / "deploy" / "grafana"
_WIDTH, _HEIGHT = 24, 8
_TABLE = 'schema=~"$schema", name=~"$table"'


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel: its title, its queries each with a legend, a unit of Grafana, and how it is drawn."""

    title: str
    queries: tuple[tuple[str, str], ...]
    unit: str = "short"
    kind: str = "timeseries"
    description: str = ""


@dataclass(frozen=True, slots=True)
class Dashboard:
    """One dashboard; ``variables``: name and query of each."""

    uid: str
    title: str
    rows: tuple[tuple[Panel, ...], ...]
    variables: tuple[tuple[str, str], ...] = ()


def _one(title: str, expression: str, unit: str = "short", legend: str = "", **more: str) -> Panel:
    return Panel(title, ((expression, legend),), unit, **more)


FLEET = Dashboard(
    "dyntables-fleet",
    "dyntables: fleet",
    (
        (
            _one("Fresh", 'sum(dyntables_table_status{status="FRESH"})', kind="stat"),
            _one("Late", 'sum(dyntables_table_status{status="LATE"})', kind="stat"),
            _one("Failing", 'sum(dyntables_table_status{status="FAILING"})', kind="stat"),
            _one("Suspended", 'sum(dyntables_table_status{status="SUSPENDED"})', kind="stat"),
            _one("A process leads", "max(dyntables_scheduler_leads)", kind="stat"),
        ),
        (
            _one(
                "Lag, as a share of the target",
                "topk(10, dyntables_table_lag_seconds / dyntables_table_effective_target_lag_seconds)",
                "percentunit",
                "{{schema}}.{{name}}",
                description="Above 100 % a table is late.",
            ),
            _one(
                "Within target, last hour",
                "bottomk(10, dyntables_table_within_target_ratio)",
                "percentunit",
                "{{schema}}.{{name}}",
            ),
        ),
        (
            _one(
                "Refreshes a minute",
                "sum by (action, state) (rate(dyntables_refreshes_total[5m])) * 60",
                legend="{{action}} {{state}}",
            ),
            _one("Rows written a second", "sum(rate(dyntables_refreshed_rows_total[5m]))"),
        ),
        (
            _one("Backlog of sources", "topk(10, dyntables_source_backlog_rows)", legend="{{schema}}.{{name}}"),
            _one("Changes of sources a second", "max(dyntables_changes_per_second)"),
        ),
    ),
)

TABLE = Dashboard(
    "dyntables-table",
    "dyntables: one table",
    (
        (
            _one("Status", f"dyntables_table_status{{{_TABLE}}} == 1", kind="stat", legend="{{status}}"),
            _one("Failures in a row", f"dyntables_table_consecutive_failures{{{_TABLE}}}", kind="stat"),
            _one("A refresh takes", f"dyntables_table_expected_seconds{{{_TABLE}}}", "s", kind="stat"),
        ),
        (
            Panel(
                "Lag and target",
                (
                    (f"dyntables_table_lag_seconds{{{_TABLE}}}", "lag"),
                    (f"dyntables_table_effective_target_lag_seconds{{{_TABLE}}}", "target"),
                ),
                "s",
            ),
            _one("Within target, last hour", f"dyntables_table_within_target_ratio{{{_TABLE}}}", "percentunit"),
        ),
        (_one("Storage", f"dyntables_table_bytes{{{_TABLE}}}", "bytes"),),
    ),
    (
        ("schema", "label_values(dyntables_table_lag_seconds, schema)"),
        ("table", 'label_values(dyntables_table_lag_seconds{schema="$schema"}, name)'),
    ),
)

ENGINE = Dashboard(
    "dyntables-engine",
    "dyntables: engine",
    (
        (
            _one("Epoch of the leader", "max(dyntables_leader_epoch)", kind="stat"),
            _one("Age of the oldest transaction id", "max(dyntables_oldest_xid_age)", kind="stat"),
            _one("Sources not captured", "count(dyntables_source_healthy == 0) or vector(0)", kind="stat"),
        ),
        (
            _one("Change logs", "topk(10, dyntables_source_log_bytes)", "bytes", "{{schema}}.{{name}}"),
            Panel(
                "Sizes",
                (
                    ("max(dyntables_storage_bytes)", "storage"),
                    ("max(dyntables_history_bytes)", "history"),
                    ("max(dyntables_database_bytes)", "database"),
                ),
                "bytes",
            ),
        ),
        (
            Panel(
                "Requests: time to answer",
                tuple(
                    (
                        f"histogram_quantile({q}, sum by (le) (rate(dyntables_http_request_seconds_bucket[5m])))",
                        f"p{round(q * 100)}",
                    )
                    for q in (0.5, 0.95, 0.99)
                ),
                "s",
            ),
            _one(
                "Requests that failed, a second",
                'sum(rate(dyntables_http_request_seconds_count{status=~"5.."}[5m])) or vector(0)',
            ),
        ),
        (
            Panel(
                "Connections",
                (("max(dyntables_connections)", "open"), ("max(dyntables_max_connections)", "allowed")),
            ),
            _one("Memory of the server", "max(dyntables_server_memory_bytes)", "bytes"),
        ),
    ),
)

DASHBOARDS = (FLEET, TABLE, ENGINE)
_SOURCE = {"type": "prometheus", "uid": "${datasource}"}


def document(dashboard: Dashboard) -> dict[str, Any]:
    """Return a dashboard as Grafana reads it (https://grafana.com/docs/grafana/latest/dashboards/build-dashboards)."""
    return {
        "uid": dashboard.uid,
        "title": dashboard.title,
        "tags": ["dyntables"],
        "schemaVersion": 39,
        "editable": True,
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "templating": {"list": [_data_source(), *(_variable(*v) for v in dashboard.variables)]},
        "panels": [panel for at, row in enumerate(dashboard.rows) for panel in _row(at, row)],
    }


def _data_source() -> dict[str, Any]:
    return {"name": "datasource", "label": "Prometheus", "type": "datasource", "query": "prometheus"}


def _variable(name: str, query: str) -> dict[str, Any]:
    return {"name": name, "type": "query", "datasource": _SOURCE, "query": query, "refresh": 2, "sort": 1}


def _row(at: int, panels: tuple[Panel, ...]) -> list[dict[str, Any]]:
    stat = all(p.kind == "stat" for p in panels)
    width, height = _WIDTH // len(panels), _HEIGHT // 2 if stat else _HEIGHT
    return [
        {
            "id": at * 10 + number,
            "title": panel.title,
            "description": panel.description,
            "type": panel.kind,
            "datasource": _SOURCE,
            "gridPos": {"x": width * number, "y": at * _HEIGHT, "w": width, "h": height},
            "fieldConfig": {"defaults": {"unit": panel.unit, "min": 0}, "overrides": []},
            "targets": [
                {"refId": chr(65 + i), "datasource": _SOURCE, "expr": expression, "legendFormat": legend or "__auto"}
                for i, (expression, legend) in enumerate(panel.queries)
            ],
        }
        for number, panel in enumerate(panels)
    ]


def main() -> None:
    """Write them."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for dashboard in DASHBOARDS:
        path = FOLDER / f"{dashboard.uid.removeprefix('dyntables-')}.json"
        path.write_text(json.dumps(document(dashboard), indent=2) + "\n")


if __name__ == "__main__":
    main()
