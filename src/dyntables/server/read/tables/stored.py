"""The rows of a dynamic table straight from its storage: nobody's code runs for whoever looks at them.

The view of a table belongs to its owner, who may put anything into it; what the service reads through it would run with
the service's rights. So the service reads through views of its own, and through those that do nothing but name columns
of storage. Values are printed by the server's own output functions, never cast.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import psycopg

from dyntables.catalog.model import DynamicTable as Row
from dyntables.compiler.names import literal, quote_qualified
from dyntables.errors import CatalogError, NotInitializedError, PermissionDeniedError

# What a view that names columns of tables is made of, and nothing that calls a function.
_PLAIN = {
    "QUERY", "RTE", "RANGETBLENTRY", "RTEPERMISSIONINFO", "PERMINFO", "ALIAS", "TARGETENTRY", "VAR", "FROMEXPR",
    "RANGETBLREF", "CONST", "RELABELTYPE", "SETOPERATIONSTMT",
}  # fmt: skip
_NODE = re.compile(r"(?<!\\)\{(\w+)")

# Over a connection that gives every value as text, and takes no parameters.
_VIEW = """
SELECT CASE
    WHEN {role}::name IS NOT NULL AND NOT (has_table_privilege({role}::name, c.oid, 'SELECT')
        AND has_schema_privilege({role}::name, c.relnamespace, 'USAGE')) THEN 'denied'
    WHEN c.relowner = current_user::regrole THEN 'own'
    WHEN NOT EXISTS (
        SELECT FROM pg_depend d JOIN pg_class s ON s.oid = d.refobjid
        WHERE d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid AND d.refclassid = 'pg_class'::regclass
          AND s.oid <> c.oid AND NOT (s.relkind = 'r' AND s.relnamespace = 'dyntables_data'::regnamespace
              AND s.relname ~ ('^t' || {id}::text || '_') AND NOT s.relrowsecurity AND NOT s.relhassubclass
              AND NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = s.oid AND a.attgenerated <> '')))
        THEN 'storage'
    END, r.ev_action::text
FROM pg_class c JOIN pg_rewrite r ON r.ev_class = c.oid AND r.rulename = '_RETURN'
WHERE c.oid = to_regclass({view}) AND c.oid = {oid}::oid AND c.relkind = 'v'
"""


def stored_rows(table: Row, order_by: str | None, *, descending: bool) -> str:
    """Return the query of a table's rows."""
    order = f" ORDER BY {quote_qualified(order_by)}{' DESC' if descending else ''}" if order_by else ""
    return f"SELECT * FROM {quote_qualified(table.schema, table.name)}{order}"


def harmless(table: Row, role: str | None) -> Callable[[psycopg.Connection], None]:
    """Return what checks, within the transaction that reads a table, that it may be read by the service for a role.

    Raises, when called:
        PermissionDeniedError: the role has no SELECT. CatalogError: the view is not as we made it.
    """
    view = quote_qualified(table.schema, table.name)
    if table.contents.data_timestamp is None:
        raise NotInitializedError(f'dynamic table "{table.qualified}" is not filled yet')

    def check(connection: psycopg.Connection) -> None:
        # Of the view, and of what it reads: none of it can be altered from here on.
        connection.execute("SET LOCAL lock_timeout = '5s'")
        connection.execute(f"LOCK TABLE {view} IN ACCESS SHARE MODE")
        connection.execute("SET LOCAL row_security = off")
        asked = _VIEW.format(
            view=literal(view),
            oid=int(table.view_oid or 0),
            id=table.id,
            role="NULL" if role is None else literal(role),
        )
        row = connection.execute(asked).fetchone()
        kind, tree = row if row is not None else (None, "")
        if kind == "denied":
            raise PermissionDeniedError(
                f'role "{role}" may not read the dynamic table "{table.qualified}"',
                hint=f"Its owner can run GRANT SELECT ON {view} TO {quote_qualified(str(role))}.",
            )
        if kind is None or (kind == "storage" and not set(_NODE.findall(str(tree))) <= _PLAIN):
            raise CatalogError(
                f'the view "{table.qualified}" is not as dyntables made it, so its rows are not shown here',
                hint="Read it over a connection of your own.",
            )

    return check
