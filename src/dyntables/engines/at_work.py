"""Which engine keeps the rows: the one place that names all there are."""

from __future__ import annotations

import psycopg

from dyntables.engines.port import Engine
from dyntables.engines.postgres.engine import Postgres


def engine_on(connection: psycopg.Connection) -> Engine:
    """Return the engine that works in the transactions of a connection to the catalog."""
    return Postgres(connection)
