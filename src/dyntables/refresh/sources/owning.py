"""A dynamic table is its view: whoever renames, moves or gives away the view, does that to the table."""

from __future__ import annotations

from collections.abc import Iterable

from dyntables.catalog import Connection, store
from dyntables.catalog.definitions import following
from dyntables.catalog.model import DynamicTable
from dyntables.catalog.past import audit
from dyntables.engines.postgres.rights.hands import take_over
from dyntables.engines.postgres.storage.change_logs import withdraw_log


def follow_tables(connection: Connection, ids: Iterable[int] | None = None) -> bool:
    """Let the catalog know tables under the schema, name and owner that their views have; tell if any were others.

    ``ids``: look at these only.
    """
    moved = following.moved_tables(connection, None if ids is None else list(ids))
    if not moved:
        return False
    with connection.transaction():
        tables = store.load_all(connection, [m.table_id for m in moved])
        # They may have exchanged their names, which are unique at every moment.
        following.put_aside(connection, list(tables))
        for place in moved:
            following.rename(connection, place.table_id, place.schema, place.name)
            table = tables[place.table_id]
            if table.owner != place.owner:
                give(connection, table, place.owner)
            where = {"now": f"{place.schema}.{place.name}", "owner": place.owner}
            audit.record(connection, "FOLLOW", table.qualified, where)
    return True


def give(connection: Connection, table: DynamicTable, owner: str) -> None:
    """Give a table to a role, with all that belongs to it; the former owner keeps no right on its change log."""
    following.give(connection, table.id, owner)
    take_over(connection, owner, table.id)
    withdraw_log(connection, table.change_log, table.owner)
