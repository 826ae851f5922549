"""Contents of a dynamic table that are copied, and shown as those of another."""

from __future__ import annotations

from collections.abc import Sequence

import psycopg

from dyntables.compiler.names import quote_qualified
from dyntables.compiler.program import Build
from dyntables.engines.postgres.rights.hands import Hands
from dyntables.engines.postgres.storage.tables import build_statements
from dyntables.engines.postgres.storage.views import protect_view, swap_view

_TRIES = 40


def copy_contents(hands: Hands, source: tuple[str, str], storage: str, cluster_by: Sequence[str]) -> None:
    """Copy what a view shows into a new storage table."""
    indexes = tuple(f"({columns})" for columns in cluster_by)
    contents = f"SELECT * FROM {quote_qualified(*source)}"
    for _, sql in build_statements(Build(hands.site(storage), contents, indexes, unique=False)):
        hands.run(sql)
    hands.settle(storage)


def show_contents(
    connection: psycopg.Connection, hands: Hands, schema: str, name: str, storage: str, *, replace: bool
) -> None:
    """Make a view of a storage table, or let the present view show it.

    Raises:
        EngineError: readers held the view through all attempts; nothing was changed.
    """
    shown = f"SELECT * FROM {storage}"
    if replace:
        swap_view(connection, hands, schema, name, shown, tries=_TRIES)
        return
    view = quote_qualified(schema, name)
    hands.run(f"CREATE VIEW {view} AS {shown}")
    protect_view(connection, hands, view)
