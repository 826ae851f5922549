"""Where somebody else's code runs: with its owner's rights, and with no way to the service's.

``REFRESH MATERIALIZED VIEW`` evaluates a view as the view's owner, in what PostgreSQL calls a security-restricted
operation: there SET ROLE, RESET ROLE and SET SESSION AUTHORIZATION fail, as do temporary tables, prepared statements,
cursors WITH HOLD, LISTEN and deferred triggers, and settings are brought back at its end. So the service makes a
materialized view that calls ``dyntables.run_caged``, gives it to the owner, and refreshes it.

Nothing of it is ever committed: view, results and staging tables stand in a schema, the room, that the service makes in
the present transaction and drops before its end. So no other session can touch them, and what the code itself may do to
them changes nothing: whatever materialized view has the name runs as its own owner; the results come in a table of the
service's, to which an owner may add rows and nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import psycopg

from dyntables.compiler.names import literal, quote_qualified
from dyntables.engines.applied import Answer
from dyntables.errors import CatalogError, EngineError, PermissionDeniedError

SAFE_PATH = "pg_catalog, pg_temp"
# What a name in this path may mean is the server's own, or what the service made itself.
SAFE = f"SET LOCAL search_path TO {SAFE_PATH}"
_PREFIX = "dyntables_room_"
_SET = "CASE WHEN current_setting('server_version_num')::integer >= 160000 THEN 'SET' ELSE 'MEMBER' END"
_FIND = f"""
SELECT '{_PREFIX}' || pg_backend_pid() || '_' || r.oid, r.oid::bigint,
    s.rolsuper OR pg_has_role(s.oid, r.oid, 'USAGE') AND pg_has_role(s.oid, r.oid, {_SET}), n.nspowner = s.oid,
    has_schema_privilege(r.oid, 'dyntables_data', 'USAGE') AND has_schema_privilege(r.oid, 'dyntables_log', 'USAGE')
FROM pg_roles s, pg_roles r
LEFT JOIN pg_namespace n ON n.nspname = '{_PREFIX}' || pg_backend_pid() || '_' || r.oid
WHERE s.rolname = current_user
"""


@dataclass(frozen=True, slots=True)
class Step:
    """A statement, or a query that gives one row.

    ``when``: a query that must return true, or else the step is left out. ``expected``: a query for the number of rows
    that the statement must touch. ``check``: it is a query that must not return true. ``analyze``: the table that it
    makes, with the columns that matter to the plans of later steps; ``small``: even if it has few rows.
    """

    sql: str
    query: bool = False
    when: str | None = None
    expected: str | None = None
    check: bool = False
    analyze: str | None = None
    small: bool = False


class Room:
    """Where the code of one role runs; it belongs to the present transaction."""

    def __init__(self, connection: psycopg.Connection, owner: str) -> None:
        """Enter the room of a role, and make it if it is not there.

        Raises:
            CatalogError: there is no such role. PermissionDeniedError: the service may not work for it.
        """
        self.connection = connection
        self.owner = owner
        cursor = connection.execute(f"{SAFE}; {_FIND} AND r.rolname = {literal(owner)}")
        cursor.nextset()
        row = cursor.fetchone()
        if row is None:
            raise CatalogError(f'role "{owner}", the owner of the dynamic table, does not exist')
        self.name, _, may, ours, granted = row
        if not may:
            raise PermissionDeniedError(
                f'"{connection.info.user}" cannot work for "{owner}": it is no superuser, and no member of that role',
                hint=f'GRANT "{owner}" TO "{connection.info.user}", with INHERIT and SET.',
            )
        if not granted:
            # For the storage of the role's own tables, and the logs of their changes.
            connection.execute(f"GRANT USAGE ON SCHEMA dyntables_data, dyntables_log TO {quote_qualified(owner)}")
        if not ours:  # a schema of that name that is somebody else's makes this fail
            self._make()

    def call(self, steps: Sequence[Step]) -> list[Answer]:
        """Run steps with the rights of the role, up to the first that does not hold what it must."""
        program = json.dumps([asdict(s) for s in steps])
        cursor = self.connection.execute(
            f"{SAFE}; SELECT set_config('dyntables.caged', {literal(program)}, true); "
            f"REFRESH MATERIALIZED VIEW {self.name}.cage; DELETE FROM {self.name}.done RETURNING *; CLOSE ALL"
        )
        for _ in range(3):
            cursor.nextset()
        found = cursor.fetchall()
        if len(found) != 1 or not 0 < len(found[0][0]) <= len(steps):
            raise EngineError(f'code of "{self.owner}" has interfered with its own refresh')
        return [Answer(*values) for values in zip(*found[0], strict=True)]

    def _make(self) -> None:
        role = quote_qualified(self.owner)
        self.connection.execute(
            f"CREATE SCHEMA {self.name}; GRANT USAGE, CREATE ON SCHEMA {self.name} TO {role}; "
            f"CREATE TABLE {self.name}.done (answers text[], expected bigint[], spent float8[]); "
            f"GRANT INSERT ON {self.name}.done TO {role}; "
            f"CREATE MATERIALIZED VIEW {self.name}.cage AS SELECT dyntables.run_caged({literal(self.name)}) AS ran "
            f"WITH NO DATA; ALTER MATERIALIZED VIEW {self.name}.cage OWNER TO {role}"
        )


def drop_rooms(connection: psycopg.Connection) -> None:
    """Remove the rooms of the present transaction, and what is still in them."""
    rows = connection.execute(
        f"{SAFE}; SELECT nspname FROM pg_namespace WHERE nspname ^@ ('{_PREFIX}' || pg_backend_pid() || '_') "
        "AND nspowner = (SELECT oid FROM pg_roles WHERE rolname = current_user)"
    )
    rows.nextset()
    for (name,) in rows.fetchall():
        connection.execute(f"DROP SCHEMA {name} CASCADE")
