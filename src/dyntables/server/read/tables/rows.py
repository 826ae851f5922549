"""Some rows of a query, read with the rights of a role that the person acts for."""

from __future__ import annotations

from collections.abc import Sequence

import psycopg

from dyntables import clock
from dyntables.engines.postgres.connection.errors import translate
from dyntables.engines.postgres.rights.hands import guarded, hands_of
from dyntables.server.schemas.tables import Preview, TableColumn

_SECONDS = 10


def rows_for(
    connection: psycopg.Connection, role: str, query: str, columns: Sequence[TableColumn], limit: int
) -> Preview:
    """Return the first rows as text, in a transaction that is rolled back.

    Raises:
        EngineError: the role may not read what the query reads, or it takes more than 10 seconds.
    """
    names = ", ".join(f"c{i}" for i in range(len(columns)))
    texts = ", ".join(f"c{i}::text" for i in range(len(columns)))
    sql = (
        f"SELECT coalesce(json_agg(v), '[]') FROM (SELECT ARRAY[{texts}]::text[] AS v FROM ({query}) AS q ({names}) "
        f"LIMIT {int(limit) + 1}) x"
    )
    started = clock.monotonic()
    try:
        # Other hands cannot work in a READ ONLY transaction.
        with guarded(connection, [role], keep=False):
            if role == connection.info.user:
                connection.execute("SET TRANSACTION READ ONLY")
            hands = hands_of(connection, role)
            connection.execute(f"SET LOCAL statement_timeout = {_SECONDS * 1000}")
            found = [list(row) for row in hands.row(sql)[0]]
    except psycopg.Error as error:
        raise translate(error) from error
    return Preview(
        columns=list(columns),
        rows=found[:limit],
        truncated=len(found) > limit,
        milliseconds=round((clock.monotonic() - started) * 1000, 2),
    )
