"""ALTER DYNAMIC TABLE … RENAME TO, also into another schema; the tables above follow, as they follow other tables."""

from __future__ import annotations

from dyntables.catalog import graph, store
from dyntables.catalog.definitions import following
from dyntables.catalog.past import audit
from dyntables.commands.command import Command
from dyntables.commands.holding import holding
from dyntables.commands.naming import check_name, find
from dyntables.commands.rights import Privilege, require_create, require_named
from dyntables.commands.session import Result, Session, executed
from dyntables.commands.tables_above import carry_over, intact_readers
from dyntables.compiler.quality.quarantine import beside
from dyntables.compiler.statements import RenameTo
from dyntables.engines.postgres.rights.hands import guarded, hands_of
from dyntables.engines.postgres.storage import user_views
from dyntables.engines.postgres.storage.beside import move_beside
from dyntables.engines.postgres.storage.views import briefly
from dyntables.errors import CatalogError


def rename(session: Session, statement: RenameTo) -> Result:
    """Give a table another name; nothing is computed anew.

    Raises:
        CatalogError: the name is taken, or the schema does not exist.
    """
    connection = session.connection
    table = find(session, statement.name)
    parts = statement.new_name.parts
    schema, name = (parts[-2], parts[-1]) if len(parts) > 1 else (table.schema, parts[-1])
    if store.find(connection, schema, name) is not None:
        raise CatalogError(f'dynamic table "{schema}.{name}" exists already')
    check_name(session, schema, name, None)
    if table.beside is not None:
        check_name(session, schema, beside(name), None)
    readers = graph.consumers(store.load_all(connection), table.id)
    owners = [t.owner for t in store.load_all(connection, [table.id, *readers]).values()]
    with holding(connection, [table.id, *readers]), guarded(connection, owners):
        if find(session, statement.name).id != table.id:
            raise CatalogError(f'the name "{table.qualified}" was given to another dynamic table; nothing was changed')
        table = find(session, statement.name)
        intact = intact_readers(connection, readers)
        if table.view_oid is not None:
            hands, old, new = hands_of(connection, table.owner), (table.schema, table.name), (schema, name)
            briefly(connection, f'"{table.qualified}"', lambda: user_views.move(hands, old, new))
            move_beside(connection, hands, table.beside, (schema, beside(name)))
        following.rename(connection, table.id, schema, name)
        carry_over(connection, table, intact, readers)
        audit.record(connection, "RENAME", table.qualified, {"to": f"{schema}.{name}"})
    return executed()


def _needs(session: Session, statement: RenameTo) -> None:
    require_named(session, statement, Privilege.OWNERSHIP)
    require_create(session, session.resolve(statement.new_name.parts)[0])


COMMAND = Command(RenameTo, rename, needs=_needs, alone=True, joins=True)
