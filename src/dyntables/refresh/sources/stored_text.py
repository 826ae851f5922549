"""Definitions stored before operators were written in full: `a IS DISTINCT FROM b` found those of the path."""

from __future__ import annotations

from dataclasses import replace

from dyntables.catalog import Connection, store
from dyntables.catalog.definitions import following
from dyntables.catalog.model import DynamicTable, RefreshReason
from dyntables.catalog.past import audit
from dyntables.engines.postgres.connection.errors import translated
from dyntables.engines.postgres.definition.introspect import Introspection
from dyntables.engines.postgres.definition.parsing import Parser
from dyntables.errors import DyntablesError


def write_in_full(connection: Connection, table: DynamicTable) -> DynamicTable:
    """Return a table whose text means under an empty path what it meant where it was written; it is computed anew.

    Those of today's versions have been read for their names; a text that cannot be read any more stays as it is, and
    its refresh says what is wrong.
    """
    if table.stamp is not None or table.data_timestamp is None:
        return table
    under = {"search_path": table.search_path}
    try:
        with translated(), Parser(connection, table.owner).entered():
            views = frozenset(store.view_oids(connection))
            text = Introspection(connection, views, table.owner).describe_query(table.canonical, under).view.sql
    except DyntablesError:
        return table
    if text == table.canonical:
        return table
    reason = str(RefreshReason.DEFINITION_CHANGED)
    with connection.transaction():
        following.redefine(connection, table.id, text, reason)
        audit.record(connection, "FOLLOW", table.qualified, {"was": table.canonical, "now": text})
    return replace(table, canonical=text, reinitialize_reason=reason)
