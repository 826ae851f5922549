"""Figures: over time, for Prometheus, and what they advise."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response
from prometheus_client import CONTENT_TYPE_LATEST

from dyntables.catalog.alerts.gauges import alert_gauges
from dyntables.errors import NotFoundError
from dyntables.server.deps import Connection, Shared, Viewer
from dyntables.server.read.definitions.sources import load_sources
from dyntables.server.read.system.figures import NAMES, live_figures, upkeep_figures
from dyntables.server.read.system.metrics import metric_names, metric_series
from dyntables.server.read.tables.listed import load
from dyntables.server.routes.parameters import Window
from dyntables.server.schemas.metrics import MetricName, MetricSeries, Recommendation
from dyntables.server.telemetry.prometheus import exposition

router = APIRouter(tags=["metrics"])
prometheus = APIRouter(tags=["metrics"])
Object = Annotated[str, Query(max_length=200, pattern=r"^[^\x00]+$")]
Objects = Annotated[
    list[Object] | None, Query(max_length=50, description="schema.name of tables or sources; none is all.")
]


@router.get("/metrics", summary="List the figures that are stored")
def list_metrics(user: Viewer, connection: Connection) -> list[MetricName]:
    """Return them with unit, meaning and the objects that they are stored for."""
    return metric_names(connection)


@router.get("/metrics/{name}", summary="Show a figure over time")
def show_metric(
    user: Viewer,
    connection: Connection,
    name: str,
    between: Window,
    object: Objects = None,
    points: Annotated[int, Query(ge=1, le=2000)] = 300,
) -> list[MetricSeries]:
    """Return average, least and greatest of each slot, a series an object; slots are as wide as the window asks."""
    if name not in NAMES:
        raise NotFoundError(f'there is no figure "{name}"', hint="GET /metrics lists them.")
    return metric_series(connection, name, object, *between, points)


@router.get("/recommendations", summary="List what to change")
def list_recommendations(user: Viewer, services: Shared, connection: Connection) -> list[Recommendation]:
    """Return missing indexes, target lags that are too short, and more, each with its reason.

    Missing indexes are looked for in the background, at most every half minute: a later answer has them.
    """
    return services.advice.give(connection)


@prometheus.get(
    "/metrics",
    summary="Figures for Prometheus",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
def show_metrics(user: Viewer, services: Shared, connection: Connection) -> Response:
    """Return all figures in Prometheus' text format; give the scraper a token of a viewer."""
    tables = list(load(connection).tables.values())
    figures = {**live_figures(connection), **upkeep_figures(connection, services.scheduler)}
    text = exposition(tables, load_sources(connection, count_to=20_000), figures, alert_gauges(connection))
    return Response(text, media_type=CONTENT_TYPE_LATEST)
