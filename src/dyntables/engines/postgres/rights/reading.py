"""Whether the owner of a definition may read what it reads, as the server sees it."""

from __future__ import annotations

import psycopg

from dyntables.compiler.program import Compiled
from dyntables.compiler.reasons import NotIncremental, Reason
from dyntables.engines.postgres.connection.errors import translate
from dyntables.engines.postgres.connection.session import set_local
from dyntables.engines.postgres.rights.hands import Hands


def is_service(connection: psycopg.Connection, role: str) -> bool:
    """Tell whether a role is the one that the service itself is."""
    return connection.info.user == role


def may_read(connection: psycopg.Connection, hands: Hands, query: str) -> None:
    """Start a query by the hands of a role, and run it not: rights are checked at the start.

    Raises:
        InsufficientPrivilegeError: the role lacks one.
    """
    # Joins in the order in which they are written are planned at once.
    set_local(connection, {"from_collapse_limit": "1", "join_collapse_limit": "1"})
    try:
        hands.run(f"EXPLAIN {query}")
    except psycopg.errors.InsufficientPrivilege as error:
        raise translate(error) from error


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
