"""The first page, health, readiness, version, settings, and the progress of what the process prepares."""

from __future__ import annotations

from fastapi import APIRouter, Response

from dyntables.server.deps import Connection, Shared, Viewer
from dyntables.server.read.system.overview import read_overview
from dyntables.server.read.system.serving import read_system, readiness
from dyntables.server.schemas.overview import Overview
from dyntables.server.schemas.preparation import Preparation
from dyntables.server.schemas.system import Alive, Ready, System

router = APIRouter(tags=["system"])


@router.get("/overview", summary="Is everything fresh, and if not, what is to blame")
def show_overview(user: Viewer, services: Shared, connection: Connection) -> Overview:
    """Return everything of the first page."""
    return read_overview(connection, leading_here=services.leading)


@router.get("/system", summary="Show version, database and settings")
def show_system(user: Viewer, services: Shared, connection: Connection) -> System:
    """Return what runs here; the settings are for admins."""
    return read_system(connection, services, user)


@router.get("/system/health", summary="Does the process answer")
def show_health() -> Alive:
    """Answer; nothing is looked at, and nobody needs to be signed in."""
    return Alive(status="ok")


@router.get("/system/ready", summary="Can requests be served", responses={503: {"model": Ready}})
def show_ready(services: Shared, response: Response) -> Ready:
    """Check the database, the catalog and the scheduler; 503 if one is missing."""
    ready = readiness(services)
    response.status_code = 200 if ready.ready else 503
    return ready


@router.get("/preparation", summary="Show the progress of what the process prepares")
def show_preparation(user: Viewer, services: Shared) -> Preparation:
    """Return the steps of loading and creating, and how many rows the stream has changed."""
    return services.prepared.steps.preparation()
