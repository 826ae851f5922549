"""ALTER DYNAMIC TABLE … RENAME TO, also into another schema; the tables above follow, as they follow other tables."""

from __future__ import annotations

from dyntables.catalog import graph, store
from dyntables.commands.alter import find
from dyntables.commands.definition.draft import check_name
from dyntables.commands.holding import holding
from dyntables.commands.session import Result, Session
from dyntables.commands.tables_above import carry_over, intact_readers
from dyntables.compiler.names import quote_qualified
from dyntables.compiler.statements import RenameTo
from dyntables.engines.postgres.rights.hands import Hands, guarded, hands_of
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
    readers = graph.consumers(store.load_all(connection), table.id)
    owners = [t.owner for t in store.load_all(connection, [table.id, *readers]).values()]
    with holding(connection, [table.id, *readers]), guarded(connection, owners):
        if find(session, statement.name).id != table.id:
            raise CatalogError(f'the name "{table.qualified}" was given to another dynamic table; nothing was changed')
        table = find(session, statement.name)
        intact = intact_readers(connection, readers)
        if table.view_oid is not None:
            hands, old, new = hands_of(connection, table.owner), (table.schema, table.name), (schema, name)
            briefly(connection, f'"{table.qualified}"', lambda: _move(hands, old, new))
        store.update(connection, table.id, schema_name=schema, table_name=name)
        carry_over(connection, table, intact, readers)
        store.audit(connection, "RENAME", table.qualified, to=f"{schema}.{name}")
    return Result(["status"], [("statement executed",)], "ALTER DYNAMIC TABLE")


def _move(hands: Hands, old: tuple[str, str], new: tuple[str, str]) -> None:
    if old[0] != new[0]:
        hands.run(f"ALTER VIEW {quote_qualified(*old)} SET SCHEMA {quote_qualified(new[0])}")
    if old[1] != new[1]:
        hands.run(f"ALTER VIEW {quote_qualified(new[0], old[1])} RENAME TO {quote_qualified(new[1])}")
