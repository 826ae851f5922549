"""The graph, and the sources below it."""

from __future__ import annotations

from fastapi import APIRouter

from dyntables.server.deps import Connection, Viewer
from dyntables.server.read.definitions.graph import column_edges, read_graph
from dyntables.server.read.definitions.sources import load_sources
from dyntables.server.routes.parameters import Instant, SomeName
from dyntables.server.schemas.graph import ColumnLineage, Graph
from dyntables.server.schemas.sources import Source

router = APIRouter(tags=["graph"])


@router.get("/graph", summary="Show sources, dynamic tables and what reads what")
def show_graph(user: Viewer, connection: Connection, at: Instant = None) -> Graph:
    """Return all nodes and edges; with ``at``, the tables that existed then and how they were, in today's shape."""
    return read_graph(connection, at)


@router.get("/graph/columns", summary="Show the lineage of columns")
def show_columns(
    user: Viewer, connection: Connection, schema_name: SomeName = None, name: SomeName = None
) -> ColumnLineage:
    """Return edges from columns to columns, of one table or of all."""
    return ColumnLineage(edges=column_edges(connection, schema_name, name))


@router.get("/sources", summary="List the sources")
def list_sources(user: Viewer, connection: Connection) -> list[Source]:
    """Return the health of the capture of each, and the changes that its readers have not consumed."""
    return load_sources(connection)
