"""Queries that people leave behind, to be asked again and again: read-only, for a moment, with their owner's rights."""

from __future__ import annotations

import json
from contextlib import closing

import psycopg

from dyntables.engines.postgres.connection.errors import translated
from dyntables.engines.postgres.connection.session import connect, set_local
from dyntables.engines.postgres.rights.cage import Room, Step
from dyntables.errors import ExpressionError

SECONDS = 5


def ask_rows(url: str, owner: str, query: str) -> float:
    """Return 1 if a query has a row, else 0."""
    return float(_ask(url, owner, f"SELECT EXISTS (SELECT FROM (\n{query}\n) asked)::integer AS answer") or 0)


def ask_figure(url: str, owner: str, query: str) -> float | None:
    """Return the figure of the one row and column of a query; None if it has no row, or NULL.

    Raises:
        DyntablesError: the query fails, has more than that, or takes too long.
    """
    return _ask(url, owner, f"SELECT (\n{query}\n)::float8 AS answer")


def _ask(url: str, owner: str, query: str) -> float | None:
    with translated(), closing(connect(url, application_name="dyntables alerts")) as connection:
        caged = owner != connection.info.user
        try:
            with connection.transaction(force_rollback=True):
                set_local(connection, {"statement_timeout": f"{SECONDS}s", "lock_timeout": "1s"})
                return _caged(connection, owner, query) if caged else _own(connection, query)
        except psycopg.errors.InFailedSqlTransaction:
            raise ExpressionError("the query failed") from None


def _own(connection: psycopg.Connection, query: str) -> float | None:
    connection.execute("SET TRANSACTION READ ONLY")
    # Prepared, so that it is one statement: no second one can leave the transaction.
    row = connection.execute(query, prepare=True).fetchone()
    return _number(row[0]) if row is not None else None


def _caged(connection: psycopg.Connection, owner: str, query: str) -> float | None:
    """Ask in the cage, in which nothing can leave the owner's rights, and of which nothing is committed."""
    answer = Room(connection, owner).call([Step(query, query=True)])[0].text
    return _number(json.loads(answer)["answer"]) if answer is not None else None


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None
