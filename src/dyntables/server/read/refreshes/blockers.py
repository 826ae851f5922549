"""Who holds what refreshes wait for, whoever holds up those, and so on."""

from __future__ import annotations

from collections.abc import Iterable

import psycopg
from psycopg.rows import dict_row

from dyntables.server.schemas.tables import Blocker

_LONGEST_QUERY = 300
_CHAIN = """
WITH RECURSIVE chain (first, pid, depth) AS (
    SELECT p, p, 1 FROM unnest(%(pids)s::integer[]) p
    UNION
    SELECT c.first, b, c.depth + 1 FROM chain c CROSS JOIN LATERAL unnest(pg_blocking_pids(c.pid)) b WHERE c.depth < 6
)
SELECT DISTINCT ON (c.first, c.pid) c.first, a.pid AS process_id, a.usename AS user, a.application_name AS application,
       host(a.client_addr) AS address, a.state, coalesce(a.xact_start, a.query_start, a.backend_start) AS since,
       left(a.query, %(longest)s) AS query, pg_blocking_pids(a.pid) AS blocked_by
FROM chain c JOIN pg_stat_activity a ON a.pid = c.pid ORDER BY c.first, c.pid, c.depth
"""


def load_blockers(connection: psycopg.Connection, pids: Iterable[int]) -> dict[int, list[Blocker]]:
    """Return for each of the server processes its own session, and those by which it is held up itself."""
    found: dict[int, list[Blocker]] = {}
    with connection.cursor(row_factory=dict_row) as cursor:
        cursor.execute(_CHAIN, {"pids": sorted(set(pids)), "longest": _LONGEST_QUERY})
        for row in cursor:
            found.setdefault(row.pop("first"), []).append(Blocker.model_validate(row))
    return found
