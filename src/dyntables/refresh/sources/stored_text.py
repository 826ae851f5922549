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
    if table.definition.stamp is not None or table.contents.data_timestamp is None:
        return table
    under = {"search_path": table.definition.search_path}
    try:
        with translated(), Parser(connection, table.owner).entered():
            views = frozenset(store.view_oids(connection))
            introspection = Introspection(connection, views, table.owner)
            text = introspection.describe_query(table.definition.canonical, under).view.sql
    except DyntablesError:
        return table
    if text == table.definition.canonical:
        return table
    reason = str(RefreshReason.DEFINITION_CHANGED)
    with connection.transaction():
        following.redefine(connection, table.id, text, reason)
        audit.record(connection, "FOLLOW", table.qualified, {"was": table.definition.canonical, "now": text})
    anew = replace(table.contents, reinitialize_reason=reason)
    return replace(table.with_canonical(text), contents=anew)
