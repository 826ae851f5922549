"""Figures: for Prometheus."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response
from prometheus_client import CONTENT_TYPE_LATEST

from dyntables.server.deps import Connection, Viewer
from dyntables.server.read.figures import live_figures
from dyntables.server.read.sources import load_sources
from dyntables.server.read.tables import load
from dyntables.server.telemetry import exposition

prometheus = APIRouter(tags=["metrics"])


@prometheus.get(
    "/metrics",
    summary="Figures for Prometheus",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
def show_metrics(user: Viewer, connection: Connection) -> Response:
    """Return all figures in Prometheus' text format; give the scraper a token of a viewer."""
    tables = list(load(connection).tables.values())
    text = exposition(tables, load_sources(connection, count_to=20_000), live_figures(connection))
    return Response(text, media_type=CONTENT_TYPE_LATEST)
