"""ALTER DYNAMIC TABLE … OWNER TO: another role owns the table, and its rights count at each refresh."""

from __future__ import annotations

import psycopg

from dyntables.catalog import store
from dyntables.catalog.model import DynamicTable
from dyntables.commands.alter import find
from dyntables.commands.holding import holding
from dyntables.commands.session import Result, Session
from dyntables.compiler.names import quote_qualified
from dyntables.compiler.statements import OwnerTo
from dyntables.engines.postgres.storage.views import briefly
from dyntables.errors import CatalogError, PermissionDeniedError
from dyntables.refresh.sources.owning import give


def change_owner(session: Session, statement: OwnerTo) -> Result:
    """Give a table to another role; nothing is computed anew.

    Raises:
        PermissionDeniedError: the role for which the session acts could not give a table of its own to that one.
    """
    connection, role = session.connection, statement.role or session.actor
    _check(session, find(session, statement.name), role)
    with holding(connection, [find(session, statement.name).id]), connection.transaction():
        table = find(session, statement.name)
        if table.view_oid is not None:
            briefly(connection, f'"{table.qualified}"', lambda: _alter(connection, table, role))
        give(connection, table, role)
        store.audit(connection, "OWNER", table.qualified, was=table.owner, to=role)
    return Result(["status"], [("statement executed",)], "ALTER DYNAMIC TABLE")


def _alter(connection: psycopg.Connection, table: DynamicTable, role: str) -> None:
    connection.execute(f"ALTER VIEW {quote_qualified(table.schema, table.name)} OWNER TO {quote_qualified(role)}")
    row = connection.execute(
        "SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = %s", (table.view_oid,)
    ).fetchone()
    if row is None or row[0] != role:  # somebody else's view must not be given away under this name
        raise CatalogError(f'the view of "{table.qualified}" was renamed meanwhile; nothing was changed')


def _check(session: Session, table: DynamicTable, role: str) -> None:
    """Ask what the server asks of ALTER TABLE … OWNER TO, for the role that the session acts for."""
    row = session.connection.execute(
        "SELECT a.rolsuper OR pg_has_role(a.oid, r.oid, CASE WHEN current_setting('server_version_num')::integer "
        "< 160000 THEN 'MEMBER' ELSE 'SET' END), a.rolsuper OR has_schema_privilege(r.oid, n.oid, 'CREATE') "
        "FROM pg_roles r, pg_roles a, pg_namespace n WHERE r.rolname = %s AND a.rolname = %s AND n.nspname = %s",
        (role, session.actor, table.schema),
    ).fetchone()
    if row is None:
        raise CatalogError(f'role "{role}" does not exist')
    if not row[0]:
        raise PermissionDeniedError(f'role "{session.actor}" is no member of the role "{role}"')
    if not row[1]:
        raise PermissionDeniedError(f'role "{role}" may not create anything in the schema "{table.schema}"')
