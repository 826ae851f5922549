"""ALTER DYNAMIC TABLE … OWNER TO: another role owns the table, and its rights count at each refresh."""

from __future__ import annotations

from dyntables.catalog import Connection
from dyntables.catalog.model import DynamicTable
from dyntables.catalog.past import audit
from dyntables.commands.command import Command
from dyntables.commands.holding import holding
from dyntables.commands.naming import find
from dyntables.commands.session import Result, Session, executed
from dyntables.compiler.statements import OwnerTo
from dyntables.engines.postgres.rights.roles import gift
from dyntables.engines.postgres.storage import user_views
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
        audit.record(connection, "OWNER", table.qualified, {"was": table.owner, "to": role})
    return executed()


def _alter(connection: Connection, table: DynamicTable, role: str) -> None:
    assert table.view_oid is not None
    user_views.give(connection, table.schema, table.name, role)
    if user_views.owner_of(connection, table.view_oid) != role:  # nobody else's view is given away under this name
        raise CatalogError(f'the view of "{table.qualified}" was renamed meanwhile; nothing was changed')


def _check(session: Session, table: DynamicTable, role: str) -> None:
    """Ask what the server asks of ALTER TABLE … OWNER TO, for the role that the session acts for."""
    allowed = gift(session.connection, session.actor, role, table.schema)
    if allowed is None:
        raise CatalogError(f'role "{role}" does not exist')
    if not allowed.is_member:
        raise PermissionDeniedError(f'role "{session.actor}" is no member of the role "{role}"')
    if not allowed.may_create:
        raise PermissionDeniedError(f'role "{role}" may not create anything in the schema "{table.schema}"')


COMMAND = Command(OwnerTo, change_owner, alone=True)
