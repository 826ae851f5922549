"""The audit trail."""

from __future__ import annotations

import psycopg
from psycopg.rows import dict_row

from dyntables.server.paging import decode_cursor, encode_cursor
from dyntables.server.schemas.base import Page
from dyntables.server.schemas.catalog import AuditEntry


def entries(
    connection: psycopg.Connection, obj: str | None, who: str | None, limit: int, cursor: str | None
) -> Page[AuditEntry]:
    """Return one page, the newest first."""
    after = decode_cursor(cursor, int)
    with connection.cursor(row_factory=dict_row) as rows:
        rows.execute(
            "SELECT id, happened_at, who, acted_as, action, object, detail, statement FROM dyntables.audit "
            "WHERE (%(object)s::text IS NULL OR object = %(object)s) AND (%(who)s::text IS NULL OR who = %(who)s) "
            "AND (%(after)s::bigint IS NULL OR id < %(after)s) ORDER BY id DESC LIMIT %(limit)s",
            {"object": obj, "who": who, "after": after[0] if after else None, "limit": limit + 1},
        )
        found = [AuditEntry.model_validate(row) for row in rows]
    more = len(found) > limit
    return Page(items=found[:limit], next_cursor=encode_cursor(found[limit - 1].id) if more else None)
