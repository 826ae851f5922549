"""The owner's rights on sources, as they are at each refresh."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg

from dyntables.compiler.program import Compiled
from dyntables.compiler.reasons import NotIncremental, Reason
from dyntables.engines.postgres.connection.errors import translate
from dyntables.engines.postgres.rights.hands import Hands, take_over
from dyntables.errors import RefreshError

if TYPE_CHECKING:
    from dyntables.catalog.model import DynamicTable
    from dyntables.refresh.run import Run


def check_rights(run: Run, table: DynamicTable) -> None:
    """Let the server say whether the owner of a table may run its definition.

    Raises:
        RefreshError: the owner may not.
    """
    if table.owner == run.connection.info.user:
        return
    take_over(run.connection, table.owner, table.id)
    try:
        may_read(run.connection, run.hands(table), table.canonical)
    except psycopg.errors.InsufficientPrivilege as error:
        raise RefreshError(
            f'"{table.owner}", the owner of "{table.qualified}", may not read what it reads: '
            f"{translate(error).message}",
            hint="Grant the owner the right again; until then the table keeps its previous contents.",
            sqlstate=error.sqlstate,
        ) from error


def may_read(connection: psycopg.Connection, hands: Hands, query: str) -> None:
    """Start a query by the hands of a role, and run it not: rights are checked at the start."""
    # Joins in the order in which they are written are planned at once.
    connection.execute(
        "SELECT set_config('from_collapse_limit', '1', true), set_config('join_collapse_limit', '1', true)"
    )
    hands.run(f"EXPLAIN {query}")


def check_sources(connection: psycopg.Connection, owner: str, compiled: Compiled) -> None:
    """Refuse to follow changes below a view of which the owner may read only the view.

    Raises:
        NotIncremental: with the table.
    """
    if owner == connection.info.user:
        return
    for source, columns in compiled.sources.items():
        row = connection.execute(
            "SELECT has_schema_privilege(%(role)s, relnamespace, 'USAGE') AND (has_table_privilege(%(role)s, "
            "oid, 'SELECT') "
            "OR (SELECT bool_and(has_column_privilege(%(role)s, %(oid)s::oid, c, 'SELECT')) "
            "FROM unnest(%(columns)s::text[]) c)) FROM pg_class WHERE oid = %(oid)s",
            {"role": owner, "oid": source.oid, "columns": [c.id for c in columns]},
        ).fetchone()
        if not (row and row[0]):
            name = f'"{source.schema}.{source.name}"'
            raise NotIncremental(Reason.RIGHTS, f'"{owner}" may read table {name} through a view only', source.name)
